"""Predictions live outside the log; where they were lost, the solutions that made them are run again."""

from collections.abc import Generator, Mapping, Sequence

from haste.core.competition import Fold
from haste.core.events import EvaluationStarted, Event, FoldScored
from haste.core.run import LOOK, RunState
from haste.errors import HasteError
from haste.ports import Ports
from haste.stages.evaluate import run_views

LEAST_SECONDS = 30.0
"""What a fold may take when it is run again, however quick it was."""
LONGER = 3.0
"""How much longer than before it may take: what is lost costs the run its result, whatever time is left."""

Folds = dict[str, tuple[Fold, ...]]


def restore(folds: Mapping[str, Sequence[Fold]], state: RunState, ports: Ports) -> Generator[Event, None, Folds]:
    """Run again what the log has scored but `.haste/` no longer holds: same script, same view, same predictions.

    Gives for each solution the folds that are there afterwards. A failure here takes nothing from the solution.
    """
    there: Folds = {}
    for solution, wanted in folds.items():
        digests = state.candidates[solution].digests
        lost = tuple(
            fold
            for fold in wanted
            if fold.key in digests and not ports.files.has_predictions(state.run, solution, fold, digests[fold.key])
        )
        restored: set[Fold] = set()
        if lost:
            yield EvaluationStarted(solution=solution, folds=lost, purpose="score", sandbox=ports.sandbox.level)
            for event in run_views(solution, lost, state, ports, least=_seconds(solution, lost, state)):
                yield event
                restored |= {event.fold} if isinstance(event, FoldScored) else set()
        there[solution] = tuple(fold for fold in wanted if fold not in lost or fold in restored)
    return there


def nothing_left(solutions: Sequence[str]) -> HasteError:
    """What ends the command where predictions are lost for good; the run itself can go on later."""
    return HasteError(
        f"predictions of {', '.join(solutions)} are lost and could not be made again",
        hint="`haste-run runs show` lists how each failed; `haste-run resume` tries once more",
    )


def _seconds(solution: str, folds: Sequence[Fold], state: RunState) -> float:
    candidate = state.candidates[solution]
    took = [candidate.look_seconds if fold == LOOK else candidate.seconds.get(fold.key) for fold in folds]
    return max(LEAST_SECONDS, *(LONGER * (seconds or 0.0) for seconds in took))
