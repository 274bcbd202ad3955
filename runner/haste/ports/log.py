"""What happened, and when: the clock and the streams of events."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from haste.core.events import Event, Recorded
from haste.core.skill import Evidence, Skill
from haste.core.solution import FileRef
from haste.core.stream import Problem


class Clock(Protocol):
    """Time, and nothing else that changes by itself."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...


class EventLog(Protocol):
    """Append-only streams of events, each with files beside it. A stream's name is `<folder>/<id>`."""

    def read(self, stream: str) -> list[Recorded]:
        """Every event of a stream, in order; `[]` for one that doesn't exist. Raises LogError for a broken one."""
        ...

    def iterate(self, stream: str) -> Iterator[Recorded]:
        """What `read` gives, one at a time."""
        ...

    def append(self, stream: str, event: Event, *, expected: int) -> Recorded:
        """Add an event at position `expected` and sync it to disk. Raises LogConflict if that is taken."""
        ...

    def mend(self, stream: str) -> None:
        """Bring in order what a crash left of a last line: restored from what was published, or cut off."""
        ...

    def put(self, stream: str, name: str, data: bytes) -> FileRef:
        """Write a file beside the stream and sync it; the same bytes under the same name are written once."""
        ...

    def get(self, stream: str, ref: FileRef) -> bytes:
        """A file beside the stream; raises LogError where it is missing or its bytes are not those of `ref`."""
        ...

    def streams(self) -> list[str]:
        """The names of all streams, sorted."""
        ...

    def export(self, stream: str) -> dict[str, bytes]:
        """A stream's lines and every file it names, by their paths in the repository; `{}` for no stream."""
        ...

    def verify(self, stream: str) -> list[Problem]:
        """Everything wrong with a stream and the files that it names; `[]` for a sound one."""
        ...

    def close(self, stream: str | None = None) -> None:
        """Let go of one stream's lock, or of all, so that another process may write. Safe to call twice."""
        ...


class History(Protocol):
    """What earlier runs recorded, for evidence and reports."""

    def runs(self) -> Iterable[tuple[str, Sequence[Recorded]]]:
        """Every run stream there is, with its events; broken ones are left out."""
        ...

    def evidence(self, skills: Iterable[Skill]) -> dict[str, Evidence]:
        """Evidence by `name@version`."""
        ...
