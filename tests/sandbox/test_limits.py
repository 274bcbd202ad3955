"""Every limit ends in a typed failure, in time, with the end of the output, and nothing lives on."""

import time
from collections.abc import Iterator

import pytest

from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.evaluation import Outcome
from haste.core.solution import Failure, FailureKind
from sandbox.rooms import Room, call_me, gone, one, slack

SECONDS = 1.0
SLACK = 0.5

SLEEPER = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
HOLDER = "import os, time\nif os.fork() == 0: time.sleep(60)\nelse: time.sleep(60)"
BOMB = "import os\nwhile True: os.fork()"
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
time.sleep(60)
"""
FLOOD = "import os\nwhile True: os.write(1, b'x' * 2**20)"
STUBBORN = {"sleeper": SLEEPER, "deaf": DEAF, "holder": HOLDER, "bomb": BOMB, "daemon": DAEMON, "flood": FLOOD}


def failed(outcome: Outcome) -> Failure:
    assert outcome.failure is not None, outcome
    return outcome.failure


class TestTime:
    @pytest.mark.parametrize("name", STUBBORN)
    def test_the_runner_is_back_in_time_and_nothing_survives(
        self, sandbox: ProcessSandbox, room: Room, fresh_name: Iterator[str], name: str
    ) -> None:
        assert one(sandbox, room.task("print('warm')")).failure is None
        mark = next(fresh_name)
        started = time.monotonic()
        outcome = one(sandbox, room.task(call_me(mark) + STUBBORN[name], seconds=SECONDS))
        took = time.monotonic() - started
        allowed = (
            {FailureKind.TIMED_OUT, FailureKind.TOO_MANY_PROCESSES} if name == "bomb" else {FailureKind.TIMED_OUT}
        )
        assert failed(outcome).kind in allowed
        assert gone(mark)
        assert took < SECONDS + slack(3 * SLACK if name == "bomb" else SLACK)  # a bomb's many end one by one
        assert one(sandbox, room.task("print('still here')")).output == "still here\n"

    def test_a_script_that_ends_leaves_no_daemon(
        self, sandbox: ProcessSandbox, room: Room, fresh_name: Iterator[str]
    ) -> None:
        mark = next(fresh_name)
        ends = DAEMON.replace("time.sleep(60)\n    os._exit", "time.sleep(50)\n    os._exit").rsplit("time", 1)[0]
        started = time.monotonic()
        assert one(sandbox, room.task(call_me(mark) + ends)).failure is None
        assert time.monotonic() - started < 30
        assert gone(mark, within=slack(0.2))

    def test_the_message_says_the_limit(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("print('fold 1 done', flush=True)\n" + SLEEPER, seconds=0.5))
        assert "0.5 s" in failed(outcome).message
        assert failed(outcome).output == "fold 1 done\n"


class TestTheBatch:
    WITHIN = 2.5
    SLEEPS = "import time; time.sleep(1)"

    def test_later_tasks_get_what_earlier_ones_left(self, sandbox: ProcessSandbox, room: Room) -> None:
        list(sandbox.run([room.task("pass")] * 2, jobs=2))
        tasks = [room.task(self.SLEEPS), room.task(SLEEPER), room.task(SLEEPER), room.task(SLEEPER)]
        started = time.monotonic()
        outcomes = list(sandbox.run(tasks, jobs=2, within=self.WITHIN))
        took = time.monotonic() - started
        assert [outcome.cut for outcome in outcomes] == [False, True, True, True]
        assert took < self.WITHIN + slack(SLACK)
        assert failed(outcomes[1]).kind == FailureKind.TIMED_OUT
        assert outcomes[2].seconds < outcomes[1].seconds

    def test_a_limit_of_its_own_is_no_cut(self, sandbox: ProcessSandbox, room: Room) -> None:
        (outcome,) = sandbox.run([room.task(SLEEPER, seconds=0.5)], jobs=1, within=60.0)
        assert failed(outcome).kind == FailureKind.TIMED_OUT
        assert outcome.cut is False

    def test_a_process_that_starts_too_slowly_is_cut(self, disposable: ProcessSandbox, room: Room) -> None:
        started = time.monotonic()
        (outcome,) = disposable.run([room.task(SLEEPER)], jobs=1, within=0.02)
        assert outcome.cut is True
        assert time.monotonic() - started < 0.02 + slack(SLACK)


class TestMemory:
    HOG = "data = []\nwhile True: data.append(b'x' * 2**24)"
    CHILDREN = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        data = bytearray(b'x') * (400 * 2**20)
        time.sleep(60)
time.sleep(60)
"""
    SHARED = """
import os, time
data = bytearray(b'x') * (300 * 2**20)
children = [os.fork() for _ in range(1)]
for _ in range(5):
    if children[-1]: children.append(os.fork())
time.sleep(1.5)
if all(children): [os.waitpid(child, 0) for child in children]
"""

    def test_one_process(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task(self.HOG, memory_bytes=300 * 2**20))
        assert failed(outcome).kind == FailureKind.OUT_OF_MEMORY
        assert "300 MiB are allowed" in failed(outcome).message
        assert outcome.memory_bytes > 300 * 2**20

    def test_a_tree_none_of_which_is_too_large_alone(
        self, sandbox: ProcessSandbox, room: Room, fresh_name: Iterator[str]
    ) -> None:
        mark = next(fresh_name)
        outcome = one(sandbox, room.task(call_me(mark) + self.CHILDREN, memory_bytes=2**30))
        assert failed(outcome).kind == FailureKind.OUT_OF_MEMORY
        assert gone(mark)

    def test_pages_that_forks_share_count_once(self, sandbox: ProcessSandbox, room: Room) -> None:
        assert one(sandbox, room.task(self.SHARED, memory_bytes=600 * 2**20)).failure is None

    def test_files_in_memory_count(self, holding: ProcessSandbox, room: Room) -> None:
        if holding.level != "bubblewrap":
            pytest.skip("only bubblewrap gives a script a folder in memory")
        code = """
import time
with open('/dev/shm/x', 'wb') as file:
    for _ in range(400): file.write(b'x' * 2**20)
time.sleep(60)
"""
        outcome = one(holding, room.task(code, memory_bytes=300 * 2**20))
        assert failed(outcome).kind == FailureKind.OUT_OF_MEMORY

    def test_asking_for_more_than_there_is(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("bytearray(2**50)"))
        assert failed(outcome).kind == FailureKind.OUT_OF_MEMORY
        assert failed(outcome).message == "MemoryError"

    def test_what_was_used_is_told(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("import time; data = b'x' * (200 * 2**20); time.sleep(0.3)"))
        assert 200 * 2**20 < outcome.memory_bytes < 300 * 2**20


