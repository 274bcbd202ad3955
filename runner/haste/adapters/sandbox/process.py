"""The runner's end of one warm process: starts it, gives it a script, waits, and kills it if it must."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from haste.adapters.sandbox import fits
from haste.adapters.sandbox.cgroups import Cgroup, Cgroups
from haste.adapters.sandbox.inside import watch
from haste.adapters.sandbox.inside.messages import STOP, Lines, Order, Ready, Report, Settled, pack
from haste.adapters.sandbox.inside.script import SCRIPT
from haste.adapters.sandbox.levels import Level, Wish
from haste.adapters.sandbox.results import empty_folder, hand_over, remove_tree
from haste.errors import SandboxError

START_SECONDS = 120.0
"""In which a process must have imported its libraries, which a busy disk may make slow."""
GRACE_SECONDS = 0.25
"""What the watch inside has, past a script's limit, to end it and say so, before all is killed from here."""
STOP_SECONDS = 2.0
"""How long a process that was asked to stop, or that was killed, is waited for at a time."""
SETTLE_SECONDS = 0.1
"""What a process has, past a script's time, to say that nothing of it is left."""
MOST_SETTLE_SECONDS = 5.0
"""The same where a script ended long before its time was over."""
SWEEP_SECONDS = 0.05
"""One attempt at killing what a process without a namespace of its own has started."""
WORK = "here"
HINT = "run `haste-run doctor`"


