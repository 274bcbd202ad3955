"""What a learning or a skill claims, brought to one form: which change, which way, under which conditions.

"Dropping X hurts" and "X helps" are one claim; "weaker X helps" and "stronger X helps" are opposite ones.
"""

from typing import Any

from pydantic import Field

from haste.core.condition import Condition, can_hold_together
from haste.core.learning import Learning, Recipe
from haste.core.model import Frozen
from haste.core.similarity import Corpus, jaccard, stem

REVERSALS = frozenset(
    {"drop", "dropping", "no", "without", "remove", "skip", "disable", "omit", "exclude", "avoid"}
)
ANTONYMS = {
    "weaker": "stronger", "fewer": "more", "less": "more", "smaller": "larger", "lower": "higher",
    "faster": "slower", "shallower": "deeper", "shorter": "longer", "narrower": "wider",
}  # fmt: skip
_RATIO = 1.6
"""Numbers further apart than this are different settings."""
_SAME_WORDS, _SAME_TEXT = 0.75, 0.5
BY_NAME = "offline"
"""The engineer whose moves have fixed names: two of them are one change only where the names are one."""
_SIGNS = {"helps": 1, "hurts": -1, "neutral": 0}


class Claim(Frozen):
    """One change and the direction of its effect, independent of how the change was named."""

    change: tuple[str, ...]
    """Stems of the move's name without what turns it round."""
    sign: int
    """1 where the change itself helps, -1 where it hurts, 0 for neither."""
    polarity: int = 1
    """-1 where the name speaks of the change turned round: the measured gain is then of leaving it out."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()

    def same_change(self, other: "Claim") -> bool:
        """Whether both speak of the same change, whatever its effect."""
        alike = self.change == other.change or jaccard(self.change, other.change) >= _SAME_WORDS
        return alike and compatible(self.parameters, other.parameters)

    def meets(self, other: "Claim") -> bool:
        """Whether the conditions of both can hold at once."""
        return can_hold_together(self.conditions, other.conditions)


def claim_of(recipe: Recipe, metric: str = "") -> Claim:
    """The claim of a recipe; `metric` is that of the competition where it was seen, if it names none."""
    change, polarity = canonical(recipe.move)
    parameters = dict(recipe.parameters)
    if parameters.pop("enabled", True) is False:
        polarity = -polarity
    conditions = recipe.conditions
    if metric and not any(c.trait == "metric" for c in conditions):
        conditions = (*conditions, Condition(trait="metric", equals=metric))
    sign = _SIGNS[recipe.effect] * polarity
    return Claim(change=change, sign=sign, polarity=polarity, parameters=parameters, conditions=conditions)


def claim_of_learning(learning: Learning) -> Claim:
    """The claim of a learning, bound to the metric it was seen under."""
    return claim_of(learning.recipe, learning.metric)


def canonical(move: str) -> tuple[tuple[str, ...], int]:
    """A move's name as sorted stems, and -1 where the name turns the change round."""
    parts = [part for part in move.lower().replace("_", "-").split("-") if part]
    polarity = 1
    if len(parts) > 1 and parts[0] in REVERSALS:
        parts, polarity = parts[1:], -1
    for number, part in enumerate(parts):
        if part in ANTONYMS:
            parts[number], polarity = ANTONYMS[part], -polarity
    return tuple(sorted({stem(part) for part in parts})), polarity


def compatible(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two sets of parameters are the same setting; what only one of them names doesn't part them."""
    return all(_close(value, b[key]) for key, value in a.items() if key in b)


def _close(a: object, b: object) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        if a == 0 or b == 0 or (a < 0) != (b < 0):
            return a == b
        return max(abs(a / b), abs(b / a)) <= _RATIO
    return a == b


def same_recipe(a: Recipe, b: Recipe) -> bool:
    """Whether two recipes are the same change, whatever they say of its effect."""
    return claim_of(a).same_change(claim_of(b))


def same_matter(a: Learning, b: Learning) -> bool:
    """Whether two learnings speak of the same change, by its name or by their texts."""
    if claim_of_learning(a).same_change(claim_of_learning(b)):
        return True
    if a.engineer.startswith(BY_NAME) and b.engineer.startswith(BY_NAME):
        return False
    corpus = Corpus.of([a.text, b.text])
    return corpus.similarity(f"{a.title} {a.text}", f"{b.title} {b.text}") >= _SAME_TEXT
