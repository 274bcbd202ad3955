"""The end of stages and of the run: submissions, budgets, the score that is reported."""

from collections.abc import Iterator

from haste.core import actions as a
from haste.core.events import (
    BudgetExhausted,
    Event,
    RunFailed,
    RunFinished,
    StageFinished,
    SubmissionWritten,
)
from haste.core.run import RunState
from haste.ports import Ports
from haste.stages.ensemble import submission_folds
from haste.stages.restore import nothing_left, restore


def submit(action: a.Submit, state: RunState, ports: Ports) -> Iterator[Event]:
    """Average the members' test predictions, decode them for the metric, and write a valid submission."""
    assert state.competition is not None and state.profile is not None
    members = state.final_members
    folds = {m.solution: submission_folds(m.solution, state) for m in members}
    there = yield from restore(folds, state, ports)
    if members and not any(there.values()):
        raise nothing_left(list(there))
    members = tuple(m for m in members if there[m.solution])
    folds = {m.solution: there[m.solution] for m in members}
    path, digest, rows = ports.files.submit(state.run, state.competition, state.profile, members, folds)
    yield SubmissionWritten(path=path, sha256=digest, rows=rows, members=members, final=action.final)


def finish_stage(action: a.FinishStage, _: RunState, __: Ports) -> Iterator[Event]:
    """Close a stage, or one track of the refinement."""
    yield StageFinished(stage=action.stage, track=action.track, reason=action.reason)


def stop(action: a.Stop, _: RunState, __: Ports) -> Iterator[Event]:
    """Say that a budget is spent."""
    yield BudgetExhausted(budget=action.budget, detail=action.detail)


def finish(_: a.Finish, state: RunState, ports: Ports) -> Iterator[Event]:
    """Close the run with the score it reports: the one that the last choice was made by."""
    score, error = state.reported
    ports.files.release(state.run)
    yield RunFinished(score=score, error=error, best=state.best)


def fail(action: a.Fail, state: RunState, ports: Ports) -> Iterator[Event]:
    """Close a run that can't go on."""
    ports.files.release(state.run)
    yield RunFailed(reason=action.reason, hint=action.hint)
