"""How rows are held out, and why."""

import numpy as np

from haste.adapters.competitions.folds import FIRST_SHARE, strata
from haste.adapters.competitions.ordering import groups, times
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.truth import Truth
from haste.core.competition import Competition, FoldPlan
from haste.core.metric import PredictionKind
from haste.settings import Settings

LOCKBOX_ROWS = 20_000
LOCKBOX_SHARE = 0.1


def choose_plan(competition: Competition, source: Source, truth: Truth, settings: Settings) -> FoldPlan:
    """Forward in time where there is a time column, else by groups, else stratified by class, else plain."""
    rows = source.train.rows
    share = LOCKBOX_SHARE if rows >= LOCKBOX_ROWS else 0.0
    locked = f"; {share:.0%} of {rows} rows are locked away for the last choice" if share else ""
    if competition.time_column:
        return _forward(competition, source, settings)
    if competition.group_column:
        values = groups(source.train, competition.group_column)
        distinct = len(set(values)) if values is not None else 0
        return FoldPlan(
            kind="grouped",
            folds=max(2, min(settings.folds, distinct // 2)),
            seed=settings.seed,
            column=competition.group_column,
            lockbox_share=share,
            reason=f"rows of one {competition.group_column!r} stay together ({distinct} groups){locked}",
        )
    folds = max(2, min(settings.folds, rows // 4))
    if competition.metric.kind is PredictionKind.VALUE:
        return FoldPlan(
            kind="plain", folds=folds, seed=settings.seed, lockbox_share=share, reason=f"numeric target{locked}"
        )
    rarest = int(np.unique(strata(truth), return_counts=True)[1].min())
    reason = "each fold has the classes' shares"
    if 3 <= rarest < folds:
        folds, reason = rarest, f"{rarest} folds, because the rarest class has {rarest} rows"
    elif rarest < folds:
        reason += f" as far as can be: the rarest class has {rarest} row{'s' if rarest > 1 else ''}"
    return FoldPlan(
        kind="stratified", folds=folds, seed=settings.seed, lockbox_share=share, reason=f"{reason}{locked}"
    )


def _forward(competition: Competition, source: Source, settings: Settings) -> FoldPlan:
    when = times(source.train, competition.time_column or "")
    moments = len(np.unique(when)) if when is not None else 0
    room = int(source.train.rows * (1.0 - FIRST_SHARE) / 10)
    return FoldPlan(
        kind="forward",
        folds=max(2, min(settings.folds, moments // 3, room)),
        seed=settings.seed,
        column=competition.time_column,
        reason=f"each fold trains on what came before it in {competition.time_column!r} and predicts what follows",
    )
