"""Mends of a failed script: cheaper when it was too slow or too large, plainer when it crashed."""

from haste.core.solution import Failure, FailureKind
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.plan import FAMILY, Model, TabularPlan

MANY_CLASSES = 8
"""Above this boosting, which grows a tree a class and round, is no longer the light model."""
TOO_MUCH = (FailureKind.TIMED_OUT, FailureKind.OUT_OF_MEMORY, FailureKind.TOO_LARGE, FailureKind.TOO_MANY_PROCESSES)


def mend(plan: TabularPlan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[TabularPlan, str] | None:
    """A plan that avoids the failure, and what was changed; None after the second attempt."""
    if attempt > 1:
        return None
    if failure.kind is FailureKind.CONSTANT and (finer := _finer(plan)):
        return finer
    made = _cheaper(plan, problem, attempt) if failure.kind in TOO_MUCH else _plainer(plan, attempt)
    return made if made[0] != plan else _plainest(plan)


def _finer(plan: TabularPlan) -> tuple[TabularPlan, str] | None:
    """Leaves of few rows: what stands in fewer than a leaf holds divides nothing."""
    parameters = plan.models[0].parameters | {"min_data_in_leaf": 2}
    if plan.models[0].kind != "lightgbm" or parameters == plan.models[0].parameters:
        return None
    model = plan.models[0].model_copy(update={"parameters": parameters})
    return plan.model_copy(update={"models": (model, *plan.models[1:])}), "leaves of few rows"


def _cheaper(plan: TabularPlan, problem: Problem, attempt: int) -> tuple[TabularPlan, str]:
    """One fit instead of many and the lightest model; then fewer features as well."""
    first = plan.models[0]
    many_classes = len(problem.profile.classes) > MANY_CLASSES
    light = first if first.kind == "linear" else Model(kind="linear" if many_classes else "lightgbm")
    quick = {"learning_rate": 0.1, "num_leaves": 15, "rounds": 400} if light.kind == "lightgbm" else {}
    model = light.model_copy(update={"parameters": light.parameters | quick, "seeds": 1})
    update: dict[str, object] = {"models": (model,), "approach": FAMILY[model.kind], "inner": 0, "blend": "mean"}
    if attempt > 0:
        heavy = {"interactions", "target-means", "neighbour-targets", "clusters", "components", "text-components"}
        update["steps"] = tuple(s for s in plan.steps if s.kind not in heavy)
    return plan.model_copy(update=update), "fit one light model once, with quick steps"


def _plainer(plan: TabularPlan, attempt: int) -> tuple[TabularPlan, str]:
    """Without the newest feature step or the newest model; then only the first model and no made features."""
    if attempt > 0:
        return _plainest(plan)
    if len(plan.models) > 1:
        return plan.model_copy(update={"models": plan.models[:-1], "blend": "mean"}), "leave the newest model out"
    if plan.steps:
        return plan.model_copy(update={"steps": plan.steps[:-1]}), f"leave {plan.steps[-1].kind} out"
    return _plainest(plan)


def _plainest(plan: TabularPlan) -> tuple[TabularPlan, str]:
    """Boosted trees on the columns as they are."""
    model = Model(kind="lightgbm")
    update = {
        "models": (model,),
        "approach": "boosting",
        "steps": (),
        "blend": "mean",
        "sharpen": False,
        "inner": 0,
    }
    return plan.model_copy(update=update), "boosted trees on the columns as they are"
