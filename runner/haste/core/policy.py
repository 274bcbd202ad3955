"""What to do next: a pure function from the state of a run to one action.

The five stages and their numbers are the paper's (arXiv 2606.30911, section 3): prototypes on one fold,
refinement of the winner and then of the runner-up on every fold, an ensemble, learnings. Everything a decision may
depend on is in the events, the time spent included, so a resumed run decides as the killed one would have.
"""

from haste.core import actions as a
from haste.core.competition import Fold
from haste.core.finalists import (
    fold_rounds,
    is_far_behind,
    is_long,
    margin,
    missing_folds,
    out_of_time,
    reserve,
)
from haste.core.last_choice import build, is_unscored, next_confirmation, next_refit
from haste.core.run import LOOK, Candidate, RunState, Track, ranking

MAX_MENDS = 2
"""Mends of one failed solution before it is given up."""
DEAR = 0.05
"""The share of the time left from which on scoring a prototype far behind on every fold isn't worth it."""
TIGHT_SECONDS = 120.0
"""A time limit below which something is submitted before anything is tried."""


def decide(state: RunState) -> a.Action:
    """The next action of a run that is not finished."""
    if state.profile is None:
        return a.Profile()
    if state.domain is None:
        return a.ChooseDomain()
    if state.loaded is None:
        return a.LoadSkills()
    for stage, step in (
        ("profile", _profile),
        ("prototypes", _prototypes),
        ("refinement", _refinement),
        ("ensemble", _ensemble),
        ("learnings", _learnings),
    ):
        if stage not in state.finished_stages:
            return step(state)
    return a.Finish()


def _profile(_: RunState) -> a.Action:
    return a.FinishStage(stage="profile", reason="the data is known and the skills are loaded")


# ── prototypes ───────────────────────────────────────────────────────────────────────────────────────


def _prototypes(state: RunState) -> a.Action:
    pending = state.candidates.get(state.pending or "")
    if pending is not None and "time" not in state.exhausted:
        if pending.failure is None and is_long(state) and pending.look_seconds is None:
            return a.Evaluate(solution=pending.solution.id, folds=(LOOK,), purpose="look")
        if pending.failure is None:
            return a.Evaluate(
                solution=pending.solution.id, folds=missing_folds(pending, (_glance(state),)), purpose="score"
            )
        if _can_mend(state, pending.solution.id):
            return a.Debug(solution=pending.solution.id, track=None)
    if state.best is not None and not state.interim_for:
        return a.Submit(final=False)
    if state.submission is None and not state.candidates and _is_tight(state):
        return a.Submit(final=False)
    proposed = len(state.drafts) + state.drafts_rejected
    scored = ranking(state, state.drafts)
    if proposed < state.settings.prototypes and not (out_of_time(state) if scored else _is_over(state)):
        return a.Draft(number=proposed)
    if not scored:
        return _with_nothing(state, proposed)
    return a.FinishStage(stage="prototypes", reason=f"{len(scored)} of {proposed} prototypes were scored")


def _glance(state: RunState) -> Fold:
    """The one view that prototypes are compared on: forward in time the last, which has the most to learn from."""
    assert state.profile is not None
    folds = state.profile.folds
    return Fold(number=folds.folds - 1 if folds.kind == "forward" else 0)


def _with_nothing(state: RunState, proposed: int) -> a.Action:
    """No prototype ran: a valid submission all the same, of a model's first look or of plain averages."""
    if state.submission is None or (state.looked is not None and not state.interim_for):
        return a.Submit(final=False)
    reason = f"none of {proposed} prototypes could be made to run" if proposed else "no prototype could be begun"
    return a.Fail(
        reason=reason + (" in the time" if _is_over(state) else ""),
        hint=f"the submission holds {'a first look on a tenth of the rows' if state.looked else 'plain averages'}; "
        "`haste-run runs show` lists how each failed; "
        "give more time or memory, or another engineer",
    )


def _is_tight(state: RunState) -> bool:
    """Whether a first prototype may take all the time: then plain averages are submitted before it begins."""
    return is_long(state) or state.settings.time_limit < TIGHT_SECONDS


def _is_over(state: RunState) -> bool:
    """Whether what is left of the time is kept for the last writing, and nothing runs any more."""
    return "time" in state.exhausted or state.time_left <= margin(state)


def _can_mend(state: RunState, solution: str) -> bool:
    worth_it = not (_is_over(state) if state.best is None else out_of_time(state))
    given_up = state.failed_first(solution) in state.given_up
    return worth_it and state.mends_tried(solution) < MAX_MENDS and not given_up


# ── refinement ───────────────────────────────────────────────────────────────────────────────────────


