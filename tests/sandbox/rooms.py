"""A place with views, answers and work folders, and tasks in it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from haste.core.competition import Fold
from haste.core.evaluation import Outcome, Task, View
from haste.core.solution import Limits
from haste.ports import Sandbox

QUIET_START = 0.05


class Room:
    """Two views, answers beside them, and a fresh work folder for each task."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers = root / "private" / "answers.csv"
        self.answers.parent.mkdir(parents=True)
        self.answers.write_text("id,y\n3,0.25\n")
        for name in ("a", "b"):
            view = root / "views" / name
            view.mkdir(parents=True)
            (view / "train.csv").write_text(f"id,y\n1,{name}\n")
        self._tasks = 0

    def view(self, name: str = "a") -> View:
        return View(fold=Fold(), folder=self.root / "views" / name)

    def task(self, code: str, *, view: str = "a", imports: tuple[str, ...] = (), **limits: float) -> Task:
        self._tasks += 1
        allowed = Limits(**{"seconds": 60.0, "memory_bytes": 2**30, "threads": 1, **limits})
        work = self.root / "work" / f"t{self._tasks}"
        return Task(code=code, view=self.view(view), work=work, limits=allowed, imports=imports)


def one(sandbox: Sandbox, task: Task) -> Outcome:
    """The outcome of a single task."""
    (result,) = sandbox.run([task], jobs=1)
    return result


def written(task: Task, name: str = "submission.csv") -> str:
    """What a script wrote."""
    return (task.work / name).read_text()


def named(comm: str) -> list[int]:
    """The processes of this machine that call themselves by this name; one may end while it is looked at."""
    processes = [path for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [int(path.name) for path in processes if _reads(path / "comm") == comm]


def _reads(path: Path) -> str:
    try:
        if "\nState:\tZ" in (path.parent / "status").read_text():
            return ""
        return path.read_text().strip()
    except OSError:
        return ""


def gone(comm: str, *, within: float = 10.0) -> bool:
    """Whether no process has this name, or soon none will have it: a killed one may take a moment to die."""
    deadline = time.monotonic() + within
    while named(comm):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def slack(seconds: float) -> float:
    """What a bound may be exceeded by: these seconds on a quiet machine, more by how slow this one is right now.

    How slow is asked of the machine itself, by starting a process that does nothing, which a quiet one has done in
    a twentieth of a second.
    """
    began = time.monotonic()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
    return seconds * max(1.0, (time.monotonic() - began) / QUIET_START)


def threads_named(prefix: str) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(prefix)]


def call_me(name: str) -> str:
    """Code that gives a script's process a name, which its forks inherit."""
    return f"import ctypes; ctypes.CDLL(None).prctl(15, {name.encode()!r}, 0, 0, 0)\n"


def names(prefix: str) -> Iterator[str]:
    """Process names that no other test uses."""
    number = 0
    while True:
        number += 1
        yield f"{prefix}{os.getpid() % 10000}x{number}"[:15]
