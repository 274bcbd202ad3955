"""The sandbox port: warm processes, as many at once as there are jobs, each for one script at a time."""

import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from haste.adapters.sandbox.cgroups import Cgroups, find_cgroups
from haste.adapters.sandbox.gpus import GpuProbe, GpuShare, NvidiaProbe
from haste.adapters.sandbox.inside.messages import Order
from haste.adapters.sandbox.levels import Level, Wish
from haste.adapters.sandbox.libraries import exposed
from haste.adapters.sandbox.process import SandboxProcess
from haste.adapters.sandbox.verdict import broke, outcome
from haste.core.evaluation import Outcome, Task, cut
from haste.errors import SandboxError

WARM_IMPORTS = (
    "numpy",
    "scipy.sparse",
    "scipy.stats",
    "pandas",
    "sklearn.compose",
    "sklearn.decomposition",
    "sklearn.ensemble",
    "sklearn.feature_extraction.text",
    "sklearn.impute",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.pipeline",
    "sklearn.svm",
    "lightgbm",
)
ASKED_IMPORTS = frozenset(
    ("torch", "torchvision", "xgboost", "catboost", "skimage", "PIL", "transformers", "statsmodels", "polars")
)
KEPT_AT_MOST = 16


@dataclass(frozen=True)
class Turn:
    """What all tasks of one batch share: whether to stop, and until when they may run."""

    stopping: Callable[[], bool]
    until: float

    @property
    def left(self) -> float:
        """Seconds until the last of them must be there."""
        return self.until - time.monotonic()


