"""`python -m haste.cli.one_run WORKSPACE RUN FOLDER SETTINGS`: a campaign's worker, one run in one process.

It begins the run or goes on with it, and judges nothing: that is the campaign's, between rounds.
"""

import sys
from pathlib import Path

from haste.cli.main import telling
from haste.cli.stopping import stop_when_told
from haste.settings import Settings


def work(root: Path, run: str, folder: Path, settings: Settings) -> None:
    """Begin a run under a given name, or go on with it, until it ends."""
    from haste.bootstrap import Workspace, begin, open_ports
    from haste.loop import resume, run_to_end

    workspace = Workspace(root)
    ports = open_ports(workspace, settings)
    try:
        if workspace.log.read(run):
            resume(run, ports, {})
        else:
            begin(workspace, ports, workspace.files.describe(folder), settings, run)
            run_to_end(run, ports)
    finally:
        ports.sandbox.close()


if __name__ == "__main__":
    stop_when_told()
    root, run, folder, settings = sys.argv[1:5]
    sys.exit(telling(lambda: work(Path(root), run, Path(folder), Settings.model_validate_json(settings))))
