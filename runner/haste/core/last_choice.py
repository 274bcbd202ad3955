"""The last choice: which finalists run on which rows, what is then built of them, and a last fit on every row."""

from haste.core import actions as a
from haste.core.competition import Fold
from haste.core.finalists import (
    MORE_ROWS,
    decision_rows,
    final_folds,
    finalists,
    fold_rounds,
    fresh_folds,
    margin,
    missing_folds,
)
from haste.core.run import Candidate, RunState, ranking

LEAST_FOLDS = 2
"""Fresh folds below which the search's own folds decide: one alone says nothing of its own noise."""
SPARE = 1.1
"""How much longer than before an evaluation may take, and still be there in time."""


def are_enough(state: RunState, fresh: int) -> bool:
    """Whether so many fresh folds may decide: half of the rows at least, or the search's own folds know more."""
    return fresh >= LEAST_FOLDS and 2 * fresh >= len(fresh_folds(state))


def next_confirmation(state: RunState) -> a.Action | None:
    """The next finalist to run on the rows of the last choice; None when all are in or the time is spent."""
    for place, solution in enumerate(finalists(state)):
        candidate = state.candidates[solution]
        missing = _affordable(state, candidate, _wanted(state, place), first=place == 0)
        if missing or is_unscored(state, candidate):
            return a.Evaluate(solution=solution, folds=missing, purpose="confirm")
    return _one_more_round(state)


def _wanted(state: RunState, place: int) -> tuple[Fold, ...]:
    """All folds for the first finalist; for the others, the fresh ones that it had the time for."""
    if place == 0:
        return final_folds(state)
    return state.search_folds + (_decided_on(state) or fresh_folds(state))


def _decided_on(state: RunState) -> tuple[Fold, ...]:
    """The fresh folds that the first finalist was run on."""
    first = state.candidates[finalists(state)[0]]
    return tuple(fold for fold in fresh_folds(state) if fold.key in first.predictions)


def _affordable(
    state: RunState, candidate: Candidate, wanted: tuple[Fold, ...], *, first: bool
) -> tuple[Fold, ...]:
    """The folds that a finalist lacks, if there is time; for the first as many as the others can then follow on."""
    missing = missing_folds(candidate, wanted)
    left = state.time_left - margin(state)
    each = candidate.mean_seconds if first else candidate.mean_seconds_beside_others
    if each * fold_rounds(state, len(missing)) * SPARE < left:
        return missing
    if not first or _decided_on(state) or missing_folds(candidate, state.search_folds):
        return ()
    others = [state.candidates[s].mean_seconds_beside_others for s in finalists(state)[1:]]
    one_round = (candidate.mean_seconds + sum(others)) * SPARE
    rounds = max(1, int(left / max(one_round, 1e-9)))
    some = missing[: rounds * max(1, state.settings.jobs)]
    # Alone on fresh rows nothing is chosen: somebody else must have the time to be there too.
    pair = candidate.mean_seconds + min(others, default=0.0)
    fits = pair * fold_rounds(state, len(some)) * SPARE < left
    return some if fits and are_enough(state, len(some)) else ()


def _one_more_round(state: RunState) -> a.Action | None:
    """Where the best was seen on few folds and time is left for more: a better bag, and a surer score."""
    best = state.candidates.get(state.best or "")
    missing = missing_folds(best, state.search_folds) if best else ()
    if best is None or not missing or best.mean_seconds * SPARE > state.time_left - margin(state):
        return None
    return a.Evaluate(solution=best.solution.id, folds=missing[: max(1, state.settings.jobs)], purpose="confirm")


def is_unscored(state: RunState, candidate: Candidate) -> bool:
    """Whether folds are in that the candidate's score doesn't count yet: a crash came in between."""
    return len(state.search_scores(candidate.solution.id)) > candidate.score_folds


def build(state: RunState) -> a.Action:
    """Choose among the finalists that have predictions on the same rows: fresh ones, or else the search's own."""
    rows = decision_rows(state)
    wanted = state.search_folds
    if rows == "fresh folds":
        decided = _decided_on(state) if finalists(state) else ()
        fresh = decided if are_enough(state, len(decided)) else ()
        rows, wanted = ("fresh folds", wanted + fresh) if fresh else ("search folds", wanted)
    if ready := [s for s in finalists(state) if not missing_folds(state.candidates[s], wanted)]:
        return a.BuildEnsemble(candidates=tuple(ready), rows=rows)
    scored = [s for s in ranking(state, state.candidates) if state.search_scores(s)]
    best = state.best or next(iter(scored), None)  # all failed on fresh rows: the folds that one has still stand
    if best is None:
        return a.Fail(reason="every solution failed on fresh rows", hint="`haste-run runs show` lists how")
    return a.BuildEnsemble(candidates=(best,), rows="search folds")


def next_refit(state: RunState) -> a.Action | None:
    """The members are fitted once more on every row, the lockbox's too, where there is time for it.

    Forward in time that is a must: what is latest matters most.
    """
    if state.profile is None:
        return None
    full = Fold(full=True)
    left = state.time_left - margin(state)
    for member in state.final_members:
        candidate = state.candidates[member.solution]
        if full.key in candidate.predictions or candidate.failure or candidate.refit_failure:
            continue
        must = state.profile.folds.kind == "forward" and left > 0
        if must or candidate.mean_seconds * MORE_ROWS * SPARE < left:
            return a.Evaluate(solution=member.solution, folds=(full,), purpose="refit")
    return None
