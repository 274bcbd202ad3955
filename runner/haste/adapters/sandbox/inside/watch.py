"""The watch over everything a script started: how many processes, how much memory, how much on disk.

Process limits of the kernel hold for one process each, so a tree is counted here, several times a second.
"""

import contextlib
import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
BLOCK = 512
MOST_ENTRIES = 100_000
THREADS_PER_PROCESS = 32


@dataclass(frozen=True)
class Usage:
    """What a tree of processes holds at one moment."""

    processes: int = 0
    threads: int = 0
    at_least: int = 0
    """Bytes of their own: what each has grown by since it was first seen, which no fork shares with another."""
    at_most: int = 0
    """Bytes of their own, with pages that forks share counted in each of them."""
    shared: int = 0


class TooManyEntriesError(Exception):
    """A work folder holds more than anyone should look through, or folders that nobody can look into."""


def tree(root: int) -> list[int]:
    """Every living descendant of a process, and its zombies, without the process itself."""
    found: list[int] = []
    waiting = [root]
    while waiting:
        for child in _children(waiting.pop()):
            found.append(child)
            waiting.append(child)
    return found


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                yield from map(int, (task / "children").read_text().split())


def namespace() -> list[int]:
    """Every process of this process's own namespace but the first, which is the caller."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and path.name != "1"]


class Tree:
    """The processes of one script, and how each of them grew."""

    def __init__(self, *, whole_namespace: bool) -> None:
        self._whole_namespace = whole_namespace
        self._smallest: dict[int, int] = {}

    def pids(self) -> list[int]:
        """Every process there is now, zombies among them."""
        return namespace() if self._whole_namespace else tree(os.getpid())

    def usage(self, pids: Iterable[int]) -> Usage:
        """What these processes hold; those that are gone count nothing."""
        processes = threads = grown = private = shared = 0
        for pid in pids:
            facts = _status(pid)
            if facts is None or facts.get("State", "Z")[0] in "ZX":
                self._smallest.pop(pid, None)
                continue
            own = _own_bytes(facts)
            smallest = self._smallest[pid] = min(own, self._smallest.get(pid, own))
            processes += 1
            threads += int(facts.get("Threads", "1"))
            grown += own - smallest
            private += own
            shared += _kib(facts, "RssShmem") * KIB
        return Usage(processes, threads, grown, private, shared)


def proportional(pids: Iterable[int], *, within: float) -> int:
    """Memory of these processes' own, with pages that several share counted once.

    Exact, and slow: each look waits for the process if it is just forking. Of what is not seen `within`
    these seconds nothing is counted.
    """
    total = 0
    deadline = time.monotonic() + within
    for pid in pids:
        if time.monotonic() > deadline:
            return total
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            total += _own_bytes(_status(pid) or {})
            continue
        facts = dict(line.split(":", 1) for line in lines[1:])
        name = "Pss_Anon" if "Pss_Anon" in facts else "Pss"
        total += (_kib(facts, name) + _kib(facts, "SwapPss")) * KIB
    return total


def _own_bytes(facts: dict[str, str]) -> int:
    return (_kib(facts, "RssAnon") + _kib(facts, "VmSwap")) * KIB


def _status(pid: int) -> dict[str, str] | None:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def _kib(facts: dict[str, str], name: str) -> int:
    return int(facts.get(name, "0").split()[0])


def unlinked_bytes(pids: Iterable[int]) -> int:
    """Bytes of files that these processes hold open and that have no name any more."""
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    facts = descriptor.stat()
                    if facts.st_nlink == 0 and stat.S_ISREG(facts.st_mode):
                        found[facts.st_dev, facts.st_ino] = facts.st_blocks * BLOCK
    return sum(found.values())


def held_in_memory(folders: Iterable[str]) -> int:
    """Bytes that files in these in-memory folders take."""
    total = 0
    for folder in folders:
        facts = os.statvfs(folder)
        total += (facts.f_blocks - facts.f_bfree) * facts.f_frsize
    return total


def folder_bytes(folder: str) -> int:
    """Bytes on disk under a folder, following nothing. Raises TooManyEntriesError for one without end or view."""
    total = entries = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    entries += 1
                    if entries > MOST_ENTRIES:
                        raise TooManyEntriesError(f"more than {MOST_ENTRIES:,} files")
                    facts = entry.stat(follow_symlinks=False)
                    total += facts.st_blocks * BLOCK
                    if stat.S_ISDIR(facts.st_mode):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue
        except PermissionError:  # a folder may be written to and filled though nobody may list it
            raise TooManyEntriesError("a folder that can't be looked into") from None
        except OSError as error:
            if error.filename and len(os.fsencode(error.filename)) > 4000:
                raise TooManyEntriesError("folders nested too deeply") from None
    return total


def sweep_tree(root: int, *, within: float) -> bool:
    """Kill every descendant of a process, again and again until none is left; says whether that worked."""
    deadline = time.monotonic() + within
    while living := [pid for pid in tree(root) if not _dead(pid)]:
        for pid in living:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def _dead(pid: int) -> bool:
    facts = _status(pid)
    return facts is None or facts.get("State", "Z")[0] in "ZX"
