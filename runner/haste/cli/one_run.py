"""`python -m haste.cli.one_run WORKSPACE RUN FOLDER SETTINGS`: a campaign's worker, one run in one process.

It begins the run or goes on with it, and judges nothing: that is the campaign's, between rounds. It ends when the
process that started it does, however that one ends.
"""

import os
import signal
import sys
import time
from pathlib import Path

from haste.adapters.event_files import EventFiles
from haste.adapters.sandbox.inside import kernel
from haste.cli.main import telling
from haste.cli.stopping import stop_when_told
from haste.settings import Settings

PATIENCE = 30.0
"""Seconds to wait for an earlier worker of the same run: one whose campaign was killed takes a moment to end."""


def work(root: Path, run: str, folder: Path, settings: Settings) -> None:
    """Begin a run under a given name, or go on with it, until it ends."""
    from haste.bootstrap import Workspace, begin, open_ports
    from haste.loop import resume, run_to_end

    workspace = Workspace(root)
    _wait_for_another(EventFiles(root / "events"), run)
    ports = open_ports(workspace, settings)
    try:
        if workspace.log.read(run):
            resume(run, ports, {})
        else:
            begin(workspace, ports, workspace.files.describe(folder), settings, run)
            run_to_end(run, ports)
    finally:
        ports.sandbox.close()


def _wait_for_another(log: EventFiles, run: str) -> None:
    until = time.monotonic() + PATIENCE
    while log.writing_process(run) not in (None, os.getpid()) and time.monotonic() < until:
        time.sleep(0.1)


def end_with(parent: int) -> None:
    """Be told to end when the parent is gone; where it is gone already, end now. Only Linux tells."""
    if sys.platform == "linux":
        kernel.die_with_parent(signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


if __name__ == "__main__":
    stop_when_told()
    root, run, folder, settings, *started_by = sys.argv[1:]
    for parent in started_by:
        end_with(int(parent))
    sys.exit(telling(lambda: work(Path(root), run, Path(folder), Settings.model_validate_json(settings))))
