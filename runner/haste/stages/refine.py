"""Refinement: one change at a time, kept when it helps by more than the noise of the paired folds."""

from collections.abc import Iterator

from haste.core import actions as a
from haste.core.events import ChangeKept, ChangeReverted, Event
from haste.core.run import RunState
from haste.core.statistics import is_better, mean, relative_gain, standard_error
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
    no score and a quarter less time is kept.
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
    errors = state.settings.keep_errors
    spread = f"{gain:+.5g}" + (f" ± {error:.2g}" if error is not None else "")
    better = not candidate.stopped_early and is_better(gains, errors=errors)
    equal = not candidate.stopped_early and abs(gain) <= 0.1 * (error or 0.0)
    faster = candidate.mean_seconds < 0.75 * parent.mean_seconds
    if better or (equal and faster):
        why = f"better by {spread} over {len(gains)} folds" if better else f"as good ({spread}) and faster"
        kind: type[ChangeKept] | type[ChangeReverted] = ChangeKept
    else:
        why = f"{'clearly worse' if candidate.stopped_early else 'no gain beyond the noise'}: {spread}"
        kind = ChangeReverted
    return kind(
        solution=action.solution,
        parent=best,
        track=action.track,
        gain=gain,
        error=error,
        relative_gain=relative,
        reason=why,
    )
