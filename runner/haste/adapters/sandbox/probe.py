"""What the sandbox here really holds: a script that nobody should trust is run in it, and tells what it got.

Nothing outside this machine is touched: network isolation is tried on a listener of our own on 127.0.0.1.
"""

import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from haste.adapters.sandbox.cgroups import find_cgroups
from haste.adapters.sandbox.choose import best_level, how_to_mend, level_of
from haste.adapters.sandbox.inside import landlock
from haste.adapters.sandbox.levels import bubblewrap_trouble, bwrap_options, bwrap_version, landlock_trouble
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.adapters.sandbox.results import open_result
from haste.core.competition import Fold
from haste.core.evaluation import Task, View
from haste.core.model import Frozen
from haste.core.solution import Failure, Limits

ATTEMPTS = {
    "network": (
        "socket.create_connection(('127.0.0.1', PORT), 2)",
        "a script can send what it reads to other machines",
    ),
    "abstract sockets": (
        "socket.socket(socket.AF_UNIX).connect(chr(0) + ABSTRACT)",
        "a script can talk to the desktop's and the system's programs",
    ),
    "files": ("open(SECRET).read()", "a script can read answers, other views and whatever you can read"),
    "writing": ("open(OUTSIDE, 'w')", "a script can change whatever you can change"),
    "environment": (
        "open(f'/proc/{RUNNER}/environ', 'rb').read()",
        "a script can read API keys from the runner's environment",
    ),
    "processes": ("os.kill(RUNNER, 0)", "a script can end any of your processes"),
}
"""What is tried, and what it costs where it works."""


class Finding(Frozen):
    """One thing that was tried or looked up."""

    name: str
    held: bool
    found: str
    costs: str = ""
    mend: str = ""


class SandboxReport(Frozen):
    """What holds scripts here, and what it doesn't hold."""

    level: str
    bubblewrap: str
    """Its version, or why it can't be used."""
    landlock: str
    """The version that the kernel speaks, or why it can't be used."""
    cgroups: str
    """Where a tree's memory and processes are held by the kernel, or why they are watched alone."""
    findings: tuple[Finding, ...]

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """What was not held."""
        return tuple(finding for finding in self.findings if not finding.held)


def probe(*, unsafe_exec: bool = False, level: str | None = None) -> SandboxReport:
    """Try the sandbox that `open_sandbox` would give. Raises SandboxError where there is none."""
    name = best_level(unsafe_exec=unsafe_exec, level=level)
    with closing(ProcessSandbox(level_of(name), imports=())) as sandbox:
        tried = tuple(_attempts(sandbox))
    cgroups = find_cgroups()
    return SandboxReport(
        level=name,
        bubblewrap=bubblewrap_trouble() or bwrap_version(),
        landlock=landlock_trouble() or f"version {landlock.abi()}",
        cgroups=f"in {cgroups.parent}" if cgroups.parent else f"none, trees are watched: {cgroups.trouble}",
        findings=(*tried, *_known_gaps(name)),
    )


def _attempts(sandbox: ProcessSandbox) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="haste-probe-") as folder, _targets(Path(folder)) as targets:
        root = Path(folder)
        limits = Limits(seconds=30, threads=1)
        task = Task(code=_script(targets), view=_view(root), work=root / "work", limits=limits)
        (outcome,) = sandbox.run([task], jobs=1)
        said = open_result(task.work, "found.json", 2**16) if outcome.failure is None else outcome.failure
    if isinstance(said, Failure):
        costs = "no solution can be run"
        yield Finding(name="start", held=False, found=said.message, costs=costs, mend=how_to_mend())
        return
    for name, answer in json.loads(said).items():
        held = answer != "open"
        costs, mend = ("", "") if held else (ATTEMPTS[name][1], how_to_mend())
        yield Finding(name=name, held=held, found=str(answer)[:200], costs=costs, mend=mend)


@contextmanager
def _targets(root: Path) -> Iterator[dict[str, Any]]:
    """Things a script must not reach: two listeners, a file, a place to write, and this process."""
    secret = root / "secret"
    secret.write_text("a secret")
    abstract = f"haste-probe-{secrets.token_hex(8)}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(f"\0{abstract}")
        local.listen()
        yield {
            "PORT": server.getsockname()[1],
            "ABSTRACT": abstract,
            "SECRET": str(secret),
            "OUTSIDE": str(root / "planted"),
            "RUNNER": os.getpid(),
        }


def _script(targets: dict[str, Any]) -> str:
    lines = ["import json, os, socket", *(f"{name} = {value!r}" for name, value in targets.items()), "found = {}"]
    for name, (expression, _) in ATTEMPTS.items():
        lines += ["try:", f"    {expression}", f"    found[{name!r}] = 'open'"]
        lines += ["except OSError as error:", f"    found[{name!r}] = error.strerror or str(error)"]
    return "\n".join([*lines, "json.dump(found, open('found.json', 'w'))"])


def _view(root: Path) -> View:
    folder = root / "views" / "probe"
    folder.mkdir(parents=True)
    return View(fold=Fold(), folder=folder)


def _known_gaps(level: str) -> Iterator[Finding]:
    """What needs no trying: it is so at this level, or with this version."""
    if level == "none":
        costs = "a script can do whatever you can do"
        yield Finding(name="sandbox", held=False, found="none", costs=costs, mend=how_to_mend())
    elif level == "landlock":
        costs = "scripts can't start worker processes (multiprocessing, DataLoader workers): joblib uses one"
        yield Finding(name="workers", held=False, found="no private /dev/shm", costs=costs, mend=how_to_mend())
        costs = "a script that knows a path can learn that it exists, though not what is in it"
        yield Finding(name="names of files", held=False, found="visible", costs=costs, mend=how_to_mend())
    elif "--size" not in bwrap_options():
        costs = "a script can fill memory faster than it is noticed by writing to /tmp"
        mend = "update bubblewrap to 0.8 or newer"
        yield Finding(name="size of /tmp", held=False, found="unlimited", costs=costs, mend=mend)
