"""What every `Repository` promises: git's and the one in memory keep the same contract."""

from pathlib import Path

import pytest

from haste.adapters.fake_repository import MemoryRepository, MemorySkills
from haste.adapters.git import init_repository
from haste.adapters.skill_tree import GitSkills
from haste.core.commits import Trailer, compose_message
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_text import render_skill
from haste.errors import BranchMoved, GitError
from haste.ports import Repository, Side, SkillStore

FILES = {"README.md": b"hello\n", "skills/README.md": b"skills\n"}
SKILLS = [
    Skill(name=name, description="Do it. Use when it helps.", scope=scope, owner=owner, body="# Do it")
    for name, scope, owner in (("b", Scope.GLOBAL, ""), ("a", Scope.DOMAIN, "text"), ("c", Scope.COMPETITION, "x"))
]


@pytest.fixture(params=["git", "memory"])
def any_repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    if request.param == "git":
        return init_repository(tmp_path / "workspace", FILES)
    return MemoryRepository(FILES)


def store(repository: Repository) -> SkillStore:
    return MemorySkills(repository) if isinstance(repository, MemoryRepository) else GitSkills(repository)  # type: ignore[arg-type]


def test_where_it_stands(any_repository: Repository) -> None:
    head = any_repository.head()
    assert any_repository.branch() == "main"
    assert any_repository.tip("main") == head
    assert any_repository.tip("other") is None
    assert any_repository.paths(head, "skills") == ("skills/README.md",)
    assert any_repository.paths(head, "events") == ()
    assert any_repository.containing(head, "skil", "skills") == ("skills/README.md",)
    assert (
        any_repository.containing(head, "sk.l", "skills") == any_repository.containing(head, "-e", "skills") == ()
    )
    assert any_repository.read(head, "README.md") == b"hello\n"
    assert any_repository.read(head, "skills") is None


def test_what_is_called_so_is_found_where_it_may_stand(any_repository: Repository) -> None:
    files = {
        f"skills/{path}/SKILL.md": b"x" for path in ("global/a", "domains/text/a", "domains/a/b", "domains/a/a/a")
    }
    tip = any_repository.publish("haste/a", dict(files), "x\n")
    places = ("skills/global", "skills/domains/*", "skills/competitions/*")
    assert any_repository.called(tip, "a", places) == (
        "skills/domains/a/a", "skills/domains/text/a", "skills/global/a",
    )  # fmt: skip
    assert any_repository.called(tip, "b", places) == ("skills/domains/a/b",)
    assert any_repository.called(tip, "SKILL.md", places) == any_repository.called(tip, "c", places) == ()
    assert any_repository.called(any_repository.head(), "a", places) == ()
    with pytest.raises(GitError):
        any_repository.called(tip, "../a", places)


@pytest.mark.parametrize(("keep", "stays"), [("ours", b"1"), ("theirs", b"2")])
def test_of_what_both_sides_changed_the_chosen_one_stays(
    any_repository: Repository, keep: Side, stays: bytes
) -> None:
    base = any_repository.head()
    any_repository.publish("haste/a", {"skills/x": b"1"}, "x\n", base=base)
    any_repository.publish("haste/b", {"skills/x": b"2", "skills/y": b"3"}, "y\n", base=base)
    any_repository.merge("haste/a", "merge\n")
    with pytest.raises(GitError, match="both sides changed skills/x"):
        any_repository.merge("haste/b", "merge\n")
    merged = any_repository.merge("haste/b", "merge\n", keep=keep)
    assert (any_repository.read(merged, "skills/x"), any_repository.read(merged, "skills/y")) == (stays, b"3")


@pytest.mark.parametrize(("keep", "stays"), [("ours", b"1"), ("theirs", None)])
@pytest.mark.parametrize("removed_by", ["theirs", "ours"])
def test_a_side_that_removed_a_file_can_be_chosen_too(
    any_repository: Repository, keep: Side, stays: bytes | None, removed_by: str
) -> None:
    base = any_repository.publish("haste/x", {"skills/x": b"0", "skills/y": b"0"}, "x\n")
    any_repository.publish("haste/edits", {"skills/x": b"1"}, "edit\n", base=base)
    any_repository.publish("haste/removes", {"skills/x": None}, "remove\n", base=base)
    order = ["haste/edits", "haste/removes"] if removed_by == "theirs" else ["haste/removes", "haste/edits"]
    any_repository.merge(order[0], "merge\n")
    with pytest.raises(GitError, match="both sides changed skills/x"):
        any_repository.merge(order[1], "merge\n")
    merged = any_repository.merge(order[1], "merge\n", keep=keep)
    there = any_repository.read(merged, "skills/x")
    assert there == (stays if removed_by == "theirs" else {"ours": None, "theirs": b"1"}[keep])
    assert any_repository.read(merged, "skills/y") == b"0"


def test_a_merge_onto_what_was_looked_at(any_repository: Repository) -> None:
    head = any_repository.head()
    any_repository.publish("haste/a", {"skills/x": b"1"}, "x\n")
    any_repository.publish("haste/b", {"skills/y": b"1"}, "y\n")
    first = any_repository.merge("haste/a", "merge\n", seen=head)
    with pytest.raises(BranchMoved):
        any_repository.merge("haste/b", "merge\n", seen=head)
    assert any_repository.head() == first
    assert any_repository.merge("haste/b", "merge\n", seen=first) == any_repository.head()


