"""Following what another process writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Haste
from log.story import FAILED, PLAIN, RUN

WRITER = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from haste.adapters.event_files import EventFiles
from haste.core.events import Event
from log.story import Teller, tell_run
log = EventFiles(Path({folder!r}))

class Slowly(Teller):
    def tell(self, stream: str, *events: Event) -> None:
        for event in events:
            super().tell(stream, event)
            time.sleep(0.02)

tell_run(Slowly(log))
"""


@pytest.fixture
def writer(workspace: Path) -> str:
    return WRITER.format(tests=str(Path(__file__).parents[1]), folder=str(workspace / "events"))


def begun(workspace: Path, writer: str) -> subprocess.Popen[bytes]:
    """A process that writes a run, and has begun."""
    child = subprocess.Popen([sys.executable, "-c", writer])
    path = workspace / "events" / f"{RUN}.jsonl"
    while not path.exists() or not path.stat().st_size:
        assert child.poll() is None
    return child


@pytest.mark.parametrize("command", [("watch", "last"), ("events", "tail", "last", "--from", "0")])
def test_a_run_of_another_process_is_followed_to_its_end(
    workspace: Path, writer: str, haste: Haste, command: tuple[str, ...]
) -> None:
    child = begun(workspace, writer)
    said = haste(*command)
    assert child.wait(timeout=60) == 0
    assert said.code == 0
    both = said.out + said.err
    assert "kept: better by +0.93" in both
    assert "finished" in both
    if command[0] == "events":
        positions = [int(line.split()[0]) for line in said.out.splitlines()]
        assert positions == list(range(len(positions)))
        assert len(positions) >= 59


def test_everything_is_followed_and_what_was_over_is_left_out(told: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "haste.cli.main", "watch"], cwd=told, stderr=subprocess.PIPE, text=True
    )
    other = WRITER.format(tests=str(Path(__file__).parents[1]), folder=str(told / "events"))
    other = other.replace(
        "import Teller, tell_run", "import Teller, tell_run; import log.story; log.story.RUN = 'toy-new/1'"
    )
    assert child.stderr is not None
    writing = subprocess.Popen([sys.executable, "-c", other])
    lines = []
    for line in child.stderr:
        lines.append(line)
        if "graded" in line:
            break
    child.kill()
    child.communicate()
    assert writing.wait(timeout=60) == 0
    assert all(line.startswith("toy-new/1") for line in lines)
    assert any("kept: better by" in line for line in lines)


def test_once_shows_how_things_stand(told: Path, haste: Haste) -> None:
    assert "no run is going on" in haste("watch", "--once").err
    out = haste("watch", "--once", "--all").out
    assert [line.split()[0] for line in out.splitlines()] == ["run", RUN, PLAIN, FAILED]
    assert "8.75 ± 0.12" in haste("watch", "--once", RUN).out


def test_a_run_that_nobody_works_on_says_how_to_go_on(told: Path, haste: Haste) -> None:
    path = told / "events" / f"{RUN}.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:30]))
    assert f"stopped; haste-run resume {RUN}" in haste("watch", "--once").out


def test_a_broken_stream_ends_the_watching_with_one_line(told: Path, haste: Haste) -> None:
    path = told / "events" / f"{PLAIN}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"boosting", b"bo0sting", 1))
    said = haste("watch", PLAIN)
    assert said.code == 1
    assert f"haste-run: stream {PLAIN} is broken at line" in said.err


def test_a_broken_stream_is_left_out_where_all_are_watched(told: Path, haste: Haste) -> None:
    path = told / "events" / f"{PLAIN}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"boosting", b"bo0sting", 1))
    said = haste("watch", "--once", "--all")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == ["run", RUN, FAILED]
    assert said.err.startswith(f"haste-run: left out: stream {PLAIN} is broken at line")
