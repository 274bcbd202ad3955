"""A run that is told to end: its log is whole, nothing of it is left behind, and it says how to go on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from haste.adapters.event_files import EventFiles
from haste.bootstrap import make_workspace

HASTE = [sys.executable, "-m", "haste.cli.main"]


@pytest.fixture
def competition(tmp_path: Path) -> Path:
    """Enough rows for a run that takes longer than the test waits."""
    folder = tmp_path / "areas"
    folder.mkdir()
    rows = [(i, (i * 7) % 31, (i * 13) % 17, (i * 7) % 31 * ((i * 13) % 17)) for i in range(900)]
    (folder / "train.csv").write_text("id,a,b,area\n" + "".join(f"{i},{a},{b},{c}\n" for i, a, b, c in rows[:600]))
    (folder / "test.csv").write_text("id,a,b\n" + "".join(f"{i},{a},{b}\n" for i, a, b, _ in rows[600:]))
    (folder / "sample_submission.csv").write_text("id,area\n" + "".join(f"{i},0\n" for i, *_ in rows[600:]))
    (folder / "description.md").write_text("# Areas\n\nSubmissions are evaluated by RMSE.\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "command", "hint"),
    [
        (signal.SIGTERM, 143, "solve", "haste-run resume areas/"),
        (signal.SIGHUP, 129, "solve", "haste-run resume areas/"),
        (signal.SIGTERM, 143, "campaign", "haste-run campaign --resume _campaigns/"),
    ],
)
def test_a_run_that_is_told_to_end_leaves_a_whole_log_and_no_process(
    tmp_path: Path, competition: Path, number: signal.Signals, code: int, command: str, hint: str
) -> None:
    root = make_workspace(tmp_path / "workspace").root
    started = [*HASTE, command, str(competition), "--time-limit", "300", "--engineer", "offline", "--unsafe-exec"]
    child = subprocess.Popen(started, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    log = EventFiles(root / "events")
    deadline = time.monotonic() + 120
    while not _evaluates(log) and time.monotonic() < deadline:
        time.sleep(0.1)
    below = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(number)
    _, err = child.communicate(timeout=60)
    assert child.returncode == code, err
    assert "nothing is lost. Go on with: " + hint in err
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(below, timeout=10)
    assert below and not alive
    assert [log.verify(stream) for stream in log.streams()] == [[]] * len(log.streams())
    assert not list((root / ".git").rglob("*.lock"))


def _evaluates(log: EventFiles) -> bool:
    runs = [stream for stream in log.streams() if not stream.startswith("_")]
    return any(type(one.event).__name__ == "FoldScored" for run in runs for one in log.read(run))
