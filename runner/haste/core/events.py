"""Every event there is, in one discriminated union. Past tense; an event is never changed after it was recorded.

Changed meaning is a new name; changed shape is one upcaster (`haste.core.upcast`) and one golden stream.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from haste.core.competition import Competition, Domain, Fold, Profile
from haste.core.learning import Learning, Verdict
from haste.core.model import Frozen
from haste.core.scope import Arm
from haste.core.solution import Failure, FileRef, Solution
from haste.settings import Settings

SCHEMA = 1
"""The version of the events' shapes that this code writes."""


class Event(Frozen):
    """Something that happened."""


# ── a run ────────────────────────────────────────────────────────────────────────────────────────────


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
    """Every stage is done. `score` is the one the run reports, made on rows that no earlier decision used."""

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
    """A budget ended what was being done. `time` and `iterations` lead to the ensemble; money pauses the run."""

    type: Literal["BudgetExhausted"] = "BudgetExhausted"
    budget: Literal["time", "iterations", "usd", "tokens"]
    detail: str


# ── stages ───────────────────────────────────────────────────────────────────────────────────────────


class CompetitionProfiled(Event):
    """The data was looked at; no model was run."""

    type: Literal["CompetitionProfiled"] = "CompetitionProfiled"
    profile: Profile


class DomainChosen(Event):
    """Which specialist works on the competition, and why."""

    type: Literal["DomainChosen"] = "DomainChosen"
    domain: Domain
    why: str


class LoadedRef(Frozen):
    """One skill that a run loaded."""

    name: str
    scope: str
    version: str


class SkillsLoaded(Event):
    """Which skills the run started with. `knowledge` holds their text and evidence of that moment."""

    type: Literal["SkillsLoaded"] = "SkillsLoaded"
    arm: Arm
    commit: str
    skills: tuple[LoadedRef, ...]
    characters: int
    tokens: int
    knowledge: FileRef


class StageFinished(Event):
    """A stage, or one track of the refinement, is done, and why it stopped."""

    type: Literal["StageFinished"] = "StageFinished"
    stage: Literal["profile", "prototypes", "refinement", "ensemble", "learnings"]
    track: int | None = None
    reason: str


# ── proposals ────────────────────────────────────────────────────────────────────────────────────────

Purpose = Literal["domain", "draft", "improve", "debug", "distil", "judge"]


class Usage(Frozen):
    """Tokens of one answer, as the Messages API counts them."""

    input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0


class ModelAsked(Event):
    """A question goes out. Recorded before the call, with what was reserved for it."""

    type: Literal["ModelAsked"] = "ModelAsked"
    purpose: Purpose
    model: str
    request: FileRef
    prompt: str
    """Digest of the prompt's templates."""
    attempt: int = 1
    reserved_usd: float = 0.0
    reserved_tokens: int = 0


class ModelAnswered(Event):
    """The answer, what it used and what it cost."""

    type: Literal["ModelAnswered"] = "ModelAnswered"
    purpose: Purpose
    model: str
    answer: FileRef
    usage: Usage
    usd: float
    stop_reason: str | None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


class ModelRefused(Event):
    """No usable answer: the service's error, a refusal, or a reply that can't be read. `final` ends the asking."""

    type: Literal["ModelRefused"] = "ModelRefused"
    purpose: Purpose
    model: str
    kind: str
    message: str
    usage: Usage = Usage()
    usd: float = 0.0
    answer: FileRef | None = None
    final: bool = False


class SolutionProposed(Event):
    """A script to evaluate: its parent, the change, the diagnosis behind it and the skills it cites."""

    type: Literal["SolutionProposed"] = "SolutionProposed"
    solution: Solution
    track: int | None = None
    escalation: int = 0


class SolutionRejected(Event):
    """The engineer has no proposal. `exhausted` says that asking again in this place is no use."""

    type: Literal["SolutionRejected"] = "SolutionRejected"
    purpose: Literal["draft", "improve", "debug"]
    track: int | None = None
    reason: str
    exhausted: bool = False


