"""The specialist for tables."""

from typing import Any

from pydantic import ValidationError

from haste.core.competition import Domain
from haste.core.solution import Failure
from haste.engineers.offline.move import Move
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.drafts import draft
from haste.engineers.offline.tabular.plan import TabularPlan
from haste.engineers.offline.tabular.render import render


class TabularSpecialist:
    """Tables of numbers, categories, dates and some prose."""

    domain: Domain = "tabular"
    moves: tuple[Move, ...] = ()

    def draft(self, problem: Problem, *, number: int, seed: int) -> Plan | None:
        """Boosting, a linear model, a forest."""
        return draft(problem, number, seed)

    def read(self, data: dict[str, Any], problem: Problem) -> Plan | None:
        """A plan whose columns are all in this table."""
        try:
            plan = TabularPlan.model_validate(data)
        except ValidationError:
            return None
        return plan

    def render(self, plan: Plan, problem: Problem) -> str:
        """The script of a plan."""
        assert isinstance(plan, TabularPlan)
        return render(plan, problem)

    def mend(self, plan: Plan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[Plan, str] | None:
        """Cheaper, smaller or plainer."""
        return None
