"""The parts that need no process: verdicts, GPUs, libraries, the filter, the probe's report."""

import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from haste.adapters.machine import environment
from haste.adapters.sandbox import libraries, probe
from haste.adapters.sandbox.choose import best_level
from haste.adapters.sandbox.environment import script_environment
from haste.adapters.sandbox.gpus import FakeGpus, GpuShare, gpu_devices, gpu_names, told_by_nvidia_smi
from haste.adapters.sandbox.inside import calls, seccomp
from haste.adapters.sandbox.inside.messages import Report
from haste.adapters.sandbox.inside.output import Tail
from haste.adapters.sandbox.inside.watch import TooManyEntriesError, folder_bytes
from haste.adapters.sandbox.verdict import OUTPUT_CHARACTERS, broke, outcome, tidy
from haste.core.solution import FailureKind
from haste.errors import SandboxError
from sandbox.conftest import level_named


def kind(**facts: object) -> FailureKind | None:
    failure = outcome(Report(**facts)).failure  # type: ignore[arg-type]
    return failure.kind if failure else None


class TestVerdict:
    def test_success(self) -> None:
        assert kind(status=0) is None

    @pytest.mark.parametrize(
        ("last", "wanted"),
        [
            ("ValueError: x", FailureKind.CRASHED),
            ("MemoryError", FailureKind.OUT_OF_MEMORY),
            ("numpy._core._exceptions._ArrayMemoryError: Unable to allocate", FailureKind.OUT_OF_MEMORY),
            ("torch.OutOfMemoryError: CUDA out of memory.", FailureKind.OUT_OF_MEMORY),
            ("RuntimeError: can't start new thread", FailureKind.TOO_MANY_PROCESSES),
            ("OSError: [Errno 27] File too large", FailureKind.TOO_LARGE),
            ("print('MemoryError was not raised')", FailureKind.CRASHED),
        ],
    )
    def test_the_last_line_tells_the_kind(self, last: str, wanted: FailureKind) -> None:
        assert kind(status=1, output=f"Traceback\n{last}\n") == wanted

    def test_a_kill_while_memory_was_short(self) -> None:
        short = outcome(Report(status=-9), memory_was_short=True).failure
        assert short is not None
        assert short.kind == FailureKind.OUT_OF_MEMORY
        assert kind(status=-9) == FailureKind.CRASHED

    def test_a_sandbox_that_broke(self) -> None:
        failure = broke("died").failure
        assert failure is not None
        assert failure.kind == FailureKind.SANDBOX_BROKE

    def test_output_has_at_most_so_many_characters(self) -> None:
        assert len(tidy("é" * 9000, cut_bytes=10**9)) == OUTPUT_CHARACTERS
        assert tidy("short") == "short"


class TestTail:
    def test_the_end_is_kept_and_the_rest_is_counted(self) -> None:
        readable, writable = os.pipe()
        os.write(writable, b"x" * 30_000)
        os.write(writable, b"the end")
        tail = Tail(readable)
        tail.drain()
        os.close(writable)
        assert not tail.read()
        os.close(readable)
        assert tail.text().endswith("xthe end")
        assert tail.cut == 30_007 - 16 * 1024
        assert len(tail.text()) == 16 * 1024


class TestGpus:
    def test_names_and_devices(self, tmp_path: Path) -> None:
        for number in (0, 1):
            folder = tmp_path / f"0000:0{number}:00.0"
            folder.mkdir()
            (folder / "information").write_text(f"Model: \t\t NVIDIA H{number}00\nIRQ: 1\n")
        (tmp_path / "nvidia0").touch()
        assert gpu_names(tmp_path / "none") == ()
        assert gpu_devices(tmp_path) == (tmp_path / "nvidia0",)
        (tmp_path / "nvidia0").unlink()
        assert gpu_names(tmp_path) == ("NVIDIA H000", "NVIDIA H100")

    def test_each_evaluation_gets_the_one_that_the_fewest_use(self) -> None:
        share = GpuShare(2)
        with share.one() as first, share.one() as second, share.one() as third:
            assert (first, second, third) == ("0", "1", "0")
        with share.one() as again:
            assert again == "0"

    def test_the_ones_of_a_run_are_named_in_its_environment(self) -> None:
        assert environment(FakeGpus(("NVIDIA H100", "NVIDIA H100")))["gpu"] == "NVIDIA H100, NVIDIA H100"
        assert "gpu" not in environment(FakeGpus(()))

    def test_nvidia_smi_is_asked_where_the_driver_is_hidden(self, tmp_path: Path) -> None:
        program = tmp_path / "smi"
        program.write_text("#!/bin/sh\necho NVIDIA A10\necho NVIDIA A10\n")
        program.chmod(0o755)
        assert told_by_nvidia_smi(str(program)) == ("NVIDIA A10", "NVIDIA A10")
        assert told_by_nvidia_smi(str(tmp_path / "none")) == ()
        program.write_text("#!/bin/sh\nexit 9\n")
        assert told_by_nvidia_smi(str(program)) == ()

    def test_none_at_all(self) -> None:
        with GpuShare(0).one() as gpu:
            assert gpu == ""


