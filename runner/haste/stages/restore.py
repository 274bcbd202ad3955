"""Predictions live outside the log; where they were lost, the solutions that made them are run again."""

from collections.abc import Iterator, Mapping, Sequence

from haste.core.competition import Fold
from haste.core.events import EvaluationStarted, Event
from haste.core.run import RunState
from haste.ports import Ports
from haste.stages.evaluate import run_views


def restore(folds: Mapping[str, Sequence[Fold]], state: RunState, ports: Ports) -> Iterator[Event]:
    """Run again what the log has scored but `.haste/` no longer holds: same script, same view, same predictions."""
    for solution, wanted in folds.items():
        digests = state.candidates[solution].digests
        lost = tuple(
            fold
            for fold in wanted
            if fold.key in digests and not ports.files.has_predictions(state.run, solution, fold, digests[fold.key])
        )
        if lost:
            yield EvaluationStarted(solution=solution, folds=lost, purpose="score", sandbox=ports.sandbox.level)
            yield from run_views(solution, lost, state, ports)
