"""Finding skills by words: the rarer a word that both have, the more it counts."""

from collections import Counter
from collections.abc import Sequence
from math import log

from haste.core.similarity import stems
from haste.core.skill import Skill

_WEIGHTS = (("name", 3.0), ("description", 2.0), ("body", 1.0))


def search(skills: Sequence[Skill], query: str) -> list[tuple[float, Skill]]:
    """The skills that share a word with the query, the best first, each with what it scored."""
    asked = set(stems(query))
    texts = [{part: set(stems(getattr(skill, part).replace("-", " "))) for part, _ in _WEIGHTS} for skill in skills]
    frequency = Counter(word for text in texts for word in set().union(*text.values()))
    found: list[tuple[float, Skill]] = []
    for skill, text in zip(skills, texts, strict=True):
        score = sum(
            weight * log(1 + len(skills) / frequency[word])
            for part, weight in _WEIGHTS
            for word in asked & text[part]
        )
        if score > 0:
            found.append((score, skill))
    return sorted(found, key=lambda pair: (-pair[0], pair[1].path))
