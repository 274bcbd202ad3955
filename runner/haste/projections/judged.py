"""Which finished runs still wait for the judging of what they learned: told from curations and campaigns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from haste.core import events as e
from haste.core.curation import learning_key
from haste.core.run import RunState

Streams = Iterable[tuple[str, Iterable[e.Recorded]]]


@dataclass(frozen=True)
class Judged:
    """What was judged so far, and who judges the rest."""

    learnings: frozenset[str] = frozenset()
    """Keys of the learnings that have a verdict."""
    closed: frozenset[str] = frozenset()
    """Runs whose curation is finished."""
    begun: frozenset[str] = frozenset()
    """Runs whose curation began."""
    campaigns: Mapping[str, str] | None = None
    """The campaign of each run whose round isn't finished: it judges the run, not `resume`."""

    def waits(self, state: RunState) -> bool:
        """Whether a finished run's learnings were not all judged and carried out, as after a kill at its end."""
        if not state.done or state.run in self.closed:
            return False
        open_ = any(learning_key(one) not in self.learnings for one in state.learnings)
        return open_ or state.run in self.begun

    def command(self, run: str) -> str:
        """What to type for it."""
        campaign = (self.campaigns or {}).get(run)
        return f"haste-run campaign --resume {campaign}" if campaign else f"haste-run resume {run}"


def judged(streams: Streams) -> Judged:
    """What the streams of curations (`_skills/…`) and campaigns (`_campaigns/…`) say."""
    learnings: set[str] = set()
    closed: set[str] = set()
    begun: set[str] = set()
    campaigns: dict[str, str] = {}
    for name, recorded in streams:
        runs: tuple[str, ...] = ()
        for event in (one.event for one in recorded):
            if isinstance(event, e.CurationStarted):
                runs = event.runs
                begun.update(runs)
            elif isinstance(event, e.LearningJudged):
                learnings.add(learning_key(event.learning))
            elif isinstance(event, e.CurationFinished) and not event.again:
                closed.update(runs)
            elif isinstance(event, e.RoundStarted):
                campaigns |= dict.fromkeys(event.runs.values(), name)
            elif isinstance(event, e.RoundFinished):
                campaigns = {run: campaign for run, campaign in campaigns.items() if campaign != name}
    return Judged(frozenset(learnings), frozenset(closed), frozenset(begun), campaigns)
