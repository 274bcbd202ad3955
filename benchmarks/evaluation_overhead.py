"""What an evaluation costs beyond the script's own work, measured side by side on this machine.

    python benchmarks/evaluation_overhead.py [--evaluations 500] [--level bubblewrap]

Trust the differences and ratios; wall times say as much about who else uses the machine.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from haste.adapters.sandbox import open_sandbox
from haste.adapters.sandbox.choose import best_level
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.competition import Fold
from haste.core.evaluation import Outcome, Task, View
from haste.core.solution import Limits
from haste.stages.evaluate import threads

ROWS = 2000
REPEATS = 15
REPEATS_OF_FIVE = 3
READS_AND_WRITES = """
import time
began = time.perf_counter()
import pandas as pd
table = pd.read_csv("input/train.csv")
table[["id"]].assign(y=table["y"].mean()).to_csv("submission.csv", index=False)
print(time.perf_counter() - began)
"""
COMPUTES = """
import numpy as np
chance = np.random.default_rng(0)
for _ in range({rounds}):
    np.sort(chance.normal(size=100_000))
open("submission.csv", "w").write("id,y")
"""
FITS = """
import lightgbm as lgb
import numpy as np
import os
chance = np.random.default_rng(0)
x = chance.normal(size=(60_000, 30))
y = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + chance.normal(size=len(x))
threads = int(os.environ["OMP_NUM_THREADS"])
lgb.train({{"num_threads": threads, "verbose": -1, "num_leaves": 63}}, lgb.Dataset(x, y), {rounds})
open("submission.csv", "w").write("id,y")
"""
"""Uses the threads it is given, as most of what is worth running does."""
STUBBORN = {
    "sleeps": "import time; time.sleep(60)",
    "ignores SIGTERM": "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)",
    "a child holds the pipes": "import os, time; os.fork(); time.sleep(60)",
    "fork bomb": "import os\nwhile True: os.fork()",
    "double-forked daemon": "import os, time\nif os.fork() == 0: os.setsid(); os.fork()\ntime.sleep(60)",
    "1 GB of output": "import os\nfor _ in range(1024): os.write(1, b'x' * 2**20)\nimport time; time.sleep(60)",
}
CHILDREN = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        data = bytearray(b"x") * (400 * 2**20)
        time.sleep(60)
time.sleep(60)
"""


