"""One run from start to end, and what follows it: the log is published and the learnings are judged."""

from collections.abc import Callable
from dataclasses import dataclass

from haste.core.events import Recorded
from haste.core.run import RunState
from haste.loop import resume, run_to_end
from haste.orchestration.curate import Curated, curate
from haste.orchestration.publish import Published, publish_run
from haste.ports import Ports, Repository

Listener = Callable[[RunState, Recorded], None]


@dataclass(frozen=True)
class Solved:
    """How a run ended and what became of its learnings; nothing was judged where the run isn't done."""

    state: RunState
    curated: Curated | None
    published: Published | None


def solve(
    run: str, ports: Ports, repository: Repository, listen: Listener, raised: dict[str, float] | None
) -> Solved:
    """Begin a run, or go on with it (`raised` is not None then), publish its log and judge its learnings.

    Killed anywhere and called again, it goes on where it was.
    """
    state = run_to_end(run, ports, listen) if raised is None else resume(run, ports, raised, listen)
    if state.failed is not None:
        return Solved(state, None, publish_run(ports.log, repository, run))
    if not state.done:
        return Solved(state, None, None)
    curated = curate([run], ports, repository, review=state.settings.review)
    published = publish_run(ports.log, repository, run, with_streams=curated.streams)
    return Solved(state, curated, published)
