"""A stream that grows, read bit by bit, whoever writes it."""

from collections.abc import Iterator
from pathlib import Path

from haste.core.events import Recorded
from haste.core.stream import GENESIS, check_stream, decode


class EventTail:
    """Remembers how far a stream was read."""

    def __init__(self, folder: Path, stream: str) -> None:
        """`folder` is the workspace's `events/`."""
        self.stream = check_stream(stream)
        self._path = folder / f"{stream}.jsonl"
        self._offset = 0
        self._number = 0
        self._prev = GENESIS

    def new(self) -> Iterator[Recorded]:
        """The events since the last call; a line that is still being written waits for the next."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                recorded = decode(self.stream, line[:-1], self._number + 1, self._prev)
                self._offset += len(line)
                self._number += 1
                self._prev = recorded.envelope.hash
                yield recorded
