"""What a careful engineer should know about the data: leaks, duplicates, drift between train and test."""

from collections.abc import Iterator

import numpy as np

from haste.adapters.competitions.columns import Flags, Floats, Integers, Rows, ranks
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.structure import spanning_prefix
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import Truth
from haste.core.competition import ColumnKind, ColumnProfile, Competition

_ENOUGH = 20_000
MIN_ROWS = 50
_SAMPLE = 5000


def remarks_on(
    competition: Competition,
    source: Source,
    columns: tuple[ColumnProfile, ...],
    classes: tuple[str, ...],
    actual: Truth,
    repeats: tuple[float, float],
) -> tuple[str, ...]:
    """One line for each thing worth knowing. `repeats` is what `repeated_rows` found."""
    lines = [*_train_only(competition, source), *_constant(columns), *_nothing(competition, columns)]
    if source.train.rows >= MIN_ROWS:
        lines += _leaks(competition, source, columns, classes, actual)
        lines += _order(competition, source, actual)
        lines += _drift(source, columns)
        lines += _rare(classes, actual)
    prefix = spanning_prefix(competition, source)
    if prefix:
        lines.append(
            f"the part of {competition.id_column!r} before the last '_' groups rows; its groups stand in both "
            "tables, so they make features, and folds need not keep them together"
        )
    return (*lines, *_repeats(*repeats))


def repeated_rows(competition: Competition, source: Source) -> tuple[float, float]:
    """Shares of training rows that repeat another one's features, and of test rows that repeat a training row's."""
    features = [c for c in source.test.columns if c != competition.id_column and c in source.train.columns]
    if not features:
        return 0.0, 0.0
    train, test = source.train.row_hashes(features), source.test.row_hashes(features)
    return round(1.0 - len(np.unique(train)) / len(train), 6), round(float(np.isin(test, train).mean()), 6)


def _repeats(train: float, test: float) -> Iterator[str]:
    if train >= 0.01:
        yield f"{train:.1%} of the training rows repeat the features of another one"
    if test >= 0.01:
        yield f"{test:.1%} of the test rows have the features of a training row"


def _train_only(competition: Competition, source: Source) -> Iterator[str]:
    known = {*source.test.columns, *competition.targets, competition.id_column}
    names = [c for c in source.train.columns if c not in known]
    if names:
        shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        yield f"only the training table has: {shown}; nothing can be predicted from them"


def _constant(columns: tuple[ColumnProfile, ...]) -> Iterator[str]:
    names = [c.name for c in columns if c.kind is ColumnKind.CONSTANT]
    if names:
        yield f"one value only: {', '.join(names[:8])}"


def _nothing(competition: Competition, columns: tuple[ColumnProfile, ...]) -> Iterator[str]:
    if not competition.row_files and all(c.kind in (ColumnKind.IDENTIFIER, ColumnKind.CONSTANT) for c in columns):
        yield (
            "nothing to learn from: each column has one value, or another in every row; "
            f"files per row must be named by the id {competition.id_column!r}, with or without an ending"
        )


def _rare(classes: tuple[str, ...], actual: Truth) -> Iterator[str]:
    if actual.ndim == 1:
        tally = np.bincount(actual, minlength=len(classes))
        rare = [f"{label!r} ({n})" for label, n in zip(classes, tally, strict=True) if n < 5]
        if rare:
            yield f"classes with fewer than 5 training rows: {', '.join(rare[:8])}"


def _leaks(
    competition: Competition,
    source: Source,
    columns: tuple[ColumnProfile, ...],
    classes: tuple[str, ...],
    actual: Truth,
) -> Iterator[str]:
    rows = _some_rows(source)
    table, actual = source.train.take(rows), actual[rows]
    for column in columns:
        if column.kind in (ColumnKind.IDENTIFIER, ColumnKind.CONSTANT, ColumnKind.TEXT):
            continue
        for index, target in enumerate(competition.targets if actual.ndim == 2 else competition.targets[:1]):
            side = actual[:, index] if actual.ndim == 2 else actual
            if _tells(column, table, side):
                yield f"leak? {column.name!r} nearly tells {target!r} alone"
            elif len(classes) > 1 and _gives_away(column, table, side):
                yield f"leak? rows where {column.name!r} is not as usual nearly all have one value of {target!r}"


