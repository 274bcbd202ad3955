"""When processes start, are used again, are replaced, and end."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from haste.adapters.sandbox import open_sandbox
from haste.adapters.sandbox.gpus import FakeGpus
from haste.adapters.sandbox.inside import landlock
from haste.adapters.sandbox.levels import Bare, Bubblewrap, Launch, LevelName, Wish
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.competition import Fold
from haste.core.evaluation import Task, View
from haste.core.solution import FailureKind, Limits
from haste.errors import SandboxError, UsageError
from sandbox.conftest import level_named
from sandbox.rooms import Room, call_me, gone, named, one, slack, threads_named, written

PARENT = "import os; open('submission.csv', 'w').write(os.readlink('/proc/self/ns/pid') + str(os.getppid()))"
SLEEPER = "import time; time.sleep(60)"


def staging_folders(room: Room) -> list[Path]:
    return list((room.root / "views").glob(".*"))


class TestWarmProcesses:
    def test_one_process_serves_every_view(self, sandbox: ProcessSandbox, room: Room) -> None:
        tasks = [room.task(PARENT, view=view) for view in ("a", "b", "a")]
        assert [one(sandbox, task).failure for task in tasks] == [None] * 3
        first, second, third = map(written, tasks)
        assert first == third
        assert (first == second) == (sandbox.level != "bubblewrap" or landlock.abi() > 0)

    def test_each_script_is_a_fresh_process(self, sandbox: ProcessSandbox, room: Room) -> None:
        leaves = "import json, os; json.left = True; os.environ['LEFT'] = '1'; import sys; sys.path.append('/left')"
        finds = "import json, os, sys; print(hasattr(json, 'left'), 'LEFT' in os.environ, '/left' in sys.path)"
        assert one(sandbox, room.task(leaves)).failure is None
        assert one(sandbox, room.task(finds)).output == "False False False\n"

    def test_other_threads_mean_another_process(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import os; print(os.environ['OMP_NUM_THREADS'], os.environ['OPENBLAS_NUM_THREADS'])"
        assert one(sandbox, room.task(code, threads=1)).output == "1 1\n"
        assert one(sandbox, room.task(code, threads=3)).output == "3 3\n"

    def test_two_scripts_over_one_view_run_side_by_side(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import time; began = time.monotonic(); time.sleep(1); print(began, time.monotonic())"
        outcomes = list(sandbox.run([room.task(code), room.task(code)], jobs=2))
        assert [outcome.failure for outcome in outcomes] == [None, None]
        begins, ends = zip(*(map(float, outcome.output.split()) for outcome in outcomes), strict=True)
        assert max(begins) < min(ends)

    def test_a_dead_process_is_started_again(self, disposable: ProcessSandbox, room: Room) -> None:
        assert one(disposable, room.task("pass")).failure is None
        (process,) = disposable._idle
        signal.pidfd_send_signal(process._leader, signal.SIGKILL)
        process._child.wait()
        assert one(disposable, room.task("print('again')")).output == "again\n"

    def test_a_process_that_dies_under_a_script_is_a_failure_of_the_sandbox(
        self, disposable: ProcessSandbox, room: Room
    ) -> None:
        assert one(disposable, room.task("pass")).failure is None
        (process,) = disposable._idle
        outcomes: Any = disposable.run([room.task(SLEEPER), room.task("print('next')")], jobs=1)
        with closing(outcomes):
            _later(0.5, lambda: signal.pidfd_send_signal(process._leader, signal.SIGKILL))
            failure = next(outcomes).failure
            assert failure is not None
            assert failure.kind == FailureKind.SANDBOX_BROKE
            assert next(outcomes).output == "next\n"

    def test_the_script_finds_itself_as_main(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = """
            import pickle, sys
            from dataclasses import dataclass
            @dataclass
            class Row:
                x: int
            assert __name__ == "__main__" and sys.argv == ["solution.py"]
            assert pickle.loads(pickle.dumps(Row(1))) == Row(1)
            assert open(__file__).read().startswith("\\nimport pickle")
            print("main")
        """
        assert one(sandbox, room.task(textwrap.dedent(code))).output == "main\n"

    def test_exit_hooks_and_threads_are_waited_for(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = """
            import atexit, threading, time
            atexit.register(print, "hook")
            threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
        """
        assert one(sandbox, room.task(textwrap.dedent(code))).output == "thread\nhook\n"


class TestEnds:
    def test_closing_the_iterator_stops_what_runs(
        self, sandbox: ProcessSandbox, room: Room, fresh_name: Iterator[str]
    ) -> None:
        mark = next(fresh_name)
        tasks = [room.task("pass", view="a"), room.task(call_me(mark) + SLEEPER, view="b")]
        outcomes: Any = sandbox.run(tasks, jobs=2)
        with closing(outcomes):
            assert next(outcomes).failure is None
            deadline = time.monotonic() + 20
            while not named(mark) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert named(mark)
        assert gone(mark, within=slack(0.5))
        assert one(sandbox, room.task("print('warm')", view="b")).output == "warm\n"

    def test_closing_leaves_no_process_folder_or_thread(
        self, disposable: ProcessSandbox, room: Room, fresh_name: Iterator[str]
    ) -> None:
        before = len(staging_folders(room))
        list(disposable.run([room.task("pass", view=view) for view in ("a", "b")], jobs=2))
        assert len(staging_folders(room)) == before + 2
        children = [process._child.pid for process in disposable._idle]
        disposable.close()
        assert len(staging_folders(room)) == before
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
        assert not threads_named("haste-evaluation")

    def test_closing_ends_a_script_of_another_thread(self, disposable: ProcessSandbox, room: Room) -> None:
        outcomes: Any = disposable.run([room.task(SLEEPER)], jobs=1)
        with closing(outcomes):
            _later(1.0, disposable.close)
            failure = next(outcomes).failure
            assert failure is not None
            assert failure.kind == FailureKind.SANDBOX_BROKE

    @pytest.mark.parametrize("level", ["bubblewrap", "landlock", "none"])
    def test_a_killed_runner_takes_its_scripts_along(
        self, level: str, room: Room, fresh_name: Iterator[str], tmp_path: Path
    ) -> None:
        level_named(level)
        mark = next(fresh_name)
        code = call_me(mark) + "import os\nif os.fork() == 0:\n    os.setsid()\n" + SLEEPER
        started = subprocess.Popen([sys.executable, "-c", runner(level, room, tmp_path, code)])
        deadline = time.monotonic() + 30
        while len(named(mark)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(named(mark)) == 2
        started.kill()
        started.wait()
        assert gone(mark, within=slack(5.0))

    def test_a_runner_that_forgets_to_close_can_end(self, room: Room, tmp_path: Path) -> None:
        runner = tmp_path / "runner.py"
        runner.write_text(
            RUNNER.format(
                level="none", times=1, view=str(room.view().folder), work=str(tmp_path / "w"), code="pass"
            )
        )
        done = subprocess.run([sys.executable, str(runner)], timeout=60, check=False)
        assert done.returncode == 0


RUNNER = """
from pathlib import Path
from haste.adapters.sandbox.levels import Bare, Bubblewrap
from haste.adapters.sandbox.inside import landlock
from haste.adapters.sandbox.levels import Launch, LevelName, Wish
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.competition import Fold
from haste.core.solution import Limits
from haste.core.evaluation import Task, View

