"""The warm process: imports the heavy libraries once, then forks for each script and watches what it does.

It imports and never computes: a thread pool that was started here would be dead in every fork.
"""

import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path
from types import FrameType

from . import kernel, landlock, script, watch
from .evaluation import Evaluation
from .messages import STOP, Lines, Order, Plan, Ready, Settled, pack, unpack_plan
from .output import Tail

QUICK_SWEEP_SECONDS = 0.1
SWEEP_SECONDS = 10.0


class WarmProcess:
    """One view's warm process. Runs one script at a time, so that whatever else lives is that script's."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.channel = socket.socket(fileno=plan.control)
        self.lines = Lines(self.channel)
        self.alone = plan.confinement == "bubblewrap" and os.getpid() == 1
        self.fenced = False
        self.script = -1

    def prepare(self) -> Ready:
        """Shield this process from what it will start, and import what the scripts will want."""
        if sys.platform == "linux":
            kernel.set_traceable(False)
            if not self.alone:
                kernel.adopt_orphans()
                kernel.die_with_parent(signal.SIGTERM)
        if self.plan.confinement == "landlock" and landlock.abi() >= landlock.SCOPES_SINCE:
            landlock.fence_signals()
            self.fenced = True
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        missing = tuple(name for name in self.plan.imports if not _imported(name))
        gc.collect()
        gc.freeze()
        return Ready(os.getpid(), missing, landlock.abi())

    def serve(self) -> None:
        """Answer orders until the runner hangs up."""
        self.channel.sendall(pack(self.prepare()))
        while (line := self.lines.next()) is not None:
            if line + b"\n" != STOP:
                self.evaluate(Order(**json.loads(line)))

    def evaluate(self, order: Order) -> None:
        """Fork, let the fork become the script, watch it to its end, report, and leave nothing of it behind."""
        evaluation = Evaluation(self.plan, order, self.lines)
        readable, output = os.pipe()
        trouble, troubled = os.pipe()
        pid = os.fork()
        if pid == 0:
            for descriptor in (self.channel.detach(), readable, trouble):
                os.close(descriptor)
            script.become(self.plan, order, output, troubled)
        self.script = pid
        os.close(output)
        os.close(troubled)
        try:
            evaluation.wait(pid, Tail(readable))
            self._finish(evaluation, trouble)
        finally:
            os.close(readable)
            os.close(trouble)

    def _finish(self, evaluation: Evaluation, trouble: int) -> None:
        """Report as soon as everything is killed: the kernel may need seconds to take a large process down."""
        swept = self.sweep(within=QUICK_SWEEP_SECONDS)
        report = evaluation.report()
        said = os.read(trouble, 4096).decode(errors="replace") if swept else ""
        self.channel.sendall(pack(replace(report, stopped="sandbox_broke", detail=said) if said else report))
        swept = swept or self.sweep(within=SWEEP_SECONDS)
        self.channel.sendall(pack(Settled(clean=swept and self._emptied())))

    def sweep(self, *, within: float) -> bool:
        """Kill everything that a script started, and reap it; says whether nothing is left."""
        deadline = time.monotonic() + within
        swept = self._killed_all(within)
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return swept
            if pid == 0:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.001)

    def _killed_all(self, within: float) -> bool:
        if self._one_signal_is_safe():
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            return True
        if sys.platform == "linux":
            return watch.sweep_tree(os.getpid(), within=within)
        if self.script > 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.script, signal.SIGKILL)
        return True

    def _one_signal_is_safe(self) -> bool:
        """Whether `kill(-1)` from here reaches only what was started here: asked of the kernel each time."""
        if not self.fenced:
            return self.alone
        try:
            os.kill(os.getppid(), 0)
        except PermissionError:
            return True
        return False

    def _emptied(self) -> bool:
        try:
            for folder in self.plan.memory_folders:
                _empty(Path(folder), keep=[Path(path) for path in self.plan.readable])
        except (OSError, RecursionError):
            return False
        return True


def _empty(folder: Path, keep: list[Path]) -> None:
    """Remove what is in a folder, but for libraries that happen to be mounted in it."""
    for path in folder.iterdir():
        if path in keep:
            continue
        if any(kept.is_relative_to(path) for kept in keep):
            _empty(path, keep)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _imported(name: str) -> bool:
    """Import a library; one that is missing or broken is the script's business, which will say so itself."""
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001  (a library may raise anything while it is imported)
        return False
    return True


def _hang_up(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


def main() -> None:
    """Serve one view until the runner hangs up or dies. The plan is the only argument."""
    plan = unpack_plan(sys.argv[1])
    sys.argv[:] = sys.argv[:1]
    process = WarmProcess(plan)
    signal.signal(signal.SIGTERM, _hang_up)
    try:
        process.serve()
    finally:
        process.sweep(within=SWEEP_SECONDS)
        os._exit(0)
