"""The specialist for images."""

from typing import Any

from pydantic import ValidationError

from haste.core.competition import Domain
from haste.core.solution import Failure
from haste.engineers.offline.image.drafts import draft, other_columns
from haste.engineers.offline.image.mends import mend
from haste.engineers.offline.image.moves import MOVES
from haste.engineers.offline.image.pictures import row_files
from haste.engineers.offline.image.plan import ImagePlan
from haste.engineers.offline.image.render import render
from haste.engineers.offline.move import Move
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem


class ImageSpecialist:
    """One picture a row, with or without other columns."""

    domain: Domain = "image"
    moves: tuple[Move, ...] = MOVES

    def draft(self, problem: Problem, *, number: int, seed: int) -> Plan | None:
        """A small network where torch is there, a kernel machine on gradients, boosting on colours and textures."""
        return draft(problem, number, seed)

    def read(self, data: dict[str, Any], problem: Problem) -> Plan | None:
        """An image plan that suits the columns and the packages; else None."""
        try:
            plan = ImagePlan.model_validate(data)
        except ValidationError:
            return None
        lacks_columns = "columns" in plan.blocks and not other_columns(problem)
        lacks_torch = plan.uses("network") and "torch" not in problem.packages
        return None if lacks_columns or lacks_torch or row_files(problem) is None else plan

    def render(self, plan: Plan, problem: Problem) -> str:
        """The script of a plan."""
        assert isinstance(plan, ImagePlan)
        return render(plan, problem)

    def mend(self, plan: Plan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[Plan, str] | None:
        """Cheaper, smaller, or without the part that broke."""
        assert isinstance(plan, ImagePlan)
        return mend(plan, failure, problem, attempt=attempt)