class SandboxProcess:
    """One warm process over a shelf of views. Runs one script at a time."""

    def __init__(
        self,
        level: Level,
        wish: Wish,
        launcher: Executor,
        stopping: Callable[[], bool],
        *,
        within: float = START_SECONDS,
        cgroups: Cgroups | None = None,
    ) -> None:
        self.wish = wish
        self._cgroups = cgroups
        self._cgroup: Cgroup | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        ours, theirs = socket.socketpair()
        told, tell = os.pipe()
        self._launch = level.launch(wish, control=theirs.fileno(), told=tell)
        try:
            # The kernel kills a sandbox when the thread that started it ends: the launcher's thread outlives it.
            self._child = launcher.submit(self._start, (theirs.fileno(), tell)).result()
        except (OSError, RuntimeError) as error:
            ours.close()
            os.close(told)
            self._errors.close()
            remove_tree(wish.staging)
            raise SandboxError(f"the sandbox can't be started: {error}", hint=HINT) from None
        finally:
            theirs.close()
            os.close(tell)
        self._lines = Lines(ours)
        self._leader = -1
        self._lock = threading.Lock()
        self._spent = self._killed = self._gone = False
        self._own_namespace = level.name == "bubblewrap"
        self.ready = self._greet(told, stopping, min(START_SECONDS, max(0.0, within)))

    def _start(self, descriptors: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self._launch.arguments,
            env=self._launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=descriptors,
            start_new_session=True,
            cwd="/",
        )

    def _greet(self, told: int, stopping: Callable[[], bool], within: float) -> Ready:
        """Wait until the libraries are imported. Which process to kill is known before that."""
        with os.fdopen(told, "rb") as facts:
            said = facts.read() if self._own_namespace else b""
        try:
            pid = json.loads(said)["child-pid"] if self._own_namespace else self._child.pid
            self._leader = os.pidfd_open(pid) if sys.platform == "linux" else -1
            self._cgroup = self._cgroups.hold(pid) if self._cgroups else None
            line = self._await(time.monotonic() + within, stopping)
        except (ValueError, OSError):
            line = None
        if line is not None and b'"pid"' in line:
            return Ready(**json.loads(line))
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip().splitlines()
        self.close()
        raise SandboxError(f"the sandbox did not start: {words[-1] if words else 'it said nothing'}", hint=HINT)

    @property
    def reusable(self) -> bool:
        """Whether it is alive, with a place to work, and nothing is left in it of the scripts before."""
        sound = not self._killed and not self._spent and self.wish.staging.is_dir()
        return sound and self._child.poll() is None

    def _inside(self, view: Path) -> str:
        shelf = self.wish.shelf
        return self._launch.shelf if view == shelf else f"{self._launch.shelf}/{view.name}"

    def evaluate(self, code: str, view: Path, order: Order, stopping: Callable[[], bool]) -> Report:
        """Run a script to its end. Raises SandboxError when the process died over it."""
        work = self.wish.staging / WORK
        empty_folder(self.wish.staging)
        work.mkdir(mode=0o700)
        (work / SCRIPT).write_text(code, encoding="utf-8", errors="surrogatepass")
        if self._cgroup is not None:
            self._cgroup.allow(order.memory_bytes, order.processes)
        inside = self._inside(view)
        (work / "input").symlink_to(inside)
        fits.lay_out(view, work)
        deadline = time.monotonic() + order.seconds + GRACE_SECONDS
        self._spent = True
        try:
            self._lines.channel.sendall(pack(replace(order, view=inside)))
            line = self._await(deadline, stopping)
        except TimeoutError:
            self.kill()
            detail = f"still running after {order.seconds:g} s, the limit, and did not let go"
            return Report(stopped="timed_out", detail=detail, seconds=order.seconds)
        except OSError:
            line = None
        if line is None:
            raise SandboxError("the sandbox died while the script ran")
        self._settle(deadline + SETTLE_SECONDS)
        saved = 0.0 if self._spent else fits.put_by(work, view)
        return replace(Report(**json.loads(line)), saved_seconds=saved)

    def _settle(self, deadline: float) -> None:
        """Wait until nothing of the script is left; a process that can't say so in time is not used again."""
        try:
            line = self._await(min(deadline, time.monotonic() + MOST_SETTLE_SECONDS), lambda: False)
        except OSError:
            line = None
        self._spent = line is None or not Settled(**json.loads(line)).clean
        if self._spent:
            self.kill()

    def _await(self, deadline: float, stopping: Callable[[], bool]) -> bytes | None:
        """The next line, once it is there. Past the deadline nobody waits for it any more."""
        stopped = False
        poll = select.poll()
        poll.register(self._lines.channel, select.POLLIN)
        while not self._lines.waiting and not poll.poll(min(100.0, max(0.0, deadline - time.monotonic()) * 1000)):
            if time.monotonic() >= deadline:
                raise TimeoutError
            if stopping() and not stopped:
                stopped, deadline = True, min(deadline, time.monotonic() + STOP_SECONDS)
                self._lines.channel.sendall(STOP)
        self._lines.channel.settimeout(STOP_SECONDS)
        return self._lines.next()

    def hand_over(self, target: Path) -> None:
        """Move what the script left to its work folder."""
        work = self.wish.staging / WORK
        link = work / "input"
        if link.is_symlink():
            link.unlink()
        hand_over(work, target)

    def discard(self) -> None:
        """Remove what the script left."""
        if not self._killed:
            empty_folder(self.wish.staging)

    def kill(self) -> None:
        """End the process and everything in it, without waiting for the kernel to be done with that.

        Any thread may call this: one that waits for a report then sees the process gone.
        """
        with self._lock:
            # All of it under the lock: whoever sees the process gone meanwhile would give its descriptor away.
            if self._killed:
                return
            self._killed = True
            with contextlib.suppress(OSError):
                self._lines.channel.shutdown(socket.SHUT_RDWR)
            self._signal()

    def _signal(self) -> None:
        if self._own_namespace and self._leader >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._leader, signal.SIGKILL)
        elif self._leader >= 0:
            watch.sweep_tree(self._child.pid, within=SWEEP_SECONDS)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_SECONDS)
            self._child.kill()

    def close(self) -> None:
        """End the process and everything in it; returns when nothing is left. Safe to call twice."""
        self.kill()
        while not self.buried(within=STOP_SECONDS):
            continue

    def buried(self, *, within: float) -> bool:
        """Whether a killed process, with all it started, is gone; then its staging folder goes too."""
        with self._lock:
            if not self._gone and self._ended(within):
                if self._leader >= 0:
                    os.close(self._leader)
                self._child.wait()
                if self._cgroup is not None:
                    self._cgroup.close()
                self._lines.channel.close()
                self._errors.close()
                remove_tree(self.wish.staging)
                self._gone = True
            return self._gone

    def _ended(self, within: float) -> bool:
        if self._leader < 0:
            return True
        if not self._own_namespace and watch.sweep_tree(self._child.pid, within=SWEEP_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._leader, signal.SIGKILL)
        ended = select.poll()
        ended.register(self._leader, select.POLLIN)
        return bool(ended.poll(within * 1000))
