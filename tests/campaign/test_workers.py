"""A campaign's workers are processes of their own, and end with it however it ends."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from haste.adapters.event_files import EventFiles
from haste.adapters.git import init_repository
from haste.adapters.run_pool import LocalRuns
from haste.adapters.starter import workspace_files
from haste.settings import Settings
from offline.tables import make_table

RUN = "toy-regression/c-r1"
CAMPAIGN = """
import sys
from pathlib import Path
from haste.adapters.run_pool import LocalRuns
from haste.settings import Settings

settings = Settings(engineer="offline", time_limit=300.0)
LocalRuns(Path(sys.argv[1])).work({sys.argv[3]: sys.argv[2]}, settings, parallel=1)
"""


def until(holds: Callable[[], bool], seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_a_killed_campaign_leaves_no_worker_behind(tmp_path: Path) -> None:
    root, public = tmp_path / "workspace", tmp_path / "public"
    make_table(public, "regression")
    init_repository(root, workspace_files())
    log = EventFiles(root / "events")
    campaign = subprocess.Popen([sys.executable, "-c", CAMPAIGN, str(root), str(public), RUN])
    try:
        assert until(lambda: log.writing_process(RUN) is not None)
        worker = log.writing_process(RUN)
    finally:
        campaign.kill()
        campaign.wait()
    assert until(lambda: not Path(f"/proc/{worker}").exists())
    assert log.writing_process(RUN) is None
    assert log.verify(RUN) == []


def test_what_a_worker_said_that_could_not_begin_is_kept(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    init_repository(root, workspace_files())
    pool = LocalRuns(root)
    assert pool.said(RUN) == ""
    pool.work({RUN: str(tmp_path / "nowhere")}, Settings(engineer="offline"), parallel=1)
    assert EventFiles(root / "events").read(RUN) == []
    assert "nowhere" in pool.said(RUN)
    assert not pool.said(RUN).startswith(("haste-run", " "))
