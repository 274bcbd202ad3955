"""What every sandbox does, the fake one too. A test class inherits this and gives a `sandbox`."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from haste.adapters.sandbox.fake import Part
from haste.core.solution import FailureKind
from haste.errors import SandboxError
from haste.ports import Sandbox
from sandbox.rooms import Room, one, written

WRITES = "open('submission.csv', 'w').write('id,y\\n3,0.5\\n')"
COPIES = "open('submission.csv', 'w').write(open('input/train.csv').read())"
SPEAKS = "print('fitted', 5, 'models')"
FAILS = "raise ValueError('no such column')"
CHECKS_FOLDER = (
    "import os; left = 'submission.csv' in os.listdir('.'); open('submission.csv', 'w').write(str(left))"
)
KEEPS = "import os; os.makedirs('cache', exist_ok=True); open('cache/fit', 'a').write('x')"
FINDS = (
    "import os; there = os.path.exists('cache/fit') and open('cache/fit').read(); "
    "open('submission.csv', 'w').write(str(there))"
)


def _writes(work: Path, view: Path) -> None:
    (work / "submission.csv").write_text("id,y\n3,0.5\n")


def _copies(work: Path, view: Path) -> None:
    (work / "submission.csv").write_text((view / "train.csv").read_text())


def _speaks(work: Path, view: Path) -> str:
    return "fitted 5 models\n"


def _fails(work: Path, view: Path) -> None:
    raise ValueError("no such column")


def _checks_folder(work: Path, view: Path) -> None:
    (work / "submission.csv").write_text("False")


def _keeps(work: Path, view: Path) -> None:
    (work / "cache").mkdir(exist_ok=True)
    with (work / "cache" / "fit").open("a") as file:
        file.write("x")


def _finds(work: Path, view: Path) -> None:
    kept = work / "cache" / "fit"
    (work / "submission.csv").write_text(kept.read_text() if kept.exists() else "False")


PARTS: dict[str, Part] = {
    WRITES: _writes,
    COPIES: _copies,
    SPEAKS: _speaks,
    FAILS: _fails,
    CHECKS_FOLDER: _checks_folder,
    KEEPS: _keeps,
    FINDS: _finds,
}


class SandboxContract:
    """Inherit, and define fixtures `sandbox` (open for the whole class) and `room`."""

    def test_a_script_writes_into_its_work_folder(self, sandbox: Sandbox, room: Room) -> None:
        task = room.task(WRITES)
        assert one(sandbox, task).failure is None
        assert written(task) == "id,y\n3,0.5\n"

    def test_a_script_reads_its_own_view(self, sandbox: Sandbox, room: Room) -> None:
        tasks = [room.task(COPIES, view="a"), room.task(COPIES, view="b")]
        assert [outcome.failure for outcome in sandbox.run(tasks, jobs=2)] == [None, None]
        assert [written(task) for task in tasks] == ["id,y\n1,a\n", "id,y\n1,b\n"]

    def test_what_a_script_prints_is_kept(self, sandbox: Sandbox, room: Room) -> None:
        outcome = one(sandbox, room.task(SPEAKS))
        assert outcome.output == "fitted 5 models\n"
        assert outcome.seconds > 0

    def test_a_crash_is_a_typed_failure_with_its_last_line(self, sandbox: Sandbox, room: Room) -> None:
        failure = one(sandbox, room.task(FAILS)).failure
        assert failure is not None
        assert failure.kind == FailureKind.CRASHED
        assert failure.message == "ValueError: no such column"
        assert "no such column" in failure.output

    def test_nothing_is_left_for_the_next_script(self, sandbox: Sandbox, room: Room) -> None:
        tasks = [room.task(WRITES), room.task(CHECKS_FOLDER)]
        assert [outcome.failure for outcome in sandbox.run(tasks, jobs=1)] == [None, None]
        assert written(tasks[1]) == "False"

    def test_its_cache_waits_for_the_next_script_on_the_same_view(self, sandbox: Sandbox, tmp_path: Path) -> None:
        room = Room(tmp_path / "room")
        tasks = [room.task(KEEPS), room.task(KEEPS), room.task(FINDS), room.task(FINDS, view="b")]
        assert [outcome.failure for outcome in sandbox.run(tasks, jobs=1)] == [None] * 4
        assert [written(task) for task in tasks[2:]] == ["xx", "False"]
        assert [(task.work / "cache").exists() for task in tasks] == [False] * 4

    def test_outcomes_come_in_the_order_of_the_tasks(self, sandbox: Sandbox, room: Room) -> None:
        tasks = [room.task(code) for code in (FAILS, WRITES, SPEAKS, FAILS)]
        outcomes = list(sandbox.run(tasks, jobs=2))
        assert [outcome.failure is None for outcome in outcomes] == [False, True, True, False]

    def test_no_tasks_have_no_outcomes(self, sandbox: Sandbox) -> None:
        assert list(sandbox.run([], jobs=4)) == []

    def test_a_batch_that_has_no_time_is_cut(self, sandbox: Sandbox, room: Room) -> None:
        outcomes = list(sandbox.run([room.task(WRITES) for _ in range(3)], jobs=2, within=0.0))
        assert [outcome.cut for outcome in outcomes] == [True] * 3
        assert one(sandbox, room.task(WRITES)).cut is False

    def test_the_iterator_can_be_closed_early(self, sandbox: Sandbox, room: Room) -> None:
        outcomes: Any = sandbox.run([room.task(WRITES) for _ in range(3)], jobs=1)
        with closing(outcomes):
            assert next(outcomes).failure is None
        assert one(sandbox, room.task(WRITES)).failure is None

    def test_the_level_has_a_name(self, sandbox: Sandbox) -> None:
        assert sandbox.level

    def test_a_closed_sandbox_runs_nothing(self, disposable: Sandbox, room: Room) -> None:
        disposable.close()
        disposable.close()
        with pytest.raises(SandboxError, match="closed"):
            list(disposable.run([room.task(WRITES)], jobs=1))
