"""What earlier runs recorded, read from the log each time: nothing is counted anywhere else."""

from collections.abc import Iterable, Iterator, Sequence

from haste.core.events import Recorded
from haste.core.skill import Evidence, Skill
from haste.errors import LogError
from haste.ports import EventLog
from haste.projections.evidence import evidence


class LoggedHistory:
    """The port `History` over the event log."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def runs(self) -> Iterator[tuple[str, Sequence[Recorded]]]:
        """Every run stream there is, with its events; broken ones are left out."""
        for stream in self._log.streams():
            if stream.startswith("_"):
                continue
            try:
                yield stream, self._log.read(stream)
            except LogError:
                continue

    def evidence(self, skills: Iterable[Skill]) -> dict[str, Evidence]:
        """Evidence by `name@version`; what no run has loaded, and whose change none has tried, is left out."""
        asked = list(skills)
        wanted = {f"{skill.name}@{skill.version}" for skill in asked}
        return {key: found for key, found in evidence(self.runs(), asked).items() if key in wanted}
