"""The lock that a stream's writer holds: `flock` on its file, let go of at the process's end whatever ends it."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from haste.errors import LogConflict


def lock_stream(stream: str, descriptor: int) -> None:
    """Take the lock of an opened stream. Raises LogConflict, with the holder, where another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = lock_holder(os.fstat(descriptor))
        raise LogConflict(
            f"stream {stream} is being written by another process{f' ({holder})' if holder else ''}",
            hint="wait for it to end, or follow it: haste-run watch",
        ) from None


def lock_holder(file: os.stat_result) -> int | None:
    """The process that holds a file's lock, where there is one and the system tells. Touches no lock."""
    with suppress(OSError):
        for row in Path("/proc/locks").read_text().splitlines():
            fields = row.split()
            if "FLOCK" in fields and "->" not in fields and any(f.endswith(f":{file.st_ino}") for f in fields):
                return max(0, int(fields[4])) or None
    return None
