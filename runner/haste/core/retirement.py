"""Which skills have had their chance: by what came of following them, and by how many a reader can tell apart.

Retiring by outcome took a library from 0.258 to 0.584, retiring too early cost 0.019 (arXiv 2605.19576): so a
skill is judged by an interval, after enough trials, and never for being new. About thirty look-alikes make a reader
choose wrongly, and choosing gets harder with the logarithm of the library's size: so scopes have a cap.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from haste.core.model import Frozen
from haste.core.pooling import CLEAR, Estimate
from haste.core.scope import Scope
from haste.core.skill import Evidence, Skill

ENOUGH_TRIALS = 6
"""Decided changes that cited a skill before its outcome may count against it."""
ENOUGH_COMPETITIONS = 2
"""Competitions they must come from, above the competition's own scope."""
USEFUL = 0.002
"""Share of the remaining error that a change must be able to remove to be worth its try."""
CAPS: Mapping[Scope, int] = {Scope.GLOBAL: 40, Scope.DOMAIN: 50, Scope.COMPETITION: 8}
"""Skills a scope may hold, for each domain and each competition."""
BY_HAND = "written by hand"


class Proposal(Frozen):
    """A skill that should leave, and why."""

    skill: str
    path: str
    rule: Literal["contradicted", "useless", "over the cap"]
    reason: str


def proposals(skills: Sequence[Skill], evidence: Mapping[str, Evidence]) -> list[Proposal]:
    """Every skill that should leave, sorted by path. `evidence` is by name, over all versions of a skill."""
    found = [p for s in skills if (p := by_outcome(s, evidence.get(s.name, Evidence())))]
    leaving = {proposal.skill for proposal in found}
    staying = [skill for skill in skills if skill.name not in leaving]
    return sorted([*found, *_over_the_cap(staying, evidence)], key=lambda p: p.path)


def by_outcome(skill: Skill, seen: Evidence) -> Proposal | None:
    """The proposal that a skill's outcomes call for; None while it helps, or hasn't been tried enough."""
    enough = 1 if skill.scope is Scope.COMPETITION else ENOUGH_COMPETITIONS
    if seen.kept + seen.reverted < ENOUGH_TRIALS or len(seen.competitions) < enough or seen.error is None:
        return None
    effect = Estimate(gain=seen.gain, error=seen.error)
    told = f"{effect} over {seen.kept + seen.reverted} changes in {len(seen.competitions)} competitions"
    helps = skill.recipe is None or skill.recipe.effect == "helps"
    if effect.clear and (effect.gain > 0) is not helps:
        rule: Literal["contradicted", "useless"] = "contradicted"
        return Proposal(skill=skill.name, path=skill.path, rule=rule, reason=f"it says the opposite of {told}")
    if helps and seen.gain + CLEAR * seen.error < USEFUL:
        why = f"following it can't remove {USEFUL:.1%} of the error: {told}"
        return Proposal(skill=skill.name, path=skill.path, rule="useless", reason=why)
    return None


def _over_the_cap(skills: Sequence[Skill], evidence: Mapping[str, Evidence]) -> Iterable[Proposal]:
    groups: dict[tuple[Scope, str], list[Skill]] = {}
    for skill in skills:
        groups.setdefault((skill.scope, skill.owner), []).append(skill)
    for (scope, owner), members in groups.items():
        ranked = sorted(members, key=lambda s: (-worth(s, evidence.get(s.name, Evidence())), s.path))
        for skill in ranked[CAPS[scope] :]:
            where = owner or "global"
            why = f"{where} holds {len(members)} skills, {CAPS[scope]} at most, and this one has shown least"
            yield Proposal(skill=skill.name, path=skill.path, rule="over the cap", reason=why)


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
