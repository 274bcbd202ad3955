"""Ports as they are handed out: to a stage, to the orchestrator, to a campaign."""

from collections.abc import Mapping
from typing import Protocol

from haste.ports.competitions import CompetitionFiles, Sandbox
from haste.ports.engineers import Engineer
from haste.ports.log import Clock, EventLog, History
from haste.ports.skills import SkillStore
from haste.settings import Settings


class CurationPorts(Protocol):
    """What the orchestrator needs between runs."""

    @property
    def log(self) -> EventLog:
        """Streams and the files beside them."""
        ...

    @property
    def skills(self) -> SkillStore:
        """The committed skills."""
        ...

    @property
    def history(self) -> History:
        """Earlier runs."""
        ...

    @property
    def engineer(self) -> Engineer:
        """Who proposes and judges."""
        ...


class Ports(CurationPorts, Protocol):
    """Everything a stage may use."""

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def files(self) -> CompetitionFiles:
        """Tables, views and predictions."""
        ...

    @property
    def sandbox(self) -> Sandbox:
        """Where scripts run."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Machine, packages and versions, for the log and for engineers."""
        ...


class RunPool(Protocol):
    """Works on several runs at once: in processes of this machine, or on a cluster."""

    def work(self, runs: Mapping[str, str], settings: Settings, *, parallel: int) -> None:
        """Begin or go on with each run (run name → competition's folder) until every one has ended.

        How a run ended is in its log; one that could not even begin has an empty log.
        """
        ...

    def said(self, run: str) -> str:
        """The last that the run's process said beside its log: its error where it ended in one; '' for none."""
        ...

    def close(self) -> None:
        """Stop every run that is still going. Safe to call twice."""
        ...
