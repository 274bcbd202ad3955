"""The offline engineer's judgement of a learning: rules over claims, intervals and texts, no model asked.

The rules in their order are those that the labels were written by (`haste/data/README.md`): nothing worth keeping,
global, known already, contradicted, bound or unclear, domain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from haste.core.abstraction import bindings
from haste.core.claim import BY_NAME, Claim, claim_of, claim_of_learning
from haste.core.condition import all_hold
from haste.core.learning import Learning, Verdict
from haste.core.poison import orders, secrets
from haste.core.scope import Scope
from haste.core.similarity import Corpus, stems, words
from haste.core.skill import LoadedSkill, Skill
from haste.engineers.offline.witnesses import Witnesses, weigh

SAME_TEXT, SAME_PROSE = 0.20, 0.30
"""Cosine of TF-IDF vectors from which a text speaks of the change a recipe names, or of what mere prose says."""
_NOT = frozenset({"no", "not", "without", "dropping", "drop", "removing", "leaving", "off", "instead", "never"})
_EMPTY = frozenset(
    stems(
        "improve improvement improved better good well model change changes tuning general work keep try tried "
        "hard thing things went got help helps helped hurt score result doing after make made some very paired "
        "folds bear bore spoke later leave like data worth trying early brings nothing"
    )
)
"""Words that every learning has, and that say nothing of what was done."""


@dataclass(frozen=True)
class Match:
    """A standing skill that speaks of the learning's change, and whether it says the same of it."""

    skill: Skill
    agrees: bool
    meets: bool
    """Whether both sets of conditions can hold at once."""
    applies: bool
    """Whether the skill's conditions hold for the data that the learning was seen on, as far as that is known."""
    likeness: float


def judge(learning: Learning, inventory: Sequence[LoadedSkill], others: Sequence[Learning]) -> Iterator[Verdict]:
    """The one verdict on a learning."""
    yield decide(learning, [loaded.skill for loaded in inventory], others)


def decide(learning: Learning, skills: Sequence[Skill], others: Sequence[Learning]) -> Verdict:
    """What to do with a learning, by the first rule that fits."""
    empty = _worthless(learning)
    if empty:
        return Verdict(decision="skip", reason=empty)
    tied = bindings(learning)
    witnesses = weigh(learning, others)
    matches = find_matches(learning, [s for s in skills if _is_read_by(s, learning)])
    agreeing = next((m for m in matches if m.agrees and m.meets), None)
    if not tied and witnesses.general and not (agreeing and agreeing.skill.scope is Scope.GLOBAL):
        return _global(witnesses, agreeing or _elsewhere(learning, skills))
    if agreeing:
        return Verdict(
            decision="skip", skill=agreeing.skill.name, reason=f"{agreeing.skill.name} says it: {witnesses.own}"
        )
    opposing = next((m for m in matches if not m.agrees and m.meets and m.applies), None)
    if opposing and witnesses.own.clear:
        return Verdict(
            decision="conflict",
            skill=opposing.skill.name,
            reason=f"{witnesses.own} here, and {opposing.skill.name} says the opposite for such data",
        )
    return _by_reach(learning, tied, witnesses)


def _by_reach(learning: Learning, tied: list[str], witnesses: Witnesses) -> Verdict:
    if learning.recipe.plan is not None and learning.tier is Scope.COMPETITION:
        return Verdict(decision="competition", reason="a plan to start from serves its own competition")
    if tied:
        return Verdict(decision="competition", reason=f"bound to its competition by {', '.join(tied[:3])}")
    if witnesses.doubt:
        return Verdict(decision="competition", reason=witnesses.doubt)
    return Verdict(decision="domain", reason=f"the sign is clear: {witnesses.pooled}, and nothing ties it down")


def _global(witnesses: Witnesses, standing: Match | None) -> Verdict:
    where = ", ".join(sorted(witnesses.competitions))
    return Verdict(
        decision="global",
        skill=standing.skill.name if standing else None,
        reason=f"{witnesses.pooled} over {where}",
    )


def _elsewhere(learning: Learning, skills: Sequence[Skill]) -> Match | None:
    """The skill of another domain that says the same, for it to move up."""
    foreign = [s for s in skills if s.scope is Scope.DOMAIN and s.owner != learning.domain]
    return next((m for m in find_matches(learning, foreign) if m.agrees), None)


def _worthless(learning: Learning) -> str:
    text = f"{learning.title}\n{learning.text}"
    unfit = next(chain(orders(text), secrets(text)), None)
    if unfit:
        return f"nothing of it is kept: its text {unfit}"
    if len(set(stems(text)) - _EMPTY) < 2:
        return "it doesn't say what was done"
    return ""


def _is_read_by(skill: Skill, learning: Learning) -> bool:
    if skill.scope is Scope.GLOBAL:
        return True
    return skill.owner == (learning.domain if skill.scope is Scope.DOMAIN else learning.competition)


def find_matches(learning: Learning, skills: Sequence[Skill]) -> list[Match]:
    """The skills that speak of the learning's change, by its name or by its text, the likest first."""
    claim = claim_of_learning(learning)
    corpus = Corpus.of([_said(s) for s in skills])
    text = f"{learning.title}. {learning.text} {learning.recipe.move}"
    named = learning.engineer.startswith(BY_NAME)
    found = [m for s in skills if (m := _match(learning, claim, text, s, corpus, named and _names_moves(s)))]
    return sorted(found, key=lambda m: (-m.likeness, m.skill.path))


def _names_moves(skill: Skill) -> bool:
    """Whether its recipe speaks the catalogue's language, as the starter inventory and offline skills do."""
    return skill.recipe is not None and skill.metadata.get("haste-engineer", BY_NAME).startswith(BY_NAME)


def _match(
    learning: Learning, claim: Claim, text: str, skill: Skill, corpus: Corpus, by_name: bool
) -> Match | None:
    standing = claim_of(skill.recipe) if skill.recipe else None
    likeness = corpus.similarity(text, _said(skill))
    applies = not learning.traits or all_hold(skill.conditions, learning.traits)
    if standing and (claim.same_change(standing) or learning.recipe.move == skill.name):
        return Match(skill, claim.sign * standing.sign > 0, claim.meets(standing), applies, 1.0 + likeness)
    if by_name or likeness < (SAME_TEXT if standing else SAME_PROSE):
        return None
    if standing and claim.change == standing.change:
        return None
    sign = claim.sign * (-1 if standing and _turned_round(text, standing) else 1)
    meets = claim.meets(standing) if standing else True
    return Match(skill, sign * (standing.sign if standing else 1) > 0, meets, applies, likeness)


def _turned_round(text: str, standing: Claim) -> bool:
    """Whether the text speaks of the change as left out: a word of negation just before its name."""
    spoken = words(text)
    for number, word in enumerate(spoken):
        if word in _NOT and set(standing.change) <= set(stems(" ".join(spoken[number : number + 5]))):
            return True
    return False


def _said(skill: Skill) -> str:
    body = re.sub(r"```.*?```|\*\*When it hurts\.\*\*.*?(?=\n\n|\Z)", " ", skill.body, flags=re.DOTALL)
    move = skill.recipe.move if skill.recipe else ""
    return f"{skill.name} {skill.description} {body} {move}"
