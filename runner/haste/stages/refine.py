"""Refinement: one change at a time, kept when it helps by more than the noise of the paired folds."""

from collections.abc import Iterator, Sequence

from haste.core import actions as a
from haste.core.events import ChangeKept, ChangeReverted, Event
from haste.core.run import Candidate, RunState
from haste.core.statistics import is_better, is_better_behind, mean, relative_gain, standard_error
from haste.ports import Ports
from haste.stages.context import context


def improve(action: a.Improve, state: RunState, ports: Ports) -> Iterator[Event]:
    """Ask the engineer for a change of the track's best."""
    yield from ports.engineer.improve(
        state,
        context(state, ports),
        parent=action.parent,
        track=action.track,
        escalation=action.escalation,
    )


def debug(action: a.Debug, state: RunState, ports: Ports) -> Iterator[Event]:
    """Ask the engineer to mend a solution that failed."""
    yield from ports.engineer.debug(state, context(state, ports), solution=action.solution, track=action.track)


def keep_or_revert(action: a.Decide, state: RunState, _: Ports) -> Iterator[Event]:
    """Hold a change against the track's best, fold by fold.

    A gain within the noise is no reason to keep, but among equals the faster solution wins: a change that costs
    no score and a quarter less time is kept. Where labels are scored, what stands behind them may tell what they
    don't.
    """
    track = state.tracks[action.track]
    candidate = state.candidates[action.solution]
    parent = state.candidates[track.best]
    assert state.competition is not None
    if candidate.failure is not None:
        yield ChangeReverted(
            solution=action.solution,
            parent=track.best,
            track=action.track,
            gain=None,
            error=None,
            relative_gain=None,
            reason=f"{candidate.failure.kind.value}: {candidate.failure.message[:200]}",
        )
        return
    if parent.failure is not None:
        yield ChangeKept(
            solution=action.solution,
            parent=track.best,
            track=action.track,
            gain=0.0,
            error=None,
            relative_gain=0.0,
            reason="it runs where its parent failed",
        )
        return
    yield _verdict(action, state, track.best)


def _verdict(action: a.Decide, state: RunState, best: str) -> ChangeKept | ChangeReverted:
    assert state.competition is not None
    candidate, parent = state.candidates[action.solution], state.candidates[best]
    gains = state.gains_over(action.solution, best)
    gain, error = mean(gains), standard_error(gains)
    old = [s for k, s in parent.scores.items() if k in candidate.scores]
    relative = relative_gain(state.competition.metric, mean(list(candidate.scores.values())), mean(old))
    why = _why_kept(state, candidate, best)
    kind: type[ChangeKept] | type[ChangeReverted] = ChangeKept if why else ChangeReverted
    if not why:
        lost = "clearly worse" if candidate.stopped_early else "no gain beyond the noise"
        why = f"{lost}: {_spread(gains)}"
    return kind(
        solution=action.solution,
        parent=best,
        track=action.track,
        gain=gain,
        error=error,
        relative_gain=relative,
        reason=why,
    )


def _why_kept(state: RunState, candidate: Candidate, best: str) -> str:
    """What speaks for a change that ran on every fold; empty where nothing does."""
    solution, errors = candidate.solution.id, state.settings.keep_errors
    gains, soft = state.gains_over(solution, best), state.soft_gains_over(solution, best)
    if candidate.stopped_early:
        return ""
    if is_better(gains, errors=errors):
        return f"better by {_spread(gains)} over {len(gains)} folds"
    if is_better_behind(gains, soft, errors=errors):
        return f"its labels are as good ({_spread(gains)}), what stands behind them is better by {_spread(soft)}"
    equal = abs(mean(gains)) <= 0.1 * (standard_error(gains) or 0.0)
    if equal and candidate.mean_seconds < 0.75 * state.candidates[best].mean_seconds:
        return f"as good ({_spread(gains)}) and faster"
    return ""


def _spread(gains: Sequence[float]) -> str:
    error = standard_error(gains)
    return f"{mean(gains):+.5g}" + (f" ± {error:.2g}" if error is not None else "")
