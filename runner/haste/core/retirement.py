"""Which skills have had their chance: by what came of following them, and by how many a reader can tell apart.

Retiring by outcome took a library from 0.258 to 0.584, retiring too early cost 0.019 (arXiv 2605.19576): so a
skill is judged by an interval, after enough trials, and never for being new. But an engineer who believes evidence
stops following a skill that has hurt twice: what is beyond doubt is enough after half as many. About thirty
look-alikes make a reader choose wrongly, and choosing gets harder with the logarithm of the library's size: so
scopes have a cap.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import comb
from typing import Literal

from haste.core.model import Frozen
from haste.core.pooling import CLEAR, Estimate
from haste.core.scope import Scope
from haste.core.skill import Evidence, Skill

ENOUGH_TRIALS = 6
"""Decided changes that cited a skill before its outcome may count against it."""
BEYOND_DOUBT_TRIALS, BEYOND_DOUBT = 3, 3.0
"""So many are enough where the effect stands so many of its standard errors on the wrong side of zero."""
ENOUGH_COMPETITIONS = 2
"""Competitions they must come from, above the competition's own scope."""
USEFUL = 0.002
"""Share of the remaining error that a change must be able to remove to be worth its try."""
BY_CHANCE = 0.025
"""How unlikely a skill's few kept changes must be under the usual share of kept ones."""
CAPS: Mapping[Scope, int] = {Scope.GLOBAL: 40, Scope.DOMAIN: 50, Scope.COMPETITION: 8}
"""Skills a scope may hold, for each domain and each competition."""
BY_HAND = "written by hand"

Rule = Literal["contradicted", "useless", "rarely kept", "over the cap"]


class Proposal(Frozen):
    """A skill that should leave, and why."""

    skill: str
    path: str
    rule: Rule
    reason: str


def proposals(skills: Sequence[Skill], evidence: Mapping[str, Evidence], *, usual: float = 0.0) -> list[Proposal]:
    """Every skill that should leave, sorted by path.

    `evidence` is by name, over all versions of a skill; `usual` is the share of all decided changes that was kept.
    """
    found = [p for s in skills if (p := by_outcome(s, evidence.get(s.name, Evidence()), usual))]
    leaving = {proposal.skill for proposal in found}
    staying = [skill for skill in skills if skill.name not in leaving]
    return sorted([*found, *_over_the_cap(staying, evidence)], key=lambda p: p.path)


def by_outcome(skill: Skill, seen: Evidence, usual: float = 0.0) -> Proposal | None:
    """The proposal that a skill's outcomes call for; None while it helps, or hasn't been tried enough."""
    tried = seen.kept + seen.reverted
    if len(seen.competitions) < (1 if skill.scope is Scope.COMPETITION else ENOUGH_COMPETITIONS):
        return None
    effect = Estimate(gain=seen.gain, error=seen.error)
    told = f"{effect} over {tried} changes in {len(seen.competitions)} competitions"
    helps = skill.recipe is None or skill.recipe.effect == "helps"
    if _contradicted(effect, tried, helps=helps):
        return _proposal(skill, "contradicted", f"it says the opposite of {told}")
    if not helps or tried < ENOUGH_TRIALS:
        return None
    if effect.error is not None and effect.gain + CLEAR * effect.error < USEFUL:
        return _proposal(skill, "useless", f"following it can't remove {USEFUL:.1%} of the error: {told}")
    if effect.gain < USEFUL and chance(seen.kept, tried, usual) < BY_CHANCE:
        why = f"{seen.kept} of {tried} changes that followed it were kept, of all changes {usual:.0%}: {told}"
        return _proposal(skill, "rarely kept", why)
    return None


def _contradicted(effect: Estimate, tried: int, *, helps: bool) -> bool:
    """Whether the interval lies on the side that the skill says it doesn't."""
    if not effect.clear or effect.error is None or (effect.gain > 0) is helps:
        return False
    beyond = abs(effect.gain) > BEYOND_DOUBT * effect.error
    return tried >= (BEYOND_DOUBT_TRIALS if beyond else ENOUGH_TRIALS)


def chance(kept: int, tried: int, usual: float) -> float:
    """How likely so few kept changes are, or fewer, where a share of `usual` is kept."""
    return sum(comb(tried, k) * usual**k * (1.0 - usual) ** (tried - k) for k in range(kept + 1))


def _proposal(skill: Skill, rule: Rule, reason: str) -> Proposal:
    return Proposal(skill=skill.name, path=skill.path, rule=rule, reason=reason)


def crowded_out(skill: Skill, skills: Sequence[Skill], evidence: Mapping[str, Evidence]) -> str:
    """Why a new skill finds no room: its scope is full of skills that have all shown as much. '' where it does."""
    members = [s for s in skills if (s.scope, s.owner) == (skill.scope, skill.owner) and s.name != skill.name]
    if len(members) < CAPS[skill.scope]:
        return ""
    least = min(worth(member, evidence.get(member.name, Evidence())) for member in members)
    if worth(skill, Evidence()) > least:
        return ""
    return f"{skill.owner or 'global'} holds {len(members)} skills, and each has shown as much"


def _over_the_cap(skills: Sequence[Skill], evidence: Mapping[str, Evidence]) -> Iterable[Proposal]:
    groups: dict[tuple[Scope, str], list[Skill]] = {}
    for skill in skills:
        groups.setdefault((skill.scope, skill.owner), []).append(skill)
    for (scope, owner), members in groups.items():
        ranked = sorted(members, key=lambda s: (-worth(s, evidence.get(s.name, Evidence())), s.path))
        for skill in ranked[CAPS[scope] :]:
            where = owner or "global"
            why = f"{where} holds {len(members)} skills, {CAPS[scope]} at most, and this one has shown least"
            yield _proposal(skill, "over the cap", why)


def worth(skill: Skill, seen: Evidence) -> float:
    """What keeps a skill where there are too many: the lower end of its gain, then use; hands before machines.

    Size counts, not sign: a known loss spares as much as a known gain brings.
    """
    recipe = skill.recipe
    tried = seen.kept + seen.reverted
    gain, error = (seen.gain, seen.error) if tried else (recipe.gain, recipe.error) if recipe else (0.0, None)
    sure = max(0.0, abs(gain) - CLEAR * error) if error is not None else 0.0
    by_hand = skill.metadata.get("haste-origin") == BY_HAND
    return sure + 1e-4 * min(seen.cited, 100) + (0.01 if by_hand else 0.0)
