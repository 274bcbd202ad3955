"""Publishing: what streams hold is committed, on a branch of its own, and merged into the workspace's branch.

A live stream lies in the work tree ignored by git; the commit is made of its bytes, never of the work tree.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from haste.core.commits import Trailer, compose_message
from haste.core.evolve import rebuild
from haste.core.run import RunState
from haste.errors import BranchMoved, GitError
from haste.ports import EventLog, Repository


@dataclass(frozen=True)
class Published:
    """Where streams were committed. `merged` is None where the merge has to wait, and `note` says why."""

    branch: str
    merged: str | None
    note: str = ""


def publish_streams(
    log: EventLog, repository: Repository, streams: Sequence[str], *, subject: str, body: str = ""
) -> Published | None:
    """Commit what is new in these streams and merge it; None where everything is committed already."""
    head = repository.head()
    files: dict[str, bytes | None] = {}
    for stream in streams:
        for path, data in log.export(stream).items():
            if repository.read(head, path) != data:
                files[path] = data
    if not files:
        return None
    branch = f"haste/log/{streams[0].lstrip('_')}"
    tip = repository.tip(branch)
    if tip and all(repository.read(tip, path) == data for path, data in files.items()):
        commit = tip  # committed before a crash, or while the merge had to wait
    else:
        message = compose_message(subject, body, {Trailer.RUN: streams[0]})
        commit = repository.publish(branch, files, message, base=head if tip is None else None)
    try:
        merged = repository.merge(branch, f"Merge {branch}")
    except GitError as error:
        return Published(branch, None, str(error))
    with suppress(BranchMoved):  # another process publishes the same streams, and cleans up after itself
        repository.delete_branch(branch, expected=commit)
    return Published(branch, merged)


def subject_of(state: RunState) -> str:
    """The subject of the commit that publishes a run: what it reached."""
    assert state.competition is not None
    built = state.ensemble
    score, _ = state.reported
    if built is None or score is None:
        return f"run({state.competition.id}): {state.failed or 'unfinished'}"[:120]
    return f"run({state.competition.id}): {state.competition.metric_name} {score:.5g} on {built.rows}"


def publish_run(
    log: EventLog, repository: Repository, run: str, *, with_streams: Sequence[str] = ()
) -> Published | None:
    """Publish a run's stream, and those that grew out of it."""
    return publish_streams(log, repository, [run, *with_streams], subject=subject_of(rebuild(log.read(run))))
