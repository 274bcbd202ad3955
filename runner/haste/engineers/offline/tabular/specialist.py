"""The specialist for tables."""

from typing import Any

from pydantic import ValidationError

from haste.core.competition import Domain
from haste.core.solution import Failure
from haste.engineers.offline.move import Move
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular import moves_features, moves_models, moves_tuning
from haste.engineers.offline.tabular.drafts import draft
from haste.engineers.offline.tabular.mend import mend
from haste.engineers.offline.tabular.plan import TabularPlan
from haste.engineers.offline.tabular.render import render

MOVES = (*moves_features.MOVES, *moves_models.MOVES, *moves_tuning.MOVES)


class TabularSpecialist:
    """Tables of numbers, categories, dates and some prose."""

    domain: Domain = "tabular"
    moves: tuple[Move, ...] = MOVES

    def draft(self, problem: Problem, *, number: int, seed: int) -> Plan | None:
        """Boosting, a linear model, a forest."""
        return draft(problem, number, seed)

    def read(self, data: dict[str, Any], problem: Problem) -> Plan | None:
        """A plan whose columns are all in this table."""
        try:
            plan = TabularPlan.model_validate(data)
        except ValidationError:
            return None
        known = {column.name for column in problem.profile.columns}
        return plan if named_columns(plan) <= known else None

    def render(self, plan: Plan, problem: Problem) -> str:
        """The script of a plan."""
        assert isinstance(plan, TabularPlan)
        return render(plan, problem)

    def mend(self, plan: Plan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[Plan, str] | None:
        """Cheaper, smaller or plainer."""
        assert isinstance(plan, TabularPlan)
        return mend(plan, failure, problem, attempt=attempt)


def named_columns(plan: TabularPlan) -> set[str]:
    """The table's columns that a plan names."""
    columns = {c for s in plan.steps if s.kind != "cyclic-parts" for c in s.columns}
    parts = {c for s in plan.steps if s.kind in ("spatial", "group-statistics") for c in s.parts}
    return columns | parts | {s.by for s in plan.steps if s.by}
