"""Which runs reached what, competition by competition."""

from collections.abc import Iterable, Sequence

from haste.core.events import Recorded
from haste.core.evolve import rebuild
from haste.core.metric import METRICS
from haste.core.model import Frozen
from haste.projections.summary import Summary, summary_of


class Standing(Frozen):
    """One run's place among the runs of its competition; `rank` counts from 1, and 0 is a run without a score."""

    rank: int
    run: Summary


def summaries(streams: Iterable[tuple[str, Sequence[Recorded]]]) -> list[Summary]:
    """The summary of every run."""
    return [summary_of(rebuild(recorded)) for _, recorded in streams]


def leaderboard(runs: Iterable[Summary]) -> dict[str, list[Standing]]:
    """Runs by competition, best first: graded scores before those nobody has graded, then the reported score.

    Scores of the answers and scores of held-out rows are never compared with each other.
    """
    by_competition: dict[str, list[Summary]] = {}
    for run in runs:
        if run.competition:
            by_competition.setdefault(run.competition, []).append(run)
    return {name: _ranked(by_competition[name]) for name in sorted(by_competition)}


def _ranked(runs: Sequence[Summary]) -> list[Standing]:
    graded = sorted((r for r in runs if r.graded is not None), key=lambda r: (_cost(r, r.graded), r.run))
    scored = [r for r in runs if r.graded is None and r.score is not None and r.status == "finished"]
    scored.sort(key=lambda r: (_cost(r, r.score), r.run))
    ranked = [Standing(rank=place, run=run) for place, run in enumerate([*graded, *scored], start=1)]
    placed = {standing.run.run for standing in ranked}
    rest = sorted((r for r in runs if r.run not in placed), key=lambda r: r.run)
    return [*ranked, *(Standing(rank=0, run=run) for run in rest)]


def _cost(run: Summary, score: float | None) -> float:
    """What to sort by: smaller is better."""
    value = 0.0 if score is None else score
    return -value if METRICS[run.metric].direction == "maximize" else value
