"""Processes that write at the same time: both succeed, or one is told to try again; nothing is lost."""

import subprocess
import sys
from pathlib import Path

from haste.adapters.git import GitRepository
from isolated_git import Git

PROMOTE = """
import sys
from pathlib import Path
from haste.adapters.git import open_repository
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.orchestration.promote import Mandate, promote

repository, worker = open_repository(Path(sys.argv[1])), sys.argv[2]
for number in range(15):
    name = f"skill-{worker}-{number}"
    skill = Skill(name=name, description="Do it. Use when it helps.", scope=Scope.GLOBAL, body="# Do it")
    mandate = Mandate(branch="haste/shared", run=f"x/{worker}", event="x@1", decision="global", learning=skill.name)
    assert promote(repository, skill, mandate).fresh
"""
MERGE = """
import sys
from pathlib import Path
from haste.adapters.git import open_repository

repository, worker = open_repository(Path(sys.argv[1])), sys.argv[2]
for number in range(5):
    branch = f"haste/{worker}/{number}"
    repository.publish(branch, {f"skills/{worker}/{number}.md": b"x"}, f"work {worker} {number}")
    repository.merge(branch, f"merge {worker} {number}")
"""


def at_once(script: str, folder: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), str(worker)], stderr=subprocess.PIPE)
        for worker in range(4)
    ]
    told = [process.communicate()[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, told


def test_four_processes_promote_sixty_skills_on_one_branch(
    folder: Path, repository: GitRepository, git: Git
) -> None:
    (folder / "README.md").write_text("dirty\n")
    index, head = (folder / ".git/index").read_bytes(), repository.head()
    at_once(PROMOTE, folder)
    tip = repository.tip("haste/shared")
    assert tip is not None
    commits = repository.history(tip, since=head)
    assert len(commits) == len({commit.promotion for commit in commits}) == 60
    assert all(len(commit.paths) == 1 for commit in commits)
    assert len(repository.paths(tip, "skills/global")) == 61
    assert repository.head() == head
    assert (folder / ".git/index").read_bytes() == index
    assert (folder / "README.md").read_text() == "dirty\n"
    git("fsck", "--strict")


def test_four_processes_merge_into_the_branch_that_is_checked_out(
    folder: Path, repository: GitRepository, git: Git
) -> None:
    (folder / "README.md").write_text("dirty\n")
    at_once(MERGE, folder)
    subjects = {commit.subject for commit in repository.history(repository.head())}
    assert subjects >= {f"{what} {w} {n}" for what in ("work", "merge") for w in range(4) for n in range(5)}
    assert len(list((folder / "skills").rglob("?/?.md"))) == 20
    assert git("status", "--porcelain") == " M README.md\n"
    git("fsck", "--strict")