def test_a_branch_of_its_own(any_repository: Repository) -> None:
    head = any_repository.head()
    message = compose_message("skill(promote): x", "why\n\nand how", {Trailer.PROMOTION: "p1", Trailer.RUN: "r"})
    first = any_repository.publish("haste/a", {"skills/x": b"1"}, message)
    second = any_repository.publish("haste/a", {"skills/x": None, "skills/y": b"2"}, "next\n")
    other = any_repository.publish("haste/b", {"skills/z": b"3"}, "other\n", base=first)
    assert any_repository.head() == head
    assert any_repository.branches("haste/") == {"haste/a": second, "haste/b": other}
    history = any_repository.history(second, since=head)
    assert [(c.id, c.parents, c.subject, c.paths) for c in history] == [
        (second, (first,), "next", ("skills/x", "skills/y")),
        (first, (head,), "skill(promote): x", ("skills/x",)),
    ]
    assert history[1].trailers == {"Haste-Promotion": "p1", "Haste-Run": "r"}
    assert [c.id for c in any_repository.history(second, path="skills/x")] == [second, first]
    assert [c.id for c in any_repository.history(second, says="Haste-Promotion: p1")] == [first]
    assert len(any_repository.history(second, limit=2)) == 2
    assert any_repository.changed(first, other) == any_repository.changed(first, other, "skills") == ("skills/z",)
    assert any_repository.changed(first, other, "events") == ()
    assert "skills/z" in any_repository.diff(first, other)
    assert any_repository.diff(first, other, "skills/x") == ""


def test_merging(any_repository: Repository) -> None:
    head = any_repository.head()
    tip = any_repository.publish("haste/a", {"skills/x": b"1", "docs/x": b"1"}, "x\n")
    late = any_repository.publish("haste/b", {"skills/y": b"2"}, "y\n", base=head)
    merged = any_repository.merge("haste/a", "merge a\n", only=["skills"])
    assert any_repository.head() == merged
    assert any_repository.history(merged, limit=1)[0].parents == (head, tip)
    assert any_repository.read(merged, "docs/x") is None
    assert any_repository.merge("haste/a", "again\n") == merged
    both = any_repository.merge(late, "merge b\n")
    assert any_repository.paths(both, "skills") == ("skills/README.md", "skills/x", "skills/y")
    any_repository.delete_branch("haste/a", expected=tip)
    assert any_repository.tip("haste/a") is None


def test_what_both_sides_changed_is_told(any_repository: Repository) -> None:
    head = any_repository.head()
    for name, text in (("a", b"1"), ("b", b"2")):
        any_repository.publish(name, {"skills/x": text, f"skills/{name}": text}, "x\n", base=head)
    merged = any_repository.merge("a", "merge\n")
    with pytest.raises(GitError, match="both sides changed skills/x"):
        any_repository.merge("b", "merge\n")
    assert any_repository.head() == merged


def test_streams_only_grow(any_repository: Repository) -> None:
    head = any_repository.head()
    for name, text in (("a", b"1\n2\n"), ("b", b"1\n"), ("c", b"1\n3\n")):
        any_repository.publish(name, {"events/x/r.jsonl": text}, "x\n", base=head)
    any_repository.merge("b", "merge\n")
    assert any_repository.read(any_repository.merge("a", "merge\n"), "events/x/r.jsonl") == b"1\n2\n"
    with pytest.raises(GitError, match=r"events/x/r\.jsonl"):
        any_repository.merge("c", "merge\n")


def test_what_is_refused(any_repository: Repository) -> None:
    head = any_repository.head()
    seen = any_repository.publish("a", {"x": b"1"}, "x\n")
    any_repository.publish("a", {"x": b"2"}, "x\n", seen=seen)
    with pytest.raises(BranchMoved):
        any_repository.publish("a", {"x": b"3"}, "x\n", seen=seen)
    with pytest.raises(GitError, match="checked out"):
        any_repository.publish("main", {"x": b"1"}, "x\n")
    with pytest.raises(GitError, match="no branch"):
        any_repository.merge("nothing", "x\n")
    with pytest.raises(GitError, match="no branch name"):
        any_repository.publish("a..b", {"x": b"1"}, "x\n")
    with pytest.raises(GitError, match="no path inside"):
        any_repository.publish("b", {"../x": b"1"}, "x\n")
    with pytest.raises(GitError, match="no commit id"):
        any_repository.read("HEAD", "x")
    for branch in ("a", "gone"):
        with pytest.raises(BranchMoved):
            any_repository.delete_branch(branch, expected=head)
    with pytest.raises(GitError):
        any_repository.push("a", remote="nowhere")
    with pytest.raises(GitError):
        any_repository.fetch("/nowhere/at/all")


def test_skills_of_a_commit(any_repository: Repository) -> None:
    files: dict[str, bytes | None] = {f"{s.path}/SKILL.md": render_skill(s).encode() for s in SKILLS}
    broken = {"skills/global/broken/SKILL.md": b"no front matter", "skills/global/SKILL.md": b"stray"}
    tip = any_repository.publish("a", files | broken, "x\n")
    skills = store(any_repository)
    assert skills.head() == any_repository.head()
    assert skills.load() == ()
    assert skills.load(tip) == tuple(sorted(SKILLS, key=lambda skill: skill.path))
    assert [s.name for s in skills.load(tip, within=["skills/global", "skills/domains/text"])] == ["a", "b"]
    assert skills.load(tip) == skills.load(tip)
