"""From what runs found out to skills: every learning is judged, and what follows is committed on a branch.

A curation has a stream of its own, `_skills/<id>`. Killed anywhere and called again with the same runs, it goes on
where it was: what is judged stays judged, and a promotion's id follows from its learning, so that a commit without
its event is found and not made twice.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from haste.core import curation as c
from haste.core.events import (
    AnyEvent,
    ConflictAnnotated,
    CurationStarted,
    Event,
    LearningJudged,
    Recorded,
    SkillAmended,
    SkillPromoted,
    SkillRetired,
)
from haste.core.learning import Learning, Verdict
from haste.core.skill_making import told_conditions
from haste.errors import EngineerError
from haste.orchestration.closing import due, finish
from haste.orchestration.docket import FOLDER, Docket, gather, readable
from haste.orchestration.judge import Plan, find, gate, plan, related
from haste.orchestration.promote import Mandate, amend, annotate_conflict, dressed, promote, promotion_id
from haste.orchestration.retire import no_room
from haste.ports import CurationPorts, Repository

Listener = Callable[[Recorded], None]


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
    before: tuple[str, ...] = ()
    """The streams of curations that came before: of some of these runs and cut off, or outrun by others."""

    @property
    def streams(self) -> tuple[str, ...]:
        """Every stream that this wrote."""
        return (*self.before, self.stream)

    @property
    def promoted(self) -> int:
        """How many skills are new or moved up."""
        return sum(isinstance(change, SkillPromoted) for change in self.changes)

    @property
    def retired(self) -> int:
        """How many skills had their chance."""
        return sum(isinstance(change, SkillRetired) for change in self.changes)


def curate(
    runs: Sequence[str],
    ports: CurationPorts,
    repository: Repository,
    *,
    review: str = "auto",
    stream: str = "",
    listen: Listener = lambda _: None,
) -> Curated:
    """Judge the learnings of finished runs and promote what is worth it, or go on with that.

    Where another curation was merged meanwhile and touched the same skills, the learnings are judged again.
    """
    stream = stream or stream_of(runs)
    ports.log.mend(stream)
    recorded = ports.log.read(stream)
    earlier = () if recorded else tuple(_finish_earlier(runs, ports, repository, stream, listen))
    state, work = c.rebuild_curation(recorded), gather(runs, ports, repository, stream)
    if not recorded and not (work.matters or (runs and due(ports.skills.head(), work))):
        return Curated(stream=stream, note="no learning is left to be judged", before=earlier)
    pending: Iterator[AnyEvent] = iter(() if recorded else (_start(runs, work, stream, review),))
    while state.finished is None:
        for event in pending:
            one = ports.log.append(stream, event, expected=state.position)
            state = c.evolve_curation(state, one)
            listen(one)
        if state.finished is None:
            pending = _perform(c.decide(state, [m.learning for m in work.matters.values()]), state, work)
    if state.finished.again:
        if tip := repository.tip(state.branch):
            repository.delete_branch(state.branch, expected=tip)
        fresh = curate(runs, ports, repository, review=review, stream=state.finished.again, listen=listen)
        return replace(fresh, before=(*earlier, stream, *fresh.before))
    return Curated(
        stream=stream,
        branch=state.branch,
        judged=state.judged,
        changes=state.changes,
        merged=state.finished.merged,
        note=state.finished.note,
        before=earlier,
    )


def _finish_earlier(
    runs: Sequence[str], ports: CurationPorts, repository: Repository, stream: str, listen: Listener
) -> Iterator[str]:
    """Go on with curations of some of these runs that were cut off: what they had judged is theirs to carry out."""
    for other, recorded in readable(ports.log):
        started = recorded[0].event if recorded and other != stream else None
        if not isinstance(started, CurationStarted) or not set(started.runs) < set(runs):
            continue
        if c.rebuild_curation(recorded).finished is None:
            told = curate(started.runs, ports, repository, review=started.review, stream=other, listen=listen)
            yield from told.streams


def stream_of(runs: Sequence[str]) -> str:
    """The stream of the curation of these runs: the same runs have the same one."""
    if len(runs) == 1:
        return f"{FOLDER}/{runs[0].replace('/', '.')}"
    digest = hashlib.sha256(json.dumps(sorted(runs)).encode()).hexdigest()[:10]
    return f"{FOLDER}/{len(runs)}-runs-{digest}"


def _start(runs: Sequence[str], work: Docket, stream: str, review: str) -> CurationStarted:
    return CurationStarted.model_validate(
        {
            "runs": tuple(runs),
            "branch": f"haste/{stream.removeprefix('_')}",
            "commit": work.ports.skills.head(),
            "review": review,
            "engineer": work.ports.engineer.name,
        }
    )


# ── one step ─────────────────────────────────────────────────────────────────────────────────────────


def _perform(step: c.Step, state: c.CurationState, work: Docket) -> Iterator[AnyEvent]:
    if isinstance(step, c.Judge):
        return _judge(step.learning, state, work)
    if isinstance(step, c.CarryOut):
        return iter((_carry_out(step.judged, state, work),))
    if isinstance(step, c.Annotate):
        return iter((_annotate(step, state, work),))
    return finish(state, work)


def _judge(learning: Learning, state: c.CurationState, work: Docket) -> Iterator[AnyEvent]:
    matter = work.matters[c.learning_key(learning)]
    skills = work.ports.skills.load(state.tip)
    inventory = [work.loaded(skill) for skill in skills]
    others = related(matter.general, work.others)
    verdict: Verdict | None = None
    for answer in work.ports.engineer.judge(matter.general, inventory, others, stream=state.stream):
        if isinstance(answer, Verdict):
            verdict = answer
        elif isinstance(answer, Event):
            yield answer
    if verdict is None:
        raise EngineerError(f"{work.ports.engineer.name} gave no verdict on {c.learning_key(learning)}")
    planned = plan(matter, gate(matter, verdict, skills, others), skills, work.taken(state.tip))
    if planned.kind == "promote" and planned.skill is not None:
        known = work.known()
        if told := no_room(planned.skill, matter.general, others, skills, work.names, known):
            planned = Plan(verdict=Verdict(decision="skip", reason=told))
    yield LearningJudged(learning=learning, verdict=planned.verdict, change=planned.kind)


def _carry_out(judged: LearningJudged, state: c.CurationState, work: Docket) -> SkillPromoted | SkillAmended:
    """Make the change. The plan is made again from the judgement and the inventory that it was made against."""
    matter = work.matter(judged.learning)
    planned = plan(matter, judged.verdict, work.ports.skills.load(state.tip), work.taken(state.tip))
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
    done = promote(work.repository, skill, mandate, replaces=planned.replaces)
    return done.event(learning=c.learning_key(judged.learning), reason=judged.verdict.reason)


def _annotate(step: c.Annotate, state: c.CurationState, work: Docket) -> ConflictAnnotated:
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
