"""What a workspace's logs say about runs that are finished and whose learnings were not judged yet."""

from collections.abc import Iterator, Mapping, Sequence

from haste.cli.workspace import started
from haste.core.events import Recorded
from haste.errors import LogError
from haste.ports import EventLog
from haste.projections.judged import Judged, judged
from haste.projections.reviews import Review, reviews


def judged_in(log: EventLog) -> Judged:
    """What was judged in a workspace; a broken stream says nothing."""
    return judged(_readable(log))


def reviews_in(log: EventLog) -> Mapping[str, Review]:
    """Every promotion of a workspace, and where it stands."""
    return reviews(_readable(log))


def _readable(log: EventLog) -> Iterator[tuple[str, Sequence[Recorded]]]:
    names = [name for name in log.streams() if name.startswith(("_skills/", "_campaigns/"))]
    for name in sorted(names, key=lambda name: (started(log, name), name)):
        try:
            yield name, log.read(name)
        except LogError:
            continue
