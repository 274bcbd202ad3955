"""Where people decide about promotions: the ports they need, and the workspace's own stream of decisions."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from haste.core.events import Event, Recorded
from haste.core.lint import Problem
from haste.errors import LogConflict, LogError
from haste.orchestration.publish import publish_streams
from haste.ports import EventLog, History, Repository, SkillStore
from haste.projections.judged import Judged, judged
from haste.projections.reviews import Review, reviews

FOLDER = "_skills/"
CAMPAIGNS = "_campaigns/"
_TRIES = 200
_PAUSE = 0.05
"""Seconds between two tries to write, while another process holds the stream: ten in all."""

Lint = Callable[[str, Sequence[str]], list[Problem]]
"""Every problem of the skills of a commit under these folders."""


@dataclass(frozen=True)
class Desk:
    """What a decision needs. `stream` is this workspace's own, so that no other one writes into it."""

    log: EventLog
    repository: Repository
    skills: SkillStore
    history: History
    lint: Lint
    stream: str
    by: str
    """Who decides: goes into the events."""

    def reviews(self) -> dict[str, Review]:
        """Every promotion and where it stands."""
        return reviews(self._streams(FOLDER))

    def judged(self) -> Judged:
        """Which runs' learnings were judged, and by whom the rest is."""
        return judged(self.curations())

    def curations(self) -> Iterator[tuple[str, Sequence[Recorded]]]:
        """The streams that speak of skills: curations, decisions and campaigns; broken ones are left out."""
        return self._streams(FOLDER, CAMPAIGNS)

    def record(self, *events: Event) -> None:
        """Add decisions to the stream, whatever another process has added meanwhile."""
        for event in events:
            self._append(event)
        self.log.close(self.stream)

    def publish(self, subject: str) -> None:
        """Commit the stream of decisions."""
        publish_streams(self.log, self.repository, [self.stream], subject=subject)

    def _append(self, event: Event) -> None:
        for last in reversed(range(_TRIES)):
            try:
                self.log.append(self.stream, event, expected=len(self.log.read(self.stream)))
                return
            except LogConflict:
                if not last:
                    raise
                time.sleep(_PAUSE)

    def _streams(self, *folders: str) -> Iterator[tuple[str, Sequence[Recorded]]]:
        for stream in self.log.streams():
            if stream.startswith(folders):
                try:
                    yield stream, self.log.read(stream)
                except LogError:  # told by `haste-run events verify`
                    continue
