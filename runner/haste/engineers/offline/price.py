"""What trying a change takes, and what there is to spend."""

from collections.abc import Mapping
from typing import Any

from haste.core.finalists import decision_rows, fold_rounds, margin, reserve
from haste.core.run import RunState
from haste.engineers.offline.move import Move
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem


def view_seconds(
    move: Move, parent: Plan, plan: Plan, seconds: float, problem: Problem, known: Mapping[str, float]
) -> float:
    """What one view of a changed plan takes, where one of its parent's takes `seconds`.

    By the move's own cost, or by what new models took alone in this run (`known`), whichever is more.
    """
    old, new = parent.dump(), plan.dump()
    added = sum(known.get(kind, 0.0) for kind in set(_kinds(new)) - set(_kinds(old)))
    added += move.adds(problem) if move.adds else 0.0
    by_models = seconds * _times_fitted(new) / _times_fitted(old) + added * _times_fitted(new)
    return max(seconds * move.cost, by_models)


def seconds_by_model(state: RunState) -> dict[str, float]:
    """What a fit of a model alone took in this run: a cheap parent says nothing of what another model costs."""
    found: dict[str, float] = {}
    for candidate in state.candidates.values():
        plan = candidate.solution.plan or {}
        kinds = _kinds(plan)
        if len(kinds) == 1 and candidate.seconds:
            found.setdefault(kinds[0], candidate.mean_seconds / _times_fitted(plan))
    return found


def search_seconds(state: RunState, seconds: float) -> float:
    """What scoring a script on every fold of the search takes, at `seconds` a view."""
    return seconds * fold_rounds(state, len(state.search_folds))


def affordable(state: RunState) -> float:
    """The most that the search may spend on one script: what is kept for the end stays, and it must run too."""
    free = state.time_left - margin(state)
    shared = free / 1.5 if decision_rows(state) == "fresh folds" else free
    return min(shared, state.time_left - reserve(state))


def _times_fitted(plan: Mapping[str, Any]) -> int:
    """How often a plan fits each model: once, or on every inner fold."""
    return max(1, int(plan.get("inner", 0)))


def _kinds(plan: Mapping[str, Any]) -> list[str]:
    """The kinds of a plan's models, where it names them."""
    return [str(model.get("kind")) for model in plan.get("models", ()) if isinstance(model, Mapping)]
