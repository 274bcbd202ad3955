"""What makes a submission invalid. One validator for scripts' results, for what HASTE writes, and for grading."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.columns import Predictions, Rows, Strings, codes, label_key, label_keys, numbers
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import positions
from haste.core.competition import Competition
from haste.core.metric import Metric, PredictionKind
from haste.core.solution import FailureKind

SUM_TOLERANCE = 1e-6
"""How far from 1 the class probabilities of a row may sum: what MLE-bench's graders allow."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a submission."""

    kind: FailureKind
    text: str


@dataclass(frozen=True)
class Expected:
    """What a submission must be: these ids, in any order, and these columns."""

    metric: Metric
    id_column: str
    ids: Strings
    columns: tuple[str, ...]
    also: tuple[str, ...]
    """Columns that may stand there too, unread."""
    classes: tuple[str, ...]
    labels: tuple[str, ...]
    """The labels that a prediction may be."""
    targets: tuple[str, ...]


def expected_of(competition: Competition, classes: tuple[str, ...], ids: Strings, sample: Table) -> Expected:
    """What a submission for these rows must be."""
    known = {competition.id_column, *competition.prediction_columns}
    return Expected(
        metric=competition.metric,
        id_column=competition.id_column,
        ids=ids,
        columns=competition.prediction_columns,
        also=tuple(c for c in sample.columns if c not in known),
        classes=classes,
        labels=classes,
        targets=competition.targets,
    )


def validate(table: Table, expected: Expected) -> Predictions | list[Problem]:
    """The predictions in the order of the expected ids, or everything that is wrong with them."""
    problems = list(_columns(table, expected))
    if problems:
        return problems
    rows = match_rows(table, expected)
    values = values_of(table, expected)
    found = (rows if isinstance(rows, list) else []) + (values if isinstance(values, list) else [])
    if isinstance(rows, list) or isinstance(values, list):
        return found
    return values[rows]


def match_rows(table: Table, expected: Expected) -> Rows | list[Problem]:
    """For each expected id the row that has it; for ids that stand several times, one after the other."""
    given = table.text(expected.id_column)
    rows = _matched(given, expected.ids)
    if rows is None:
        rows = _matched(_canonical(given), _canonical(expected.ids))
    return rows if rows is not None else list(_mismatch(given, expected.ids))


def values_of(table: Table, expected: Expected) -> Predictions | list[Problem]:
    """The prediction columns as numbers or class positions, or what is wrong with them."""
    kind = expected.metric.kind
    if kind is PredictionKind.LABEL:
        return _labels(table, expected)
    if kind is PredictionKind.ORDINAL:
        return _grades(table, expected)
    matrix = np.column_stack([numbers(table.text(c)) for c in expected.columns])
    problems = list(_numbers(table, matrix, expected))
    return problems if problems else matrix


def _columns(table: Table, expected: Expected) -> Iterator[Problem]:
    wanted = (expected.id_column, *expected.columns)
    absent = [c for c in wanted if c not in table.columns]
    extra = [c for c in table.columns if c not in wanted and c not in expected.also]
    shown = ", ".join(wanted[:8]) + (f" and {len(wanted) - 8} more" if len(wanted) > 8 else "")
    if absent:
        yield Problem(
            FailureKind.WRONG_COLUMNS, f"columns {_list(absent)} are missing; the columns must be {shown}"
        )
    if extra:
        yield Problem(
            FailureKind.WRONG_COLUMNS, f"columns {_list(extra)} don't belong; the columns must be {shown}"
        )


def _matched(given: Strings, wanted: Strings) -> Rows | None:
    if len(given) != len(wanted):
        return None
    both, _ = codes(np.concatenate([given, wanted]))
    left, right = both[: len(given)], both[len(given) :]
    order_left, order_right = np.argsort(left, kind="stable"), np.argsort(right, kind="stable")
    if not np.array_equal(left[order_left], right[order_right]):
        return None
    rows = np.empty(len(given), dtype=np.int64)
    rows[order_right] = order_left
    return rows


def _canonical(ids: Strings) -> Strings:
    return np.array([label_key(str(i)) for i in ids], dtype=object)


