"""One script's time: waits for it to end, and ends it when it goes past a limit."""

import contextlib
import os
import resource
import select
import sys
import time

from . import watch
from .messages import Lines, Order, Plan, Report, Stopped
from .output import Tail

TICK_SECONDS = 0.025
"""Between two looks at a script's processes and memory."""
DISK_TICK_SECONDS = 0.5
"""Between two looks at its files; and at its memory exactly, where the cheap bounds say that it is well within."""
EXACT_SECONDS = 0.2
"""What one exact look at its memory may take, and the time between two where nothing cheaper can tell."""
MOST_EXACT_SECONDS = 3.0
"""How long one that keeps forking may put off that look."""
QUIET_TICKS = 4
"""Looks without a new process after which the forking counts as paused."""
WAITED_AT_MOST = 256
"""Ended processes that are collected at a time, so that one that forks without end can't keep the watch busy."""


class Evaluation:
    """A running script and the watch over it."""

    def __init__(self, plan: Plan, order: Order, lines: Lines) -> None:
        self.plan = plan
        self.order = order
        self.lines = lines
        self.pid = -1
        self.started = time.monotonic()
        self.cpu_before = cpu_seconds()
        self.seconds = 0.0
        self.status: int | None = None
        self.stopped: Stopped = ""
        self.detail = ""
        self.peak = 0
        self._tree = watch.Tree(whole_namespace=os.getpid() == 1)
        self._processes = 1
        self._quiet = 0
        self._disk_seen = self._exact_seen = self.started

    def wait(self, pid: int, tail: Tail) -> None:
        """Return when the script, just forked, has ended, or must be ended by the caller."""
        self.pid, self.tail = pid, tail
        poll = select.poll()
        poll.register(self.lines.channel, select.POLLIN)
        poll.register(self.tail.descriptor, select.POLLIN)
        ended = os.pidfd_open(self.pid) if sys.platform == "linux" else -1
        if ended >= 0:
            poll.register(ended, select.POLLIN)
        try:
            while self.status is None and not self.stopped:
                self._turn(poll)
        finally:
            self.seconds = time.monotonic() - self.started
            if ended >= 0:
                os.close(ended)
        self._last_look()

    def report(self) -> Report:
        """What came of it; asked once nothing runs any more."""
        self.tail.drain()
        return Report(
            status=self.status if self.status is not None else 0,
            stopped=self.stopped,
            detail=self.detail,
            seconds=self.seconds,
            cpu_seconds=max(0.0, cpu_seconds() - self.cpu_before),
            memory_bytes=self.peak,
            output=self.tail.text(),
            cut_bytes=self.tail.cut,
        )

    def _turn(self, poll: select.poll) -> None:
        left = self.started + self.order.seconds - time.monotonic()
        next_look = time.monotonic() + TICK_SECONDS
        while (pause := min(left, next_look - time.monotonic())) > 0:
            ready = {descriptor for descriptor, _ in poll.poll(pause * 1000)}
            if self.tail.descriptor in ready and not self.tail.read():
                poll.unregister(self.tail.descriptor)
            if self.lines.channel.fileno() in ready:
                self.lines.next()
                self._stop("stopped", "the runner asked for it")
                return
            if ready - {self.tail.descriptor}:
                break
            left = self.started + self.order.seconds - time.monotonic()
        self._reap()
        if self.status is None:
            self._look()

    def _reap(self) -> None:
        """Collect what has ended; as the parent of all orphans, this process is the only one who can."""
        with contextlib.suppress(ChildProcessError):
            for _ in range(WAITED_AT_MOST):
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.pid:
                    self.status = os.waitstatus_to_exitcode(status)

    def _look(self) -> None:
        now = time.monotonic()
        if now - self.started >= self.order.seconds:
            self._stop("timed_out", f"still running after {self.order.seconds:g} s, the limit")
            return
        if sys.platform == "linux":
            pids = self._tree.pids()
            held = watch.Usage(len(pids)) if len(pids) > 2 * self.order.processes else self._tree.usage(pids)
            self._judge_processes(held)
            self._judge_memory(pids, held, now)
        if now - self._disk_seen >= DISK_TICK_SECONDS:
            self._judge_disk(self._tree.pids() if sys.platform == "linux" else [])
            self._disk_seen = time.monotonic()

    def _judge_processes(self, held: watch.Usage) -> None:
        most = self.order.processes
        if held.processes > most:
            self._stop("too_many_processes", f"{held.processes} processes at once, {most} are allowed")
        elif held.threads > most * watch.THREADS_PER_PROCESS:
            allowed = most * watch.THREADS_PER_PROCESS
            self._stop("too_many_processes", f"{held.threads} threads at once, {allowed} are allowed")

    def _judge_memory(self, pids: list[int], held: watch.Usage, now: float) -> None:
        """Two bounds are cheap. Where only the truth between them can tell, it is looked up when forking pauses."""
        limit = self.order.memory_bytes
        beside = max(held.shared, watch.held_in_memory(self.plan.memory_folders))
        total = (held.at_most if held.processes == 1 else held.at_least) + beside
        self._quiet = 0 if held.processes > self._processes else self._quiet + 1
        self._processes = held.processes
        if total <= limit and held.processes > 1 and not self.stopped:
            wanted = EXACT_SECONDS if held.at_most + beside > limit else DISK_TICK_SECONDS
            if now - self._exact_seen >= (wanted if self._quiet >= QUIET_TICKS else MOST_EXACT_SECONDS):
                total = watch.proportional(pids, within=EXACT_SECONDS) + beside
                self._exact_seen = time.monotonic()
        self.peak = max(self.peak, total)
        if total > limit:
            message = f"held {total / 2**20:,.0f} MiB of memory, {limit / 2**20:,.0f} MiB are allowed"
            self._stop("out_of_memory", message)

    def _judge_disk(self, pids: list[int]) -> None:
        try:
            total = watch.folder_bytes(self.plan.work) + watch.unlinked_bytes(pids)
        except watch.TooManyEntriesError as error:
            self._stop("too_large", f"the work folder holds {error}")
            return
        if total > self.order.file_bytes:
            limit = self.order.file_bytes / 2**20
            self._stop("too_large", f"wrote {total / 2**20:,.0f} MiB, {limit:,.0f} MiB are allowed")

    def _last_look(self) -> None:
        if not self.stopped:
            self._judge_disk([])

    def _stop(self, reason: Stopped, detail: str) -> None:
        if not self.stopped:
            self.stopped, self.detail = reason, detail


def cpu_seconds() -> float:
    """What the children that were waited for have used, their own children included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