def _some_rows(source: Source) -> Rows:
    """Rows enough to suspect a leak by, evenly spread."""
    return np.arange(0, source.train.rows, max(1, source.train.rows // _ENOUGH), dtype=np.int64)


def _tells(column: ColumnProfile, table: Table, side: Truth) -> bool:
    distinct = np.unique(side)
    if column.kind is ColumnKind.NUMERIC:
        values = table.numbers(column.name)
        there = np.isfinite(values)
        if there.mean() < 0.5:
            return False
        if len(distinct) == 2:
            area = _area(values[there], side[there] == distinct[1])
            return max(area, 1.0 - area) > 0.995
        if len(distinct) > 20:
            return abs(_correlation(ranks(values[there]), ranks(side[there].astype(np.float64)))) > 0.995
    if len(distinct) > 100 or column.unique > table.rows / 10:
        return False
    return _purity(table.codes(column.name)[0], side) > 0.995 and _majority(side) < 0.95


def _gives_away(column: ColumnProfile, table: Table, side: Truth) -> bool:
    if column.unique > 0.5 * table.rows + 1:
        return False
    found, uniques = table.codes(column.name)
    tally = np.bincount(found)
    others = found != int(tally.argmax())
    if len(uniques) < 2 or others.sum() < 20 or tally.max() < 0.5 * table.rows:
        return False
    return _majority(side[others]) > 0.99 and _majority(side) < 0.9


def _order(competition: Competition, source: Source, actual: Truth) -> Iterator[str]:
    if competition.time_column:
        return
    rows, column = _some_rows(source), competition.id_column
    side = ranks((actual[:, 0] if actual.ndim == 2 else actual)[rows].astype(np.float64))
    places = {"the order of the training rows": rows.astype(np.float64)}
    if column in source.train.columns and source.train.is_numeric(column):
        places[f"the id {column!r}"] = source.train.numbers(column)[rows]
    limit = max(0.1, 4.0 / np.sqrt(len(side)))
    for what, place in places.items():
        if abs(_correlation(ranks(place), side)) > limit:
            yield f"leak? {what} goes with the target: a script that reads it would look better than it is"


def _drift(source: Source, columns: tuple[ColumnProfile, ...]) -> Iterator[str]:
    moved = []
    for column in columns:
        if column.kind is ColumnKind.NUMERIC:
            gap = _gap(source.train.numbers(column.name), source.test.numbers(column.name))
            if gap > 0.2:
                moved.append((gap, column.name))
    if moved and source.test.rows >= MIN_ROWS:
        shown = ", ".join(f"{name} ({gap:.2f})" for gap, name in sorted(moved, reverse=True)[:5])
        yield f"distributed differently in train and test (largest gap of the two curves): {shown}"
    unseen = [f"{c.name} ({c.unseen:.0%})" for c in columns if c.unseen > 0.3]
    if unseen:
        yield f"values that training never saw stand in many test rows: {', '.join(unseen[:5])}"


def _gap(train: Floats, test: Floats) -> float:
    """The Kolmogorov-Smirnov distance, on at most 5,000 values of each."""
    a, b = (np.sort(v[np.isfinite(v)][:: max(1, len(v) // _SAMPLE)]) for v in (train, test))
    if len(a) < MIN_ROWS or len(b) < MIN_ROWS:
        return 0.0
    both = np.concatenate([a, b])
    shares = (np.searchsorted(side, both, side="right") / len(side) for side in (a, b))
    return float(np.abs(next(shares) - next(shares)).max())


def _area(values: Floats, positive: Flags) -> float:
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return 0.5
    return float((ranks(values)[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def _correlation(a: Floats, b: Floats) -> float:
    if len(a) < 3 or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _majority(side: Truth) -> float:
    return float(np.unique(side, return_counts=True)[1].max() / len(side))


def _purity(found: Integers, side: Truth) -> float:
    labels = np.unique(side, return_inverse=True)[1]
    table = np.zeros((found.max() + 1, labels.max() + 1))
    np.add.at(table, (found, labels), 1)
    return float(table.max(axis=1).sum() / len(side))
