"""A move: one named change of a plan, with what is known about it before anything was tried."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from haste.core.competition import Domain
from haste.core.condition import Condition, all_hold
from haste.core.solution import FailureMode
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem

TUNING, FEATURES, MODELS = 0, 1, 2

Apply = Callable[[Any, Problem], Plan | None]
"""Makes the changed plan, or None where the move would change nothing. Takes the domain's own sort of plan."""

_CURES = {
    TUNING: FailureMode.OVERFITTING,
    FEATURES: FailureMode.FEATURE_GAP,
    MODELS: FailureMode.UNDERFITTING,
}


@dataclass(frozen=True)
class Move:
    """One change that the offline engineer knows how to make."""

    name: str
    """The field's own words, kebab-case; learnings and skills speak of the move by it."""
    domains: tuple[Domain, ...]
    level: int
    """0 tuning and small changes, 1 features, 2 models and structure."""
    title: str
    """What it does, as one clause: `train on log(1 + target)`."""
    why: str
    """Why it can help, and where that is known from."""
    apply: Apply
    gain: float = 0.005
    """Expected relative gain (the share of the remaining error it removes) before any evidence."""
    spread: float = 0.01
    """Standard deviation of that expectation over competitions."""
    cost: float = 1.0
    """How many times its parent's seconds a changed script takes."""
    adds: Callable[[Problem], float] | None = None
    """Roughly the seconds that fitting what it adds takes, each time it is fitted; None where cost says enough."""
    conditions: tuple[Condition, ...] = ()
    packages: tuple[str, ...] = ()
    cures: FailureMode | None = None
    """The failure mode it answers; by its level where nothing is said."""

    @property
    def diagnosis(self) -> FailureMode:
        """What is wrong with a solution that this move is right for."""
        return self.cures or _CURES[self.level]

    def fits(self, domain: Domain, problem: Problem) -> bool:
        """Whether domain, packages and the data's traits allow this move at all."""
        return (
            domain in self.domains
            and problem.packages.issuperset(self.packages)
            and all_hold(self.conditions, problem.profile.traits)
        )