level = Bubblewrap() if {level!r} == "bubblewrap" else Bare({level!r})
view = View(fold=Fold(), folder=Path({view!r}))
task = Task(code={code!r}, view=view, work=Path({work!r}), limits=Limits(seconds=60))
sandbox = ProcessSandbox(level, imports=())
for outcome in sandbox.run([task] * {times}, jobs=1):
    print(outcome.failure or outcome.output.strip())
"""


def runner(level: str, room: Room, folder: Path, code: str, times: int = 1) -> str:
    """A program that opens a sandbox, runs a script in it some times, prints what came of it, and never closes."""
    facts = {"view": str(room.view().folder), "work": str(folder / "work"), "code": code}
    return RUNNER.format(level=level, times=times, **facts)


class TestGpus:
    """`/dev/fuse` stands in for a GPU's device file: what is bound is what the probe named."""

    SAYS = (
        "import os, time; time.sleep(0.5); gpu = os.environ['CUDA_VISIBLE_DEVICES']\n"
        "try: open({device!r}).close(); seen = 'open'\n"
        "except FileNotFoundError: seen = 'absent'\n"
        "except OSError: seen = 'refused'\n"
        "print(gpu, seen)"
    )

    @pytest.mark.parametrize("level", ["bubblewrap", "landlock", "none"])
    def test_views_side_by_side_get_different_ones_with_their_devices(self, level: str, room: Room) -> None:
        level_named(level)
        device = Path("/dev/fuse")
        if not os.access(device, os.R_OK):
            pytest.skip("no device file to stand in for a GPU's")
        gpus = FakeGpus(("NVIDIA A10", "NVIDIA A10"), (device,))
        bare = Bare("landlock" if level == "landlock" else "none", gpus)
        held = Bubblewrap(gpus) if level == "bubblewrap" else bare
        code = self.SAYS.format(device=str(device))
        with closing(ProcessSandbox(held, imports=(), gpus=gpus)) as opened:
            said = [outcome.output.split() for outcome in opened.run([room.task(code)] * 2, jobs=2)]
        assert sorted(gpu for gpu, _ in said) == ["0", "1"]
        assert {seen for _, seen in said} == {"open"}

    def test_without_any_a_script_sees_none(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))"
        assert one(sandbox, room.task(code)).output == "''\n"