class Bench:
    """Five views in a temporary folder, and tasks over them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.made = 0
        for number in range(5):
            view = root / "views" / str(number)
            view.mkdir(parents=True)
            rows = "".join(f"{row},{row % 7}\n" for row in range(ROWS))
            (view / "train.csv").write_text(f"id,y\n{rows}")

    def task(self, code: str, view: int = 0, **limits: float) -> Task:
        self.made += 1
        allowed = Limits(**{"seconds": 120.0, "threads": 1, **limits})
        shown = View(fold=Fold(number=view), folder=self.root / "views" / str(view))
        return Task(code=code, view=shown, work=self.root / "work" / str(self.made), limits=allowed)


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def outcomes(sandbox: ProcessSandbox, tasks: list[Task], jobs: int = 1) -> list[Outcome]:
    found = list(sandbox.run(tasks, jobs=jobs))
    failures = [outcome.failure for outcome in found if outcome.failure]
    assert not failures, failures
    return found


def say(what: str, value: object) -> None:
    print(f"{what:<60} {value}")


def run_bare(folder: Path) -> None:
    subprocess.run([sys.executable, "solution.py"], cwd=folder, capture_output=True, check=True)


def overhead(bench: Bench, warm: ProcessSandbox, cold: ProcessSandbox) -> None:
    bare = bench.root / "bare"
    bare.mkdir()
    (bare / "input").symlink_to(bench.root / "views" / "0")
    (bare / "solution.py").write_text(READS_AND_WRITES)
    first = timed(lambda: outcomes(warm, [bench.task(READS_AND_WRITES)]))
    above: list[float] = []
    warm_walls: list[float] = []
    cold_walls: list[float] = []
    bare_walls: list[float] = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        (outcome,) = outcomes(warm, [bench.task(READS_AND_WRITES)])
        warm_walls.append(time.perf_counter() - began)
        above.append(warm_walls[-1] - float(outcome.output))
        cold_walls.append(timed(lambda: outcomes(cold, [bench.task(READS_AND_WRITES)])))
        bare_walls.append(timed(lambda: run_bare(bare)))
    usual = statistics.median
    say("first evaluation over a view, which starts its warm process", f"{first:.3f} s")
    say("warm, above the script's own work", f"{usual(above):.3f} s (worst {max(above):.3f}, goal 0.15)")
    say("warm / bare `python solution.py`", f"{usual(warm_walls) / usual(bare_walls):.2f}")
    say("cold / bare `python solution.py`", f"{usual(cold_walls) / usual(bare_walls):.2f}")


def side_by_side(bench: Bench, warm: ProcessSandbox) -> None:
    """Five views on all cores against one after the other, at the threads that a run gives them."""
    cores = os.cpu_count() or 1
    for name, code in (("one thread", COMPUTES.format(rounds=100)), ("LightGBM", FITS.format(rounds=60))):
        walls: dict[str, list[float]] = {"side": [], "single": [], "every": []}
        five_views(bench, warm, "pass", jobs=cores, cores=cores)
        five_views(bench, warm, "pass", jobs=1, cores=cores)
        for _ in range(REPEATS_OF_FIVE):
            walls["side"].append(five_views(bench, warm, code, jobs=cores, cores=cores))
            walls["single"].append(five_views(bench, warm, code, jobs=1, cores=1))
            walls["every"].append(five_views(bench, warm, code, jobs=1, cores=cores))
        for serial, words in (("single", "one thread each"), ("every", "every core each")):
            ratios = [side / other for side, other in zip(walls["side"], walls[serial], strict=True)]
            found = f"{statistics.median(ratios):.2f} (best {min(ratios):.2f}, goal 0.6)"
            say(f"{name}: five views, {cores} jobs / serial, {words}", found)


def five_views(bench: Bench, warm: ProcessSandbox, code: str, *, jobs: int, cores: int) -> float:
    """Seconds of one evaluation of five folds at the runner's rule for threads."""
    given = [threads(number, 5, jobs=jobs, cores=cores) for number in range(5)]
    tasks = [bench.task(code, number, threads=count) for number, count in enumerate(given)]
    return timed(lambda: outcomes(warm, tasks, jobs=jobs))


def deadlines(bench: Bench, warm: ProcessSandbox) -> None:
    for name, code in STUBBORN.items():
        list(warm.run([bench.task("pass")], jobs=1))
        began = time.perf_counter()
        (outcome,) = warm.run([bench.task(code, seconds=3.0)], jobs=1)
        wall = time.perf_counter() - began
        kind = outcome.failure.kind if outcome.failure else "no failure"
        say(f"limit 3 s, {name}", f"back after {wall:.2f} s: {kind}")
    (outcome,) = warm.run([bench.task(CHILDREN, memory_bytes=2**30)], jobs=1)
    assert outcome.failure is not None
    say("6 children of 400 MB, limit 1 GiB", f"{outcome.failure.kind}, {outcome.failure.message}")


def flatness(bench: Bench, warm: ProcessSandbox, evaluations: int) -> None:
    me = psutil.Process()

    def holds() -> tuple[float, int, int, int]:
        return me.memory_info().rss / 2**20, me.num_fds(), me.num_threads(), len(me.children(recursive=True))

    before = None
    for number in range(evaluations):
        outcomes(warm, [bench.task(READS_AND_WRITES, number % 5)])
        if number == min(50, evaluations // 2):
            before = holds()
    after = holds()
    assert before is not None
    names = ("MiB of memory", "descriptors", "threads", "processes")
    for name, start, end in zip(names, before, after, strict=True):
        say(f"{evaluations} evaluations, the runner's {name}", f"{start:.1f} → {end:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=500)
    parser.add_argument("--level", default=None)
    parser.add_argument("--only", choices=["side-by-side"], help="measure this alone")
    arguments = parser.parse_args()
    level = best_level(unsafe_exec=True, level=arguments.level)
    say("level", f"{level}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        warm = open_sandbox(level=level, unsafe_exec=True)
        cold = open_sandbox(level=level, unsafe_exec=True, cold_start=True)
        try:
            if arguments.only:
                side_by_side(bench, warm)
                return
            overhead(bench, warm, cold)
            side_by_side(bench, warm)
            flatness(bench, warm, arguments.evaluations)
            deadlines(bench, warm)
        finally:
            warm.close()
            cold.close()


if __name__ == "__main__":
    main()
