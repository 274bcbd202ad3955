"""The specialist for texts."""

from typing import Any

from pydantic import ValidationError

from haste.core.competition import Domain
from haste.core.solution import Failure
from haste.engineers.offline.move import Move
from haste.engineers.offline.outcome import shape_of
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.text.drafts import draft, other_columns
from haste.engineers.offline.text.mends import mend
from haste.engineers.offline.text.moves import MOVES
from haste.engineers.offline.text.plan import TextPlan
from haste.engineers.offline.text.render import render
from haste.engineers.offline.text.texts import texts_of

OF_CLASSES = frozenset({"logistic", "ratios", "bayes"})
OF_VALUES = frozenset({"ridge", "kernel"})


class TextSpecialist:
    """Texts, one or several a row, with or without other columns."""

    domain: Domain = "text"
    moves: tuple[Move, ...] = MOVES

    def draft(self, problem: Problem, *, number: int, seed: int) -> Plan | None:
        """A linear model, naive Bayes (or a kernel machine for values), boosting."""
        return draft(problem, number, seed)

    def read(self, data: dict[str, Any], problem: Problem) -> Plan | None:
        """A text plan whose members suit the task, the columns and the packages; else None."""
        try:
            plan = TextPlan.model_validate(data)
        except ValidationError:
            return None
        unfit = OF_VALUES if shape_of(problem).classifier else OF_CLASSES
        kinds = {member.kind for member in plan.members}
        lacks_columns = "columns" in plan.blocks and not other_columns(problem)
        lacks_torch = "network" in kinds and "torch" not in problem.packages
        return None if kinds & unfit or lacks_columns or lacks_torch or not texts_of(problem) else plan

    def render(self, plan: Plan, problem: Problem) -> str:
        """The script of a plan."""
        assert isinstance(plan, TextPlan)
        return render(plan, problem)

    def mend(self, plan: Plan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[Plan, str] | None:
        """Cheaper, smaller, or without the part that broke."""
        assert isinstance(plan, TextPlan)
        return mend(plan, failure, problem, attempt=attempt)
