"""What the offline engineer asks of a domain: first plans, a script for a plan, a mend for a failed one."""

from typing import Any, Protocol

from haste.core.competition import Domain
from haste.core.solution import Failure
from haste.engineers.offline.move import Move
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem


class Specialist(Protocol):
    """One domain's knowledge. Stateless: the same question has the same answer."""

    @property
    def domain(self) -> Domain:
        """The domain it knows."""
        ...

    @property
    def moves(self) -> tuple[Move, ...]:
        """Every move of the domain, in the order they are told of."""
        ...

    def draft(self, problem: Problem, *, number: int, seed: int) -> Plan | None:
        """The plan of prototype `number` (0 is the strongest quick one); None when there is no further approach."""
        ...

    def read(self, data: dict[str, Any], problem: Problem) -> Plan | None:
        """A plan as the log or a skill holds it; None for one that isn't of this domain or of this data."""
        ...

    def render(self, plan: Plan, problem: Problem) -> str:
        """The script of a plan: readable, standalone, the same text for the same plan."""
        ...

    def mend(self, plan: Plan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[Plan, str] | None:
        """A plan that avoids the failure, and what was changed; `attempt` counts from 0. None: no idea left."""
        ...


def specialist_for(domain: Domain) -> Specialist:
    """The specialist of a domain; tables are what is left when nobody else claims a competition."""
    from haste.engineers.offline.tabular.specialist import TabularSpecialist

    if domain == "text":
        from haste.engineers.offline.text.specialist import TextSpecialist

        return TextSpecialist()
    if domain == "image":
        from haste.engineers.offline.image.specialist import ImageSpecialist

        return ImageSpecialist()
    return TabularSpecialist()
