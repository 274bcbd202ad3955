"""One judgement: the engineer's verdict, what the orchestrator lets pass of it, and the change that follows."""

from collections.abc import Collection, Sequence
from typing import Literal

from haste.core.abstraction import bindings
from haste.core.claim import claim_of, claim_of_learning, same_matter
from haste.core.learning import Learning, Verdict
from haste.core.lint import check_skill
from haste.core.model import Frozen
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_amending import amended, apart, competitions_of, raised
from haste.core.skill_making import learning_to_skill, scope_of, told_conditions
from haste.orchestration.promote import with_conflict

Kind = Literal["none", "promote", "amend", "raise"]


class Plan(Frozen):
    """What follows from a verdict: which kind of change, and the skill as it is to be."""

    verdict: Verdict
    kind: Kind = "none"
    skill: Skill | None = None
    replaces: str | None = None
    """The folder that a skill leaves when it moves up."""


class Matter(Frozen):
    """A learning, as it was told and as it can be told of data in general, and what its run reached."""

    learning: Learning
    general: Learning
    score: float | None = None


def related(learning: Learning, learnings: Sequence[Learning]) -> list[Learning]:
    """The learnings of other runs that speak of the same change."""
    return [one for one in learnings if one.run != learning.run and same_matter(learning, one)]


def gate(matter: Matter, verdict: Verdict, skills: Sequence[Skill], others: Sequence[Learning]) -> Verdict:
    """The verdict without what no engineer may grant: reach beyond its evidence, names of one competition."""
    standing = find(verdict.skill, skills)
    if verdict.decision == "global" and len(_backers(matter.general, standing, others)) < 2:
        verdict = _lowered(verdict, "domain", "global needs two competitions")
    if verdict.decision in ("domain", "global") and (tied := bindings(matter.general)):
        verdict = _lowered(verdict, "competition", f"bound by {', '.join(tied[:3])}")
    if verdict.decision == "conflict" and standing is None:
        verdict = _lowered(verdict, "competition", "no standing skill was named")
    if verdict.skill is not None and standing is None:
        verdict = verdict.model_copy(update={"skill": None})
    return verdict


def _lowered(verdict: Verdict, decision: str, why: str) -> Verdict:
    told = f"{verdict.reason} [{verdict.decision} not granted: {why}]"
    return Verdict.model_validate({"decision": decision, "reason": told, "skill": verdict.skill})


def _backers(learning: Learning, standing: Skill | None, others: Sequence[Learning]) -> set[str]:
    """The competitions that saw the effect with the learning's sign."""
    sign = claim_of_learning(learning).sign
    backing = {one.competition for one in others if claim_of_learning(one).sign == sign}
    return {learning.competition, *backing, *(competitions_of(standing) if standing else ())}


def plan(matter: Matter, verdict: Verdict, skills: Sequence[Skill], taken: Collection[str] = ()) -> Plan:
    """The change that follows. A skill that lint would refuse is not made: its learning is skipped, saying why.

    `taken` are names in the tree besides those of the skills that could be read.
    """
    proposed = _plan(matter, verdict, skills, {*taken, *(skill.name for skill in skills)})
    if proposed.skill is None:
        return proposed
    problems = check_skill(proposed.skill)
    if not problems:
        return proposed
    told = "; ".join(problem.message for problem in problems[:3])
    return Plan(verdict=Verdict(decision="skip", reason=f"its text can't be kept: {told}"))


def _plan(matter: Matter, verdict: Verdict, skills: Sequence[Skill], taken: Collection[str]) -> Plan:
    standing = find(verdict.skill, skills)
    if verdict.decision == "skip":
        return _amend(verdict, standing, matter) if standing else Plan(verdict=verdict)
    if verdict.decision == "competition":
        own = _own(matter.learning, skills)
        return _amend(verdict, own, matter) if own else _new(matter.learning, verdict, taken, None, matter.score)
    if verdict.decision == "global" and standing and standing.scope is Scope.DOMAIN:
        skill = raised(standing, matter.general)
        return Plan(verdict=verdict, kind="raise", skill=skill, replaces=standing.path)
    if verdict.decision == "conflict" and standing and scope_of(verdict, standing) is Scope.COMPETITION:
        return _new(matter.learning, verdict, taken, standing, matter.score)
    made = _new(matter.general, verdict, taken, standing, None)
    if made.skill is None or verdict.decision == "conflict":
        return made
    return made.model_copy(update={"skill": _kept_off(made.skill, matter.general, skills)})


def _kept_off(skill: Skill, learning: Learning, skills: Sequence[Skill]) -> Skill:
    """A new skill whose conditions leave out where standing ones say the opposite of it."""
    claim = claim_of_learning(learning)
    for standing in skills:
        read = standing.scope is Scope.GLOBAL or standing.owner == learning.domain
        told = claim_of(standing.recipe) if standing.recipe and read else None
        if told and told.same_change(claim) and told.sign * claim.sign < 0:
            skill = apart(skill, standing, learning)
    return skill


def _new(
    learning: Learning, verdict: Verdict, taken: Collection[str], standing: Skill | None, score: float | None
) -> Plan:
    against = standing if verdict.decision == "conflict" else None
    skill = learning_to_skill(learning, verdict, taken=taken, against=against, score=score)
    if against is not None:
        where = told_conditions(learning.recipe.conditions, learning.metric)
        skill = with_conflict(skill, against.name, where)
    return Plan(verdict=verdict, kind="promote", skill=skill)


def _amend(verdict: Verdict, standing: Skill, matter: Matter) -> Plan:
    own = standing.scope is Scope.COMPETITION
    skill = amended(standing, matter.learning if own else matter.general, score=matter.score)
    return Plan(verdict=verdict, kind="amend", skill=skill) if skill else Plan(verdict=verdict)


def _own(learning: Learning, skills: Sequence[Skill]) -> Skill | None:
    """The competition's own skill about the same change, so that re-runs don't pile up."""
    claim = claim_of_learning(learning)
    for skill in skills:
        owned = skill.scope is Scope.COMPETITION and skill.owner == learning.competition
        if owned and skill.recipe and claim_of(skill.recipe).same_change(claim):
            return skill
    return None


def find(name: str | None, skills: Sequence[Skill]) -> Skill | None:
    """The skill called `name`."""
    return next((skill for skill in skills if skill.name == name), None)
