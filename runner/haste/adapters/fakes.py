"""Fakes that pass the same contract suites as the real adapters: an event log in memory, and clocks that obey."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from haste.adapters.redact import Redactor
from haste.core.events import Event, Recorded
from haste.core.solution import FileRef
from haste.core.stream import (
    GENESIS,
    Problem,
    check_file,
    check_stream,
    decode,
    encode,
    files_named,
    payload_of,
    problems_in,
    stamp,
)
from haste.errors import LogConflict, LogError
from haste.ports import Clock

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a fake clock begins."""


class FixedClock:
    """Stands still until it is told to go on."""

    def __init__(self, at: datetime = EPOCH) -> None:
        self._start = at
        self._passed = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._passed


class TickingClock(FixedClock):
    """Goes on by a step at every look, so that no two events have the same time."""

    def __init__(self, at: datetime = EPOCH, *, step: float = 1.0) -> None:
        super().__init__(at)
        self._step = step

    def now(self) -> datetime:
        """The time of day, in UTC, one step after the last look."""
        self.advance(self._step)
        return super().now()

    def monotonic(self) -> float:
        """Seconds since the clock was made, one step after the last look."""
        self.advance(self._step)
        return super().monotonic()


class MemoryLog:
    """The port `EventLog` in memory. It keeps lines, not objects, so that what is read went through the codec."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        redactor: Redactor | None = None,
        lines: Mapping[str, bytes] | None = None,
    ) -> None:
        """`lines` are streams to begin with, by name."""
        self._clock = clock or TickingClock()
        self._redactor = redactor or Redactor()
        self.lines: dict[str, list[bytes]] = {k: v.splitlines(keepends=True) for k, v in (lines or {}).items()}
        self.files: dict[tuple[str, str], bytes] = {}
        self._ends: dict[str, tuple[bytes, str, int]] = {}
        """The last line of each stream, its hash and how many there are: appending decodes nothing twice."""

    def read(self, stream: str) -> list[Recorded]:
        """Every event of a stream, in order. Raises LogError for a broken one."""
        return list(self.iterate(stream))

    def iterate(self, stream: str) -> Iterator[Recorded]:
        """The same, one at a time."""
        prev = GENESIS
        for number, line in enumerate(self.lines.get(check_stream(stream), ()), start=1):
            if not line.endswith(b"\n"):
                return
            recorded = decode(stream, line[:-1], number, prev)
            prev = recorded.envelope.hash
            yield recorded

    def append(self, stream: str, event: Event, *, expected: int) -> Recorded:
        """Add an event; what comes back is what reading gives. Raises LogConflict."""
        length, prev = self._end(stream)
        if length != expected:
            raise LogConflict(
                f"stream {stream} has {length} events where {expected} were expected",
                hint="somebody else appended first: read it again",
            )
        payload = self._redactor.value(payload_of(event))
        line = encode(stream, expected, stamp(self._clock.now()), prev, type(event).__name__, payload)
        recorded = decode(stream, line[:-1], expected + 1, prev)
        self.lines[stream] = [*self.lines.get(stream, [])[:expected], line]
        self._ends[stream] = (line, recorded.envelope.hash, expected + 1)
        return recorded

    def mend(self, stream: str) -> None:
        """Cut off a torn last line."""
        if lines := self.lines.get(check_stream(stream)):
            self.lines[stream] = [line for line in lines if line.endswith(b"\n")]

    def _end(self, stream: str) -> tuple[int, str]:
        """How many whole lines there are, and the hash of the last."""
        lines = self.lines.get(check_stream(stream), [])
        last, head, length = self._ends.get(stream, (b"", GENESIS, 0))
        if length == len(lines) and (not lines or lines[-1] is last):
            return length, head
        events = self.read(stream)
        return len(events), events[-1].envelope.hash if events else GENESIS

    def put(self, stream: str, name: str, data: bytes) -> FileRef:
        """Keep a file beside the stream. One that an event names already is never changed."""
        data = self._redactor.data(data)
        ref = FileRef(name=check_file(name), sha256=sha256(data).hexdigest())
        standing = self.files.get((check_stream(stream), name))
        if standing is not None and standing != data:
            old = FileRef(name=name, sha256=sha256(standing).hexdigest())
            if any(old in files_named(recorded.event) for recorded in self.read(stream)):
                raise LogError(f"stream {stream}: {name} stands in the log with other content")
        self.files[stream, name] = data
        return ref

    def get(self, stream: str, ref: FileRef) -> bytes:
        """A file beside the stream, checked against its digest."""
        data = self.files.get((check_stream(stream), check_file(ref.name)))
        if data is None:
            raise LogError(f"stream {stream}: the file {ref.name} can't be read: it isn't there")
        if sha256(data).hexdigest() != ref.sha256:
            raise LogError(f"stream {stream}: the file {ref.name} was changed after it was written")
        return data

    def streams(self) -> list[str]:
        """The names of all streams, sorted."""
        return sorted(self.lines)

    def export(self, stream: str) -> dict[str, bytes]:
        """A stream's lines and every file it names, by their paths in the repository."""
        recorded = self.read(stream)
        refs = {ref.name: ref for one in recorded for ref in files_named(one.event)}
        files = {f"events/{stream}/{name}": self.get(stream, ref) for name, ref in refs.items()}
        lines = b"".join(self.lines.get(stream, ())[: len(recorded)])
        return {f"events/{stream}.jsonl": lines, **files} if lines else {}

    def verify(self, stream: str) -> list[Problem]:
        """Everything wrong with a stream and the files that it names."""
        if stream not in self.lines:
            return [Problem(stream=stream, what="there is no such stream")]
        problems = list(problems_in(stream, b"".join(self.lines[stream])))
        if any(problem.line for problem in problems):
            return problems
        for recorded in self.read(stream):
            position = recorded.envelope.position
            for ref in files_named(recorded.event):
                try:
                    self.get(stream, ref)
                except LogError as error:
                    what = error.message.partition(": ")[2]
                    place = {"line": position + 1, "position": position, "file": ref.name}
                    problems.append(Problem(stream=stream, what=what, **place))
        return problems

    def close(self, stream: str | None = None) -> None:
        """Nothing is held, so nothing is let go."""