class ProcessSandbox:
    """Keeps warm processes for the whole run; `cold_start` makes a fresh interpreter for every task instead."""

    def __init__(
        self,
        level: Level,
        *,
        cold_start: bool = False,
        imports: tuple[str, ...] = WARM_IMPORTS,
        gpus: GpuProbe | None = None,
        cgroups: Cgroups | None = None,
    ) -> None:
        self._level = level
        self._cold = cold_start
        self._warm_imports = imports
        self._cgroups = cgroups or find_cgroups()
        self._idle: list[SandboxProcess] = []
        self._busy: set[SandboxProcess] = set()
        self._ending: list[SandboxProcess] = []
        self._lock = threading.Lock()
        self._given_back = threading.Condition(self._lock)
        self._launcher = ThreadPoolExecutor(1, thread_name_prefix="haste-launcher")
        self._gpus = GpuShare(len((gpus or NvidiaProbe()).names()))
        self._starting = 0
        self._closed = False

    @property
    def level(self) -> str:
        """What holds the scripts."""
        return self._level.name

    def run(self, tasks: Sequence[Task], *, jobs: int, within: float | None = None) -> Iterator[Outcome]:
        """Outcomes in the order of the tasks, up to `jobs` at once. Closing the iterator stops what is running.

        What is not there `within` these seconds is cut: each script's own limit shrinks to what is left when it
        begins, the start of its process included.
        """
        if self._closed:
            raise SandboxError("the sandbox was closed", hint="open a new one")
        stop = threading.Event()
        turn = Turn(stop.is_set, math.inf if within is None else time.monotonic() + within)
        pool = ThreadPoolExecutor(max(1, min(jobs, len(tasks))), thread_name_prefix="haste-evaluation")
        try:
            yield from pool.map(lambda task: self._evaluate(task, turn), tasks)
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """Stop every process. Safe to call twice."""
        with self._lock:
            self._closed = True
            processes = [*self._idle, *self._busy]
            self._ending += self._idle
            self._idle.clear()
        for process in processes:
            process.kill()
        with self._lock:
            # Whoever waits for a busy process sees it die, and gives it back to be buried.
            self._given_back.wait_for(lambda: not self._busy and not self._starting)
            ending, self._ending = self._ending, []
        for process in ending:
            process.close()
        self._launcher.shutdown(wait=True)

    def _evaluate(self, task: Task, turn: Turn) -> Outcome:
        began, killed_before = time.monotonic(), out_of_memory_kills()
        if turn.left <= 0.0:
            return cut(0.0)
        try:
            with self._gpus.one() as gpu, self._process(task, turn) as process:
                if (seconds := min(task.limits.seconds, turn.left)) <= 0.0:
                    return cut(time.monotonic() - began)
                order = _order(task, gpu, seconds)
                report = process.evaluate(task.code, task.view.folder, order, turn.stopping)
                if report.stopped == "timed_out" and seconds < task.limits.seconds:
                    process.discard()
                    return cut(report.seconds)
                result = outcome(report, memory_was_short=out_of_memory_kills() > killed_before)
                if result.failure is None:
                    process.hand_over(task.work)
                else:
                    process.discard()
                return result
        except SandboxError as error:
            if turn.left <= 0.0:
                return cut(time.monotonic() - began)
            return broke(str(error), memory_was_short=out_of_memory_kills() > killed_before)
        except OSError as error:
            return broke(f"the runner could not look after the script: {error}")

    @contextmanager
    def _process(self, task: Task, turn: Turn) -> Iterator[SandboxProcess]:
        """A process for one task: a warm one of its shelf where there is one, else one that is started now."""
        shelf = self._level.shelf(task.view.folder)
        facts = shelf.stat()
        identity = (facts.st_dev, facts.st_ino)
        process = self._idle_one(task, shelf, identity) or self._start(task, shelf, identity, turn)
        try:
            yield process
        finally:
            self._give_back(process)

    def _idle_one(self, task: Task, shelf: Path, identity: tuple[int, int]) -> SandboxProcess | None:
        with self._lock:
            for process in [process for process in self._idle if not process.reusable]:
                self._idle.remove(process)
                self._ending.append(process)
            for process in self._idle:
                wish = process.wish
                same = (wish.shelf, wish.identity, wish.threads) == (shelf, identity, task.limits.threads)
                if same and set(self._imports(task)) <= set(wish.imports):
                    self._idle.remove(process)
                    self._busy.add(process)
                    return process
        return None

    def _start(self, task: Task, shelf: Path, identity: tuple[int, int], turn: Turn) -> SandboxProcess:
        view = task.view.folder
        if (folder := exposed(view)) is not None and self.level != "none":
            hint = "move the workspace, e.g. into your home"
            raise SandboxError(f"the view {view} lies in {folder}, which every script can read", hint=hint)
        wish = Wish(
            shelf=shelf,
            identity=identity,
            staging=_staging(view),
            threads=task.limits.threads,
            imports=self._imports(task),
            fresh_interpreter=self._cold,
        )
        with self._lock:
            self._starting += 1
        try:
            process = SandboxProcess(
                self._level,
                wish,
                self._launcher,
                lambda: turn.stopping() or self._closed,
                within=turn.left,
                cgroups=self._cgroups,
            )
            with self._lock:
                self._busy.add(process)
        finally:
            with self._lock:
                self._starting -= 1
                self._given_back.notify_all()
        return process

    def _imports(self, task: Task) -> tuple[str, ...]:
        return () if self._cold else (*self._warm_imports, *sorted(ASKED_IMPORTS.intersection(task.imports)))

    def _give_back(self, process: SandboxProcess) -> None:
        with self._lock:
            self._busy.discard(process)
            keep = process.reusable and not self._cold and not self._closed
            (self._idle if keep else self._ending).append(process)
            if len(self._idle) > KEPT_AT_MOST:
                self._ending.append(self._idle.pop(0))
            for each in self._ending:
                each.kill()
            self._given_back.notify_all()
            self._ending = [each for each in self._ending if not each.buried(within=0)]


def _order(task: Task, gpu: str, seconds: float) -> Order:
    return Order(
        seconds=seconds,
        memory_bytes=task.limits.memory_bytes,
        processes=task.limits.processes,
        file_bytes=task.limits.file_bytes,
        gpu=gpu,
    )


def _staging(view: Path) -> Path:
    """A folder beside the view, so that what a script wrote is moved and not copied."""
    beside = view.parent if os.access(view.parent, os.W_OK) else Path(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix=f".{view.name}-", dir=beside)).resolve()


def out_of_memory_kills() -> int:
    """How often this machine's kernel has killed something for want of memory."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