def _refinement(state: RunState) -> a.Action:
    stopping = out_of_time(state) or "time" in state.exhausted
    if stopping and "time" not in state.exhausted and state.pending is None:
        left = f"{state.time_left:.0f} s left, {reserve(state):.0f} s kept back for the end"
        return a.Stop(budget="time", detail=left)
    for number in _by_standing(state):
        track = state.tracks[number]
        baseline = state.candidates[track.start]
        missing = missing_folds(baseline, state.search_folds)
        missing = () if stopping else missing
        missing = () if _is_hopeless(state, track) else missing
        wanted = is_unscored(state, baseline) or missing
        if wanted and baseline.failure is None and track.finished is None:
            return a.Evaluate(solution=track.start, folds=missing, purpose="score")
    for place, number in enumerate(_by_standing(state)):
        if state.tracks[number].finished is None:
            return _refine(state, number, place)
    tracks = {0: "there was nothing to refine", 1: "the track is done"}.get(
        len(state.tracks), "both tracks are done"
    )
    return a.FinishStage(stage="refinement", reason=tracks)


def _by_standing(state: RunState) -> list[int]:
    """Track numbers, the better prototype first: on every fold where both have them, else as they were ranked."""
    numbers = list(range(len(state.tracks)))
    if any(missing_folds(state.candidates[t.start], state.search_folds) for t in state.tracks):
        return numbers
    ranked = ranking(state, [t.start for t in state.tracks])
    return sorted(numbers, key=lambda n: ranked.index(state.tracks[n].start))


def _refine(state: RunState, number: int, place: int) -> a.Action:
    track = state.tracks[number]
    pending = state.candidates.get(state.pending or "")
    if pending is not None and pending.track == number:
        return _settle(state, track, number, pending)
    if _interim_is_old(state):
        return a.Submit(final=False)
    best = state.candidates[track.best]
    if best.failure is not None and track.best == track.start and _can_mend(state, track.best):
        return a.Debug(solution=track.best, track=number)
    if reason := _why_stop(state, track, place, best):
        return a.FinishStage(stage="refinement", track=number, reason=reason)
    return a.Improve(track=number, parent=track.best, escalation=track.escalation(state.settings.escalate_after))


def _settle(state: RunState, track: Track, number: int, pending: Candidate) -> a.Action:
    solution = pending.solution.id
    if pending.failure is not None:
        if _can_mend(state, solution):
            return a.Debug(solution=solution, track=number)
        return a.Decide(solution=solution, track=number)
    if pending.scored:
        return a.Decide(solution=solution, track=number)
    if "time" in state.exhausted:  # it was cut, and stays undecided
        return a.FinishStage(stage="refinement", track=number, reason="time")
    missing = missing_folds(pending, state.search_folds)
    return a.Evaluate(solution=solution, folds=missing, purpose="score", rival=track.best)


def _why_stop(state: RunState, track: Track, place: int, best: Candidate) -> str:
    settings = state.settings
    limit = settings.iterations if place == 0 else settings.runner_up_iterations
    if best.failure is not None:
        return f"its prototype fails on other folds: {best.failure.kind.value}"
    if "time" in state.exhausted:
        return "time"
    if _is_hopeless(state, track):
        return "it is too far behind the other track"
    if place == 0 and _has_rival(state) and _winner_share_is_spent(state):
        return "its share of the time is spent"
    if track.exhausted:
        return "the engineer has nothing left to try"
    if track.iterations >= limit:
        return f"{track.iterations} changes were tried"
    if track.misses >= settings.stagnation:
        return f"{track.misses} changes in a row did not help"
    return ""


def _is_hopeless(state: RunState, track: Track) -> bool:
    """Whether a track is so far behind, and so dear, that what it takes is better spent on the other."""
    best = state.candidates[track.best]
    rounds = fold_rounds(state, len(missing_folds(best, state.search_folds)))
    return is_far_behind(state, track.best) and best.mean_seconds * rounds > DEAR * state.time_left


def _has_rival(state: RunState) -> bool:
    """Whether another track waits for its share of the time."""
    return sum(not _is_hopeless(state, track) for track in state.tracks) > 1


def _winner_share_is_spent(state: RunState) -> bool:
    """The runner-up gets its share of what is left to refinement, in proportion to its iterations."""
    settings = state.settings
    wanted = settings.iterations + settings.runner_up_iterations
    if wanted == 0 or settings.runner_up_iterations == 0:
        return False
    share = settings.runner_up_iterations / wanted
    return state.time_left - reserve(state) < share * (settings.time_limit - reserve(state))


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────


def _ensemble(state: RunState) -> a.Action:
    if state.ensemble is None or state.ensemble_kept is None:
        return next_confirmation(state) or build(state)
    if refit := next_refit(state):
        return refit
    if state.submission is None or not state.submission.final:
        return a.Submit(final=True)
    return a.FinishStage(stage="ensemble", reason="the submission is written")


def _interim_is_old(state: RunState) -> bool:
    return state.best is not None and state.interim_for != tuple(m.solution for m in state.final_members)


def _learnings(_: RunState) -> a.Action:
    return a.Distil()
