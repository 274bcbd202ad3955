"""Carrying out what was decided about a skill: one promotion is one commit that touches only that skill.

Each function may be called again with the same promotion id, after a crash between commit and event: what is in
the branch already is found, not committed a second time.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Literal

from haste.core.commits import Trailer, compose_message
from haste.core.condition import Condition
from haste.core.events import SkillPromoted
from haste.core.lint import SKILL_FILE, Problem, check_names, check_skill
from haste.core.model import Frozen
from haste.core.recipe_rules import Known
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_text import render_skill
from haste.errors import SkillError
from haste.orchestration.provenance import RETIRES
from haste.ports import Repository

PLACES = ("skills/global", "skills/domains/*", "skills/competitions/*")
"""Where folders of skills stand."""

Kind = Literal["promote", "amend", "conflict", "retire"]


class Mandate(Frozen):
    """On whose word a skill is changed, and on which branch. What led to it stands in the commit's trailers."""

    branch: str
    run: str
    event: str
    """`<stream>@<position>` of the event that led to it."""
    decision: str
    """The verdict, e.g. `domain`."""
    evidence: str = ""
    """Where the evidence stands: events as `<stream>@<position>`, separated by spaces."""
    learning: str = ""
    reason: str = ""
    promotion: str = ""
    """The promotion's id; by default it follows from the learning and from what is done to which skill."""
    base: str | None = None
    """The commit that a new branch is made from; by default where the workspace stands."""


class Promoted(Frozen):
    """A promotion as it stands on its branch. `fresh` is False where it stood there before."""

    promotion: str
    kind: Kind
    skill: Skill
    branch: str
    commit: str
    fresh: bool

    def event(self, *, learning: str, reason: str) -> SkillPromoted:
        """What a log says of it."""
        return SkillPromoted(
            promotion=self.promotion,
            skill=self.skill.name,
            scope=self.skill.scope.value,
            path=self.skill.path,
            version=self.skill.version,
            commit=self.commit,
            branch=self.branch,
            learning=learning,
            reason=reason,
        )


def promotion_id(kind: Kind, path: str, learning: str, attempt: int = 1) -> str:
    """The id of a promotion: the same decision about the same learning has the same one. A retry counts up."""
    return "p" + hashlib.sha256(json.dumps([kind, path, learning, attempt]).encode()).hexdigest()[:12]


def promote(
    repository: Repository,
    skill: Skill,
    mandate: Mandate,
    *,
    replaces: str | None = None,
    known: Known | None = None,
) -> Promoted:
    """Put a new skill on a branch, or move one up a tier: `replaces` is then the folder that it leaves."""
    subject = f"skill(promote): {skill.name} to {' '.join(filter(None, (skill.scope.value, skill.owner)))}"
    step = _Step.plan(repository, "promote", skill.path, mandate)
    if done := step.done(repository):
        return step.told(skill, done, fresh=False)
    standing = set(repository.called(step.tip, skill.name, PLACES)) - {replaces or ""}
    problems = [problem for problem in check_names({skill.path, *standing}) if problem.path == skill.path]
    if skill.path in standing:
        problems.append(Problem(path=skill.path, rule="unique", message="is there already: amend it"))
    moved = _moved(repository, step.tip, replaces, skill.path)
    return step.write(repository, skill, subject, known, problems=problems, files=moved)


def amend(repository: Repository, skill: Skill, mandate: Mandate, *, known: Known | None = None) -> Promoted:
    """Edit a standing skill: `skill` is what it is to be."""
    step = _Step.plan(repository, "amend", skill.path, mandate)
    return _edit(repository, step, skill, f"skill(amend): {skill.name}", known)


def annotate_conflict(
    repository: Repository, skill: Skill, other: str, conditions: Sequence[Condition] | str, mandate: Mandate
) -> Promoted:
    """Write into one of two skills that contradict each other what the other is and when this one holds.

    Both are kept: this is called once for each, and is one commit each.
    """
    told = conditions if isinstance(conditions, str) else " and ".join(map(str, conditions))
    step = _Step.plan(repository, "conflict", skill.path, mandate, f" {other}")
    return _edit(repository, step, with_conflict(skill, other, told), f"skill(conflict): {skill.name} and {other}")


def retire(repository: Repository, skill: Skill, mandate: Mandate) -> Promoted:
    """Take a skill out of the tree; history keeps it."""
    step = _Step.plan(repository, "retire", skill.path, mandate, f" {skill.version}")
    if done := step.done(repository):
        return step.told(skill, done, fresh=False)
    files: dict[str, bytes | None] = dict.fromkeys(repository.paths(step.tip, skill.path))
    if not files:
        raise SkillError(skill.path, ["can't be retired: it isn't there"], hint="haste-run skills list")
    return step.told(skill, step.publish(repository, files, f"{RETIRES}{skill.name}"), fresh=True)


