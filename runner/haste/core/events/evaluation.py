"""Solutions on views: scores, failures, and what was kept."""

from typing import Literal

from haste.core.competition import Fold
from haste.core.events.event import Event
from haste.core.solution import Failure


class EvaluationStarted(Event):
    """A solution is about to run on these views."""

    type: Literal["EvaluationStarted"] = "EvaluationStarted"
    solution: str
    folds: tuple[Fold, ...]
    purpose: Literal["look", "score", "confirm", "refit"]
    sandbox: str


class FoldScored(Event):
    """One view was run; its predictions are kept under `.haste/` with this digest. `full` has no score."""

    type: Literal["FoldScored"] = "FoldScored"
    solution: str
    fold: Fold
    score: float | None
    seconds: float
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    saved_seconds: float = 0.0
    """What the fits took that an earlier solution had made on this view, and this one read."""
    predictions: str
    output: str = ""
    """The end of what the script printed, at most 600 characters."""


class EvaluationFailed(Event):
    """A view could not be scored, and why."""

    type: Literal["EvaluationFailed"] = "EvaluationFailed"
    solution: str
    fold: Fold
    failure: Failure
    seconds: float = 0.0


class SolutionScored(Event):
    """The folds of a solution are in, or were stopped early because it had clearly lost."""

    type: Literal["SolutionScored"] = "SolutionScored"
    solution: str
    score: float
    error: float | None
    folds: int
    stopped_early: bool = False


class ChangeKept(Event):
    """The change is the track's new best. Gains are paired over folds, positive is better."""

    type: Literal["ChangeKept"] = "ChangeKept"
    solution: str
    parent: str
    track: int
    gain: float
    error: float | None
    relative_gain: float
    reason: str


class ChangeReverted(Event):
    """The track goes on from the parent: the change did not help, or could not be made to run."""

    type: Literal["ChangeReverted"] = "ChangeReverted"
    solution: str
    parent: str
    track: int
    gain: float | None
    error: float | None
    relative_gain: float | None
    reason: str
