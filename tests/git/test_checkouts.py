"""Checkouts of every kind: bare, detached, in the middle of something, linked, signed; and a lock that is held."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from haste.adapters import git as git_door
from haste.adapters import git_lock
from haste.adapters.git import GitRepository, open_repository
from haste.errors import GitError
from isolated_git import Git


def test_a_detached_head_is_told(repository: GitRepository, git: Git) -> None:
    git("checkout", "-q", "--detach")
    repository.publish("b", {"x": b"x"}, "x\n")
    with pytest.raises(GitError, match="stands on no branch"):
        repository.merge("b", "m\n")


def test_a_bare_repository_moves_its_branch_alone(folder: Path, repository: GitRepository, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", str(folder), str(tmp_path / "bare")], check=True)
    bare = open_repository(tmp_path / "bare")
    bare.publish("b", {"x": b"x"}, "x\n")
    assert bare.read(bare.merge("b", "m\n"), "x") == b"x"


def test_a_branch_of_another_work_tree_is_left_alone(repository: GitRepository, git: Git, tmp_path: Path) -> None:
    git("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    with pytest.raises(GitError, match="is checked out in"):
        repository.publish("other", {"x": b"x"}, "x\n")
    linked = open_repository(tmp_path / "linked")
    assert linked.branch() == "other"
    linked.publish("b", {"x": b"x"}, "x\n")
    linked.merge("b", "m\n")
    assert (tmp_path / "linked/x").read_bytes() == b"x"
    assert not (repository.folder / "x").exists()
    assert git("status", "--porcelain") == ""


def test_a_conflict_of_the_user_is_not_touched(folder: Path, repository: GitRepository, git: Git) -> None:
    for branch, text in (("left", "l\n"), ("right", "r\n")):
        git("checkout", "-q", "-b", branch, "main")
        (folder / "README.md").write_text(text)
        git("commit", "-q", "-am", branch)
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", "merge", "left"], cwd=folder, check=False,
                   capture_output=True)  # fmt: skip
    before, index = git("status", "--porcelain"), (folder / ".git/index").read_bytes()
    assert before.startswith("UU")
    repository.publish("b", {"x": b"x"}, "x\n")
    with pytest.raises(GitError):
        repository.merge("b", "m\n")
    assert (git("status", "--porcelain"), (folder / ".git/index").read_bytes()) == (before, index)
    assert not (folder / "x").exists()


def test_deleted_renamed_and_ignored_files_of_the_user_stay(
    folder: Path, repository: GitRepository, git: Git
) -> None:
    (folder / "README.md").unlink()
    git("mv", "skills/global/a/SKILL.md", "moved.md")
    (folder / "events/x").mkdir(parents=True)
    (folder / "events/x/live.jsonl").write_text("1\n")
    before = git("status", "--porcelain", "--ignored")
    repository.publish("b", {"x": b"x"}, "x\n")
    repository.merge("b", "m\n")
    assert git("status", "--porcelain", "--ignored") == before
    repository.publish("c", {"skills/global/a/SKILL.md": b"b\n"}, "x\n")
    with pytest.raises(GitError, match="has staged changes"):
        repository.merge("c", "m\n")
    repository.publish("d", {"README.md": b"new\n"}, "x\n")
    with pytest.raises(GitError, match=r"README.md has uncommitted changes"):
        repository.merge("d", "m\n")
    assert git("status", "--porcelain", "--ignored") == before


def test_a_file_in_the_place_of_a_folder_is_a_refusal(folder: Path, repository: GitRepository, git: Git) -> None:
    (folder / "place").write_text("mine\n")
    repository.publish("b", {"place/x": b"x"}, "x\n")
    head = repository.head()
    with pytest.raises(GitError):
        repository.merge("b", "m\n")
    assert (folder / "place").read_text() == "mine\n"
    assert repository.head() == head
    assert git("status", "--porcelain") == "?? place\n"


def test_a_held_lock_is_waited_for_and_told(
    folder: Path, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_lock, "_LOCK_TRIES", 2)
    repository.publish("b", {"x": b"x"}, "x\n")
    (folder / ".git/index.lock").touch()
    with pytest.raises(GitError, match="held by another git process"):
        repository.merge("b", "m\n")
    (folder / ".git/index.lock").unlink()
    repository.merge("b", "m\n")


def test_a_lock_that_git_left_behind_is_told_with_its_age_and_what_to_do(
    folder: Path, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_lock, "_LOCK_TRIES", 2)
    monkeypatch.setattr(git_door, "_TRIES", 2)
    repository.publish("b", {"x": b"x"}, "x\n")
    acts: dict[str, Callable[[], str]] = {
        "index.lock": lambda: repository.merge("b", "m\n"),
        "refs/heads/main.lock": lambda: repository.merge("b", "m\n"),
        "refs/heads/b.lock": lambda: repository.publish("b", {"y": b"y"}, "y\n"),
    }
    for name, act in acts.items():
        lock = folder / ".git" / name
        lock.touch()
        then = lock.stat().st_mtime - 750
        os.utime(lock, (then, then))
        with pytest.raises(GitError, match=f"{name} is held by another git process, for 12 min") as told:
            act()
        assert f"if no git is running: rm {lock}" in told.value.hint
        assert lock.exists()
        lock.unlink()
    repository.merge("b", "m\n")


def test_a_lock_of_ours_whose_holder_was_killed_is_taken_over(
    folder: Path, repository: GitRepository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_lock, "_LOCK_TRIES", 2)
    script = (
        "import sys, shutil, time\n"
        "from pathlib import Path\n"
        "from haste.adapters.git_lock import index_locked\n"
        "with index_locked(Path(sys.argv[1])) as copy:\n"
        "    shutil.copy2(sys.argv[1], copy)\n"
        "    print(1, flush=True)\n"
        "    time.sleep(60)\n"
    )
    repository.publish("b", {"x": b"x"}, "x\n")
    holder = subprocess.Popen([sys.executable, "-c", script, str(folder / ".git/index")], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.readline() == b"1\n"
    with pytest.raises(GitError, match="held by another git process"):
        repository.merge("b", "m\n")
    holder.kill()
    holder.communicate()
    assert (folder / ".git/index.lock").exists()
    repository.merge("b", "m\n")
    assert not list((folder / ".git").glob("index?*"))
    assert git("status", "--porcelain") == ""


def test_killed_between_the_files_and_the_ref_a_merge_can_be_repeated(
    folder: Path, repository: GitRepository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.publish("b", {"x": b"x", "skills/global/a/SKILL.md": b"b\n"}, "x\n")
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        replace(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            repository.merge("b", "m\n")
    repository.merge("b", "m\n")
    assert git("status", "--porcelain") == ""
    git("fsck", "--strict")


def test_commits_are_signed_where_the_user_signs(
    folder: Path, repository: GitRepository, git: Git, tmp_path: Path
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    settings = {
        "user.name": "Ann", "user.email": "ann@example.org", "gpg.format": "ssh", "commit.gpgsign": "true",
        "user.signingkey": str(tmp_path / "key.pub"), "gpg.ssh.allowedSignersFile": str(tmp_path / "signers"),
    }  # fmt: skip
    for key, value in settings.items():
        git("config", key, value)
    (tmp_path / "signers").write_text("ann@example.org " + (tmp_path / "key.pub").read_text())
    signing, head = open_repository(folder), repository.head()
    signing.publish("b", {"x": b"x"}, "x\n")
    signing.publish("b", {"y": b"y"}, "y\n")
    signing.merge("b", "m\n")
    assert git("log", "--format=%G?%an", f"{head}..main").split() == ["GAnn"] * 3
    assert git("for-each-ref", "refs/haste/") == ""


def test_a_signature_that_fails_is_told_and_leaves_nothing(
    folder: Path, repository: GitRepository, git: Git, tmp_path: Path
) -> None:
    for key, value in {"gpg.format": "ssh", "commit.gpgsign": "true", "user.signingkey": "/no/such.pub"}.items():
        git("config", key, value)
    with pytest.raises(GitError, match="commits are signed") as told:
        open_repository(folder).publish("b", {"x": b"x"}, "x\n")
    assert "git config commit.gpgsign false" in told.value.hint
    assert repository.tip("b") is None
    assert git("for-each-ref", "refs/haste/") == ""


def test_nothing_is_left_open(repository: GitRepository) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        open_repository(repository.folder).publish("b", {f"x{number}": b"x"}, "x\n")
        repository.history(repository.head())
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
