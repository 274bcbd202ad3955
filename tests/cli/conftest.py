"""A workspace with a story in it, and the command line in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import TickingClock
from haste.cli.main import run
from log.story import tell_all


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Haste = Callable[..., Said]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, which the test stands in."""
    monkeypatch.delenv("HASTE_WORKSPACE", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "haste.toml").write_text("[run]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(workspace: Path) -> Path:
    """A workspace with three runs, a curation and a campaign."""
    log = EventFiles(workspace / "events", TickingClock(step=3.25))
    tell_all(log)
    log.close()
    return workspace


@pytest.fixture
def haste(capfd: pytest.CaptureFixture[str]) -> Haste:
    """Runs `haste-run` with these arguments."""

    def call(*arguments: str) -> Said:
        capfd.readouterr()
        code = run(list(arguments))
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return call
