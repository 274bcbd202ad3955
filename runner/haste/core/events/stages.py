"""The stages of a run."""

from typing import Literal

from haste.core.competition import Domain, Profile
from haste.core.events.event import Event
from haste.core.model import Frozen
from haste.core.scope import Arm
from haste.core.solution import FileRef


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
