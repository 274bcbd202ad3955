"""Every event there is, in one discriminated union. Past tense; an event is never changed after it was recorded.

Changed meaning is a new name; changed shape is one upcaster (`haste.core.upcast`) and one golden stream.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from haste.core.events.campaign import CampaignFinished, CampaignStarted, RoundFinished, RoundStarted
from haste.core.events.curation import (
    ConflictAnnotated,
    CurationFinished,
    CurationStarted,
    LearningJudged,
    PromotionReviewed,
    PromotionRolledBack,
    SkillAmended,
    SkillPromoted,
    SkillRetired,
)
from haste.core.events.ending import (
    EnsembleBuilt,
    EnsembleDropped,
    EnsembleKept,
    LearningRecorded,
    Member,
    SubmissionGraded,
    SubmissionWritten,
)
from haste.core.events.evaluation import (
    ChangeKept,
    ChangeReverted,
    EvaluationFailed,
    EvaluationStarted,
    FoldScored,
    SolutionScored,
)
from haste.core.events.event import Event
from haste.core.events.proposals import (
    ModelAnswered,
    ModelAsked,
    ModelRefused,
    Purpose,
    SolutionProposed,
    SolutionRejected,
    Usage,
)
from haste.core.events.run import BudgetExhausted, RunFailed, RunFinished, RunResumed, RunStarted
from haste.core.events.stages import CompetitionProfiled, DomainChosen, LoadedRef, SkillsLoaded, StageFinished
from haste.core.model import Frozen

SCHEMA = 2
"""The version of the events' shapes that this code writes."""

AnyEvent = Annotated[
    RunStarted
    | RunResumed
    | RunFinished
    | RunFailed
    | BudgetExhausted
    | CompetitionProfiled
    | DomainChosen
    | SkillsLoaded
    | StageFinished
    | ModelAsked
    | ModelAnswered
    | ModelRefused
    | SolutionProposed
    | SolutionRejected
    | EvaluationStarted
    | FoldScored
    | EvaluationFailed
    | SolutionScored
    | ChangeKept
    | ChangeReverted
    | EnsembleBuilt
    | EnsembleKept
    | EnsembleDropped
    | SubmissionWritten
    | SubmissionGraded
    | LearningRecorded
    | CurationStarted
    | LearningJudged
    | SkillPromoted
    | ConflictAnnotated
    | SkillAmended
    | SkillRetired
    | PromotionReviewed
    | PromotionRolledBack
    | CurationFinished
    | CampaignStarted
    | RoundStarted
    | RoundFinished
    | CampaignFinished,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
"""Reads one event's payload, `type` included."""


class Envelope(Frozen):
    """What stands around an event in its stream. `hash` chains it to the line before."""

    run: str
    position: int
    at: str
    """UTC, ISO 8601 with microseconds."""
    schema_version: int = Field(alias="schema")
    prev: str
    hash: str


class Recorded(Frozen):
    """An event as it stands in its stream."""

    envelope: Envelope
    event: AnyEvent


__all__ = [
    "EVENT",
    "SCHEMA",
    "AnyEvent",
    "BudgetExhausted",
    "CampaignFinished",
    "CampaignStarted",
    "ChangeKept",
    "ChangeReverted",
    "CompetitionProfiled",
    "ConflictAnnotated",
    "CurationFinished",
    "CurationStarted",
    "DomainChosen",
    "EnsembleBuilt",
    "EnsembleDropped",
    "EnsembleKept",
    "Envelope",
    "EvaluationFailed",
    "EvaluationStarted",
    "Event",
    "FoldScored",
    "LearningJudged",
    "LearningRecorded",
    "LoadedRef",
    "Member",
    "ModelAnswered",
    "ModelAsked",
    "ModelRefused",
    "PromotionReviewed",
    "PromotionRolledBack",
    "Purpose",
    "Recorded",
    "RoundFinished",
    "RoundStarted",
    "RunFailed",
    "RunFinished",
    "RunResumed",
    "RunStarted",
    "SkillAmended",
    "SkillPromoted",
    "SkillRetired",
    "SkillsLoaded",
    "SolutionProposed",
    "SolutionRejected",
    "SolutionScored",
    "StageFinished",
    "SubmissionGraded",
    "SubmissionWritten",
    "Usage",
]
