"""The end of what a script prints, however much that is."""

import os
from collections import deque

KEEP_BYTES = 16 * 1024
CHUNK_BYTES = 2**20


class Tail:
    """Drains a pipe and keeps its end, so that a script neither blocks nor fills anything by talking."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.seen = 0
        self._chunks: deque[bytes] = deque()
        self._kept = 0
        os.set_blocking(descriptor, False)

    def read(self) -> bool:
        """Take what is there now; False when every writer has closed the pipe."""
        try:
            chunk = os.read(self.descriptor, CHUNK_BYTES)
        except BlockingIOError:
            return True
        self.seen += len(chunk)
        self._chunks.append(chunk[-KEEP_BYTES:])
        self._kept += len(self._chunks[-1])
        while self._kept - len(self._chunks[0]) >= KEEP_BYTES:
            self._kept -= len(self._chunks.popleft())
        return bool(chunk)

    def drain(self) -> None:
        """Take what is left in the pipe once no one writes any more."""
        before = -1
        while self.seen != before:
            before = self.seen
            self.read()

    def text(self) -> str:
        """The end of the output as text."""
        return b"".join(self._chunks)[-KEEP_BYTES:].decode(errors="replace")

    @property
    def cut(self) -> int:
        """How many bytes were dropped at the beginning."""
        return max(0, self.seen - KEEP_BYTES)
