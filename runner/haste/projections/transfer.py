"""What experience is worth: how fast runs with and without skills reach their best, and how much they keep."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from haste.core.events import Recorded
from haste.core.evolve import rebuild
from haste.core.model import Frozen
from haste.core.run import RunState
from haste.core.statistics import mean, standard_error

Start = Literal["cold", "warm"]


class Refinement(Frozen):
    """One run's search, counted in changes of its refinement."""

    run: str
    competition: str
    engineer: str
    arm: str
    start: Start
    """Warm where any skill was loaded."""
    skills: int
    iterations: int
    to_best: int
    """The change, counted from 1, after which nothing better was found; 0 where the prototype stayed the best."""
    kept: int

    @property
    def kept_share(self) -> float | None:
        """The share of the changes that were kept; None where none was tried."""
        return self.kept / self.iterations if self.iterations else None


class Average(Frozen):
    """A mean over runs with its standard error."""

    runs: int
    mean: float | None
    error: float | None = None


class Transfer(Frozen):
    """One group of runs."""

    group: str
    to_best: Average
    kept_share: Average


def refinement_of(recorded: Iterable[Recorded]) -> Refinement | None:
    """How one run searched; None for a stream that is no run or never got to refining."""
    state = rebuild(recorded)
    if state.competition is None or not state.tracks:
        return None
    decided = [c for c in state.candidates.values() if c.track is not None and c.verdict is not None]
    return Refinement(
        run=state.run,
        competition=state.competition.id,
        engineer=state.engineer,
        arm=state.loaded.arm if state.loaded else state.settings.arm,
        start="warm" if state.loaded and state.loaded.skills else "cold",
        skills=len(state.loaded.skills) if state.loaded else 0,
        iterations=len(decided),
        to_best=_to_best(state),
        kept=sum(c.verdict == "kept" for c in decided),
    )


def _to_best(state: RunState) -> int:
    """The number of the last kept change on the track whose best is the best of all."""
    best = state.best
    track = next((t for t, line in enumerate(state.tracks) if line.best == best), 0)
    number, last = 0, 0
    for candidate in state.candidates.values():
        if candidate.track == track and candidate.verdict is not None:
            number += 1
            last = number if candidate.verdict == "kept" else last
    return last


def transfer(
    streams: Iterable[tuple[str, Sequence[Recorded]]],
    group: Callable[[Refinement], str] = lambda r: r.start,
) -> list[Transfer]:
    """Means over groups of runs: cold against warm, or by whatever `group` says."""
    groups: dict[str, list[Refinement]] = {}
    for _, recorded in streams:
        found = refinement_of(recorded)
        if found is not None:
            groups.setdefault(group(found), []).append(found)
    return [
        Transfer(
            group=name,
            to_best=_average([float(r.to_best) for r in runs]),
            kept_share=_average([r.kept_share for r in runs if r.kept_share is not None]),
        )
        for name, runs in sorted(groups.items())
    ]


def _average(values: Sequence[float]) -> Average:
    return Average(runs=len(values), mean=mean(values) if values else None, error=standard_error(values))
