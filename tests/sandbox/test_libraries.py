"""The real libraries: fits in a fork with several threads, cold and warm alike, and workers of their own."""

import importlib.util
import textwrap
import time
from collections.abc import Iterator

import pytest

from haste.adapters.sandbox.pool import ProcessSandbox
from sandbox.conftest import level_named
from sandbox.rooms import Room, one, written

FITS = textwrap.dedent(
    """
    import hashlib
    import lightgbm as lgb
    import numpy as np
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.model_selection import cross_val_score

    chance = np.random.default_rng(0)
    x = pd.DataFrame(chance.normal(size=(3000, 12)), columns=[f"c{n}" for n in range(12)])
    y = x["c0"] * x["c1"] + chance.normal(size=3000)
    found = [
        lgb.LGBMRegressor(n_estimators=20, verbose=-1, n_jobs=-1).fit(x, y).predict(x),
        HistGradientBoostingRegressor(max_iter=10).fit(x, y).predict(x),
        RandomForestRegressor(10, n_jobs=-1, random_state=0).fit(x, y).predict(x),
        LogisticRegression().fit(x, y > 0).predict_proba(x)[:, 1],
        cross_val_score(Ridge(), x, y),
        x.to_numpy() @ x.to_numpy().T[:, 0],
        [len({"a", "b", hash("c")}), hash("order of sets")],
    ]
    text = "\\n".join(",".join(f"{value:.12g}" for value in values) for values in found)
    open("submission.csv", "w").write(hashlib.sha256(text.encode()).hexdigest())
    """
)
TORCH = textwrap.dedent(
    """
    import torch
    torch.manual_seed(0)
    x = torch.randn(2000, 30)
    y = x[:, :1] * x[:, 1:2]
    model = torch.nn.Sequential(torch.nn.Linear(30, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    assert torch.get_num_threads() == 2, torch.get_num_threads()
    open("submission.csv", "w").write(f"{loss.item():.4f}")
    """
)
WORKERS = textwrap.dedent(
    """
    import multiprocessing
    from joblib import Parallel, delayed

    def square(x):
        return x * x

    if __name__ == "__main__":
        print(Parallel(n_jobs=2)(delayed(square)(n) for n in range(4)))
        for way in ("fork", "spawn"):
            with multiprocessing.get_context(way).Pool(2) as pool:
                print(pool.map(square, range(4)))
    """
)
LOADER = textwrap.dedent(
    """
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.arange(8.0))
    print(sum(batch[0].sum().item() for batch in DataLoader(data, batch_size=2, num_workers=2)))
    """
)
needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def warm(request: pytest.FixtureRequest) -> Iterator[ProcessSandbox]:
    opened = ProcessSandbox(level_named(request.param))
    yield opened
    opened.close()


def test_everything_wanted_is_imported(warm: ProcessSandbox, room: Room) -> None:
    assert one(warm, room.task("pass", threads=2)).failure is None
    assert not any(process.ready.missing for process in warm._idle)


def test_fits_with_threads_agree_cold_and_warm_and_again(warm: ProcessSandbox, room: Room) -> None:
    tasks = [room.task(FITS, threads=2) for _ in range(2)]
    assert [outcome.failure for outcome in warm.run(tasks, jobs=1)] == [None, None]
    cold = ProcessSandbox(level_named(warm.level), cold_start=True)
    tasks.append(room.task(FITS, threads=2))
    assert one(cold, tasks[-1]).failure is None
    cold.close()
    assert len({written(task) for task in tasks}) == 1


def test_unseeded_chance_differs_between_scripts(warm: ProcessSandbox, room: Room) -> None:
    code = "import numpy, random; print(numpy.random.rand(), random.random())"
    outputs = {outcome.output for outcome in warm.run([room.task(code, threads=2) for _ in range(3)], jobs=1)}
    assert len(outputs) == 3


def test_warnings_and_temporary_files_are_as_in_a_fresh_interpreter(warm: ProcessSandbox, room: Room) -> None:
    code = """
import os, tempfile, warnings
warnings.warn("mind the gap")
with tempfile.NamedTemporaryFile() as file:
    print(os.path.dirname(file.name) == os.environ["TMPDIR"], tempfile.gettempdir() == os.environ["TMPDIR"])
"""
    outcome = one(warm, room.task(code, threads=2))
    assert outcome.failure is None
    assert "UserWarning: mind the gap" in outcome.output
    assert outcome.output.endswith("True True\n")


@needs_torch
def test_torch_fits_in_a_fork(warm: ProcessSandbox, room: Room) -> None:
    tasks = [room.task(TORCH, threads=2, imports=("torch",), memory_bytes=2**31) for _ in range(2)]
    assert [outcome.failure for outcome in warm.run(tasks, jobs=1)] == [None, None]
    assert written(tasks[0]) == written(tasks[1])


def test_workers_of_a_script(warm: ProcessSandbox, room: Room) -> None:
    outcome = one(warm, room.task(WORKERS, threads=2, memory_bytes=2**31))
    if warm.level == "bubblewrap":
        assert outcome.failure is None
        assert outcome.output.count("[0, 1, 4, 9]") == 3
    else:
        assert outcome.failure is not None, "without a private /dev/shm there are no semaphores"
        assert "[0, 1, 4, 9]" in outcome.output, "joblib does it one after the other"


@needs_torch
def test_workers_of_a_loader(warm: ProcessSandbox, room: Room) -> None:
    if warm.level != "bubblewrap":
        pytest.skip("needs semaphores, which need a private /dev/shm")
    outcome = one(warm, room.task(LOADER, threads=2, imports=("torch",), memory_bytes=2**31))
    assert outcome.failure is None
    assert outcome.output == "28.0\n"


def test_only_known_libraries_are_imported_early(warm: ProcessSandbox, room: Room) -> None:
    assert one(warm, room.task("pass", threads=2, imports=("antigravity",))).failure is None
    assert not any("antigravity" in process.wish.imports for process in warm._idle)


@pytest.mark.slow
def test_a_hundred_evaluations_leave_the_runner_as_it_was(warm: ProcessSandbox, room: Room) -> None:
    import psutil

    me = psutil.Process()
    code = "import pandas as pd; pd.read_csv('input/train.csv').to_csv('submission.csv', index=False)"

    def run(times: int) -> None:
        for number in range(times):
            task = room.task(code, view="ab"[number % 2], threads=2)
            assert one(warm, task).failure is None

    def held() -> dict[str, int]:
        children = sum(child.status() != psutil.STATUS_ZOMBIE for child in me.children(recursive=True))
        return {"files": me.num_fds(), "threads": me.num_threads(), "children": children}

    run(20)
    before, memory = held(), me.memory_info().rss
    run(80)
    assert me.memory_info().rss - memory < 8 * 2**20
    # A thread that was joined is still there for the kernel for a moment.
    until = time.monotonic() + 10
    while grown := {name: (before[name], count) for name, count in held().items() if count > before[name]}:
        assert time.monotonic() < until, grown
        time.sleep(0.05)
