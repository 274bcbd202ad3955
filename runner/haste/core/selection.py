"""Which skills a run loads: the arms, as pure selections from the whole inventory."""

import re
from collections.abc import Sequence
from math import log

from haste.core.scope import Arm, Scope
from haste.core.skill import Skill


def select(
    inventory: Sequence[Skill],
    *,
    arm: Arm,
    domain: str,
    competition: str,
    transfer_only: bool,
    query: str,
) -> tuple[Skill, ...]:
    """The skills of an arm, sorted by path.

    `tiered` is global, the domain's and the competition's own; `flat` is everything; `retrieved` the best matches
    of `query` out of everything, at the length `tiered` would have had; `none` is none. With `transfer_only` the
    competition's own skills are left out of every arm.
    """
    allowed = [s for s in inventory if not (transfer_only and _is_of(s, competition))]
    tiered = [s for s in allowed if _is_tiered(s, domain, competition)]
    if arm == "none":
        return ()
    if arm == "flat":
        return _sorted(allowed)
    if arm == "tiered":
        return _sorted(tiered)
    return _sorted(_retrieve(allowed, query, sum(_length(s) for s in tiered)))


def folders(arm: Arm, domain: str, competition: str) -> tuple[str, ...]:
    """The folders that hold everything an arm selects from; () for the whole tree."""
    if arm in ("flat", "retrieved"):
        return ()
    return ("skills/global", f"skills/domains/{domain}", f"skills/competitions/{competition}")


def _is_of(skill: Skill, competition: str) -> bool:
    return skill.scope is Scope.COMPETITION and skill.owner == competition


def _is_tiered(skill: Skill, domain: str, competition: str) -> bool:
    if skill.scope is Scope.GLOBAL:
        return True
    return skill.owner == domain if skill.scope is Scope.DOMAIN else skill.owner == competition


def _sorted(skills: Sequence[Skill]) -> tuple[Skill, ...]:
    return tuple(sorted(skills, key=lambda s: s.path))


def _length(skill: Skill) -> int:
    return len(skill.description) + len(skill.body)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower()))


def _retrieve(skills: Sequence[Skill], query: str, length: int) -> list[Skill]:
    """Rank by summed inverse document frequency of the shared words, and take until `length` is reached."""
    documents = [_words(f"{s.name} {s.description} {s.body}") for s in skills]
    counts: dict[str, int] = {}
    for document in documents:
        for word in document:
            counts[word] = counts.get(word, 0) + 1
    wanted = _words(query)
    weight = {w: log((1 + len(skills)) / n) for w, n in counts.items() if w in wanted}
    scored = sorted(
        zip(skills, documents, strict=True),
        key=lambda pair: (-sum(weight.get(w, 0.0) for w in pair[1]), pair[0].path),
    )
    chosen: list[Skill] = []
    taken = 0
    for skill, _ in scored:
        if taken + _length(skill) <= length:
            chosen.append(skill)
            taken += _length(skill)
    return chosen
