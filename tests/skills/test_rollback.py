"""A promotion is taken back by a commit and an event, however it was merged; nothing that rests on it is lost."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desk_of_tests import BRANCH, Workspace, skill

from haste.adapters.fakes import MemoryLog
from haste.core.events import Event, PromotionRolledBack, Recorded
from haste.core.scope import Scope
from haste.errors import LogConflict, ReviewError, UsageError
from haste.orchestration.desk import Desk
from haste.orchestration.promote import Promoted
from haste.orchestration.retire_by_hand import retire_by_hand
from haste.orchestration.rollback import promote_again, roll_back
from haste.projections.reviews import refused_before
from isolated_git import Git


@contextmanager
def killed_before_it_is_recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is done inside ends where its event would be written."""
    with monkeypatch.context() as broken:
        broken.setattr(Desk, "record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            yield


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    return Workspace(folder)


def squash(git: Git) -> None:
    git("merge", "--squash", "-q", BRANCH)
    git("commit", "-q", "-m", "Skills (#1)")


def rebase(git: Git) -> None:
    git("commit", "-q", "--allow-empty", "-m", "meanwhile")
    git("cherry-pick", f"main..{BRANCH}")


def merge(git: Git) -> None:
    git("commit", "-q", "--allow-empty", "-m", "meanwhile")
    git("merge", "-q", "--no-edit", BRANCH)


def squash_with_messages(git: Git) -> None:
    told = git("log", "--reverse", "--format=%B", f"main..{BRANCH}")
    git("merge", "--squash", "-q", BRANCH)
    git("commit", "-q", "-m", f"Skills (#1)\n\n{told}")


@pytest.mark.parametrize("how", [merge, rebase, squash, squash_with_messages])
def test_it_works_however_the_branch_was_merged(workspace: Workspace, git: Git, how: object) -> None:
    workspace.begin()
    first, second = workspace.promote(skill("one")), workspace.promote(skill("two"))
    assert callable(how)
    how(git)
    workspace.load("titanic/r2", first)
    workspace.load("titanic/r3", second)
    changed = first.skill.model_copy(update={"body": "# Another"})
    workspace.load("titanic/r4", first.model_copy(update={"skill": changed}))
    done = roll_back(workspace.desk, first.promotion, "It hurt.")
    assert workspace.names() == ["two"]
    assert done.loaded_by == ("titanic/r2",)
    (event,) = [one.event for one in workspace.log.read("_skills/review-1")]
    assert isinstance(event, PromotionRolledBack)
    assert (event.promotion, event.commit, event.reason) == (first.promotion, done.commit, "It hurt.")
    assert git("status", "--porcelain") == ""
    assert git("log", "-1", "--format=%(trailers:key=Haste-Rolled-Back,valueonly)", done.commit).strip() == (
        first.promotion
    )
    git("fsck", "--strict")


def test_a_moved_skill_goes_back_to_where_it_was(workspace: Workspace) -> None:
    workspace.begin("auto")
    low = skill("one", Scope.COMPETITION, "titanic")
    workspace.promote(low)
    up = workspace.promote(skill("one"), learning="up", replaces=low.path)
    workspace.merge()
    roll_back(workspace.desk, up.promotion, "")
    assert [one.path for one in workspace.skills.load()] == [low.path]


def test_it_refuses_where_later_edits_rest_on_it(workspace: Workspace) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    mark = workspace.annotate(first.skill, "two")
    workspace.merge()
    with pytest.raises(ReviewError, match=rf"rest on it: {mark.promotion} \(skill\(conflict\): one and two\)"):
        roll_back(workspace.desk, first.promotion, "")
    roll_back(workspace.desk, mark.promotion, "")
    roll_back(workspace.desk, first.promotion, "")
    assert workspace.names() == []


def test_it_refuses_while_another_skill_names_it_as_a_conflict(workspace: Workspace) -> None:
    workspace.begin("auto")
    one, two = workspace.promote(skill("one")), workspace.promote(skill("two"))
    mark = workspace.annotate(one.skill, "two")
    workspace.merge()
    with pytest.raises(ReviewError, match=rf"{mark.promotion} \(the conflict that one names\)"):
        roll_back(workspace.desk, two.promotion, "")


def test_an_edit_by_hand_is_not_lost(workspace: Workspace, folder: Path, git: Git) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    workspace.merge()
    file = folder / first.skill.path / "SKILL.md"
    file.write_text(file.read_text() + "\nBy hand.\n")
    with pytest.raises(Exception, match="uncommitted changes"):
        roll_back(workspace.desk, first.promotion, "")
    git("commit", "-q", "-am", "docs: by hand")
    with pytest.raises(ReviewError, match="docs: by hand"):
        roll_back(workspace.desk, first.promotion, "")


def test_what_is_unknown_or_waits_is_told(workspace: Workspace) -> None:
    workspace.begin()
    first = workspace.promote(skill("one"))
    workspace.wait()
    with pytest.raises(ReviewError, match=r"is not on main .*review reject"):
        roll_back(workspace.desk, first.promotion, "")
    with pytest.raises(ReviewError, match="there is no promotion 'p0'"):
        roll_back(workspace.desk, "p0", "")


def test_killed_between_commit_and_event_it_goes_on(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    workspace.merge()
    with killed_before_it_is_recorded(monkeypatch):
        roll_back(workspace.desk, first.promotion, "")
    head = workspace.repository.head()
    done = roll_back(workspace.desk, first.promotion, "")
    assert workspace.repository.history(head, says=done.commit[:0] + "Haste-Rolled-Back")[0].id == done.commit
    with pytest.raises(ReviewError, match="was rolled back before"):
        roll_back(workspace.desk, first.promotion, "")


def test_again_is_a_new_promotion(workspace: Workspace) -> None:
    workspace.begin("auto")
    first: Promoted = workspace.promote(skill("one"))
    workspace.merge()
    roll_back(workspace.desk, first.promotion, "")
    assert (refused := refused_before(workspace.desk.reviews(), "one"))
    assert refused.promotion == first.promotion
    again = promote_again(workspace.desk, first.promotion, "It was right.")
    assert workspace.names() == ["one"]
    assert again.promotion != first.promotion
    assert again.version == first.skill.version
    roll_back(workspace.desk, again.promotion, "")
    assert workspace.names() == []
    third = promote_again(workspace.desk, again.promotion, "")
    assert third.promotion not in (first.promotion, again.promotion)
    assert workspace.names() == ["one"]


def test_what_stands_there_by_now_is_not_written_over(workspace: Workspace) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    workspace.merge()
    roll_back(workspace.desk, first.promotion, "")
    file = f"{first.skill.path}/SKILL.md"
    workspace.repository.publish("by-hand", {file: b"by hand\n"}, "docs: by hand\n")
    workspace.repository.merge("by-hand", "Merge\n")
    with pytest.raises(ReviewError, match="was changed since the rollback"):
        promote_again(workspace.desk, first.promotion, "")
    assert workspace.repository.read(workspace.repository.head(), file) == b"by hand\n"


def test_an_undo_that_was_killed_between_commit_and_event_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    workspace.merge()
    roll_back(workspace.desk, first.promotion, "")
    with killed_before_it_is_recorded(monkeypatch):
        promote_again(workspace.desk, first.promotion, "")
    assert workspace.names() == ["one"]
    again = promote_again(workspace.desk, first.promotion, "")
    assert workspace.desk.reviews()[again.promotion].state == "merged"
    with pytest.raises(ReviewError, match=f"was brought back as {again.promotion}"):
        promote_again(workspace.desk, first.promotion, "")


def test_a_retirement_that_was_killed_between_commit_and_event_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.begin("auto")
    workspace.promote(skill("one"))
    workspace.merge()
    with killed_before_it_is_recorded(monkeypatch):
        retire_by_hand(workspace.desk, "one", "it hurt")
    assert workspace.names() == []
    event = retire_by_hand(workspace.desk, "one", "")
    assert (event.skill, event.path, event.reason) == ("one", "skills/domains/tabular/one", "it hurt")
    refused = refused_before(workspace.desk.reviews(), "one")
    assert refused is not None
    assert (refused.kind, refused.promotion) == ("retire", event.promotion)
    with pytest.raises(UsageError, match="there is no skill 'one'"):
        retire_by_hand(workspace.desk, "one", "")


def test_a_decision_waits_while_another_process_writes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    workspace.merge()
    busy, append = iter(range(40)), MemoryLog.append

    def taken(log: MemoryLog, stream: str, event: Event, *, expected: int) -> Recorded:
        if next(busy, None) is not None:
            raise LogConflict(f"stream {stream}: another process writes it")
        return append(log, stream, event, expected=expected)

    monkeypatch.setattr(MemoryLog, "append", taken)
    roll_back(workspace.desk, first.promotion, "")
    assert workspace.desk.reviews()[first.promotion].state == "rolled back"


def test_the_repository_stays_sound(workspace: Workspace, folder: Path) -> None:
    workspace.begin("auto")
    first = workspace.promote(skill("one"))
    workspace.merge()
    roll_back(workspace.desk, first.promotion, "")
    done = subprocess.run(["git", "fsck", "--strict"], cwd=folder, capture_output=True, check=True)
    assert b"error" not in done.stderr
    assert list(workspace.repository.branches("haste/")) == [BRANCH]
