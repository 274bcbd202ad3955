"""What stands behind labels: `soft.csv`, class probabilities or the raw value behind a grade."""

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.columns import Floats, Predictions, label_key, numbers
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.validity import Expected, Problem, match_rows
from haste.core.metric import PredictionKind
from haste.core.solution import FailureKind

VALUE = "value"
"""The column of a raw value."""


def read_soft(table: Table, expected: Expected) -> Floats | list[Problem]:
    """Rows × classes of probabilities, or one raw value a row where grades are predicted."""
    if expected.id_column not in table.columns:
        return [_wrong(f"soft.csv has no column {expected.id_column!r}")]
    rows = match_rows(table, expected)
    if isinstance(rows, list):
        return [Problem(p.kind, f"soft.csv: {p.text}") for p in rows]
    found = _values(table, expected)
    return found if isinstance(found, list) else found[rows]


def behind_labels(labels: Predictions, expected: Expected) -> Floats:
    """What stands for soft predictions when a script told its labels alone: a vote, or the grade itself."""
    if expected.metric.kind is PredictionKind.ORDINAL:
        return grades_of(expected.classes)[labels.astype(np.int64)][:, None]
    return np.eye(len(expected.classes))[labels.astype(np.int64)]


def grades_of(classes: tuple[str, ...]) -> Floats:
    """The grades as numbers, in the order of the classes."""
    return np.array([float(c) for c in classes])


def _values(table: Table, expected: Expected) -> Floats | list[Problem]:
    others = [c for c in table.columns if c != expected.id_column]
    if others == [VALUE]:
        return _from_value(numbers(table.text(VALUE)), expected)
    by_class = {label_key(c): c for c in others}
    keys = [label_key(c) for c in expected.classes]
    if set(keys) != set(by_class):
        shown = ", ".join(expected.classes[:6])
        return [
            _wrong(f"soft.csv must have the columns {expected.id_column} and one a class ({shown}), or {VALUE}")
        ]
    matrix = np.column_stack([numbers(table.text(by_class[key])) for key in keys])
    return _from_probabilities(matrix, expected)


def _from_value(value: Floats, expected: Expected) -> Floats | list[Problem]:
    if not np.isfinite(value).all():
        return [
            Problem(FailureKind.NOT_FINITE, f"soft.csv: {int((~np.isfinite(value)).sum())} values aren't finite")
        ]
    if expected.metric.kind is PredictionKind.ORDINAL:
        return value[:, None]
    if len(expected.classes) != 2:
        return [_wrong(f"soft.csv: one {VALUE} can't stand for {len(expected.classes)} classes")]
    if ((value < 0.0) | (value > 1.0)).any():
        text = f"soft.csv: {VALUE} must be the probability of {expected.classes[1]!r}, within [0, 1]"
        return [Problem(FailureKind.OUT_OF_RANGE, text)]
    return np.column_stack([1.0 - value, value])


def _from_probabilities(matrix: NDArray[np.float64], expected: Expected) -> Floats | list[Problem]:
    if not np.isfinite(matrix).all():
        count = int((~np.isfinite(matrix)).sum())
        return [Problem(FailureKind.NOT_FINITE, f"soft.csv: {count} values are no finite numbers")]
    sums = matrix.sum(axis=1, keepdims=True)
    if (matrix < 0.0).any() or (sums <= 0.0).any():
        return [Problem(FailureKind.OUT_OF_RANGE, "soft.csv: probabilities are negative, or a row has none at all")]
    shares: Floats = matrix / sums
    if expected.metric.kind is PredictionKind.ORDINAL:
        return (shares @ grades_of(expected.classes))[:, None]
    return shares


def _wrong(text: str) -> Problem:
    return Problem(FailureKind.WRONG_COLUMNS, text)
