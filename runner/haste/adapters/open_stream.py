"""A stream's file while this process writes it: a line is added whole or not at all, and only by one writer."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from haste.errors import LogConflict


@dataclass
class OpenStream:
    """An open file, and what its next line follows. The descriptor holds the lock."""

    stream: str
    path: Path
    descriptor: int
    sync: Callable[[int], object]
    position: int
    """Of the next event."""
    head: str
    """The hash of the last line, or `GENESIS`."""
    size: int
    """Bytes as this process knows the file."""

    def add(self, line: bytes) -> None:
        """Write a line and sync it, or leave the file as it was.

        Raises LogConflict where another writer ignored the lock, and OSError where the disk is full.
        """
        if os.fstat(self.descriptor).st_size != self.size:
            raise LogConflict(f"stream {self.stream} was changed by somebody else while this process held its lock")
        try:
            written = os.write(self.descriptor, line)
            if written != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            self.sync(self.descriptor)
        except OSError as error:
            os.ftruncate(self.descriptor, self.size)
            error.filename = error.filename or str(self.path)
            raise
        self.size += len(line)

    def is_at(self, path: Path) -> bool:
        """Whether the file that stands there now is the open one: a checkout puts another in its place."""
        try:
            there = path.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(self.descriptor), there)


def read_all(descriptor: int) -> bytes:
    """Every byte of an open file; the descriptor stays open, and its lock held."""
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read()
