"""Opening a pull request with `gh`, where that is installed."""

import shutil
import subprocess
from pathlib import Path

from haste.errors import GitError

_PATIENCE = 120.0


def has_gh() -> bool:
    """Whether `gh` is installed."""
    return shutil.which("gh") is not None


def open_pull_request(folder: Path, *, branch: str, base: str, title: str, body: str) -> str:
    """Open a pull request for a branch that is pushed; returns its address."""
    options = [f"--head={branch}", f"--base={base}", f"--title={title}", "--body-file=-"]
    try:
        done = subprocess.run(
            ["gh", "pr", "create", *options],
            cwd=folder,
            input=body,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"gh did not answer: {error}", hint="gh auth status") from error
    if done.returncode:
        told = " ".join(done.stderr.split())[-300:]
        raise GitError(f"gh pr create failed: {told}", hint="gh auth status; the branch is pushed")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else branch