def _mismatch(given: Strings, wanted: Strings) -> Iterator[Problem]:
    a, b = label_keys(given), label_keys(wanted)
    absent = sorted(set(b) - set(a))
    extra = sorted(set(a) - set(b))
    if len(given) != len(wanted):
        yield Problem(FailureKind.WRONG_ROWS, f"{len(given)} rows where {len(wanted)} are expected")
    if absent:
        yield Problem(
            FailureKind.WRONG_ROWS, f"{len(absent)} ids of the test table are missing, first {absent[0]!r}"
        )
    if extra:
        yield Problem(FailureKind.WRONG_ROWS, f"{len(extra)} ids are not in the test table, first {extra[0]!r}")
    if len(set(a)) < len(a) and len(set(b)) == len(b):
        twice = next(v for v in a if int((a == v).sum()) > 1)
        yield Problem(FailureKind.WRONG_ROWS, f"{len(a) - len(set(a))} duplicate ids, first {twice!r}")
    elif len(given) == len(wanted) and not absent and not extra:
        yield Problem(FailureKind.WRONG_ROWS, "ids don't stand as often as in the test table")


def _numbers(table: Table, matrix: NDArray[np.float64], expected: Expected) -> Iterator[Problem]:
    metric = expected.metric
    bad = ~np.isfinite(matrix)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        value = str(table.text(expected.columns[column])[row])[:40]
        yield Problem(
            FailureKind.NOT_FINITE,
            f"{int(bad.sum())} values are no finite numbers, first {value!r} in {expected.columns[column]!r}",
        )
        return
    if metric.kind in (PredictionKind.PROBABILITY, PredictionKind.CLASS_PROBABILITIES):
        outside = (matrix < 0.0) | (matrix > 1.0)
        if outside.any():
            first = matrix[outside][0]
            yield Problem(
                FailureKind.OUT_OF_RANGE,
                f"{int(outside.sum())} probabilities are outside [0, 1], first {first:.6g}",
            )
    if metric.kind is PredictionKind.CLASS_PROBABILITIES:
        off = np.abs(matrix.sum(axis=1) - 1.0)
        if (off > SUM_TOLERANCE).any():
            worst = float(matrix.sum(axis=1)[off.argmax()])
            yield Problem(
                FailureKind.OUT_OF_RANGE,
                f"the class probabilities of {int((off > SUM_TOLERANCE).sum())} rows don't sum to 1, "
                f"the worst to {worst:.6g}",
            )
    if metric.name == "rmsle" and (matrix < 0.0).any():
        yield Problem(
            FailureKind.OUT_OF_RANGE,
            f"{int((matrix < 0.0).sum())} predictions are negative, which rmsle can't take",
        )


def _labels(table: Table, expected: Expected) -> Predictions | list[Problem]:
    values = table.text(expected.columns[0])
    found = positions(values, expected.labels)
    if (found >= 0).all():
        return found
    unknown = values[found < 0]
    empty = int((unknown == "").sum())
    if empty:
        return [Problem(FailureKind.NOT_FINITE, f"{empty} labels are missing in {expected.columns[0]!r}")]
    known = _list(list(expected.labels))
    return [
        Problem(
            FailureKind.OUT_OF_RANGE,
            f"{len(unknown)} labels are unknown, first {str(unknown[0])[:40]!r}; they must be one of {known}",
        )
    ]


def _grades(table: Table, expected: Expected) -> Predictions | list[Problem]:
    values = table.text(expected.columns[0])
    parsed = numbers(values)
    if not np.isfinite(parsed).all():
        first = str(values[~np.isfinite(parsed)][0])[:40]
        return [
            Problem(
                FailureKind.NOT_FINITE,
                f"{int((~np.isfinite(parsed)).sum())} grades are no finite numbers, first {first!r}",
            )
        ]
    if (parsed % 1 != 0).any():
        first_number = parsed[parsed % 1 != 0][0]
        return [
            Problem(
                FailureKind.OUT_OF_RANGE,
                f"{int((parsed % 1 != 0).sum())} grades are no whole numbers, first {first_number:.6g}; "
                f"{expected.metric.name} takes whole grades",
            )
        ]
    return _labels(table, expected)


def _list(names: list[str]) -> str:
    return ", ".join(repr(n) for n in names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
