"""The table of commands, and the one place where errors become one line."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.conftest import Haste
from haste.bootstrap import make_workspace
from haste.cli.main import COMMANDS, cli, run, telling
from haste.errors import EngineerError, HasteError, LogError, SettingsError, WorkspaceError

HEAVY = (
    "pandas",
    "numpy",
    "sklearn",
    "git",
    "anthropic",
    "watchdog",
    "rich",
    "pydantic",
    "jinja2",
    "lightgbm",
    "torch",
)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command there is, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def python(code: str) -> str:
    """What a fresh Python prints."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, timeout=120
    ).stdout


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["slove"], []])
def test_listing_commands_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from haste.cli.main import run\n"
        f"run({arguments!r})\n"
        f"print('loaded:', *sorted(set(sys.modules) & set({HEAVY!r})))\n"
    )
    assert python(code).splitlines()[-1] == "loaded:"


def test_importing_any_module_does_nothing_and_no_command_module_is_heavy() -> None:
    code = (
        "import sys, threading\n"
        "from importlib import import_module\n"
        "from haste.cli.main import COMMANDS\n"
        "for target, _ in COMMANDS.values():\n"
        "    import_module(target.partition(':')[0])\n"
        "heavy = ('pandas', 'numpy', 'sklearn', 'git', 'anthropic', 'watchdog', 'lightgbm', 'torch')\n"
        "print('loaded:', *sorted(set(sys.modules) & set(heavy)))\n"
        "print('threads:', threading.active_count())\n"
    )
    assert python(code).splitlines() == ["loaded:", "threads: 1"]


def test_every_command_of_the_table_is_there() -> None:
    found = dict(commands(cli))
    assert set(COMMANDS) <= set(found)
    for words, command in found.items():
        assert command.help, words
        assert command.help.strip().splitlines()[0].endswith((".", ":")), words


def test_every_help_ends_with_an_example_that_names_the_command(haste: Haste) -> None:
    wrong = []
    for words, _ in commands(cli):
        said = haste(*words.split(), "--help")
        last = re.sub(r"\s+", " ", said.out.strip().split("\n\n")[-1]).strip()
        if said.code or said.err or not last.startswith(f"Example: haste-run {words.split()[0]}"):
            wrong.append(f"{words}: {last[:80]}")
    assert wrong == []


def test_what_looks_like_a_command_is_suggested(haste: Haste) -> None:
    said = haste("evnets")
    assert (said.code, said.out) == (2, "")
    assert said.err == "haste-run: there is no command 'evnets'\n  did you mean events?\n"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            LogError("stream a/b is broken at line 3", hint="look"),
            1,
            "haste-run: stream a/b is broken at line 3\n  look\n",
        ),
        (WorkspaceError("no workspace here"), 2, "haste-run: no workspace here\n"),
        (SettingsError("x", ["one", "two"]), 2, "haste-run: settings x: one; two\n"),
        (EngineerError("too\n  dear"), 1, "haste-run: too dear\n"),
        (HasteError("odd"), 1, "haste-run: odd\n"),
        (
            HasteError("no skill '\x1b[2J\x9b1m\u202eowned'", hint="see \x1b]0;x\x07 there"),
            1,
            "haste-run: no skill ' [2J 1m owned'\n  see ]0;x there\n",
        ),
        (KeyboardInterrupt(), 130, "haste-run: stopped\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/w/x"), 2, "haste-run: no space left on device: /w/x\n"),
        (OSError(errno.EROFS, "Read-only file system", "/w/x"), 2, "haste-run: read-only file system: /w/x\n"),
        (PermissionError(errno.EACCES, "Permission denied", "/w/x"), 2, "haste-run: permission denied: /w/x\n"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "x"),
            2,
            "haste-run: no such file or directory: x\n",
        ),
    ],
)
def test_an_error_is_one_line_a_hint_and_a_code(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    assert telling(fail) == code
    captured = capsys.readouterr()
    assert captured.err.startswith(line)
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_a_mistake_in_the_code_is_not_hushed_up() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        telling(fail)


def test_outside_a_workspace_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, haste: Haste
) -> None:
    monkeypatch.chdir(tmp_path)
    said = haste("runs", "list")
    assert said.code == 2
    assert said.err.startswith(f"haste-run: no workspace in {tmp_path}")
    assert "haste-run init" in said.err
    assert haste("-C", str(tmp_path), "runs", "list").err.startswith(f"haste-run: {tmp_path} is no workspace")