class TestLibraries:
    def test_only_parts_of_an_environment_are_shown(self) -> None:
        shown = libraries.interpreter_folders()
        assert Path(sys.prefix) not in shown
        assert Path.home() not in shown
        assert any(Path(os.__file__).is_relative_to(folder) for folder in (*shown, Path("/usr")))

    def test_nothing_shown_holds_the_project(self) -> None:
        everything = (*libraries.interpreter_folders(), *libraries.system_folders(), *libraries.system_files())
        assert not any(Path(__file__).is_relative_to(folder) for folder in everything)

    def test_the_environment_is_an_allow_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET_TOKEN", "x")
        variables = script_environment(3, "/tmp")
        assert "SECRET_TOKEN" not in variables
        assert variables["OMP_NUM_THREADS"] == variables["LOKY_MAX_CPU_COUNT"] == "3"
        assert variables["PYTHONHASHSEED"] == "0"


class TestFilter:
    @pytest.mark.parametrize("machine", seccomp.MACHINES)
    def test_a_program_for_each_machine(self, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(platform, "machine", lambda: machine)
        steps = seccomp.program(families=(1, 2), only_own_signals=True, pretend=True)
        assert len(steps) < 4096
        assert all(struct.pack("=HBBI", *step) for step in steps)
        assert steps[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)
        for position, (code, if_true, if_false, _) in enumerate(steps):
            if code in (seccomp.EQUAL, seccomp.AT_LEAST, seccomp.ANY_BIT):
                assert position + 1 + max(if_true, if_false) < len(steps)

    def test_no_call_is_named_twice(self) -> None:
        tables = (calls.REFUSED, calls.ABSENT, calls.OF_OTHERS, calls.OF_OTHERS_SECOND, calls.PRETENDED)
        for column in (0, 1):
            numbers = [row[column] for table in (*tables, calls.SIGNALS, calls.SINGLE) for row in table.values()]
            known = [number for number in numbers if number is not None]
            assert len(known) == len(set(known))


class TestWatch:
    def test_a_folder_is_measured_without_following(self, tmp_path: Path) -> None:
        (tmp_path / "work").mkdir()
        (tmp_path / "large").write_bytes(b"x" * 2**20)
        (tmp_path / "work" / "link").symlink_to(tmp_path / "large")
        (tmp_path / "work" / "loop").symlink_to(tmp_path / "work")
        (tmp_path / "work" / "file").write_bytes(b"x" * 2**16)
        assert 2**16 <= folder_bytes(str(tmp_path / "work")) < 2**18

    def test_a_folder_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("haste.adapters.sandbox.inside.watch.MOST_ENTRIES", 10)
        for number in range(11):
            (tmp_path / str(number)).touch()
        with pytest.raises(TooManyEntriesError, match="more than 10 files"):
            folder_bytes(str(tmp_path))


class TestProbe:
    @pytest.mark.parametrize("level", ["bubblewrap", "landlock"])
    def test_everything_tried_is_held(self, level: str) -> None:
        level_named(level)
        report = probe(level=level)
        assert report.level == level
        tried = {finding.name: finding.held for finding in report.findings}
        for name in ("network", "abstract sockets", "files", "writing", "environment", "processes"):
            assert tried[name], report
        assert all(gap.costs and gap.mend for gap in report.gaps)

    def test_without_a_sandbox_everything_is_open(self) -> None:
        report = probe(level="none", unsafe_exec=True)
        assert {"network", "files", "writing", "environment"} <= {gap.name for gap in report.gaps}
        assert all(gap.costs and gap.mend for gap in report.gaps)

    def test_elsewhere_it_says_what_it_cannot_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from haste.adapters.sandbox import choose

        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(choose, "bubblewrap_trouble", lambda: "bubblewrap needs Linux")
        with pytest.raises(SandboxError, match=r"needs Linux.*use a Linux machine"):
            best_level(unsafe_exec=False)
        assert best_level(unsafe_exec=True) == "none"


def test_importing_the_sandbox_imports_nothing_heavy() -> None:
    heavy = "('numpy', 'pandas', 'sklearn', 'torch')"
    code = f"import sys, haste.adapters.sandbox; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_runs_inside_needs_the_standard_library_alone() -> None:
    inside = Path(seccomp.__file__).parent
    code = f"import sys; sys.path.insert(0, {str(inside.parent)!r}); import inside.warm"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
