"""What trying a change takes, and what there is to spend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haste.core.finalists import decision_rows, fold_rounds, margin, reserve
from haste.core.run import RunState
from haste.engineers.offline.move import Move
from haste.engineers.offline.plan import Fits, Plan
from haste.engineers.offline.problem import Problem

CONFIRMED = 0.5
"""The share of the fresh folds that there must be the time for, should the script become a finalist."""


@dataclass(frozen=True)
class Done:
    """What a solution of this run has fitted: the seconds of a view, and on which share of the search's folds."""

    fits: Fits
    seconds: float
    share: float


@dataclass(frozen=True)
class Price:
    """What trying a change takes: the seconds of the whole script, and those that are left to spend on it."""

    work: float
    seconds: float


def priced(state: RunState, plan: Plan, view: float, done: tuple[Done, ...]) -> Price:
    """The price of scoring a plan whose script takes `view` seconds a view where nothing was fitted before."""
    work = search_seconds(state, view)
    fits = plan.fits
    again = 1.0 if fits is None else 1.0 - (1.0 - fits.others) * _fitted_share(fits, view, done)
    return Price(work, work * again)


def _fitted_share(wanted: Fits, view: float, done: tuple[Done, ...]) -> float:
    """The share of fits that solutions before have made; a model takes an equal part of the script it stands in."""
    seconds: dict[str, float] = {}
    shares: dict[str, float] = {}
    for one in sorted(done, key=lambda d: len(d.fits.models)):
        for model in one.fits.models & wanted.models if one.fits.ground == wanted.ground else ():
            seconds.setdefault(model, one.seconds / len(one.fits.models))
            shares[model] = max(shares.get(model, 0.0), one.share)
    saved = sum(seconds[model] * shares[model] for model in seconds)
    return min(1.0, saved / view) if view else 0.0


def already_fitted(state: RunState, plans: Mapping[str, Plan | None]) -> tuple[Done, ...]:
    """What the solutions of this run have fitted, where their plans say so."""
    found = []
    for solution, plan in plans.items():
        candidate, fits = state.candidates[solution], plan.fits if plan else None
        scored = [fold for fold in state.search_folds if fold.key in candidate.scores]
        if fits is not None and scored:
            found.append(Done(fits, candidate.mean_seconds, len(scored) / len(state.search_folds)))
    return tuple(found)


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


def is_affordable(state: RunState, price: Price, *, spent: float = 0.0) -> bool:
    """Whether the search may spend this on one script, after `spent` seconds on others.

    What is kept for the end stays, and should the script be among the best it must run on fresh folds too.
    """
    confirmed = CONFIRMED * price.work if decision_rows(state) == "fresh folds" else 0.0
    left = state.time_left - spent
    return price.seconds + confirmed <= left - margin(state) and price.seconds <= left - reserve(state)


def _times_fitted(plan: Mapping[str, Any]) -> int:
    """How often a plan fits each model: once, or on every inner fold."""
    return max(1, int(plan.get("inner", 0)))


def _kinds(plan: Mapping[str, Any]) -> list[str]:
    """The kinds of a plan's models, where it names them; texts and pictures call them members."""
    named = plan.get("models") or plan.get("members") or ()
    return [str(model.get("kind")) for model in named if isinstance(model, Mapping)]
