"""What experience is worth: how fast runs with and without skills reach their best, and how much they keep."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from haste.core.events import ChangeKept, ChangeReverted, Recorded, SolutionScored
from haste.core.evolve import evolve, rebuild
from haste.core.metric import METRICS
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


class Climb(Frozen):
    """The best score of a run's search before its refinement, and after each decided change of it.

    Scores are those on every fold of the search: a glance at one fold is no score to be held against another run.
    None stands where no solution had one yet.
    """

    metric: str
    scores: tuple[float | None, ...]

    @property
    def best(self) -> float | None:
        """Where the search ended."""
        return self.scores[-1] if self.scores else None

    def to_reach(self, target: float | None) -> int | None:
        """Changes until the search first had `target`, or its own best where it never got that far.

        0 where the prototypes had it; None for a run without any score on all folds.
        """
        best = self.best
        if best is None:
            return None
        better = METRICS[self.metric].better
        wanted = best if target is None or better(target, best) else target
        return next(n for n, score in enumerate(self.scores) if score is not None and not better(wanted, score))


class Average(Frozen):
    """A mean over runs with its standard error."""

    runs: int
    mean: float | None
    error: float | None = None


class Transfer(Frozen):
    """One group of runs."""

    group: str
    competitions: int
    iterations: Average
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


def climb_of(recorded: Iterable[Recorded]) -> Climb | None:
    """How one run's search climbed, over both of its tracks; None for a stream that is no run."""
    state = RunState()
    scores: list[float | None] = [None]
    for one in recorded:
        state = evolve(state, one)
        if isinstance(one.event, ChangeKept | ChangeReverted):
            scores.append(_standing(state))
        elif isinstance(one.event, SolutionScored) and len(scores) == 1:
            scores = [_standing(state)]
    if state.competition is None:
        return None
    return Climb(metric=state.competition.metric_name, scores=tuple(scores))


def _standing(state: RunState) -> float | None:
    """The best mean over all folds of the search, of the prototypes and the changes that were kept."""
    assert state.competition is not None
    folds, sign = len(state.search_folds), -1.0 if state.competition.metric.direction == "maximize" else 1.0
    found = [
        mean(scores)
        for solution, candidate in state.candidates.items()
        if (candidate.track is None or candidate.verdict == "kept")
        and candidate.failure is None
        and len(scores := state.search_scores(solution)) == folds > 0
    ]
    return min(found, key=lambda score: sign * score) if found else None


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
            competitions=len({r.competition for r in runs}),
            iterations=_average([float(r.iterations) for r in runs]),
            to_best=_average([float(r.to_best) for r in runs]),
            kept_share=_average([r.kept_share for r in runs if r.kept_share is not None]),
        )
        for name, runs in sorted(groups.items())
    ]


def _average(values: Sequence[float]) -> Average:
    return Average(runs=len(values), mean=mean(values) if values else None, error=standard_error(values))
