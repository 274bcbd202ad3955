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
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from haste.adapters.sandbox.inside import watch
from haste.adapters.sandbox.inside.messages import STOP, Lines, Order, Ready, Report, pack
from haste.adapters.sandbox.inside.script import SCRIPT
from haste.adapters.sandbox.levels import Launch, Level, Wish
from haste.adapters.sandbox.results import empty_folder, hand_over, remove_tree
from haste.errors import SandboxError

START_SECONDS = 120.0
GRACE_SECONDS = 0.4
STOP_SECONDS = 2.0
WORK = "here"


class SandboxProcess:
    """One warm process over one view. Not for two threads at once, but for `stop`, which any thread may call."""

    def __init__(self, level: Level, wish: Wish, launcher: Executor) -> None:
        self.wish = wish
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        ours, theirs = socket.socketpair()
        told, tell = os.pipe()
        try:
            self._launch = level.launch(wish, control=theirs.fileno(), told=tell)
            # The kernel kills a sandbox when the thread that started it ends: the launcher's thread outlives it.
            self._child = launcher.submit(self._start, self._launch, (theirs.fileno(), tell)).result()
        except OSError as error:
            ours.close()
            os.close(told)
            self._errors.close()
            raise SandboxError(f"the sandbox can't be started: {error}", hint="run `haste-run doctor`") from None
        finally:
            theirs.close()
            os.close(tell)
        self._lines = Lines(ours)
        self.ready = self._greet(told, named=level.name == "bubblewrap")

    def _start(self, launch: Launch, descriptors: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            launch.arguments,
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=descriptors,
            start_new_session=True,
            cwd="/",
        )

    def _greet(self, told: int, *, named: bool) -> Ready:
        """Wait until the libraries are imported. Which process to kill is known before that."""
        self._leader = -1
        with open(told, "rb") as facts:
            said = facts.read() if named else b""
        self._lines.channel.settimeout(START_SECONDS)
        try:
            pid = json.loads(said)["child-pid"] if named else self._child.pid
            self._leader = os.pidfd_open(pid) if sys.platform == "linux" else -1
            line = self._lines.next()
        except (ValueError, OSError) as error:
            line = None
            said += str(error).encode()
        if line is None:
            said = self._last_words() or said
            self.close()
            reason = said.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
            raise SandboxError(f"the sandbox did not start: {reason[0]}", hint="run `haste-run doctor`")
        return Ready(**json.loads(line))

    def _last_words(self) -> bytes:
        self._errors.seek(0)
        return self._errors.read()[-4000:]

    @property
    def alive(self) -> bool:
        """Whether it can still be given a script."""
        return self._leader >= -1 and self._child.poll() is None

    def evaluate(self, code: str, order: Order, stopping: Callable[[], bool]) -> Report | None:
        """Run a script to its end. None when the process died over it."""
        work = self.wish.staging / WORK
        empty_folder(self.wish.staging)
        work.mkdir(mode=0o700)
        (work / SCRIPT).write_text(code, encoding="utf-8")
        (work / "input").symlink_to(self._launch.view)
        deadline = time.monotonic() + order.seconds + GRACE_SECONDS
        try:
            self._lines.channel.sendall(pack(order))
            line = self._await(deadline, stopping)
        except TimeoutError:
            self.close()
            return Report(stopped="timed_out", detail="did not let go at the limit", seconds=order.seconds)
        except OSError:
            line = None
        return None if line is None else Report(**json.loads(line))

    def _await(self, deadline: float, stopping: Callable[[], bool]) -> bytes | None:
        """The report, once it is there. Past the deadline nobody waits for a report any more."""
        stopped = False
        poll = select.poll()
        poll.register(self._lines.channel, select.POLLIN)
        while not poll.poll(min(100.0, max(0.0, deadline - time.monotonic()) * 1000)):
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

    def close(self) -> None:
        """End the process and everything in it; returns when nothing is left. Safe to call twice."""
        if self._leader < -1:
            return
        self._lines.channel.close()
        self._kill()
        self._child.wait()
        if self._leader >= 0:
            os.close(self._leader)
        self._leader = -2
        self._errors.close()
        with contextlib.suppress(OSError):
            remove_tree(self.wish.staging)

    def _kill(self) -> None:
        if self._leader < 0:
            self._child.kill()
            return
        if self._launch.arguments[0] == sys.executable:
            watch.sweep_tree(self._child.pid)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._leader, signal.SIGKILL)
        ended = select.poll()
        ended.register(self._leader, select.POLLIN)
        ended.poll(STOP_SECONDS * 1000)