def dressed(skill: Skill, promotion: str, mandate: Mandate) -> Skill:
    """The skill with its provenance in its metadata, where squash merges and rebases leave it alone."""
    owner = {Scope.DOMAIN: "haste-domain", Scope.COMPETITION: "haste-competition"}.get(skill.scope)
    facts = {
        "haste-scope": skill.scope.value,
        **({owner: skill.owner} if owner else {}),
        "haste-origin": skill.metadata.get("haste-origin") or f"run {mandate.run}",
        "haste-run": mandate.run,
        "haste-events": mandate.evidence or mandate.event,
        "haste-learning": mandate.learning,
        "haste-promotion": promotion,
    }
    others = {k: v for k, v in skill.metadata.items() if k not in {*facts, "haste-domain", "haste-competition"}}
    if skill.conditions:
        told = [condition.model_dump(exclude_none=True) for condition in skill.conditions]
        others["haste-conditions"] = json.dumps(told, ensure_ascii=False)
    return skill.model_copy(update={"metadata": {k: v for k, v in {**facts, **others}.items() if v}})


def with_conflict(skill: Skill, other: str, conditions: str) -> Skill:
    """The skill with a conflict in its metadata and, for its readers, at the end of its body."""
    known: dict[str, str] = json.loads(skill.metadata.get("haste-conflicts", "{}"))
    text = json.dumps({**known, other: conditions}, ensure_ascii=False, sort_keys=True)
    line = f"**Conflict.** `{other}` says the opposite. This one holds where {conditions}."
    kept = [part for part in skill.body.split("\n\n") if not part.startswith(f"**Conflict.** `{other}` ")]
    return skill.model_copy(
        update={"metadata": {**skill.metadata, "haste-conflicts": text}, "body": "\n\n".join([*kept, line])}
    )


class _Step(Frozen):
    """One commit to be made: what kind, of which folder, on which mandate, on top of what."""

    kind: Kind
    path: str
    promotion: str
    mandate: Mandate
    base: str
    tip: str

    @classmethod
    def plan(cls, repository: Repository, kind: Kind, path: str, mandate: Mandate, more: str = "") -> "_Step":
        """Where the branch stands now, and which promotion this is."""
        base = mandate.base or repository.head()
        promotion = mandate.promotion or promotion_id(kind, path, mandate.learning + more)
        tip = repository.tip(mandate.branch) or base
        return cls(kind=kind, path=path, promotion=promotion, mandate=mandate, base=base, tip=tip)

    def done(self, repository: Repository) -> str | None:
        """The commit of this very promotion, if it was made before."""
        if self.tip != self.base:
            for commit in repository.history(self.tip, since=self.base, says=self.promotion):
                if commit.promotion == self.promotion:
                    return commit.id
        file = f"{self.path}/{SKILL_FILE}"
        if f'haste-promotion: "{self.promotion}"'.encode() not in (repository.read(self.tip, file) or b""):
            return None
        return repository.history(self.tip, path=file, limit=1)[0].id

    def write(
        self,
        repository: Repository,
        skill: Skill,
        subject: str,
        known: Known | None,
        *,
        problems: Sequence[Problem] = (),
        files: Mapping[str, bytes | None] | None = None,
    ) -> Promoted:
        """Commit the skill, unless something is wrong with it."""
        written = dressed(skill, self.promotion, self.mandate)
        if found := [problem.message for problem in (*problems, *check_skill(written, known))]:
            raise SkillError(self.path, list(dict.fromkeys(found)))
        content = {**(files or {}), f"{self.path}/{SKILL_FILE}": render_skill(written).encode()}
        return self.told(written, self.publish(repository, content, subject), fresh=True)

    def publish(self, repository: Repository, files: Mapping[str, bytes | None], subject: str) -> str:
        """The commit, with its trailers."""
        trailers: dict[str, str] = {
            Trailer.RUN: self.mandate.run,
            Trailer.EVENT: self.mandate.event,
            Trailer.DECISION: self.mandate.decision,
            Trailer.EVIDENCE: self.mandate.evidence,
            Trailer.PROMOTION: self.promotion,
        }
        message = compose_message(subject, self.mandate.reason, trailers)
        return repository.publish(self.mandate.branch, files, message, base=self.tip, seen=self.tip)

    def told(self, skill: Skill, commit: str, *, fresh: bool) -> Promoted:
        """What the caller records."""
        return Promoted(
            promotion=self.promotion,
            kind=self.kind,
            skill=skill,
            branch=self.mandate.branch,
            commit=commit,
            fresh=fresh,
        )


def _edit(repository: Repository, step: _Step, skill: Skill, subject: str, known: Known | None = None) -> Promoted:
    if done := step.done(repository):
        return step.told(skill, done, fresh=False)
    if repository.read(step.tip, f"{skill.path}/{SKILL_FILE}") is None:
        raise SkillError(skill.path, ["can't be edited: it isn't there"], hint="haste-run skills list")
    return step.write(repository, skill, subject, known)


def _moved(repository: Repository, tip: str, old: str | None, new: str) -> dict[str, bytes | None]:
    """The files of a folder that moves: gone from the old place, as they are at the new one."""
    if old is None:
        return {}
    here = repository.paths(tip, old)
    if not here:
        raise SkillError(old, ["can't be moved: it isn't there"], hint="haste-run skills list")
    return dict.fromkeys(here) | {new + path.removeprefix(old): repository.read(tip, path) for path in here}
