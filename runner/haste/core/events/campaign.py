"""Campaigns and their rounds."""

from typing import Any, Literal

from pydantic import Field

from haste.core.events.event import Event
from haste.settings import Settings


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
    time_limit: float = 0.0
    """Seconds of each run where they are not the campaign's: more after a failure, less near its budget."""


class RoundFinished(Event):
    """Every run of the round ended and its learnings were judged."""

    type: Literal["RoundFinished"] = "RoundFinished"
    number: int
    finished: tuple[str, ...]
    failed: tuple[str, ...]
    promoted: int
    retired: int = 0
    reasons: dict[str, str] = Field(default_factory=dict)
    """Why each failed run did."""
    out_of_time: tuple[str, ...] = ()
    """The failed runs that more time might help."""


class CampaignFinished(Event):
    """Every round is done, or the campaign's budget is."""

    type: Literal["CampaignFinished"] = "CampaignFinished"
    reason: str
