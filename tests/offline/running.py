"""Running a rendered script the way a competitor would: in a folder with `input/` beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd  # noqa: TID251  (what scripts read and write)


def run_script(code: str, public: Path, work: Path) -> subprocess.CompletedProcess[str]:
    """Run a script over a public folder; its files are then in `work`. Warnings are errors."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "solution.py").write_text(code)
    if not (work / "input").exists():
        (work / "input").symlink_to(public)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "solution.py"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def submission(work: Path) -> pd.DataFrame:
    """What the script wrote."""
    return pd.read_csv(work / "submission.csv")
