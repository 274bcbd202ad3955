"""What a run found out, with its sign and everything it is bound to."""

from typing import Any, Literal

from pydantic import Field

from haste.core.condition import Condition
from haste.core.model import Frozen
from haste.core.scope import Scope

Effect = Literal["helps", "hurts", "neutral"]


class Recipe(Frozen):
    """The part of a skill that the offline engineer can act on: a move, its sign, and how sure we are.

    `gain` is relative (the share of the remaining error that the move removed, negative when it hurt),
    `error` its standard error, `trials` how many paired comparisons stand behind it.
    """

    move: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    effect: Effect = "helps"
    gain: float = 0.0
    error: float | None = None
    trials: int = 1
    conditions: tuple[Condition, ...] = ()
    plan: dict[str, Any] | None = None
    """A whole plan to start from; in competition skills alone."""


class Learning(Frozen):
    """One learning: what was tried, under which conditions, with which effect, and where that stands in the log."""

    id: str
    title: str
    text: str
    recipe: Recipe
    tier: Scope
    competition: str
    domain: str
    metric: str
    engineer: str
    run: str
    positions: tuple[int, ...] = ()
    """Positions of the events in the run's stream that show it."""
    skills: tuple[str, ...] = ()
    """Skills cited by the changes it rests on: evidence that arose with a skill loaded is marked so."""
    traits: dict[str, float | bool | str] = Field(default_factory=dict)
    """Traits of the data it was seen on, as its run profiled them; filled in when it is judged."""


class Verdict(Frozen):
    """The orchestrator's judgement of one learning against the inventory."""

    decision: Literal["skip", "competition", "domain", "global", "conflict"]
    reason: str
    skill: str | None = None
    """The skill it repeats, amends or contradicts."""
