"""The orchestrator's verdict on a learning: read, and held against what evidence and names allow."""

from collections.abc import Sequence

from haste.core.abstraction import bindings
from haste.core.events import LearningJudged, ModelAnswered, ModelRefused, Recorded
from haste.core.evolve import rebuild
from haste.core.learning import Learning, Verdict
from haste.core.skill import LoadedSkill
from haste.engineers.claude.asking import NoAnswer
from haste.engineers.claude.ledger import Ledger, find_model
from haste.engineers.claude.plain import one_line
from haste.engineers.claude.replies import JudgeAnswer, Unusable, read_json
from haste.ports import EventLog
from haste.settings import Settings


def judging_ledger(log: EventLog, settings: Settings, run: str, stream: str) -> Ledger:
    """What a run has left for judging what it found out, by its own stream and that of the judgements.

    Its budget may have been raised beyond what is set here and now: then it is that one.
    """
    state = rebuild(log.read(run))
    usd, tokens = (0.0, 0) if stream in ("", run) else _spent(log.read(stream), run)
    raised = {"max_usd": max(settings.max_usd, state.settings.max_usd)} if state.competition else {}
    return Ledger(
        find_model(settings.model, settings.prices),
        settings.model_copy(update=raised),
        spent_usd=state.usd + usd,
        spent_tokens=state.output_tokens + tokens,
    )


def _spent(recorded: Sequence[Recorded], run: str) -> tuple[float, int]:
    """Dollars and output tokens of a stream, without what was asked about learnings of other runs."""
    usd, tokens = 0.0, 0
    usd_before, tokens_before = 0.0, 0
    for event in (one.event for one in recorded):
        if isinstance(event, ModelAnswered | ModelRefused):
            usd, tokens = usd + event.usd, tokens + event.usage.output_tokens
        elif isinstance(event, LearningJudged):
            if event.learning.run != run:
                usd, tokens = usd_before, tokens_before
            usd_before, tokens_before = usd, tokens
    return usd, tokens


def read_verdict(text: str, inventory: Sequence[LoadedSkill]) -> JudgeAnswer:
    """The answer; Unusable where it speaks of a skill that isn't there, or of none where it must."""
    answer = read_json(text, JudgeAnswer)
    names = {one.skill.name for one in inventory}
    if answer.skill is not None and answer.skill not in names:
        raise Unusable(f"there is no skill {one_line(answer.skill, 60)!r} in the inventory")
    if answer.decision == "conflict" and answer.skill is None:
        raise Unusable("`conflict` must name in `skill` what the learning contradicts")
    return answer


def checked_verdict(answer: JudgeAnswer | NoAnswer, learning: Learning, others: Sequence[Learning]) -> Verdict:
    """The verdict, taken down a tier where the evidence doesn't carry it; the narrowest where there is none."""
    if isinstance(answer, NoAnswer):
        return Verdict(decision="competition", reason=f"not judged, so kept where it was found: {answer.reason}")
    decision, reason = answer.decision, one_line(answer.reason, 600)
    if decision == "global" and len(_competitions(learning, others)) < 2:
        decision, reason = "domain", f"{reason} (not global: seen on one competition)"
    tied = bindings(learning)
    if decision in ("domain", "global") and tied:
        decision, reason = "competition", f"{reason} (not above its competition: bound by {', '.join(tied[:3])})"
    return Verdict(decision=decision, reason=reason, skill=answer.skill)


def _competitions(learning: Learning, others: Sequence[Learning]) -> set[str]:
    same = (o for o in others if o.recipe.effect == learning.recipe.effect)
    return {learning.competition, *(o.competition for o in same)}
