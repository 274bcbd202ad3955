"""The end of a run: ensemble, submission, grade, learnings."""

from typing import Literal

from haste.core.events.event import Event
from haste.core.learning import Learning
from haste.core.model import Frozen


class Member(Frozen):
    """One solution's share of an ensemble."""

    solution: str
    weight: float


class EnsembleBuilt(Event):
    """A blend, scored on `rows`: a lockbox, fresh folds, or (said so) the folds of the search."""

    type: Literal["EnsembleBuilt"] = "EnsembleBuilt"
    members: tuple[Member, ...]
    method: Literal["rank_average", "weighted", "uniform"]
    score: float
    error: float | None
    single: str
    """The best single solution on the same rows."""
    single_score: float
    single_error: float | None
    rows: Literal["lockbox", "fresh folds", "search folds"]


class EnsembleKept(Event):
    """The blend beats the best single solution."""

    type: Literal["EnsembleKept"] = "EnsembleKept"
    gain: float


class EnsembleDropped(Event):
    """The best single solution stands."""

    type: Literal["EnsembleDropped"] = "EnsembleDropped"
    gain: float
    reason: str


class SubmissionWritten(Event):
    """A valid submission is on disk. Interim ones make the run useful however it ends."""

    type: Literal["SubmissionWritten"] = "SubmissionWritten"
    path: str
    sha256: str
    rows: int
    members: tuple[Member, ...]
    final: bool


class SubmissionGraded(Event):
    """The answers were read, after the run was finished."""

    type: Literal["SubmissionGraded"] = "SubmissionGraded"
    score: float
    medal: Literal["gold", "silver", "bronze", "above median", "none", "unknown"]
    reachable: str
    """What could have been read by the solutions: the sandbox's level."""


class LearningRecorded(Event):
    """What the run found out."""

    type: Literal["LearningRecorded"] = "LearningRecorded"
    learning: Learning
