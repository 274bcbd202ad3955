"""The life of a skill by real commands, with a bare remote: proposed, merged, taken back, blocked, back again."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.stories import followed
from haste.adapters.rehearsal import RehearsalFiles
from haste.bootstrap import Workspace, make_workspace
from haste.cli.main import run as haste_run
from haste.core.events import CurationFinished
from haste.core.learning import Learning
from haste.orchestration.curate import Curated, curate
from isolated_git import Git
from judging.stories import BenchPorts, JudgingEngineer, learning, tell_run

NAME = "hash-rare-levels"
PATH = f"skills/domains/tabular/{NAME}/SKILL.md"


class Author:
    """A workspace whose user types commands, and the remote that it shares with a colleague."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root, self.remote, self.theirs = folder / "ws", folder / "remote.git", folder / "theirs"
        self._capfd = capfd
        make_workspace(self.root)
        self.git("init", "-q", "--bare", "--initial-branch=main", str(self.remote))
        self.git("remote", "add", "origin", str(self.remote))
        self.git("push", "-q", "origin", "main")
        self.git("clone", "-q", str(self.remote), str(self.theirs))

    def git(self, *arguments: str, at: Path | None = None) -> str:
        names = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
        done = subprocess.run(["git", *names, *arguments], cwd=at or self.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def haste(self, *arguments: str, fails: bool = False) -> str:
        self._capfd.readouterr()
        code = haste_run(["-C", str(self.root), *arguments])
        told = self._capfd.readouterr()
        assert (code != 0) is fails, told.err
        return told.err if fails else told.out

    def rows(self, *arguments: str) -> list[dict[str, str]]:
        told: list[dict[str, str]] = json.loads(self.haste(*arguments, "--json"))
        return told

    def effects(self, *name: str) -> list[dict[str, object]]:
        told: dict[str, list[dict[str, object]]] = json.loads(self.haste("skills", "effects", *name, "--json"))
        return told["versions"]

    def learn(self, one: Learning, review: str) -> Curated:
        """A run ends in a learning, and it is judged."""
        workspace = Workspace(self.root)
        log = workspace.log
        ports = BenchPorts(
            log=log,
            engineer=JudgingEngineer(log, drafts=()),
            skills=workspace.skills,  # type: ignore[arg-type]
            history=workspace.history,  # type: ignore[arg-type]
            files=RehearsalFiles(self.root),
        )
        try:
            return curate([tell_run(log, one)], ports, workspace.repository, review=review)
        finally:
            log.close()


def seen(competition: str) -> Learning:
    """A clear sighting of one change."""
    text = "Rare levels were hashed into a few buckets."
    return learning(competition, NAME, title="Hashing rare levels helps", text=text)


def squash(author: Author, branch: str) -> None:
    author.git("merge", "-q", "--squash", f"origin/{branch}", at=author.theirs)
    author.git("commit", "-q", "-m", "Skills (#1)", at=author.theirs)


def rebase(author: Author, branch: str) -> None:
    author.git("commit", "-q", "--allow-empty", "-m", "meanwhile", at=author.theirs)
    author.git("cherry-pick", f"main..origin/{branch}", at=author.theirs)


def merge(author: Author, branch: str) -> None:
    author.git("commit", "-q", "--allow-empty", "-m", "meanwhile", at=author.theirs)
    author.git("merge", "-q", "--no-edit", f"origin/{branch}", at=author.theirs)


@pytest.mark.parametrize("how", [merge, rebase, squash])
def test_from_pull_request_to_rollback_and_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], git: Git, how: Callable[[Author, str], None]
) -> None:
    author = Author(tmp_path, capfd)
    first = author.learn(seen("churn"), "pull-request")
    (waits,) = author.rows("review", "list")
    assert (waits["skill"], waits["state"], waits["branch"]) == (NAME, "waiting", first.branch)

    author.haste("review", "open", first.branch)
    author.git("fetch", "-q", at=author.theirs)
    how(author, first.branch)
    author.git("push", "-q", "origin", "main", at=author.theirs)
    author.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    assert author.rows("review", "list") == []
    (merged,) = author.rows("review", "list", "--all")
    assert (merged["promotion"], merged["state"]) == (waits["promotion"], "merged")
    entry = author.rows("skills", "history", NAME)[0]
    assert (entry["promotion"], entry["state"], entry["run"]) == (waits["promotion"], "merged", "churn/r1")

    author.haste("rollback", waits["promotion"], "--reason", "it hurt on small tables")
    assert not (author.root / PATH).exists()
    entries = author.rows("skills", "history", NAME)
    assert [e["promotion"] for e in entries] == [waits["promotion"]] * 2
    assert entries[-1]["state"] == "rolled back"

    second = author.learn(seen("ships"), "auto")
    assert second.merged is None
    assert not (author.root / PATH).exists()
    (again,) = author.rows("review", "list")
    assert again["promotion"] != waits["promotion"]
    closed = Workspace(author.root).log.read(second.stream)[-1].event
    assert isinstance(closed, CurationFinished)
    assert f"{NAME} was taken back or rejected before" in closed.note

    author.haste("review", "approve", second.branch, "--comment", "two competitions by now")
    assert (author.root / PATH).exists()
    entries = author.rows("skills", "history", NAME)
    assert [(e["promotion"], e["state"]) for e in entries] == [
        (again["promotion"], "merged"), (waits["promotion"], ""), (waits["promotion"], "rolled back"),
    ]  # fmt: skip
    assert {e["promotion"]: e["state"] for e in author.rows("review", "list", "--all")} == {
        waits["promotion"]: "rolled back", again["promotion"]: "merged",
    }  # fmt: skip
    assert author.git("status", "--porcelain") == ""
    author.git("fsck", "--strict")
    author.haste("events", "verify")


def test_what_was_rolled_back_by_mistake_is_undone_by_one_command(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    author = Author(tmp_path, capfd)
    done = author.learn(seen("churn"), "auto")
    assert done.merged is not None
    (promoted,) = author.rows("review", "list", "--all")
    author.haste("rollback", promoted["promotion"])
    author.haste("rollback", promoted["promotion"], "--undo")
    assert (author.root / PATH).exists()
    third = author.learn(seen("ships"), "auto")
    assert third.merged is not None
    assert [type(change).__name__ for change in third.changes] == ["SkillAmended"]


def test_effects_are_told_of_all_skills_of_one_and_of_a_retired_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    author = Author(tmp_path, capfd)
    author.learn(seen("churn"), "auto")
    assert author.effects() == []
    log = Workspace(author.root).log
    followed(log, "ships/r2", NAME, gain=-0.02)
    log.close()
    (row,) = author.effects()
    assert (row["skill"], row["runs"], row["cited"], row["kept"], row["reverted"]) == (NAME, 1, 1, 0, 1)
    assert author.effects(NAME) == [row]
    author.haste("skills", "retire", NAME)
    assert author.effects(NAME) == [row]
    assert "s1        v1       reverted  -0.020 (" in author.haste("skills", "effects", NAME)
    assert "no skill 'nothing'" in author.haste("skills", "effects", "nothing", fails=True)
