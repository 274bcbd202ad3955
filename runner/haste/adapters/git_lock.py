"""Git's own lock files: taking the index's, also from a process of ours that was killed, and telling of others.

A lock that HASTE makes says so in its first bytes and is held by `flock` too, which no killed process does: such
a lock that nobody holds is a leftover of ours. Of a lock that git made there is no telling; a person decides.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from haste.adapters.clock import SystemClock
from haste.errors import GitError

_LOCK_TRIES = 200
_PAUSE = 0.05
_MARK = b"haste "
OLD_LOCK_MINUTES = 5
"""No step of git takes longer here: an older lock is a leftover."""


@contextmanager
def index_locked(index: Path) -> Iterator[Path]:
    """Git's lock on an index, held until the end of the block; gives the path for a copy to work on.

    Raises GitError where another process keeps it.
    """
    lock = index.with_name(index.name + ".lock")
    descriptor = _taken(lock)
    copy = _copy_of(index, os.getpid())
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def held(lock: Path) -> GitError:
    """What to say about a lock that stays."""
    minutes = minutes_of(lock)
    told = f"{lock} is held by another git process" + (f", for {minutes} min" if minutes else "")
    return GitError(told, hint=f"nothing is lost; if no git is running: rm {lock}, then do it again")


def minutes_of(lock: Path) -> int:
    """For how many minutes a lock has been there; 0 for one that is gone."""
    with suppress(OSError):
        return int((SystemClock().now().timestamp() - lock.stat().st_mtime) // 60)
    return 0


def _taken(lock: Path) -> int:
    """A descriptor that holds the lock."""
    for _ in range(_LOCK_TRIES):
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            if not _remove_leftover(lock):
                time.sleep(_PAUSE)
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, b"%s%d\n" % (_MARK, os.getpid()))
        return descriptor
    raise held(lock)


def _remove_leftover(lock: Path) -> bool:
    """Remove a lock that a killed process of ours left behind, and its copy of the index."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        said = os.read(descriptor, 40)
        if not said.startswith(_MARK) or not os.path.samestat(os.fstat(descriptor), lock.stat()):
            return False
        lock.unlink()
    except OSError:  # somebody holds it, or was quicker
        return False
    finally:
        os.close(descriptor)
    if (pid := said.removeprefix(_MARK).strip()).isdigit():
        _copy_of(lock.with_suffix(""), int(pid)).unlink(missing_ok=True)
    return True


def _copy_of(index: Path, pid: int) -> Path:
    return index.with_name(f"{index.name}.haste-{pid}")