# ── evaluation ───────────────────────────────────────────────────────────────────────────────────────


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


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────


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


# ── skills ───────────────────────────────────────────────────────────────────────────────────────────


class CurationStarted(Event):
    """The orchestrator begins to judge the learnings of these runs, against the tree of `commit`."""

    type: Literal["CurationStarted"] = "CurationStarted"
    runs: tuple[str, ...]
    branch: str
    commit: str
    review: Literal["auto", "pull-request"]
    engineer: str


class LearningJudged(Event):
    """The orchestrator's judgement of one learning."""

    type: Literal["LearningJudged"] = "LearningJudged"
    learning: Learning
    verdict: Verdict
    change: Literal["none", "promote", "amend", "raise"] = "none"
    """What is to be done about it: nothing, a new skill, an edit of one, or one moved up a tier."""


class SkillPromoted(Event):
    """One commit that touches one skill: new in its scope, or moved up a tier."""

    type: Literal["SkillPromoted"] = "SkillPromoted"
    promotion: str
    skill: str
    scope: str
    path: str
    version: str
    commit: str
    branch: str
    learning: str
    reason: str


class ConflictAnnotated(Event):
    """Two skills contradict each other; both are kept, each with the conditions that separate them."""

    type: Literal["ConflictAnnotated"] = "ConflictAnnotated"
    promotion: str
    skill: str
    other: str
    conditions: str
    commit: str


class SkillAmended(Event):
    """A standing skill was edited: a near-duplicate merged into it, or its conditions widened."""

    type: Literal["SkillAmended"] = "SkillAmended"
    promotion: str
    skill: str
    version: str
    commit: str
    learning: str
    summary: str


class SkillRetired(Event):
    """A skill left the tree; history keeps it."""

    type: Literal["SkillRetired"] = "SkillRetired"
    promotion: str
    skill: str
    path: str
    commit: str
    reason: str


class PromotionReviewed(Event):
    """A person, or the automatic review, decided about a promotion."""

    type: Literal["PromotionReviewed"] = "PromotionReviewed"
    promotion: str
    decision: Literal["opened", "approved", "rejected", "commented"]
    by: str
    comment: str = ""
    commit: str = ""


class PromotionRolledBack(Event):
    """A promotion was reverted by a commit; `loaded_by` names the runs that had loaded the skill."""

    type: Literal["PromotionRolledBack"] = "PromotionRolledBack"
    promotion: str
    skill: str
    commit: str
    reason: str
    loaded_by: tuple[str, ...] = ()


class CurationFinished(Event):
    """Every learning is judged and, with review `auto`, the branch is merged."""

    type: Literal["CurationFinished"] = "CurationFinished"
    merged: str | None
    note: str = ""


# ── campaigns ────────────────────────────────────────────────────────────────────────────────────────


class CampaignStarted(Event):
    """A campaign began: which competitions, in which order, under which settings."""

    type: Literal["CampaignStarted"] = "CampaignStarted"
    competitions: tuple[str, ...]
    """The competitions' folders."""
    settings: Settings
    plan: dict[str, Any]


class RoundStarted(Event):
    """A round began: these runs, each from this commit of the skills."""

    type: Literal["RoundStarted"] = "RoundStarted"
    number: int
    runs: dict[str, str]
    """Run ids by competition folder."""
    commit: str


class RoundFinished(Event):
    """Every run of the round ended and its learnings were judged."""

    type: Literal["RoundFinished"] = "RoundFinished"
    number: int
    finished: tuple[str, ...]
    failed: tuple[str, ...]
    promoted: int


class CampaignFinished(Event):
    """Every round is done, or the campaign's budget is."""

    type: Literal["CampaignFinished"] = "CampaignFinished"
    reason: str


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
