"""A new workspace, the doctor, and the catalogue of events."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from cli.conftest import Haste
from haste.adapters import health
from haste.adapters.starter import starter_skills
from haste.cli.catalogue import catalogue, with_catalogue
from haste.cli.workspace import load_settings
from haste.core.upcast import MODELS
from haste.settings import Settings

README = Path(__file__).parents[2] / "events" / "README.md"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


# ── init ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_workspace_is_made_with_one_commit(tmp_path: Path, haste: Haste) -> None:
    folder = tmp_path / "new" / "space"
    said = haste("init", str(folder))
    assert said.code == 0
    assert said.out == f"{folder}\n"
    assert f"cd {folder}" in said.err
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "rev-list", "--count", "HEAD").strip() == "1"
    tracked = set(git(folder, "ls-files").splitlines())
    assert {"haste.toml", ".gitignore", ".gitattributes", "README.md", "events/README.md"} <= tracked
    assert set(starter_skills()) <= tracked
    assert load_settings(folder, {}) == Settings()
    assert haste("-C", str(folder), "runs", "list").code == 0


def test_a_live_stream_and_what_can_be_made_again_are_ignored(tmp_path: Path, haste: Haste) -> None:
    haste("init", str(tmp_path / "w"))
    for path in ("events/titanic/1.jsonl", ".haste/views/x", "submissions/x.csv"):
        file = tmp_path / "w" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    assert git(tmp_path / "w", "status", "--porcelain") == ""
    assert "text: unset" in git(tmp_path / "w", "check-attr", "text", "events/titanic/1.jsonl")


def test_a_folder_in_which_only_git_init_was_run_becomes_a_workspace(tmp_path: Path, haste: Haste) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=trunk")
    assert haste("init", str(tmp_path)).code == 0
    assert git(tmp_path, "status", "--porcelain") == ""
    assert git(tmp_path, "branch", "--format=%(refname:short)").split() == ["trunk"]
    assert haste("-C", str(tmp_path), "runs", "list").code == 0


def test_a_repository_with_commits_does_not(tmp_path: Path, haste: Haste) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "x")
    said = haste("init", str(tmp_path))
    assert (said.code, "with commits already" in said.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, haste: Haste) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    said = haste("init", str(tmp_path))
    assert (said.code, said.err) == (
        2, f"haste-run: {tmp_path} is not empty (thesis.tex)\n  name a new or an empty folder\n",
    )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert "is no folder" in haste("init", str(tmp_path / "thesis.tex")).err


def test_a_workspace_is_not_made_twice(tmp_path: Path, haste: Haste) -> None:
    haste("init", str(tmp_path / "w"))
    said = haste("init", str(tmp_path / "w"))
    assert said.code == 2
    assert "is a workspace already" in said.err


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_doctor_looks_at_everything_and_never_shows_a_key(
    workspace: Path, haste: Haste, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-do-not-show-me")
    said = haste("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(said.out)}
    wanted = {
        "system",
        "sandbox",
        "cores",
        "memory",
        "gpus",
        "packages",
        "git",
        "gh",
        "claude",
        "disk",
        "workspace",
    }
    assert wanted <= set(checks)
    assert checks["claude"]["found"].startswith("ANTHROPIC_API_KEY set")
    plain = haste("doctor")
    assert "do-not-show-me" not in said.out + said.err + plain.out + plain.err
    assert all(check["costs"] and check["mend"] for check in checks.values() if check["state"] != "ok")
    assert "numpy" in checks["packages"]["found"]


def test_the_doctor_works_without_a_workspace_and_says_what_that_costs(
    tmp_path: Path, haste: Haste, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    out = haste("doctor").out
    assert "– workspace" in out
    assert "haste-run init DIR" in out
    assert "– claude" in out


def test_without_git_something_is_broken(workspace: Path, haste: Haste, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(workspace))
    said = haste("doctor")
    assert said.code == 1
    assert "✗ git" in said.out
    assert said.err.startswith("haste-run: broken: ")
    assert "git" in said.err


def test_the_limit_of_a_container_is_what_counts(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    assert "container" not in health.check_memory(limit).found
    limit.write_text(f"{2**30}\n")
    check = health.check_memory(limit)
    assert check.state == "gap"
    assert check.found.startswith("1.0 GiB of ")
    assert "container" not in health.check_memory(tmp_path / "absent").found


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────


def test_the_catalogue_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_catalogue(text) == text, "run: python -m haste.cli.catalogue events/README.md"


def test_the_catalogue_has_every_event_and_what_it_means() -> None:
    table = catalogue()
    for kind, model in MODELS.items():
        assert f"| `{kind}` | {' '.join((model.__doc__ or '').split())} |" in table


def test_the_doctor_finds_locks_that_a_killed_git_left_behind(tmp_path: Path, haste: Haste) -> None:
    root = tmp_path / "w"
    haste("init", str(root))
    for name, age in (("index.lock", 900), ("refs/heads/main.lock", 900), ("HEAD.lock", 0)):
        lock = root / ".git" / name
        lock.touch()
        os.utime(lock, (lock.stat().st_mtime - age,) * 2)
    (check,) = health.check_locks(root)
    assert check.state == "broken"
    assert f"rm {root}/.git/index.lock {root}/.git/refs/heads/main.lock" in check.mend
    assert "HEAD.lock" not in check.found
    assert health.check_locks(None) == health.check_locks(tmp_path) == []
