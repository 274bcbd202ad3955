"""The port `EventLog` over files: `events/<folder>/<id>.jsonl`, with `events/<folder>/<id>/` beside it."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from haste.adapters.clock import SystemClock
from haste.adapters.durable import sync_folder, write_synced
from haste.adapters.open_stream import OpenStream, read_all
from haste.adapters.redact import Redactor
from haste.adapters.stream_lock import lock_holder, lock_stream
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
    missing_end,
    payload_of,
    problems_in,
    stamp,
    torn_bytes,
)
from haste.errors import LogConflict, LogError
from haste.ports import Clock

_log = logging.getLogger(__name__)
Note = Callable[[str], None]
"""Told, in one line, what a person should know: that a torn line was restored or cut off."""
Published = Callable[[str], bytes]
"""The bytes of a stream as they were committed; empty for one that wasn't."""
_END = b"\n"
_RESTORED = "it was restored from what was published"


class EventFiles:
    """Append-only streams in files. The first append to a stream locks it until `close` or the process's end."""

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        *,
        redactor: Redactor | None = None,
        note: Note = _log.warning,
        published: Published = lambda _: b"",
        sync: bool = True,
    ) -> None:
        """`folder` is the workspace's `events/`; `sync` off is for benchmarks alone."""
        self.folder = folder
        self._clock = clock or SystemClock()
        self._redactor = redactor or Redactor(os.environ)
        self._note = note
        self._published = published
        self._sync = getattr(os, "fdatasync", os.fsync) if sync else _leave
        self._writers: dict[str, OpenStream] = {}
        self._guard = threading.RLock()

    def read(self, stream: str) -> list[Recorded]:
        """Every event of a stream; a torn last line is not an event yet. Raises LogError for a broken one."""
        return list(self.iterate(stream))

    def iterate(self, stream: str) -> Iterator[Recorded]:
        """The same, one at a time, for streams that needn't be held whole."""
        prev = GENESIS
        try:
            file = self.path(stream).open("rb")
        except FileNotFoundError:
            return
        with file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                recorded = decode(stream, line[:-1], number, prev)
                prev = recorded.envelope.hash
                yield recorded

    def append(self, stream: str, event: Event, *, expected: int) -> Recorded:
        """Add an event and sync it to disk; what comes back is what reading gives. Raises LogConflict."""
        with self._guard:
            writer = self._writer(stream)
            if writer.position != expected:
                raise LogConflict(
                    f"stream {stream} has {writer.position} events where {expected} were expected",
                    hint="somebody else appended first: read it again",
                )
            line = self._line(stream, event, writer)
            recorded = decode(stream, line[:-1], expected + 1, writer.head)
            writer.add(line)
            writer.position, writer.head = expected + 1, recorded.envelope.hash
        return recorded

    def mend(self, stream: str) -> None:
        """Restore what was published of a stream's end, else cut off what a crash left of a last line.

        Raises LogConflict while another process writes.
        """
        with self._guard:
            if not self.path(stream).exists():
                return
            writer = self._writer(stream)
            if missing := missing_end(self.path(stream).read_bytes(), self._published(stream)):
                os.write(writer.descriptor, missing)
                self._sync(writer.descriptor)
                lines = missing.count(_END)
                self._note(
                    f"stream {stream}: {lines} lines gone from its end were restored from what was published"
                )
                self.close(stream)

    def _line(self, stream: str, event: Event, writer: OpenStream) -> bytes:
        at, kind, payload = stamp(self._clock.now()), type(event).__name__, payload_of(event)
        line = encode(stream, writer.position, at, writer.head, kind, payload)
        if self._redactor.suspects(line):
            line = encode(stream, writer.position, at, writer.head, kind, self._redactor.value(payload))
        return line

    def put(self, stream: str, name: str, data: bytes) -> FileRef:
        """Write a file beside the stream and sync it. One that an event names already is never changed."""
        data = self._redactor.data(data)
        ref = FileRef(name=check_file(name), sha256=sha256(data).hexdigest())
        path = self.folder / check_stream(stream) / name
        with suppress(FileNotFoundError):
            standing = sha256(path.read_bytes()).hexdigest()
            if standing == ref.sha256:
                return ref
            if any(
                f.sha256 == standing and f.name == name for r in self.iterate(stream) for f in files_named(r.event)
            ):
                raise LogError(f"stream {stream}: {name} stands in the log with other content")
        write_synced(path, data, self.folder.parent)
        return ref

    def get(self, stream: str, ref: FileRef) -> bytes:
        """A file beside the stream, checked against its digest."""
        wrong = self._wrong_file(stream, ref)
        if isinstance(wrong, bytes):
            return wrong
        raise LogError(f"stream {stream}: {wrong}", hint=f"haste-run events verify {stream}")

    def streams(self) -> list[str]:
        """The names of all streams, sorted."""
        found = [path for path in self.folder.glob("*/*.jsonl") if path.stat().st_size]
        return sorted(f"{path.parent.name}/{path.stem}" for path in found)

    def export(self, stream: str) -> dict[str, bytes]:
        """A stream's lines and every file it names, by their paths in the repository."""
        recorded = self.read(stream)
        if not recorded:
            return {}
        refs = {ref.name: ref for one in recorded for ref in files_named(one.event)}
        files = {f"events/{stream}/{name}": self.get(stream, ref) for name, ref in refs.items()}
        whole, newline, _ = self.path(stream).read_bytes().rpartition(b"\n")
        return {f"events/{stream}.jsonl": whole + newline, **files}

    def verify(self, stream: str) -> list[Problem]:
        """Everything wrong with a stream and the files that it names; `[]` for a sound one."""
        try:
            data = self.path(stream).read_bytes()
        except FileNotFoundError:
            return [Problem(stream=stream, what="there is no such stream")]
        torn = not data.endswith(b"\n")
        problems = list(problems_in(stream, data, self._published(stream) if torn else b""))
        with suppress(LogError):
            for recorded in self.iterate(stream):
                position = recorded.envelope.position
                for ref in files_named(recorded.event):
                    what = self._wrong_file(stream, ref)
                    if isinstance(what, str):
                        where = {"line": position + 1, "position": position, "file": ref.name}
                        problems.append(Problem(stream=stream, what=what, **where))
        return problems

    def path(self, stream: str) -> Path:
        """The file of a stream."""
        folder, _, name = check_stream(stream).partition("/")
        return self.folder / folder / f"{name}.jsonl"

    def writing_process(self, stream: str) -> int | None:
        """The process that writes a stream right now, where the system tells."""
        try:
            return lock_holder(self.path(stream).stat())
        except FileNotFoundError:
            return None

    def close(self, stream: str | None = None) -> None:
        """Let go of one stream, or of all, so that another process may write."""
        with self._guard:
            for name in [stream] if stream is not None else list(self._writers):
                writer = self._writers.pop(name, None)
                if writer is not None:
                    os.close(writer.descriptor)

    def _wrong_file(self, stream: str, ref: FileRef) -> bytes | str:
        """A file's bytes, or what is wrong with it."""
        try:
            data = (self.folder / check_stream(stream) / check_file(ref.name)).read_bytes()
        except OSError as error:
            return f"the file {ref.name} can't be read: {error.strerror}"
        if sha256(data).hexdigest() != ref.sha256:
            return f"the file {ref.name} was changed after it was written"
        return data

    def _writer(self, stream: str) -> OpenStream:
        """The open stream; opened anew when the file was replaced, as a checkout does."""
        writer = self._writers.get(stream)
        if writer is not None and not writer.is_at(self.path(stream)):
            self.close(stream)
            writer = None
        return writer or self._open(stream)

    def _open(self, stream: str) -> OpenStream:
        path = self.path(stream)
        new = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o644)
        try:
            lock_stream(stream, descriptor)
            if new:
                sync_folder(path.parent, self.folder.parent)
            writer = self._writers[stream] = self._tail(stream, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return writer

    def _tail(self, stream: str, descriptor: int) -> OpenStream:
        """Where an opened stream ends; what a crash left of a last line is restored or cut off, and told."""
        data = read_all(descriptor)
        if not data.endswith(b"\n") and data:
            data = self._whole(stream, descriptor, data)
        position, head = 0, GENESIS
        for recorded in self.iterate(stream):
            position, head = position + 1, recorded.envelope.hash
        return OpenStream(stream, self.path(stream), descriptor, self._sync, position, head, len(data))

    def _whole(self, stream: str, descriptor: int, data: bytes) -> bytes:
        """The stream with its torn last line restored from what was published, or without it."""
        torn, missing = torn_bytes(data), missing_end(data, self._published(stream))
        line = data.count(_END) + 1
        if missing:
            os.write(descriptor, missing)
            told = _RESTORED
        else:
            os.ftruncate(descriptor, len(data) - torn)
            told = f"its {torn} bytes were cut off"
        self._sync(descriptor)
        self._note(f"stream {stream}: line {line} was torn by a crash; {told}")
        return data + missing if missing else data[: len(data) - torn]


def _leave(_: int) -> None:
    """Sync nothing."""
