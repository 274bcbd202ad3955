"""Memory and processes of a whole tree, held by the kernel: a cgroup (version 2), where one can be written.

The watch inside a sandbox counts several times a second and stays on beside it: a cgroup holds what is faster.
"""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from haste.adapters.sandbox.inside.watch import THREADS_PER_PROCESS

WANTED = frozenset(("memory", "pids"))
GONE_SECONDS = 1.0
WAITS = "import sys; sys.stdin.read()"


@dataclass(frozen=True)
class Cgroups:
    """Where cgroups can be made; `trouble` says why there is no such place."""

    parent: Path | None
    trouble: str = ""

    def hold(self, pid: int) -> "Cgroup | None":
        """A cgroup of its own for a process that has started nothing yet; None where that can't be had."""
        if self.parent is None:
            return None
        folder = self.parent / f"haste-{os.getpid()}-{pid}"
        try:
            folder.mkdir()
            (folder / "cgroup.procs").write_text(str(pid))
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            return None
        return Cgroup(folder)


@dataclass(frozen=True)
class Cgroup:
    """A warm process and everything it starts."""

    folder: Path

    def allow(self, memory_bytes: int, processes: int) -> None:
        """What the next script may hold, beyond what the warm process holds now."""
        with contextlib.suppress(OSError, ValueError):
            (self.folder / "pids.max").write_text(str((processes + 1) * THREADS_PER_PROCESS))
            (self.folder / "memory.max").write_text("max")
            held = int((self.folder / "memory.current").read_text())
            (self.folder / "memory.max").write_text(str(held + memory_bytes))
            (self.folder / "memory.swap.max").write_text("0")

    def close(self) -> None:
        """Kill what is left in it, and remove it."""
        deadline = time.monotonic() + GONE_SECONDS
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        while time.monotonic() < deadline:
            try:
                self.folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.005)


def find_cgroups(
    mounts: Path = Path("/proc/self/mountinfo"), own: Path = Path("/proc/self/cgroup"), *, tried: bool = True
) -> Cgroups:
    """The nearest place where cgroups with both limits can be made; `tried` moves a process there to be sure."""
    try:
        root = _mounted(mounts.read_text())
        lines = own.read_text().splitlines()
    except OSError:
        root, lines = None, []
    if root is None:
        return Cgroups(None, "cgroups of version 2 are not mounted")
    path = next((line[3:].lstrip("/") for line in lines if line.startswith("0::")), "")
    trouble = "no cgroup here passes memory and pids on to others"
    for folder in (root / path, *(root / path).parents):
        if not folder.is_relative_to(root):
            break
        if _passed_on(folder) >= WANTED:
            found = Cgroups(folder)
            if os.access(folder, os.W_OK) and (not tried or _works(found)):
                return found
            trouble = f"{folder} can't be written"
    return Cgroups(None, trouble)


def _mounted(text: str) -> Path | None:
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 "):
            return Path(before.split()[4])
    return None


def _passed_on(folder: Path) -> frozenset[str]:
    try:
        return frozenset((folder / "cgroup.subtree_control").read_text().split())
    except OSError:
        return frozenset()


def _works(cgroups: Cgroups) -> bool:
    command = [sys.executable, "-I", "-S", "-c", WAITS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as idle:
        held = cgroups.hold(idle.pid)
        with contextlib.suppress(OSError):
            if held is not None:
                (held.folder / "memory.max").write_text("max")
                (held.folder / "pids.max").write_text("max")
                moved = str(idle.pid) in (held.folder / "cgroup.procs").read_text().split()
                idle.kill()
                idle.wait()
                held.close()
                return moved and not held.folder.exists()
        idle.kill()
        if held is not None:
            held.close()
    return False
