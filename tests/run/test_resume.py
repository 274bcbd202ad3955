"""Kill it at every position: what a resumed run decides is what an unbroken one would have."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from haste.adapters.fakes import MemoryLog
from haste.adapters.rehearsal import RehearsalPorts, RehearsalSandbox, script
from haste.core import events as e
from haste.core.evaluation import Outcome, Task
from haste.core.events import Recorded
from haste.core.evolve import rebuild
from haste.core.run import RunState
from haste.core.solution import Failure, FailureKind
from haste.errors import HasteError
from haste.loop import resume, run_to_end
from run.rehearse import FLAT, RUN, begin, better, ports

SCRIPTS = {
    "drafts": [script(FLAT), script(better(0.02), fails_on=0), script(better(-0.05))],
    "changes": [script(better(0.04)), script(better(0.01)), script(better(0.06), fails_on=2), script(better(0.09))],
    "mends": [script(better(0.02)), script(better(0.06))],
}


class Killed(BaseException):
    """What a SIGKILL is to the code: nothing runs after it."""


def decisions(stream: list[Recorded]) -> list[str]:
    """What was decided, without the traces of the killing: a fold that ran again, a resumption, times."""
    traces = (e.RunResumed, e.EvaluationStarted)
    return list(dict.fromkeys(one.event.model_dump_json() for one in stream if not isinstance(one.event, traces)))


def unbroken(tmp_path: Path) -> list[Recorded]:
    at = ports(tmp_path, folds=3, **SCRIPTS)  # type: ignore[arg-type]
    begin(at)
    run_to_end(RUN, at)
    return at.log.read(RUN)


@pytest.mark.parametrize("lost_predictions", [False, True])
def test_killed_after_each_event_it_goes_on_the_same(tmp_path: Path, lost_predictions: bool) -> None:
    whole = unbroken(tmp_path / "whole")
    for position in range(1, len(whole), 7 if lost_predictions else 1):
        root = tmp_path / f"killed-{position}"
        at = ports(root, folds=3, **SCRIPTS)  # type: ignore[arg-type]
        begin(at)

        def kill(_state: object, recorded: Recorded, position: int = position) -> None:
            if recorded.envelope.position + 1 == position:
                raise Killed

        try:
            run_to_end(RUN, at, kill) if position > 1 else None
        except Killed:
            assert len(at.log.read(RUN)) == position
        if lost_predictions and (root / RUN / "predictions").exists():
            for file in (root / RUN / "predictions").rglob("*.json"):
                file.unlink()
        log = at.log
        assert isinstance(log, MemoryLog)
        again = ports(root, log=log, folds=3, **SCRIPTS)
        state = resume(RUN, again, {})
        assert state.done
        assert decisions(log.read(RUN)) == decisions(whole)
        assert (root / RUN / "submissions/submission.csv").read_bytes() == (
            tmp_path / "whole" / RUN / "submissions/submission.csv"
        ).read_bytes()


def test_the_run_that_is_killed_has_every_kind_of_step(tmp_path: Path) -> None:
    kinds = {type(one.event).__name__ for one in unbroken(tmp_path)}
    assert {"EvaluationFailed", "ChangeKept", "ChangeReverted", "EnsembleKept", "LearningRecorded"} <= kinds


class Unwell(RehearsalSandbox):
    """Everything crashes that runs in it."""

    def run(self, tasks: Sequence[Task], *, jobs: int, within: float | None = None) -> Iterator[Outcome]:
        for _ in tasks:
            yield Outcome(failure=Failure(kind=FailureKind.CRASHED, message="MemoryError"), seconds=0.1)


def before_the_last_submission(at: RehearsalPorts, *, time_left: float) -> None:
    """A run that is killed between its last choice and the submission, with so many seconds left."""

    def kill(state: RunState, recorded: Recorded) -> None:
        if isinstance(recorded.event, e.EnsembleBuilt):
            at.clock.advance(state.time_left - time_left)  # type: ignore[attr-defined]
        if isinstance(recorded.event, e.EnsembleKept | e.EnsembleDropped):
            raise Killed

    begin(at, prototypes=2, iterations=0, runner_up_iterations=0)
    with pytest.raises(Killed):
        run_to_end(RUN, at, kill)


def lose(root: Path, solution: str) -> None:
    for file in (root / RUN / "predictions" / solution).iterdir():
        file.unlink()


def test_lost_predictions_are_made_again_though_no_time_is_left(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT), script(better(0.02), seconds=20.0)])
    before_the_last_submission(at, time_left=0.0)
    lose(tmp_path, "s002")
    state = resume(RUN, at, {})
    assert (state.done, state.best) == (True, "s002")
    assert state.submission is not None
    assert {m.solution for m in state.submission.members} == {"s001", "s002"}


def test_what_can_not_be_made_again_is_left_out_and_not_condemned(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT), script(better(0.02))])
    before_the_last_submission(at, time_left=0.0)
    lose(tmp_path, "s002")
    at.sandbox = Unwell()
    state = resume(RUN, at, {})
    assert (state.done, state.best) == (True, "s002")
    assert state.submission is not None
    assert [m.solution for m in state.submission.members] == ["s001"]


def test_a_run_that_lost_everything_can_go_on_later(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT), script(better(0.02))])
    before_the_last_submission(at, time_left=0.0)
    well = at.sandbox
    for solution in ("s001", "s002"):
        lose(tmp_path, solution)
    at.sandbox = Unwell()
    with pytest.raises(HasteError, match="s002, s001 are lost"):
        resume(RUN, at, {})
    at.sandbox = well
    assert resume(RUN, at, {}).done


def test_a_finished_run_is_left_alone(tmp_path: Path) -> None:
    at = ports(tmp_path, folds=3, **SCRIPTS)  # type: ignore[arg-type]
    begin(at)
    run_to_end(RUN, at)
    before = at.log.read(RUN)
    assert resume(RUN, at, {}).done
    assert at.log.read(RUN) == before


def test_the_state_is_a_fold_of_the_log_alone(tmp_path: Path) -> None:
    at = ports(tmp_path, folds=3, **SCRIPTS)  # type: ignore[arg-type]
    begin(at)
    state = run_to_end(RUN, at)
    assert rebuild(at.log.read(RUN)) == state
