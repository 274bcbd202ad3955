"""A run as a whole: its start, its ends, its budgets."""

from typing import Literal

from pydantic import Field

from haste.core.competition import Competition
from haste.core.events.event import Event
from haste.core.scope import Arm
from haste.settings import Settings


class RunStarted(Event):
    """A run began: everything that its decisions may depend on is here."""

    type: Literal["RunStarted"] = "RunStarted"
    competition: Competition
    settings: Settings
    engineer: str
    arm: Arm
    commit: str
    environment: dict[str, str]
    data: dict[str, str]
    """SHA-256 of each of the competition's tables, by file name."""


class RunResumed(Event):
    """A stopped run goes on; time between the last event and this one was not spent by the run."""

    type: Literal["RunResumed"] = "RunResumed"
    environment: dict[str, str]
    raised: dict[str, float] = Field(default_factory=dict)
    """Budgets that were raised for what is left, by name."""


class RunFinished(Event):
    """Every stage is done. `score` is the one the run reports; `EnsembleBuilt` says on which rows it was made."""

    type: Literal["RunFinished"] = "RunFinished"
    score: float | None
    error: float | None
    best: str | None


class RunFailed(Event):
    """The run can't go on: no prototype could be mended, or the engineer gave up."""

    type: Literal["RunFailed"] = "RunFailed"
    reason: str
    hint: str = ""


class BudgetExhausted(Event):
    """A budget ended what was being done. `time` leads to the ensemble; `usd` and `tokens` pause the run."""

    type: Literal["BudgetExhausted"] = "BudgetExhausted"
    budget: Literal["time", "iterations", "usd", "tokens"]
    detail: str
