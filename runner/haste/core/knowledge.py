"""What an engineer works with besides the state of the run."""

from haste.core.model import Frozen
from haste.core.skill import LoadedSkill


class Knowledge(Frozen):
    """The skills that one run loaded, whole, as they stood when it started."""

    skills: tuple[LoadedSkill, ...] = ()

    def find(self, name: str) -> LoadedSkill | None:
        """The loaded skill called `name`."""
        return next((loaded for loaded in self.skills if loaded.skill.name == name), None)


class Context(Frozen):
    """What an engineer works with besides the state: the run's name, its skills, and what the machine has."""

    run: str
    knowledge: Knowledge
    hardware: dict[str, str]
    """Cores, memory, GPUs, packages and versions that a solution may use."""
