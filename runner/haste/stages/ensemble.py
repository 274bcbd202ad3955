"""The ensemble: chosen and reported on rows that no earlier decision used, and kept only if it is better."""

from collections.abc import Iterator, Sequence

from haste.core import actions as a
from haste.core.competition import Fold
from haste.core.events import EnsembleBuilt, EnsembleDropped, EnsembleKept, Event
from haste.core.finalists import fresh_folds
from haste.core.run import LOOK, RunState
from haste.ports import Ports
from haste.stages.restore import nothing_left, restore


def build(action: a.BuildEnsemble, state: RunState, ports: Ports) -> Iterator[Event]:
    """Blend the candidates and say whether the blend stands."""
    if state.ensemble is None:
        folds = {s: decision_folds(s, action, state) for s in action.candidates}
        there = yield from restore(folds, state, ports)
        whole = tuple(s for s in action.candidates if there[s] == folds[s])
        if not whole:
            raise nothing_left(action.candidates)
        built = _blend(action.model_copy(update={"candidates": whole}), {s: folds[s] for s in whole}, state, ports)
        yield built
    else:
        built = state.ensemble
    yield _verdict(built, state)


def decision_folds(solution: str, action: a.BuildEnsemble, state: RunState) -> tuple[Fold, ...]:
    """The folds whose predictions a candidate brings to the last choice."""
    have = state.candidates[solution].predictions
    folds = fresh_folds(state) if action.rows == "fresh folds" else state.search_folds
    return tuple(f for f in folds if f.key in have)


def _blend(
    action: a.BuildEnsemble, folds: dict[str, tuple[Fold, ...]], state: RunState, ports: Ports
) -> EnsembleBuilt:
    assert state.competition is not None and state.profile is not None
    blend = ports.files.blend(
        state.run,
        state.competition,
        state.profile,
        action.candidates,
        folds,
        rows=action.rows,
        limit=state.settings.ensemble_members,
    )
    return EnsembleBuilt(
        members=blend.members,
        method=blend.method,
        score=blend.score,
        error=blend.error,
        single=blend.single,
        single_score=blend.single_score,
        single_error=blend.single_error,
        rows=action.rows,
    )


def _verdict(built: EnsembleBuilt, state: RunState) -> EnsembleKept | EnsembleDropped:
    assert state.competition is not None
    gain = state.competition.metric.gain(built.score, built.single_score)
    if len(built.members) > 1 and gain > 0:
        return EnsembleKept(gain=gain)
    alone = "it is the single best" if len(built.members) == 1 else "the best single solution is as good"
    return EnsembleDropped(gain=gain, reason=alone)


def submission_folds(solution: str, state: RunState) -> Sequence[Fold]:
    """Every fold whose test predictions a member brings to the submission."""
    assert state.profile is not None
    have = state.candidates[solution].predictions
    full = Fold(full=True)
    if full.key in have and state.profile.folds.kind == "forward":
        return (full,)
    found = tuple(f for f in (*state.search_folds, *fresh_folds(state), full) if f.key in have)
    return found or ((LOOK,) if state.candidates[solution].look else ())
