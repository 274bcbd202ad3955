"""The sandbox port: warm processes by view, as many at once as there are jobs."""

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from haste.adapters.sandbox.gpus import GpuShare, gpu_names
from haste.adapters.sandbox.inside.messages import Order
from haste.adapters.sandbox.levels import Level, Wish
from haste.adapters.sandbox.process import SandboxProcess
from haste.adapters.sandbox.verdict import broke, outcome
from haste.errors import SandboxError
from haste.ports import Outcome, Task

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


class ProcessSandbox:
    """Keeps warm processes for the whole run; `cold_start` makes a fresh interpreter for every task instead."""

    def __init__(self, level: Level, *, cold_start: bool = False) -> None:
        self._level = level
        self._cold = cold_start
        self._idle: list[SandboxProcess] = []
        self._busy: set[SandboxProcess] = set()
        self._lock = threading.Lock()
        self._launcher = ThreadPoolExecutor(1, thread_name_prefix="haste-launcher")
        self._gpus = GpuShare(len(gpu_names()))
        self._closed = False

    @property
    def level(self) -> str:
        """What holds the scripts."""
        return self._level.name

    def run(self, tasks: Sequence[Task], *, jobs: int) -> Iterator[Outcome]:
        """Outcomes in the order of the tasks, up to `jobs` at once. Closing the iterator stops what is running."""
        if self._closed:
            raise SandboxError("the sandbox was closed", hint="open a new one")
        stop = threading.Event()
        pool = ThreadPoolExecutor(max(1, min(jobs, len(tasks))), thread_name_prefix="haste-evaluation")
        try:
            yield from [*()] if not tasks else pool.map(lambda task: self._evaluate(task, stop), tasks)
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """Stop every process. Safe to call twice."""
        with self._lock:
            self._closed = True
            processes = [*self._idle, *self._busy]
            self._idle.clear()
            self._busy.clear()
        for process in processes:
            process.close()
        self._launcher.shutdown(wait=True)

    def _evaluate(self, task: Task, stop: threading.Event) -> Outcome:
        with self._gpus.one() as gpu:
            order = Order(
                seconds=task.limits.seconds,
                memory_bytes=task.limits.memory_bytes,
                processes=task.limits.processes,
                file_bytes=task.limits.file_bytes,
                gpu=gpu,
            )
            try:
                process = self._take(task)
            except SandboxError as error:
                return broke(str(error))
            killed_before = _out_of_memory_kills()
            report = process.evaluate(task.code, order, stop.is_set)
            result = (
                broke("the sandbox died while the script ran")
                if report is None
                else outcome(report, memory_was_short=_out_of_memory_kills() > killed_before)
            )
            if result.failure is None:
                process.hand_over(task.work)
            self._give_back(process, reusable=report is not None and not report.spent and not self._cold)
            return result

    def _take(self, task: Task) -> SandboxProcess:
        imports = () if self._cold else (*WARM_IMPORTS, *sorted(ASKED_IMPORTS.intersection(task.imports)))
        with self._lock:
            for process in self._idle:
                fits = process.wish.view == task.view.folder and process.wish.threads == task.limits.threads
                if fits and set(imports) <= set(process.wish.imports):
                    self._idle.remove(process)
                    self._busy.add(process)
                    break
            else:
                process = None
        if process is not None and process.alive:
            return process
        wish = Wish(
            view=task.view.folder,
            staging=_staging(task.view.folder),
            threads=task.limits.threads,
            imports=imports,
            fresh_interpreter=self._cold,
        )
        process = SandboxProcess(self._level, wish, self._launcher)
        with self._lock:
            self._busy.add(process)
        return process

    def _give_back(self, process: SandboxProcess, *, reusable: bool) -> None:
        with self._lock:
            self._busy.discard(process)
            keep = reusable and not self._closed
            if keep:
                self._idle.append(process)
            surplus = [self._idle.pop(0)] if len(self._idle) > KEPT_AT_MOST else []
        for each in surplus if keep else [process]:
            each.close()


def _staging(view: Path) -> Path:
    """A folder beside the view, so that what a script wrote is moved and not copied."""
    beside = view.parent if os.access(view.parent, os.W_OK) else Path(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix=f".{view.name}-", dir=beside)).resolve()


def _out_of_memory_kills() -> int:
    """How often this machine's kernel has killed something for want of memory."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
