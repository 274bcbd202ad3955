"""Grading a run: its submission against the answers, once it is finished, with the grade in its log."""

import hashlib
from pathlib import Path

from haste.bootstrap import Workspace
from haste.cli.workspace import find_run, find_workspace
from haste.core.competition import Competition
from haste.core.events import EvaluationStarted, SubmissionGraded
from haste.core.evolve import rebuild
from haste.core.run import RunState
from haste.errors import UsageError
from haste.orchestration.publish import publish_streams


def grade_run(name: str, submission: Path | None) -> tuple[Competition, float]:
    """The competition of a run and the score of its submission, or of another one."""
    workspace = Workspace(find_workspace())
    run = find_run(workspace, name)
    state = rebuild(workspace.log.iterate(run))
    if state.competition is None or not state.done:
        raise _unfinished(run, state)
    path = submission or _own(workspace, run, state)
    score = workspace.files.grade(state.competition, path)
    if submission is None and state.graded is None:
        graded = SubmissionGraded(
            score=score, medal=state.competition.medal(score), reachable=_sandbox(workspace, run)
        )
        workspace.log.append(run, graded, expected=state.position)
        name = state.competition.metric_name
        subject = f"run({state.competition.id}): graded, {name} {score:.5g}"
        publish_streams(workspace.log, workspace.repository, [run], subject=subject)
    return state.competition, score


def _unfinished(run: str, state: RunState) -> UsageError:
    if state.failed is None:
        return UsageError(
            f"run {run} is not finished", hint=f"the answers stay shut until then: haste-run resume {run}"
        )
    written = state.submission.path if state.submission else "FILE"
    return UsageError(
        f"run {run} failed: {state.failed}",
        hint=f"grade a file by itself: haste-run competition grade FOLDER {written}",
    )


def _own(workspace: Workspace, run: str, state: RunState) -> Path:
    written = state.submission
    if written is None:
        raise UsageError(f"run {run} wrote no submission")
    path = workspace.root / written.path
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != written.sha256:
        raise UsageError(
            f"{path} is gone, or is not what run {run} wrote", hint="name the file to grade after the run's name"
        )
    return path


def _sandbox(workspace: Workspace, run: str) -> str:
    levels = {
        recorded.event.sandbox
        for recorded in workspace.log.iterate(run)
        if isinstance(recorded.event, EvaluationStarted)
    }
    return f"sandbox: {', '.join(sorted(levels)) or 'never used'}"
