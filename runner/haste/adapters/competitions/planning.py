"""How rows are held out, and why."""

import numpy as np

from haste.adapters.competitions.folds import FIRST_SHARE, split, strata
from haste.adapters.competitions.ordering import groups, times
from haste.adapters.competitions.scoring import needs_both_classes
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.truth import Truth
from haste.core.competition import Competition, Fold, FoldPlan
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
        plan = _scorable(_forward(competition, source, settings), competition, source, truth)
        if plan is not None:
            return plan
    if competition.group_column:
        plan = _scorable(
            _grouped(competition.group_column, source, settings, share, locked), competition, source, truth
        )
        if plan is not None:
            return plan
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
    plan = FoldPlan(
        kind="stratified", folds=folds, seed=settings.seed, lockbox_share=share, reason=f"{reason}{locked}"
    )
    # Dealt evenly, a class with this many rows has some in every fold, whatever the lockbox takes.
    if rarest >= 2 * folds:
        return plan
    fewer = _scorable(plan, competition, source, truth)
    if fewer is None or fewer.folds == folds:
        return plan
    reason = f"{fewer.folds} folds, because the rarest class has {rarest} rows{locked}"
    return fewer.model_copy(update={"reason": reason})


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


def _grouped(column: str, source: Source, settings: Settings, share: float, locked: str) -> FoldPlan:
    values = groups(source.train, column)
    distinct = len(set(values)) if values is not None else 0
    return FoldPlan(
        kind="grouped",
        folds=max(2, min(settings.folds, distinct // 2)),
        seed=settings.seed,
        column=column,
        lockbox_share=share,
        reason=f"rows of one {column!r} stay together ({distinct} groups){locked}",
    )


def _scorable(plan: FoldPlan, competition: Competition, source: Source, truth: Truth) -> FoldPlan | None:
    """The plan with as many folds as all have a score; None when even two have none, for want of a second class."""
    if not needs_both_classes(competition.metric):
        return plan
    for count in range(plan.folds, 1, -1):
        fewer = plan.model_copy(update={"folds": count})
        folds = [Fold(repeat=repeat, number=k) for repeat in (0, 1) for k in range(count)]
        held = [truth[split(fewer, fold, source.train, truth).held] for fold in folds]
        if all((rows.min(axis=0) < rows.max(axis=0)).any() for rows in held if len(rows)):
            return fewer
    return None
