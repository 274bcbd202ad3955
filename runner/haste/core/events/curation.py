"""What the orchestrator and people decided about learnings and skills."""

from typing import Literal

from haste.core.events.event import Event
from haste.core.learning import Learning, Recipe, Verdict


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
    rule: str = ""
    """Which rule called for it; '' where a person did."""
    recipe: Recipe | None = None
    """What it claimed, so that the same isn't kept again without new evidence."""


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
    again: str = ""
    """The stream in which everything is judged again, since another curation changed the same skills first."""
