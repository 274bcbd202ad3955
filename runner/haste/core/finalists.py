"""Who may be in the end of a run, what that costs, and hence how much time is kept back for it."""

from haste.core import actions as a
from haste.core.competition import Fold
from haste.core.run import Candidate, RunState, ranking
from haste.core.statistics import mean, relative_gain

LONG_ROWS, LONG_FILES, LONG_CELLS = 100_000, 10_000, 2_000_000
"""From how many rows, rows with files, or cells on a first look is taken before the whole is run."""
MORE_ROWS = 1.4
"""What fitting on every row costs over fitting on a view's."""
FAR_BEHIND = 0.2
"""The share of the best's error by which a solution may be worse and still be a finalist."""


def missing_folds(candidate: Candidate, folds: tuple[Fold, ...]) -> tuple[Fold, ...]:
    """The folds that a candidate has no predictions for."""
    return tuple(fold for fold in folds if fold.key not in candidate.predictions)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────


def margin(state: RunState) -> float:
    """Seconds kept for the last choice, the submission and the learnings, whatever else happens.

    What writing a submission took before says how slow this machine is with this data.
    """
    return max(1.0, 0.03 * state.settings.time_limit, min(3.0 * state.writing, 0.25 * state.settings.time_limit))


def fold_rounds(state: RunState, folds: int) -> int:
    """How many rounds `folds` evaluations take, side by side as settings say."""
    jobs = max(1, state.settings.jobs)
    return -(-folds // jobs)


def reserve(state: RunState) -> float:
    """Seconds kept back for the end, at most a quarter of the limit, and the margin.

    They are for the finalists' fresh folds, and for one last fit on every row: with a lockbox the views have seen
    seven rows of ten, and what the others would have taught is worth more than one more change.
    """
    if state.profile is None or not state.candidates:
        return margin(state)
    need = sum(_finalist_seconds(state, s, first=place == 0) for place, s in enumerate(finalists(state)))
    best = state.candidates.get(state.best or "")
    need += MORE_ROWS * best.mean_seconds if best else 0.0
    return min(need * 1.15, 0.25 * state.settings.time_limit) + margin(state)


def _finalist_seconds(state: RunState, solution: str, *, first: bool) -> float:
    candidate = state.candidates[solution]
    missing = missing_folds(candidate, final_folds(state))
    each = candidate.mean_seconds if first else candidate.mean_seconds_beside_others
    return each * fold_rounds(state, len(missing))


def is_long(state: RunState) -> bool:
    """Whether the data is so large that a prototype is first tried on a tenth of it."""
    if state.profile is None or state.competition is None:
        return False
    rows, columns = state.profile.rows, len(state.profile.columns)
    many = LONG_FILES if state.competition.row_files else LONG_ROWS
    return rows >= many or rows * columns >= LONG_CELLS


def out_of_time(state: RunState) -> bool:
    """Whether nothing new may be begun because what is left is kept for the end."""
    return state.time_left < reserve(state)


# ── finalists ──────────────────────────────────────────────────────────────────────────────────────────


def decision_rows(state: RunState) -> a.Rows:
    """The rows the last choice is made on: `lockbox`, `fresh folds`, or (forward in time) `search folds`."""
    assert state.profile is not None
    if state.profile.folds.lockbox_share > 0:
        return "lockbox"
    return "search folds" if state.profile.folds.kind == "forward" else "fresh folds"


def fresh_folds(state: RunState) -> tuple[Fold, ...]:
    """The folds of a second split, which only finalists run on; () where a lockbox or time decides."""
    if state.profile is None or decision_rows(state) != "fresh folds":
        return ()
    return tuple(Fold(repeat=1, number=k) for k in range(state.profile.folds.folds))


def final_folds(state: RunState) -> tuple[Fold, ...]:
    """Every fold that a finalist is scored on: the search's, and the fresh ones where those decide."""
    return state.search_folds + fresh_folds(state)


def finalists(state: RunState) -> list[str]:
    """Who may be in the end: the best of each approach first, then by score; two more than an ensemble takes.

    A prototype with a glance alone is one too, after those with every fold: it may bring what the others lack. Who
    is behind the best by more than `FAR_BEHIND` of its error would get no weight and isn't run again.
    """
    usable = [s for s, c in state.candidates.items() if c.score is not None and _is_sound(c)]
    usable = [s for s in usable if s == state.best or not is_far_behind(state, s)]
    full = [s for s in usable if not missing_folds(state.candidates[s], state.search_folds)]
    ranked = ranking(state, full)
    glanced = ranking(state, [s for s in usable if s in state.drafts and s not in full])
    chosen: list[str] = []
    seen: set[str] = set()
    for solution in [*ranked, *glanced]:
        approach = state.candidates[solution].solution.approach
        if approach not in seen:
            seen.add(approach)
            chosen.append(solution)
    room = state.settings.ensemble_members + 2
    others = [s for s in ranked if s not in chosen]
    return [*chosen, *others][:room]


def is_far_behind(state: RunState, solution: str) -> bool:
    """Whether it has more error than the best by `FAR_BEHIND`, compared on the folds that both have."""
    best = state.best
    if best is None or state.competition is None:
        return False
    mine, others = state.candidates[solution].scores, state.candidates[best].scores
    shared = [key for key in mine if key in others]
    if not shared:
        return False
    new, old = mean([mine[k] for k in shared]), mean([others[k] for k in shared])
    return relative_gain(state.competition.metric, new, old) < -FAR_BEHIND


def _is_sound(candidate: Candidate) -> bool:
    return candidate.failure is None and not candidate.stopped_early
