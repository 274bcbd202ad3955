"""Conditions on the traits of a competition's data: under which a move applies or a skill was seen to help."""

from collections.abc import Iterable, Mapping

from haste.core.model import Frozen

Traits = Mapping[str, float | bool | str]


class Condition(Frozen):
    """One bound on one trait. A trait that is absent fails every condition on it."""

    trait: str
    at_least: float | None = None
    at_most: float | None = None
    equals: str | bool | None = None

    def holds(self, traits: Traits) -> bool:
        """Whether the traits satisfy this condition."""
        value = traits.get(self.trait)
        if value is None:
            return False
        if self.equals is not None:
            return value == self.equals
        if isinstance(value, str):
            return False
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        if self.equals is not None:
            return f"{self.trait} is {str(self.equals).lower() if isinstance(self.equals, bool) else self.equals}"
        bounds = [f"≥ {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"≤ {self.at_most:g}"] if self.at_most is not None else []
        return f"{self.trait} {' and '.join(bounds)}"


def all_hold(conditions: Iterable[Condition], traits: Traits) -> bool:
    """Whether every condition holds; none at all always do."""
    return all(condition.holds(traits) for condition in conditions)


def can_hold_together(first: Iterable[Condition], second: Iterable[Condition]) -> bool:
    """Whether some data could satisfy both: no trait is bound to values or ranges that exclude each other."""
    others = list(second)
    return not any(a.trait == b.trait and _exclude(a, b) for a in first for b in others)


def _exclude(a: Condition, b: Condition) -> bool:
    if a.equals is not None and b.equals is not None:
        return a.equals != b.equals
    if a.equals is not None or b.equals is not None:
        return True
    low = max(_or(a.at_least, float("-inf")), _or(b.at_least, float("-inf")))
    high = min(_or(a.at_most, float("inf")), _or(b.at_most, float("inf")))
    return low > high


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
