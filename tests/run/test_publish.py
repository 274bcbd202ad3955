"""What a run's streams become in git: one commit, one merge, however often it is tried."""

from collections.abc import Sequence

import pytest

from haste.adapters.fake_repository import MemoryRepository
from haste.adapters.fakes import MemoryLog
from haste.core.events import StageFinished
from haste.orchestration.publish import publish_streams
from haste.ports import Side

STREAM = "titanic/one"
PATH = f"events/{STREAM}.jsonl"


def told() -> MemoryLog:
    log = MemoryLog()
    log.append(STREAM, StageFinished(stage="profile", reason="told"), expected=0)
    return log


def test_what_is_committed_already_is_left_alone() -> None:
    log, repository = told(), MemoryRepository({"README.md": b"hello\n"})
    first = publish_streams(log, repository, [STREAM], subject="run(titanic): one")
    assert first is not None
    assert first.merged == repository.head()
    assert publish_streams(log, repository, [STREAM], subject="run(titanic): one") is None


def test_a_merge_that_waited_needs_no_second_commit() -> None:
    log, repository = told(), MemoryRepository({"README.md": b"hello\n"})
    repository.dirty.add(PATH)
    waiting = publish_streams(log, repository, [STREAM], subject="run(titanic): one")
    assert waiting is not None
    assert waiting.merged is None
    commit = repository.tip(waiting.branch)
    repository.dirty.clear()
    merged = publish_streams(log, repository, [STREAM], subject="run(titanic): one")
    assert merged is not None
    assert repository.history(repository.head(), limit=1)[0].parents[1] == commit
    assert repository.tip(waiting.branch) is None


@pytest.mark.parametrize("waited", [False, True])
def test_a_stream_that_went_on_is_committed_again(waited: bool) -> None:
    log, repository = told(), MemoryRepository({"README.md": b"hello\n"})
    if waited:
        repository.dirty.add(PATH)
    publish_streams(log, repository, [STREAM], subject="run(titanic): one")
    repository.dirty.clear()
    log.append(STREAM, StageFinished(stage="prototypes", reason="told"), expected=1)
    done = publish_streams(log, repository, [STREAM], subject="run(titanic): one")
    assert done is not None
    assert repository.read(repository.head(), PATH) == log.export(STREAM)[PATH]


class Shared(MemoryRepository):
    """Another process publishes on the same branch, just after this one's merge."""

    def __init__(self, other: str) -> None:
        super().__init__({"README.md": b"hello\n"})
        self.other = other

    def merge(
        self, what: str, message: str, *, only: Sequence[str] = (), keep: Side = "", seen: str | None = None
    ) -> str:
        merged = super().merge(what, message, only=only, keep=keep, seen=seen)
        if self.other == "adds to it":
            self.publish(what, {"events/_skills/other.jsonl": b"1\n"}, "more\n")
        else:
            del self.refs[what]
        return merged


@pytest.mark.parametrize(("other", "left"), [("adds to it", True), ("cleans up", False)])
def test_two_that_publish_at_once_both_succeed(other: str, left: bool) -> None:
    repository = Shared(other)
    done = publish_streams(told(), repository, [STREAM], subject="run(titanic): one")
    assert done is not None
    assert done.merged == repository.head()
    assert (repository.tip(done.branch) is not None) is left
