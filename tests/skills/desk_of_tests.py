"""A workspace with promotions to decide about, for the tests of reviews and rollbacks."""

from pathlib import Path

from haste.adapters.fakes import MemoryLog
from haste.adapters.git import GitRepository, init_repository
from haste.adapters.history import LoggedHistory
from haste.adapters.skill_tree import GitSkills
from haste.core.events import (
    ConflictAnnotated,
    CurationFinished,
    CurationStarted,
    LoadedRef,
    SkillPromoted,
    SkillsLoaded,
)
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.solution import FileRef
from haste.orchestration.desk import Desk
from haste.orchestration.promote import Mandate, Promoted, annotate_conflict, promote

BRANCH = "haste/skills/r1"
STREAM = "_skills/titanic.r1"


def skill(name: str, scope: Scope = Scope.DOMAIN, owner: str = "tabular") -> Skill:
    return Skill(name=name, description="Do it. Use when it helps.", scope=scope, owner=owner, body=f"# {name}")


class Workspace:
    """A repository, a log, and what a curation would have put into both."""

    def __init__(self, folder: Path) -> None:
        files = {"README.md": b"hello\n", ".gitignore": b"events/*/\n"}
        self.repository: GitRepository = init_repository(folder, files)
        self.log = MemoryLog()
        self.skills = GitSkills(self.repository)
        self.desk = Desk(
            log=self.log,
            repository=self.repository,
            skills=self.skills,
            history=LoggedHistory(self.log),
            lint=lambda commit, within: self.skills.lint(commit, within=within),
            stream="_skills/review-1",
            by="Ann",
        )

    def begin(self, review: str = "pull-request") -> None:
        self._append(
            CurationStarted.model_validate(
                {
                    "runs": ("titanic/r1",), "branch": BRANCH, "commit": self.repository.head(),
                    "review": review, "engineer": "offline",
                }
            )
        )  # fmt: skip

    def promote(self, one: Skill, learning: str = "", replaces: str | None = None) -> Promoted:
        done = promote(self.repository, one, self.mandate(learning or one.name), replaces=replaces)
        self._append(
            SkillPromoted(
                promotion=done.promotion, skill=one.name, scope=one.scope.value, path=one.path, branch=BRANCH,
                version=done.skill.version, commit=done.commit, learning=learning or one.name, reason="It helped.",
            )
        )  # fmt: skip
        return done

    def annotate(self, one: Skill, other: str) -> Promoted:
        done = annotate_conflict(self.repository, one, other, "rows ≥ 2000", self.mandate(f"{one.name}-{other}"))
        self._append(
            ConflictAnnotated(
                promotion=done.promotion, skill=one.name, other=other, conditions="rows ≥ 2000", commit=done.commit
            )
        )
        return done

    def merge(self) -> None:
        """What a curation does at its end with review `auto`."""
        merged = self.repository.merge(BRANCH, "skill(promote): merge\n", only=("skills",))
        self._append(CurationFinished(merged=merged))

    def wait(self) -> None:
        """What a curation does at its end with review `pull-request`."""
        self._append(CurationFinished(merged=None, note=f"it waits for review on {BRANCH}"))

    def load(self, run: str, *done: Promoted) -> None:
        """A run that loaded these skills."""
        refs = tuple(LoadedRef(name=d.skill.name, scope=d.skill.scope.value, version=d.skill.version) for d in done)
        event = SkillsLoaded(
            arm="tiered", commit="x", skills=refs, characters=1, tokens=1, knowledge=FileRef(name="k", sha256="0")
        )
        self.log.append(run, event, expected=len(self.log.read(run)))

    def mandate(self, learning: str) -> Mandate:
        return Mandate(
            branch=BRANCH, run="titanic/r1", event=f"{STREAM}@1", decision="domain",
            evidence="titanic/r1@0", learning=learning, reason="It helped.",
        )  # fmt: skip

    def names(self) -> list[str]:
        return [one.name for one in self.skills.load()]

    def _append(self, event: CurationStarted | SkillPromoted | ConflictAnnotated | CurationFinished) -> None:
        self.log.append(STREAM, event, expected=len(self.log.read(STREAM)))