class TestOpening:
    def test_the_best_level_is_taken(self) -> None:
        level_named("bubblewrap")
        with closing(open_sandbox()) as opened:
            assert opened.level == "bubblewrap"

    def test_a_level_can_be_named(self) -> None:
        level_named("landlock")
        with closing(open_sandbox(level="landlock")) as opened:
            assert opened.level == "landlock"

    def test_none_must_be_allowed(self) -> None:
        with pytest.raises(SandboxError, match="--unsafe-exec"):
            open_sandbox(level="none")
        with closing(open_sandbox(level="none", unsafe_exec=True)) as opened:
            assert opened.level == "none"

    def test_an_unknown_level(self) -> None:
        with pytest.raises(UsageError, match="bubblewrap, landlock or none"):
            open_sandbox(level="docker")

    @pytest.mark.parametrize("command", ["/nonexistent", "/bin/false"])
    def test_a_sandbox_that_cannot_start_is_an_outcome(self, room: Room, command: str) -> None:
        before = staging_folders(room)
        with closing(ProcessSandbox(Broken(command))) as opened:
            failure = one(opened, room.task("pass")).failure
        assert failure is not None
        assert failure.kind == FailureKind.SANDBOX_BROKE
        assert "haste-run doctor" in failure.message
        assert staging_folders(room) == before

    @pytest.mark.parametrize("level", ["bubblewrap", "landlock"])
    def test_a_view_among_what_every_script_can_read_is_refused(self, tmp_path: Path, level: str) -> None:
        """Between two such views no fence would stand; nothing is started for one."""
        view = View(fold=Fold(), folder=Path(os.__file__).parent / "json")
        task = Task(code="pass", view=view, work=tmp_path / "work", limits=Limits())
        with closing(ProcessSandbox(level_named(level), imports=())) as opened:
            failure = one(opened, task).failure
        assert failure is not None
        assert failure.kind == FailureKind.SANDBOX_BROKE
        assert "which every script can read" in failure.message


class Broken:
    """A level whose sandbox never comes up."""

    name: LevelName = "none"

    def __init__(self, command: str) -> None:
        self._command = command

    def launch(self, wish: Wish, *, control: int, told: int) -> Launch:
        return Launch([self._command], {}, str(wish.shelf))

    def shelf(self, view: Path) -> Path:
        return view


def _later(seconds: float, action: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, action)
    timer.start()


class TestAnEnvironmentAmongTemporaryFiles:
    """A clone under /tmp has its libraries where a sandbox has temporary files of its own."""

    SCRIPT = """
import os, subprocess, sys
from pathlib import Path
assert subprocess.check_output([sys.executable, "-c", "print(6 * 7)"]) == b"42\\n"
places = (Path("/tmp"), Path(sys.prefix).parent)
print(os.readlink("/proc/self/ns/pid"), *((place / "letter").exists() for place in places))
for place in places:
    try:
        (place / "letter").write_text("for the next")
    except OSError:
        pass
"""

    def test_it_is_found_and_kept(self, room: Room) -> None:
        level_named("bubblewrap")
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            venv.create(Path(folder) / "venv", symlinks=True)
            facts = {"view": str(room.view().folder), "work": f"{folder}/work", "code": self.SCRIPT}
            done = subprocess.run(
                [
                    Path(folder) / "venv" / "bin" / "python",
                    "-c",
                    RUNNER.format(level="bubblewrap", times=2, **facts),
                ],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                capture_output=True,
                text=True,
                check=True,
            )
        first, second = done.stdout.splitlines()
        assert first.endswith("False False"), done.stdout
        assert first == second, "the same process, left clean"
