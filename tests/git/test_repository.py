"""Reading, publishing and merging, with the user's checkout left alone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from haste.adapters.git import GitRepository, init_repository, open_repository
from haste.core.commits import Trailer, compose_message
from haste.errors import BranchMoved, GitError, WorkspaceError

Git = Callable[..., str]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }


def test_a_new_repository_stands_on_main_with_its_files(folder: Path, repository: GitRepository, git: Git) -> None:
    assert repository.branch() == "main"
    assert (folder / "README.md").read_text() == "hello\n"
    assert git("status", "--porcelain") == ""
    assert repository.read(repository.head(), "README.md") == b"hello\n"
    assert repository.read(repository.head(), "nothing") is None
    assert git("log", "-1", "--format=%an <%ae> %cn <%ce>").strip() == (
        "HASTE <haste@localhost> HASTE <haste@localhost>"
    )


def test_a_repository_is_begun_over_files_that_are_there(folder: Path, git: Git) -> None:
    folder.mkdir()
    (folder / "README.md").write_text("hello\n")
    (folder / "mine.txt").write_text("kept\n")
    init_repository(folder, {"README.md": b"hello\n"})
    assert git("status", "--porcelain") == "?? mine.txt\n"
    with pytest.raises(WorkspaceError, match="already"):
        init_repository(folder, {})


def test_no_repository_is_told(tmp_path: Path, repository: GitRepository) -> None:
    with pytest.raises(WorkspaceError, match="haste-run init"):
        open_repository(tmp_path / "none")
    (repository.folder / "inside").mkdir()
    with pytest.raises(WorkspaceError, match="not the top folder of a git repository"):
        open_repository(repository.folder / "inside")


def test_publish_makes_a_branch_and_leaves_the_checkout_alone(
    folder: Path, repository: GitRepository, git: Git
) -> None:
    (folder / "README.md").write_text("dirty\n")
    (folder / "new.txt").write_text("staged\n")
    git("add", "new.txt")
    index, files, before = (folder / ".git/index").read_bytes(), snapshot(folder), git("status", "--porcelain")
    message = compose_message("skill(promote): b to global", "why", {Trailer.RUN: "r1", Trailer.PROMOTION: "p1"})
    first = repository.publish("haste/r1", {"skills/global/b/SKILL.md": b"b\n"}, message)
    second = repository.publish("haste/r1", {"skills/global/a/SKILL.md": None}, "skill(retire): a")
    assert (folder / ".git/index").read_bytes() == index
    assert snapshot(folder) == files
    assert git("status", "--porcelain") == before
    assert repository.tip("haste/r1") == second
    assert repository.branches("haste/") == {"haste/r1": second}
    newest, older = repository.history(second, since=repository.head())
    assert (newest.id, newest.paths) == (second, ("skills/global/a/SKILL.md",))
    assert (older.id, older.paths) == (first, ("skills/global/b/SKILL.md",))
    assert (older.subject, older.body.splitlines()[0]) == ("skill(promote): b to global", "why")
    assert older.trailers == {"Haste-Run": "r1", "Haste-Promotion": "p1"}
    assert older.promotion == "p1"
    assert repository.read(second, "skills/global/a/SKILL.md") is None
    assert "skills/global/b/SKILL.md" in repository.diff(repository.head(), second)
    git("fsck", "--strict")


def test_merge_brings_the_work_tree_forward(folder: Path, repository: GitRepository, git: Git) -> None:
    head = repository.head()
    (folder / "README.md").write_text("dirty\n")
    (folder / "new.txt").write_text("staged\n")
    git("add", "new.txt")
    before = git("status", "--porcelain")
    tip = repository.publish("haste/r1", {"skills/global/b/SKILL.md": b"b\n"}, "skill(promote): b to global")
    merged = repository.merge("haste/r1", "run(titanic): r1")
    assert git("log", "-1", "--format=%P %s", merged).strip() == f"{head} {tip} run(titanic): r1"
    assert (repository.head(), repository.branch()) == (merged, "main")
    assert (folder / "skills/global/b/SKILL.md").read_text() == "b\n"
    assert (folder / "README.md").read_text() == "dirty\n"
    assert git("status", "--porcelain") == before
    assert repository.merge("haste/r1", "again") == merged
    git("fsck", "--strict")


@pytest.mark.parametrize("staged", [False, True])
def test_merge_refuses_where_a_touched_file_is_dirty(
    folder: Path, repository: GitRepository, git: Git, staged: bool
) -> None:
    head = repository.head()
    (folder / "skills/global/a/SKILL.md").write_text("mine\n")
    if staged:
        git("add", ".")
    index = (folder / ".git/index").read_bytes()
    repository.publish("haste/r1", {"skills/global/a/SKILL.md": b"theirs\n"}, "skill(amend): a")
    with pytest.raises(GitError, match=r"skills/global/a/SKILL.md has (staged|uncommitted) changes"):
        repository.merge("haste/r1", "run(titanic): r1")
    assert repository.head() == head
    assert (folder / "skills/global/a/SKILL.md").read_text() == "mine\n"
    assert (folder / ".git/index").read_bytes() == index
    assert not list((folder / ".git").glob("index*lock")) + list((folder / ".git").glob("index.haste*"))


def test_merge_refuses_to_overwrite_untracked_and_ignored_files(
    folder: Path, repository: GitRepository, git: Git
) -> None:
    (folder / "events/titanic").mkdir(parents=True)
    for path in ("events/titanic/r1.jsonl", "skills/global/b.md"):
        (folder / path).write_text("mine\n")
        repository.publish(f"haste/{Path(path).stem}", {path: b"theirs\n"}, "x")
        with pytest.raises(GitError, match="untracked"):
            repository.merge(f"haste/{Path(path).stem}", "x")
        assert (folder / path).read_text() == "mine\n"


def test_a_stream_that_grew_on_disk_stays_as_it_is(folder: Path, repository: GitRepository, git: Git) -> None:
    stream = folder / "events/titanic/r1.jsonl"
    stream.parent.mkdir(parents=True)
    for lines, status in (("1\n2\n3\n", " M events/titanic/r1.jsonl\n"), ("1\n2\n3\n4\n", "")):
        stream.write_text(lines)
        published = lines[:4] if status else lines
        repository.publish("haste/r1", {"events/titanic/r1.jsonl": published.encode()}, "run(titanic): r1")
        repository.merge("haste/r1", "run(titanic): merge")
        assert stream.read_text() == lines
        assert git("status", "--porcelain") == status


def test_streams_that_grew_on_both_sides_merge_to_the_longer(repository: GitRepository) -> None:
    head = repository.head()
    repository.publish("short", {"events/x/r.jsonl": b"1\n2\n"}, "x", base=head)
    repository.publish("long", {"events/x/r.jsonl": b"1\n2\n3\n"}, "x", base=head)
    repository.publish("other", {"events/x/r.jsonl": b"1\n9\n"}, "x", base=head)
    repository.merge("long", "x")
    repository.merge("short", "x")
    assert repository.read(repository.head(), "events/x/r.jsonl") == b"1\n2\n3\n"
    with pytest.raises(GitError, match=r"both sides changed events/x/r.jsonl"):
        repository.merge("other", "x")


def test_a_checked_out_branch_is_never_moved_by_publish(repository: GitRepository) -> None:
    with pytest.raises(GitError, match="is checked out in"):
        repository.publish("main", {"a": b""}, "x")


def test_publish_tells_when_what_was_read_has_changed(repository: GitRepository) -> None:
    seen = repository.publish("b", {"one": b"1", "two": b"2"}, "x")
    repository.publish("b", {"one": b"11"}, "x", seen=seen)
    repository.publish("b", {"two": b"22"}, "x", seen=seen)
    with pytest.raises(BranchMoved, match="one was changed on b"):
        repository.publish("b", {"one": b"111"}, "x", seen=seen)


def test_the_environment_does_not_redirect(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = init_repository(tmp_path / "other", {"x": b"x"})
    monkeypatch.setenv("GIT_DIR", str(other.git_folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    again = open_repository(repository.folder)
    assert again.head() == repository.head() != other.head()
    again.publish("b", {"x": b"x"}, "x")
    assert again.merge("b", "x") == again.head()
    assert (repository.folder / "x").exists()
    assert other.tip("b") is None
    assert os.environ["GIT_DIR"] == str(other.git_folder)


def test_hooks_are_off(folder: Path, repository: GitRepository) -> None:
    for hook in ("reference-transaction", "post-checkout", "post-merge", "post-index-change"):
        script = folder / ".git/hooks" / hook
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\ntouch {folder}/ran\nexit 1\n")
        script.chmod(0o755)
    repository.publish("b", {"x": b"x"}, "x")
    repository.merge("b", "x")
    assert not (folder / "ran").exists()


def test_the_user_is_author_and_committer(folder: Path, git: Git) -> None:
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text("[user]\n name = Bo <x>\n email = bo@example.org\n")
    repository = init_repository(folder, {"x": b"x"})
    repository.publish("b", {"y": b"y"}, "x")
    repository.merge("b", "x")
    assert set(git("log", "--format=%an|%ae|%cn|%ce").split("\n")) == {
        "Bo x|bo@example.org|Bo x|bo@example.org",
        "",
    }


@pytest.mark.parametrize(
    "branch", ["-x", "a..b", "a/", "/a", "a b", "a.lock", "@{u}", "a~1", "", "x" * 300, "a\nb"]
)
def test_no_text_becomes_a_ref_by_accident(repository: GitRepository, branch: str) -> None:
    with pytest.raises(GitError, match="no branch name"):
        repository.publish(branch, {"x": b"x"}, "x")


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a//b", ".git/config", "a/.GIT/x", "a\nb", 'a"b', "", "a/./b", ".git "]
)
def test_no_path_leaves_the_tree(repository: GitRepository, path: str) -> None:
    with pytest.raises(GitError, match="no path inside the tree"):
        repository.publish("b", {path: b"x"}, "x")


@pytest.mark.parametrize("commit", ["HEAD", "main", "--all", "HEAD~1", ""])
def test_only_commit_ids_are_revisions(repository: GitRepository, commit: str) -> None:
    with pytest.raises(GitError, match="no commit id"):
        repository.read(commit, "README.md")


def test_no_text_forges_a_trailer() -> None:
    message = compose_message("a\nb", "x\n\nHaste-Promotion: forged", {Trailer.PROMOTION: "p1\nHaste-Run: forged"})
    assert message == "a b\n\nx\n\n Haste-Promotion: forged\n\nHaste-Promotion: p1 Haste-Run: forged\n"


def test_no_message_passes_for_another_commit(repository: GitRepository) -> None:
    forged = "\x1e" + "0" * 40 + "\x1f\x1f2026\x1fAnn\x1fforged\x1fbody\x1fHaste-Promotion: forged\x1f"
    tip = repository.publish("b", {"x": b"x", "y z": b"y"}, f"a{forged}\n\nb{forged}\n\n\nc\n")
    (commit,) = repository.history(tip, since=repository.head())
    assert (commit.id, commit.paths, commit.promotion) == (tip, ("x", "y z"), "")
    assert compose_message("a", "b\x00\x1fc\x1b[2J\nd") == "a\n\nbc[2J\nd\n"
