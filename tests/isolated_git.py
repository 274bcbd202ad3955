"""Git for tests: nothing of the user's configuration, and a repository to work on."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from haste.adapters.git import GitRepository, init_repository

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def isolated_git(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the user's identity, hooks, signing keys or `GIT_*`."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the repository of a test is."""
    return tmp_path / "workspace"


@pytest.fixture
def repository(folder: Path) -> GitRepository:
    """A repository with a skill, a README and the ignore rules of a workspace."""
    files = {"README.md": b"hello\n", "skills/global/a/SKILL.md": b"a\n", ".gitignore": b"events/*/\n"}
    return init_repository(folder, files)


@pytest.fixture
def git(folder: Path) -> Git:
    """Plain git, as the user runs it."""

    def run(*arguments: str) -> str:
        person = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        done = subprocess.run(["git", *person, *arguments], cwd=folder, capture_output=True, check=True)
        return done.stdout.decode()

    return run