def test_the_workspace_can_be_named(told: Path, monkeypatch: pytest.MonkeyPatch, haste: Haste) -> None:
    monkeypatch.chdir("/")
    assert haste("-C", str(told), "events", "list").code == 0
    monkeypatch.setenv("HASTE_WORKSPACE", str(told))
    assert haste("events", "list").out.count("\n") == 5


def test_a_reader_that_leaves_is_no_error_worth_a_word(told: Path) -> None:
    command = f"{sys.executable} -m haste.cli.main events show toy-prices/20260101-12000 --json | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=told, timeout=60, check=False
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_ctrl_c_ends_with_130(told: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "haste.cli.main", "watch"], cwd=told, stderr=subprocess.PIPE, text=True
    )
    time.sleep(2.5)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_workspace_that_can_not_be_written_is_one_line(told: Path, haste: Haste) -> None:
    (told / "events").chmod(0o500)
    said = haste("watch", "--once")
    assert said.code in (0, 2)


def test_main_exits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["--version"]) == 0


@pytest.mark.parametrize("command", [[], ["solve"], ["runs", "list"], ["events", "verify"], ["skills"]])
def test_help_has_a_short_name_too(haste: Haste, command: list[str]) -> None:
    short, long = haste(*command, "-h"), haste(*command, "--help")
    assert (short.code, short.out) == (0, long.out)
    assert "-h, --help" in long.out


@pytest.mark.parametrize("amount", ["0", "-5", "nan", "inf", "soon"])
@pytest.mark.parametrize(
    "command",
    [
        ["solve", "x", "--time-limit"],
        ["campaign", "x", "--time-limit"],
        ["resume", "last", "--time-limit"],
        ["resume", "last", "--max-usd"],
        ["demo", "d", "--time-limit"],
    ],
)
def test_limits_are_finite_and_above_zero(told: Path, haste: Haste, command: list[str], amount: str) -> None:
    said = haste(*command, amount)
    assert said.code == 2
    assert command[-1] in said.err
    assert not (told / "d").exists()
    assert "Traceback" not in said.err


def test_an_empty_workspace_says_that_there_is_nothing_yet(workspace: Path, haste: Haste) -> None:
    for command in (("events", "list"), ("runs", "list"), ("watch", "--once")):
        said = haste(*command)
        assert (said.code, said.out) == (0, "")
        assert said.err.startswith("no ")
    assert haste("events", "list", "--json").out == "[]\n"


def test_another_workspace_is_found_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, haste: Haste
) -> None:
    here, _ = (make_workspace(tmp_path / name).root for name in ("here", "there"))
    monkeypatch.chdir(tmp_path)
    said = haste("-C", str(here), "sync", "there")
    assert "can't be read" not in said.err


def test_the_folder_of_a_demo_may_not_be_a_file(tmp_path: Path, haste: Haste) -> None:
    (tmp_path / "file").write_text("mine")
    said = haste("demo", str(tmp_path / "file"))
    assert (said.code, "Traceback" in said.err) == (2, False)
    assert said.err.startswith("haste-run: ")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_campaign_goes_on_with_what_it_began_with(told: Path, haste: Haste) -> None:
    said = haste("-C", str(told), "campaign", "--resume", "last", "--time-limit", "9", "elsewhere")
    assert said.code == 2
    assert said.err.startswith(
        "haste-run: --resume goes on with what the campaign began with, and takes no folders, --time"
    )


def test_what_cannot_be_synced_from_is_one_line(tmp_path: Path, haste: Haste) -> None:
    root = str(make_workspace(tmp_path / "w").root)
    (tmp_path / "plain").mkdir()
    for source in ("/nope", str(tmp_path / "plain")):
        said = haste("-C", root, "sync", source)
        assert said.code == 1
        assert said.err.startswith(f"haste-run: {source} is no git repository, or can't be read\n")
    said = haste("-C", root, "sync", root, "--branch", "nope")
    assert said.err.startswith(f"haste-run: {root} has no branch nope\n")


def test_a_report_has_a_place_of_its_own(told: Path, haste: Haste) -> None:
    said = haste("runs", "report", "toy-prices/20260101-1200")
    file = told / ".haste" / "reports" / "toy-prices-20260101-120000.html"
    assert (said.code, said.out) == (0, f"{file}\n")
    assert file.read_text().startswith("<!doctype html>")