class TestProcessesAndFiles:
    def test_too_many_processes(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import os, time\nfor _ in range(9):\n    if os.fork() == 0: break\ntime.sleep(60)"
        outcome = one(sandbox, room.task(code, processes=4))
        assert failed(outcome).kind == FailureKind.TOO_MANY_PROCESSES
        assert "4 are allowed" in failed(outcome).message

    def test_as_many_as_are_allowed(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import os, time\nfor _ in range(3):\n    if os.fork() == 0: break\ntime.sleep(0.3)"
        assert one(sandbox, room.task(code, processes=4)).failure is None

    def test_a_file_too_large(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "open('x', 'wb').write(b'x' * (9 * 2**20))"
        outcome = one(sandbox, room.task(code, file_bytes=8 * 2**20))
        assert failed(outcome).kind == FailureKind.TOO_LARGE

    def test_many_files_too_large_together(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "for n in range(9): open(f'x{n}', 'wb').write(b'x' * 2**20)"
        outcome = one(sandbox, room.task(code, file_bytes=8 * 2**20))
        assert failed(outcome).kind == FailureKind.TOO_LARGE
        assert "8 MiB are allowed" in failed(outcome).message

    def test_files_without_a_name(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = """
import os, time
kept = []
for n in range(9):
    kept.append(open('x', 'wb'))
    kept[-1].write(b'x' * 2**20)
    kept[-1].flush()
    os.unlink('x')
time.sleep(60)
"""
        outcome = one(sandbox, room.task(code, file_bytes=8 * 2**20))
        assert failed(outcome).kind == FailureKind.TOO_LARGE

    def test_folders_nested_without_end(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = """
import os
for _ in range(3000):
    os.mkdir('nested')
    os.chdir('nested')
"""
        outcome = one(sandbox, room.task(code))
        assert failed(outcome).kind == FailureKind.TOO_LARGE
        assert one(sandbox, room.task("print(1)")).failure is None

    def test_folders_that_may_be_filled_and_not_looked_into(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = """
import os
os.mkdir('unseen', 0o300)
for n in range(9): open(f'unseen/x{n}', 'wb').write(b'x' * 2**20)
"""
        outcome = one(sandbox, room.task(code, file_bytes=8 * 2**20))
        assert failed(outcome).kind == FailureKind.TOO_LARGE

    def test_folders_nobody_may_enter(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import os; os.makedirs('a/b/c'); os.chmod('a/b', 0); os.chmod('.', 0)"
        one(sandbox, room.task(code))
        assert one(sandbox, room.task("import os; print(os.listdir('.'))")).output.count("a") == 0


class TestOutput:
    def test_a_gigabyte_is_read_away(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = "import os\nfor _ in range(1024): os.write(1, b'x' * 2**20)\nos.write(1, b'the end')"
        outcome = one(sandbox, room.task(code))
        assert outcome.failure is None
        assert len(outcome.output) <= 4000
        assert outcome.output.endswith("xthe end")
        assert outcome.output.startswith("[the beginning was cut: 1,07")

    def test_silence_is_fine(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("pass"))
        assert (outcome.failure, outcome.output) == (None, "")

    def test_what_was_printed_before_a_kill_is_kept(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("import os; print('so far'); os.kill(os.getpid(), 9)"))
        assert failed(outcome).kind == FailureKind.CRASHED
        assert failed(outcome).message == "killed by SIGKILL"
        assert failed(outcome).output == "so far\n"

    def test_a_fault_below_python_names_the_line(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("import ctypes\nctypes.string_at(0)"))
        assert failed(outcome).message == "killed by SIGSEGV"
        assert 'File "solution.py", line 2' in failed(outcome).output

    def test_bytes_that_are_no_text(self, sandbox: ProcessSandbox, room: Room) -> None:
        code = r"import os; os.write(1, b'a\xff\x00\x1b[31mred\x1b[0m 10%\r 20%\n')"
        assert one(sandbox, room.task(code)).output == "a\ufffdred 10%\n 20%\n"

    def test_a_traceback_starts_in_the_script(self, sandbox: ProcessSandbox, room: Room) -> None:
        outcome = one(sandbox, room.task("def fit():\n    return 1 / 0\n\nfit()"))
        lines = failed(outcome).output.splitlines()
        assert lines[0] == "Traceback (most recent call last):"
        assert lines[1].strip() == 'File "solution.py", line 4, in <module>'
        assert failed(outcome).message == "ZeroDivisionError: division by zero"

    def test_a_syntax_error(self, sandbox: ProcessSandbox, room: Room) -> None:
        failure = failed(one(sandbox, room.task("def (")))
        assert failure.kind == FailureKind.CRASHED
        assert failure.message.startswith("SyntaxError")

    @pytest.mark.parametrize(("code", "message"), [("'no target'", "no target"), ("3", "exit code 3")])
    def test_leaving_with_a_word_or_a_code(
        self, sandbox: ProcessSandbox, room: Room, code: str, message: str
    ) -> None:
        assert failed(one(sandbox, room.task(f"import sys; sys.exit({code})"))).message == message

    def test_leaving_with_nothing_is_success(self, sandbox: ProcessSandbox, room: Room) -> None:
        assert one(sandbox, room.task("import sys; sys.exit()")).failure is None
