"""Skills from elsewhere, before anybody has decided about them."""

from collections.abc import Sequence

from haste.core.lint import Entry, Written, check_entries, check_skill, check_text
from haste.core.model import Frozen
from haste.core.scope import Scope
from haste.core.skill import Skill

_OF_THE_OTHER_PLACE = ("place", "metadata")


class Candidate(Frozen):
    """A skill from elsewhere, as it would stand here, or everything that keeps it from being one."""

    place: str
    """Its folder there."""
    skill: Skill | None
    problems: tuple[str, ...] = ()


def candidate_of(
    written: Written, entries: Sequence[Entry], into: tuple[Scope, str] | None, *, origin: str
) -> Candidate:
    """Judge one. `into` says where it goes; without it, it goes where it stood, if that is below global.

    What it claims about itself in `haste-…` is left behind: that was true in another workspace.
    """
    problems = [*check_text(written), *check_entries(written.path, entries)]
    told = [problem.message for problem in problems if problem.rule not in _OF_THE_OTHER_PLACE]
    if written.skill is None:
        return Candidate(place=written.path, skill=None, problems=tuple(told) or ("is no skill",))
    scope, owner = into or (written.skill.scope, written.skill.owner)
    if scope is Scope.GLOBAL:
        told.append("never goes straight into global: say where it goes, e.g. --into domains/tabular")
    recipe = written.skill.recipe
    if recipe and scope is not Scope.COMPETITION:
        recipe = recipe.model_copy(update={"plan": None})
    metadata = {key: text for key, text in written.skill.metadata.items() if not key.startswith("haste-")}
    metadata["haste-origin"] = f"imported from {origin}"
    update = {"scope": scope, "owner": owner, "metadata": metadata, "recipe": recipe}
    skill = written.skill.model_copy(update=update)
    told += [problem.message for problem in check_skill(skill)]
    return Candidate(place=written.path, skill=skill, problems=tuple(dict.fromkeys(told)))
