"""From what runs found out to skills: every learning is judged, and what follows is committed on a branch.

A curation has a stream of its own, `_skills/<id>`. Killed anywhere and called again with the same runs, it goes on
where it was: what is judged stays judged, and a promotion's id follows from its learning, so that a commit without
its event is found and not made twice.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from haste.core import curation as c
from haste.core.abstraction import seen_on
from haste.core.events import (
    AnyEvent,
    ConflictAnnotated,
    CurationFinished,
    CurationStarted,
    Event,
    LearningJudged,
    LearningRecorded,
    Recorded,
    SkillAmended,
    SkillPromoted,
)
from haste.core.evolve import rebuild
from haste.core.learning import Learning, Verdict
from haste.core.run import RunState
from haste.core.skill import Evidence, LoadedSkill, Skill
from haste.core.skill_making import told_conditions
from haste.errors import EngineerError, GitError
from haste.orchestration.judge import Matter, find, gate, plan, related
from haste.orchestration.promote import Mandate, Promoted, amend, annotate_conflict, dressed, promote, promotion_id
from haste.ports import CurationPorts, Repository
from haste.projections.reviews import refused_before, reviews

Listener = Callable[[Recorded], None]
FOLDER = "_skills"


@dataclass(frozen=True)
class Curated:
    """What became of the learnings of some runs."""

    stream: str
    branch: str = ""
    judged: tuple[LearningJudged, ...] = ()
    changes: tuple[c.Change, ...] = ()
    merged: str | None = None
    """The merge commit; None where there was nothing to merge or the branch waits for its review."""
    note: str = ""

    @property
    def promoted(self) -> int:
        """How many skills are new or moved up."""
        return sum(isinstance(change, SkillPromoted) for change in self.changes)


@dataclass(frozen=True)
class _Work:
    """What one call needs besides the state: ports, the learnings in order, and what the logs say."""

    ports: CurationPorts
    repository: Repository
    matters: dict[str, Matter]
    others: tuple[Learning, ...]
    evidence: dict[str, Evidence]


def curate(
    runs: Sequence[str],
    ports: CurationPorts,
    repository: Repository,
    *,
    review: str = "auto",
    stream: str = "",
    listen: Listener = lambda _: None,
) -> Curated:
    """Judge the learnings of finished runs and promote what is worth it, or go on with that."""
    stream = stream or stream_of(runs)
    recorded = ports.log.read(stream)
    state, work = c.rebuild_curation(recorded), _gather(runs, ports, repository, stream)
    if not recorded and not work.matters:
        return Curated(stream=stream, note="no learning is left to be judged")
    pending: Iterator[AnyEvent] = iter(() if recorded else (_start(runs, work, stream, review),))
    while state.finished is None:
        for event in pending:
            one = ports.log.append(stream, event, expected=state.position)
            state = c.evolve_curation(state, one)
            listen(one)
        if state.finished is None:
            pending = _perform(c.decide(state, [m.learning for m in work.matters.values()]), state, work)
    return Curated(
        stream=stream,
        branch=state.branch,
        judged=state.judged,
        changes=state.changes,
        merged=state.finished.merged,
        note=state.finished.note,
    )


def stream_of(runs: Sequence[str]) -> str:
    """The stream of the curation of these runs: the same runs have the same one."""
    if len(runs) == 1:
        return f"{FOLDER}/{runs[0].replace('/', '.')}"
    digest = hashlib.sha256(json.dumps(sorted(runs)).encode()).hexdigest()[:10]
    return f"{FOLDER}/{len(runs)}-runs-{digest}"


def _start(runs: Sequence[str], work: _Work, stream: str, review: str) -> CurationStarted:
    return CurationStarted.model_validate(
        {
            "runs": tuple(runs),
            "branch": f"haste/{stream.removeprefix('_')}",
            "commit": work.ports.skills.head(),
            "review": review,
            "engineer": work.ports.engineer.name,
        }
    )


# ── what there is to judge ───────────────────────────────────────────────────────────────────────────


def _gather(runs: Sequence[str], ports: CurationPorts, repository: Repository, stream: str) -> _Work:
    elsewhere = _judged_elsewhere(ports, stream)
    matters: dict[str, Matter] = {}
    for run in runs:
        state = rebuild(ports.log.read(run))
        for learning in state.learnings:
            key = c.learning_key(learning)
            if key not in elsewhere:
                matters[key] = _matter(learning, state)
    others: list[Learning] = []
    for _, recorded in ports.history.runs():
        others += [one.event.learning for one in recorded if isinstance(one.event, LearningRecorded)]
    skills = ports.skills.load()
    return _Work(ports, repository, matters, tuple(others), ports.history.evidence(skills))


def _judged_elsewhere(ports: CurationPorts, stream: str) -> set[str]:
    """Learnings that another curation has judged: they are not judged twice."""
    found: set[str] = set()
    for other in ports.log.streams():
        if other.startswith(f"{FOLDER}/") and other != stream:
            events = (one.event for one in ports.log.read(other))
            found |= {c.learning_key(e.learning) for e in events if isinstance(e, LearningJudged)}
    return found


def _matter(learning: Learning, state: RunState) -> Matter:
    score = state.ensemble.score if state.ensemble and state.ensemble_kept else None
    if score is None and state.ensemble:
        score = state.ensemble.single_score
    if score is None and state.best:
        score = state.candidates[state.best].score
    return Matter(learning=learning, general=seen_on(learning, state.profile), score=score)


# ── one step ─────────────────────────────────────────────────────────────────────────────────────────


def _perform(step: c.Step, state: c.CurationState, work: _Work) -> Iterator[AnyEvent]:
    if isinstance(step, c.Judge):
        return _judge(step.learning, state, work)
    if isinstance(step, c.CarryOut):
        return iter((_carry_out(step.judged, state, work),))
    if isinstance(step, c.Annotate):
        return iter((_annotate(step, state, work),))
    return iter((_close(state, work),))


def _judge(learning: Learning, state: c.CurationState, work: _Work) -> Iterator[AnyEvent]:
    matter = work.matters[c.learning_key(learning)]
    skills = work.ports.skills.load(state.tip)
    inventory = [_loaded(skill, work.evidence) for skill in skills]
    others = related(matter.general, work.others)
    verdict: Verdict | None = None
    for answer in work.ports.engineer.judge(matter.general, inventory, others, stream=state.stream):
        if isinstance(answer, Verdict):
            verdict = answer
        elif isinstance(answer, Event):
            yield answer
    if verdict is None:
        raise EngineerError(f"{work.ports.engineer.name} gave no verdict on {c.learning_key(learning)}")
    planned = plan(matter, gate(matter, verdict, skills, others), skills, _taken(work, state.tip))
    yield LearningJudged(learning=learning, verdict=planned.verdict, change=planned.kind)


def _loaded(skill: Skill, evidence: dict[str, Evidence]) -> LoadedSkill:
    version = skill.version
    return LoadedSkill(skill=skill, version=version, evidence=evidence.get(f"{skill.name}@{version}", Evidence()))


def _carry_out(judged: LearningJudged, state: c.CurationState, work: _Work) -> SkillPromoted | SkillAmended:
    """Make the change. The plan is made again from the judgement and the inventory that it was made against."""
    matter = work.matters.get(c.learning_key(judged.learning)) or _matter(
        judged.learning, rebuild(work.ports.log.read(judged.learning.run))
    )
    planned = plan(matter, judged.verdict, work.ports.skills.load(state.tip), _taken(work, state.tip))
    assert planned.skill is not None, "a judgement that asks for a change has a skill to make"
    mandate = _mandate(judged, state, "skill")
    skill = dressed(planned.skill, mandate.promotion, mandate)
    if planned.kind == "amend":
        done = amend(work.repository, skill, mandate)
        return SkillAmended(
            promotion=done.promotion,
            skill=done.skill.name,
            version=done.skill.version,
            commit=done.commit,
            learning=c.learning_key(judged.learning),
            summary=judged.verdict.reason,
        )
    return _promoted(promote(work.repository, skill, mandate, replaces=planned.replaces), judged)


def _taken(work: _Work, commit: str) -> set[str]:
    """Every name in the tree, of broken skills too."""
    return {path.split("/")[-2] for path in work.repository.paths(commit, "skills") if path.endswith("/SKILL.md")}


def _promoted(done: Promoted, judged: LearningJudged) -> SkillPromoted:
    return SkillPromoted(
        promotion=done.promotion,
        skill=done.skill.name,
        scope=done.skill.scope.value,
        path=done.skill.path,
        version=done.skill.version,
        commit=done.commit,
        branch=done.branch,
        learning=c.learning_key(judged.learning),
        reason=judged.verdict.reason,
    )


def _annotate(step: c.Annotate, state: c.CurationState, work: _Work) -> ConflictAnnotated:
    skills = work.ports.skills.load(state.tip)
    standing = find(step.judged.verdict.skill, skills)
    assert standing is not None, "a conflict names a standing skill"
    conditions = told_conditions(standing.conditions) or "paired folds say so"
    done = annotate_conflict(
        work.repository, standing, step.other, conditions, _mandate(step.judged, state, "other")
    )
    return ConflictAnnotated(
        promotion=done.promotion,
        skill=standing.name,
        other=step.other,
        conditions=conditions,
        commit=done.commit,
    )


def _mandate(judged: LearningJudged, state: c.CurationState, part: str) -> Mandate:
    key = c.learning_key(judged.learning)
    positions = " ".join(f"{judged.learning.run}@{p}" for p in judged.learning.positions)
    return Mandate(
        branch=state.branch,
        run=judged.learning.run,
        event=f"{state.stream}@{state.places[-1]}",
        decision=judged.verdict.decision,
        evidence=positions,
        learning=key,
        reason=judged.verdict.reason,
        promotion=promotion_id("promote", part, key),
        base=state.base,
    )


def _close(state: c.CurationState, work: _Work) -> CurationFinished:
    if not state.changes:
        return CurationFinished(merged=None, note="nothing was promoted")
    many = len(state.changes) > 1
    count, wait = f"{len(state.changes)} change{'s' if many else ''}", "wait" if many else "waits"
    if state.review != "auto":
        return CurationFinished(merged=None, note=f"{count} {wait} for review on {state.branch}")
    if refused := _refused_before(state, work):
        note = (
            f"{count} {wait} for review on {state.branch}: {', '.join(refused)} was taken back or rejected before"
        )
        return CurationFinished(merged=None, note=note)
    try:
        subject = f"skill(promote): merge {count} of {', '.join(state.runs)}"
        merged = work.repository.merge(state.branch, f"{subject}\n", only=("skills",))
    except GitError as error:
        return CurationFinished(merged=None, note=f"{count} {wait} on {state.branch}: {error}")
    return CurationFinished(merged=merged, note=count)


def _refused_before(state: c.CurationState, work: _Work) -> list[str]:
    """Skills of this curation that people took back or rejected: they are not merged again in silence."""
    log = work.ports.log
    known = reviews((name, log.read(name)) for name in log.streams() if name.startswith(f"{FOLDER}/"))
    return [change.skill for change in state.changes if refused_before(known, change.skill)]
