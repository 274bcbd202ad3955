"""Which skills should leave the tree, told from the logs, and how one leaves it between runs."""

from collections.abc import Mapping, Sequence

from haste.core.claim import claim_of, claim_of_learning
from haste.core.events import SkillRetired
from haste.core.learning import Learning
from haste.core.pooling import Estimate, pool
from haste.core.retirement import Proposal, crowded_out, proposals
from haste.core.skill import Evidence, Skill
from haste.core.skill_amending import towards
from haste.orchestration.judge import related
from haste.orchestration.promote import Mandate, promotion_id, retire
from haste.ports import History, Repository, SkillStore
from haste.projections.evidence import by_name, kept_share, read_runs
from haste.projections.reviews import Review, kept_by_people, retired, returned


def propose_retirements(skills: SkillStore, history: History, known: Mapping[str, Review]) -> list[Proposal]:
    """Every standing skill that has been tried enough and doesn't help, or is one too many."""
    readings = read_runs(history.runs())
    return proposals(skills.load(), by_name(readings, returned(known)), usual=kept_share(readings))


def leaving(
    skills: Sequence[Skill], evidence: Mapping[str, Evidence], usual: float, known: Mapping[str, Review]
) -> list[tuple[Proposal, Skill]]:
    """The skills that a curation takes out: those proposed, but for what people decided about before."""
    by_path = {skill.path: skill for skill in skills}
    found = proposals(skills, evidence, usual=usual)
    return [(one, by_path[one.path]) for one in found if not kept_by_people(known, one.skill)]


def take_out(
    repository: Repository, proposal: Proposal, skill: Skill, *, stream: str, branch: str, base: str
) -> SkillRetired:
    """One commit on the curation's branch, and its event."""
    mandate = Mandate(
        branch=branch,
        run="",
        event=stream,
        decision="retire",
        reason=proposal.reason,
        promotion=promotion_id("retire", skill.path, f"{skill.version} {stream}"),
        base=base,
    )
    done = retire(repository, skill, mandate)
    return SkillRetired(
        promotion=done.promotion,
        skill=skill.name,
        path=skill.path,
        commit=done.commit,
        reason=proposal.reason,
        rule=proposal.rule,
        recipe=skill.recipe,
    )


def no_room(
    skill: Skill,
    learning: Learning,
    others: Sequence[Learning],
    skills: Sequence[Skill],
    evidence: Mapping[str, Evidence],
    known: Mapping[str, Review],
) -> str:
    """Why a new skill isn't made: it was retired and nothing new speaks for it, or its scope is full; else ''."""
    before = next((one for one in retired(known) if _says(one, skill, learning)), None)
    if before and (told := _nothing_new(before, learning, others, evidence.get(before.skill, Evidence()))):
        return told
    return crowded_out(skill, skills, evidence)


def _says(retirement: Review, skill: Skill, learning: Learning) -> bool:
    """Whether the retired skill stood where the new one would stand, and claimed what the learning does."""
    if retirement.path == skill.path:
        return True
    if retirement.recipe is None or retirement.path.rsplit("/", 1)[0] != skill.path.rsplit("/", 1)[0]:
        return False
    theirs, ours = claim_of(retirement.recipe), claim_of_learning(learning)
    return theirs.same_change(ours) and theirs.sign * ours.sign > 0


def _nothing_new(before: Review, learning: Learning, others: Sequence[Learning], seen: Evidence) -> str:
    """Why what is known by now is no reason to keep it again; '' where all of it together is clear.

    What following the skill has shown stays; sightings that didn't follow it are added to it, those of one
    competition as one.
    """
    recipe = before.recipe or learning.recipe
    fresh: dict[str, list[Estimate]] = {}
    for one in (learning, *related(learning, others)):
        if before.skill not in one.skills:
            fresh.setdefault(one.competition, []).append(towards(recipe, one))
    followed = [Estimate(gain=seen.gain, error=seen.error)] if seen.error is not None else []
    together = pool([*followed, *filter(None, map(pool, fresh.values()))])
    sign = {"helps": 1, "hurts": -1, "neutral": 0}[recipe.effect]
    if together is not None and together.clear and together.sign * sign > 0:
        return ""
    told = f"{before.skill} was retired ({before.rule})"
    return f"{told}, and with this sighting all that is known is {together or 'without an error'}"
