"""The few ways in which moves change a tabular plan."""

from collections.abc import Sequence

from haste.core.condition import Condition
from haste.engineers.offline.tabular.plan import FAMILY, Model, ModelKind, Step, StepKind, TabularPlan

FEW_ROWS = 6000
"""Rows up to which five inner folds are cheap."""


def with_step(plan: TabularPlan, kind: StepKind, columns: Sequence[str], **settings: object) -> TabularPlan | None:
    """The plan with one more feature step; None where it has one of this kind or there are no columns for it."""
    if plan.has(kind) or not columns:
        return None
    step = Step.model_validate({"kind": kind, "columns": tuple(columns), **settings})
    return plan.model_copy(update={"steps": (*plan.steps, step)})


def without_step(plan: TabularPlan, kind: StepKind) -> TabularPlan | None:
    """The plan without its steps of a kind; None where it has none."""
    if not plan.has(kind):
        return None
    return plan.model_copy(update={"steps": tuple(s for s in plan.steps if s.kind != kind)})


def with_models(plan: TabularPlan, models: Sequence[Model], rows: int) -> TabularPlan:
    """The plan with more models, all weighed by what they say of rows held out.

    A plain mean gives a weak model the vote of a strong one; weights cost inner folds, three where rows are many.
    """
    inner = max(plan.inner, 5 if rows <= FEW_ROWS else 3)
    return plan.model_copy(update={"models": (*plan.models, *models), "blend": "fitted", "inner": inner})


def with_model(plan: TabularPlan, model: Model, rows: int, *, most: int = 5) -> TabularPlan | None:
    """The plan with one more model; None where it has one of that kind, or enough."""
    if plan.uses(model.kind) or len(plan.models) >= most:
        return None
    return with_models(plan, (model,), rows)


def with_parameters(plan: TabularPlan, kind: ModelKind, **parameters: object) -> TabularPlan | None:
    """The plan with other parameters for its models of a kind; None where nothing changes."""
    models = tuple(
        Model.model_validate(m.model_dump() | {"parameters": m.parameters | parameters}) if m.kind == kind else m
        for m in plan.models
    )
    return plan.model_copy(update={"models": models}) if models != plan.models else None


def instead(plan: TabularPlan, model: Model) -> TabularPlan | None:
    """The plan with this model in the place of all it has."""
    if plan.models == (model,):
        return None
    return plan.model_copy(update={"models": (model,), "approach": FAMILY[model.kind]})


def at_least(trait: str, value: float) -> Condition:
    """A lower bound on a trait."""
    return Condition(trait=trait, at_least=value)


def at_most(trait: str, value: float) -> Condition:
    """An upper bound on a trait."""
    return Condition(trait=trait, at_most=value)
