"""Scripts that try to see, change or reach what is none of their business, at each level that claims to hold.

A script writes `held` and the error, or `open` and what it got. The whole file runs as root and as nobody.
"""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from haste.adapters.sandbox import open_result
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.solution import Failure, FailureKind
from haste.ports import Sandbox
from sandbox.rooms import Room, one, written


def attempt(body: str) -> str:
    """Code that says whether `result = …` could be computed."""
    return (
        "import os, socket, ctypes, signal\nfrom pathlib import Path\n"
        f"try:\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
        "    verdict = f'open: {result!r}'\n"
        "except BaseException as error:\n    verdict = f'held: {error!r}'\n"
        "Path('submission.csv').write_text(verdict)\n"
    )


def verdict(sandbox: Sandbox, room: Room, body: str) -> str:
    task = room.task(attempt(body))
    outcome = one(sandbox, task)
    assert outcome.failure is None, outcome
    return written(task)


def assert_held(sandbox: Sandbox, room: Room, body: str) -> None:
    said = verdict(sandbox, room, body)
    assert said.startswith("held"), said


class TestReading:
    def test_another_view(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = Path({str(room.view('b').folder / 'train.csv')!r}).read_text()")

    def test_other_views_by_climbing(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('input').resolve().parent.joinpath('b/train.csv').read_text()")

    def test_the_list_of_views(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = os.listdir(Path('input').resolve().parent); assert 'b' in result")

    def test_a_hard_link_to_another_view(self, holding: ProcessSandbox, room: Room) -> None:
        other = "Path('input').resolve().parent / 'b/train.csv'"
        assert_held(holding, room, f"os.link({other}, 'x'); result = Path('x').read_text()")

    def test_the_answers(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = Path({str(room.answers)!r}).read_text()")

    def test_the_answers_by_a_link(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"Path('x').symlink_to({str(room.answers)!r}); result = Path('x').read_text()")

    def test_the_answers_by_a_hard_link(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"os.link({str(room.answers)!r}, 'x'); result = Path('x').read_text()")

    def test_the_folder_of_the_answers(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = os.listdir({str(room.answers.parent)!r})")

    def test_the_home(self, holding: ProcessSandbox, room: Room) -> None:
        home = Path.home()
        assert_held(holding, room, f"result = os.listdir({str(home)!r}); assert '.bashrc' in result or not result")

    def test_the_project(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = Path({__file__!r}).read_text()")

    def test_the_passwords(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('/etc/shadow').read_text()")

    def test_the_real_users(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('/etc/passwd').read_text(); assert 'root:' in result")

    def test_the_environment_of_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = Path('/proc/{os.getpid()}/environ').read_bytes()")

    def test_the_command_line_of_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = Path('/proc/{os.getpid()}/cmdline').read_bytes()")

    def test_the_root_of_its_parent(self, holding: ProcessSandbox, room: Room) -> None:
        path = f"'/proc/%d/root' % os.getppid() + {str(room.answers)!r}"
        assert_held(holding, room, f"result = Path({path}).read_text()")

    def test_the_environment_of_its_parent(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('/proc/%d/environ' % os.getppid()).read_bytes()")

    def test_the_memory_of_its_parent(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = open('/proc/%d/mem' % os.getppid(), 'r+b').fileno()")

    def test_secrets_of_the_environment(
        self, holding: ProcessSandbox, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-planted")
        fresh = ProcessSandbox(holding._level, imports=())
        said = verdict(fresh, room, "result = sorted(os.environ)")
        fresh.close()
        assert "ANTHROPIC" not in said
        assert "PYTHONHASHSEED" in said

    def test_open_descriptors(self, holding: ProcessSandbox, room: Room) -> None:
        said = verdict(holding, room, "result = [os.readlink(f'/proc/self/fd/{n}') for n in range(3)]")
        assert said.count("pipe:") == 2
        assert_held(holding, room, "result = [os.fstat(n) for n in range(3, 64) if not os.set_blocking(n, True)]")


class TestWriting:
    def test_its_view(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('input/train.csv').write_text('mine')")

    def test_a_file_in_its_view(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('input/new.csv').write_text('mine')")

    def test_another_view(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path('input').resolve().parent.joinpath('b/x').write_text('mine')")

    def test_removing_from_its_view(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = os.unlink('input/train.csv')")

    def test_outside(self, holding: ProcessSandbox, room: Room, outside: Path) -> None:
        assert_held(holding, room, f"result = Path({str(outside / 'x')!r}).write_text('mine')")

    def test_beside_its_work_folder_is_no_letter_box(self, holding: ProcessSandbox, room: Room) -> None:
        verdict(holding, room, "result = Path('../letter').write_text('for the next')")
        assert_held(holding, room, "result = Path('../letter').read_text()")

    def test_the_libraries(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = Path(os.__file__).with_name('planted.py').write_text('mine')")

    def test_modes_of_the_view_stay(self, holding: ProcessSandbox, room: Room) -> None:
        before = (room.view().folder / "train.csv").stat()
        verdict(holding, room, "result = os.chmod('input/train.csv', 0o777), os.utime('input/train.csv', (1, 1))")
        after = (room.view().folder / "train.csv").stat()
        assert (before.st_mode, before.st_mtime) == (after.st_mode, after.st_mtime)

    def test_modes_of_the_answers_stay(self, holding: ProcessSandbox, room: Room) -> None:
        before = room.answers.stat()
        verdict(holding, room, f"result = os.chmod({str(room.answers)!r}, 0o777)")
        assert stat.S_IMODE(room.answers.stat().st_mode) == stat.S_IMODE(before.st_mode)

    def test_a_mode_through_an_open_file_stays(self, holding: ProcessSandbox, room: Room) -> None:
        before = (room.view().folder / "train.csv").stat()
        verdict(holding, room, "result = os.fchmod(os.open('input/train.csv', os.O_RDONLY), 0o777)")
        assert (room.view().folder / "train.csv").stat().st_mode == before.st_mode

    def test_shared_memory_is_no_letter_box(self, holding: ProcessSandbox, room: Room) -> None:
        for folder in ("/tmp", "/dev/shm"):
            verdict(holding, room, f"result = Path('{folder}/letter').write_text('for the next')")
            assert_held(holding, room, f"result = Path('{folder}/letter').read_text()")
            assert not Path(folder, "letter").exists()


class TestReaching:
    @pytest.fixture
    def port(self) -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()[1]

    @pytest.fixture
    def abstract(self) -> Iterator[str]:
        name = f"haste-test-{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"\0{name}")
            server.listen()
            yield name

    @pytest.fixture
    def named_socket(self, room: Room) -> Iterator[Path]:
        path = room.root / f"s{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()
            path.chmod(0o777)
            yield path
        path.unlink()

    def test_a_listener_on_loopback(self, holding: ProcessSandbox, room: Room, port: int) -> None:
        socket.create_connection(("127.0.0.1", port)).close()
        assert_held(holding, room, f"result = socket.create_connection(('127.0.0.1', {port}), 2)")

    def test_a_datagram_on_loopback(self, holding: ProcessSandbox, room: Room) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(0.3)
            port = receiver.getsockname()[1]
            send = f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))"
            verdict(holding, room, f"result = {send}")
            with pytest.raises(TimeoutError):
                receiver.recv(1)

    def test_a_listener_of_its_own_is_not_seen_outside(self, holding: ProcessSandbox, room: Room) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        body = f"""
            server = socket.create_server(('127.0.0.1', {port}))
            server.settimeout(1)
            result = server.accept()
        """
        tasks = [room.task(attempt(body))]
        outcomes = holding.run(tasks, jobs=1)
        assert next(outcomes).failure is None
        assert written(tasks[0]).startswith("held")

    def test_an_abstract_socket(self, holding: ProcessSandbox, room: Room, abstract: str) -> None:
        connect = f"socket.socket(socket.AF_UNIX).connect('\\0{abstract}')"
        assert_held(holding, room, f"result = {connect}")

    def test_a_named_socket(self, holding: ProcessSandbox, room: Room, named_socket: Path) -> None:
        assert_held(holding, room, f"result = socket.socket(socket.AF_UNIX).connect({str(named_socket)!r})")

    def test_the_host_of_a_virtual_machine(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)")

    def test_raw_packets(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)")

    def test_a_name_server(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, "result = socket.getaddrinfo('example.org', 80)")


class TestOtherProcesses:
    def test_killing_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = os.kill({os.getpid()}, 0)")

    def test_killing_everyone(self, holding: ProcessSandbox, room: Room) -> None:
        child = os.fork()
        if child == 0:
            signal.pause()
            os._exit(0)
        try:
            one(holding, room.task("import os; os.kill(-1, 15)"))
            assert os.waitpid(child, os.WNOHANG) == (0, 0)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        assert one(holding, room.task("print(1)")).failure is None

    def test_killing_its_parent(self, holding: ProcessSandbox, room: Room) -> None:
        one(holding, room.task("import os; [os.kill(os.getppid(), n) for n in (9, 15, 19)]"))
        assert one(holding, room.task("print(1)")).failure is None

    def test_tracing_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, trace(str(os.getpid())))

    def test_tracing_its_parent(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, trace("os.getppid()"))

    def test_reading_the_memory_of_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = open('/proc/{os.getpid()}/mem', 'rb').fileno()")

    def test_limits_of_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        body = f"import resource; result = resource.prlimit({os.getpid()}, resource.RLIMIT_NOFILE, (64, 64))"
        assert_held(holding, room, body)

    def test_priority_of_the_runner(self, holding: ProcessSandbox, room: Room) -> None:
        assert_held(holding, room, f"result = os.setpriority(os.PRIO_PROCESS, {os.getpid()}, 19)")


def trace(pid: str) -> str:
    """Code that attaches to a process as a debugger would."""
    return f"""
        libc = ctypes.CDLL(None, use_errno=True)
        result = libc.ptrace(16, {pid}, 0, 0)
        assert result == 0, os.strerror(ctypes.get_errno())
    """


class TestPrivileges:
    def test_no_capabilities(self, holding: ProcessSandbox, room: Room) -> None:
        sets = "('CapInh', 'CapPrm', 'CapEff', 'CapAmb')"
        said = verdict(holding, room, f"result = [l for l in open('/proc/self/status') if l.startswith({sets})]")
        assert said.count("0000000000000000") == 4, said

    def test_no_new_privileges(self, holding: ProcessSandbox, room: Room) -> None:
        said = verdict(holding, room, "result = [l for l in open('/proc/self/status') if 'NoNewPrivs' in l]")
        assert "NoNewPrivs:\\t1" in said

    @pytest.mark.parametrize("flag", [0x10000000, 0x20000, 0x40000000])
    def test_namespaces_of_its_own(self, holding: ProcessSandbox, room: Room, flag: int) -> None:
        body = f"""
            libc = ctypes.CDLL(None, use_errno=True)
            result = libc.unshare({flag})
            assert result == 0, os.strerror(ctypes.get_errno())
        """
        assert_held(holding, room, body)

    def test_mounting(self, holding: ProcessSandbox, room: Room) -> None:
        body = """
            libc = ctypes.CDLL(None, use_errno=True)
            result = libc.mount(b'none', os.getcwd().encode(), b'tmpfs', 0, None)
            assert result == 0, os.strerror(ctypes.get_errno())
        """
        assert_held(holding, room, body)

    def test_uring_would_go_round_the_filter(self, holding: ProcessSandbox, room: Room) -> None:
        body = """
            libc = ctypes.CDLL(None, use_errno=True)
            result = libc.syscall(425, 8, ctypes.create_string_buffer(256))
            assert result >= 0, os.strerror(ctypes.get_errno())
        """
        assert_held(holding, room, body)

    def test_children_are_held_too(self, holding: ProcessSandbox, room: Room) -> None:
        code = f"print(open({str(room.answers)!r}).read())"
        body = f"import subprocess, sys; result = subprocess.check_output([sys.executable, '-c', {code!r}])"
        assert_held(holding, room, body)


class TestResults:
    """What a script leaves where its submission should be."""

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ("os.mkfifo('submission.csv')", "a pipe"),
            ("os.mkdir('submission.csv')", "a folder"),
            ("os.symlink('/etc/passwd', 'submission.csv')", "a symbolic link"),
            ("os.symlink('solution.py', 'submission.csv')", "a symbolic link"),
            ("os.link('solution.py', 'submission.csv')", "a hard link"),
            ("import socket; socket.socket(socket.AF_UNIX).bind('submission.csv')", "a socket"),
        ],
    )
    def test_only_a_plain_file_counts(self, holding: ProcessSandbox, room: Room, body: str, says: str) -> None:
        task = room.task(f"import os\ntry:\n    {body}\nexcept PermissionError:\n    raise SystemExit(7)")
        failure = one(holding, task).failure
        if failure is not None:
            assert says == "a socket", "only sockets may be refused"
            return
        found = open_result(task.work, "submission.csv", 2**20)
        assert isinstance(found, Failure)
        assert found.kind == FailureKind.NO_SUBMISSION
        assert says in found.message

    def test_a_sparse_giant_is_too_large_to_write(self, holding: ProcessSandbox, room: Room) -> None:
        task = room.task("open('submission.csv', 'w').truncate(10 * 2**30)")
        failure = one(holding, task).failure
        assert failure is not None
        assert failure.kind == FailureKind.TOO_LARGE

    def test_planted_links_are_not_followed(self, holding: ProcessSandbox, room: Room, outside: Path) -> None:
        kept = outside / "kept"
        kept.mkdir()
        (kept / "file").write_text("still here")
        code = f"""
            import os
            os.symlink({str(kept)!r}, 'folder')
            os.unlink('input')
            os.symlink({str(kept)!r}, 'input')
            os.symlink({str(kept / "file")!r}, 'soft.csv')
        """
        task = room.task(textwrap.dedent(code))
        assert one(holding, task).failure is None
        assert (kept / "file").read_text() == "still here"
        assert one(holding, room.task("print(1)")).failure is None
        assert (kept / "file").read_text() == "still here"


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become nobody")
def test_all_of_it_as_nobody(nobodys_folder: Path) -> None:
    python = next((python for python in INTERPRETERS if as_nobody([python, *IMPORTS]).returncode == 0), None)
    if python is None:
        pytest.skip("no interpreter here that nobody may run")
    options = ["-p", "no:cacheprovider", f"--basetemp={nobodys_folder / 'tmp'}"]
    done = as_nobody([python, "-m", "pytest", __file__, *options])
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


NOBODY = 65534
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
INTERPRETERS = (sys.executable, f"/usr/bin/{VERSION}", f"/usr/local/bin/{VERSION}")
IMPORTS = ("-c", "import pytest, haste, pydantic")


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="nobody-"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def as_nobody(command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user without any rights, who finds the same libraries."""
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {"PYTHONPATH": paths, "PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    try:
        return subprocess.run(
            command,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def test_attempts_that_succeed_say_so() -> None:
    assert json.dumps(attempt("result = 1")).count("open:") == 1
