"""Runs beside each other."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from measured.slots import in_slots, slots_of

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPT = """
import sys, time
from pathlib import Path
from measured.contest import stoppable, timed
from measured.slots import in_slots

def sleep(log):
    return timed(["sleep", "987"], cwd=Path(), log=Path(log), cores=1, seconds=1000).error

def work():
    for _ in in_slots([sys.argv[1] + "/a", sys.argv[1] + "/b"], sleep, slots=2, cores=1):
        pass

if __name__ == "__main__":
    stoppable(work)
"""


def _cores(_: str) -> list[int]:
    return sorted(os.sched_getaffinity(0))


def test_no_two_slots_share_a_core() -> None:
    assert slots_of([0, 1, 4, 5, 7], 2, 2) == [[0, 1], [4, 5]]


def test_more_slots_than_cores_are_refused() -> None:
    with pytest.raises(RuntimeError, match="3 runs of 2 cores at a time need more than the 5 cores here"):
        slots_of([0, 1, 2, 3, 4], 3, 2)


def test_one_slot_works_in_turn_here() -> None:
    assert list(in_slots(["a", "b"], os.path.basename, slots=1, cores=1)) == [("a", "a"), ("b", "b")]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_each_job_is_bound_to_the_cores_of_a_slot() -> None:
    found = dict(in_slots(["a", "b", "c", "d"], _cores, slots=2, cores=1))
    assert set(found) == {"a", "b", "c", "d"}
    assert all(len(cores) == 1 for cores in found.values())


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_who_is_stopped_stops_what_runs_and_says_one_line(tmp_path: Path, signal: str) -> None:
    script = tmp_path / "study.py"
    script.write_text(SCRIPT, encoding="utf-8")
    roots = os.pathsep.join([str(BENCHMARKS), str(BENCHMARKS.parent / "runner")])
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": roots},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    subprocess.run(["kill", f"-{signal}", str(process.pid)], check=True)
    _, told = process.communicate(timeout=60)
    assert told == "stopped; call it again to go on\n"
    assert process.returncode == 1


def _until(ready: object) -> None:
    ended = time.monotonic() + 60
    while not ready():  # type: ignore[operator]
        assert time.monotonic() < ended
        time.sleep(0.05)
