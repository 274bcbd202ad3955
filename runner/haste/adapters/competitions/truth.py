"""What is true of the training rows: the targets as numbers or as positions in the order of the classes."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.columns import Strings, codes, counts, in_order, label_key, label_keys, numbers
from haste.adapters.competitions.tables import Table
from haste.core.competition import Competition, TaskKind
from haste.core.metric import PredictionKind

Truth = NDArray[Any]
"""Rows × targets of numbers, or one class position a row."""

BY_CLASS = frozenset({PredictionKind.CLASS_PROBABILITIES, PredictionKind.LABEL, PredictionKind.ORDINAL})
"""Kinds of prediction whose truth is one class a row."""

HARD = frozenset({PredictionKind.LABEL, PredictionKind.ORDINAL})
"""Kinds whose submission is a decision, with something soft behind it."""


def classes_of(competition: Competition, train: Table) -> tuple[str, ...]:
    """Labels as they stand in the training table, in the order of the prediction columns where there is one."""
    kind = competition.metric.kind
    if kind is PredictionKind.VALUE:
        return ()
    if len(competition.targets) > 1:
        return competition.targets
    labels = _labels(train.text(competition.targets[0]))
    if kind is PredictionKind.CLASS_PROBABILITIES:
        by_column = match_columns(labels, competition.prediction_columns)
        return tuple(by_column.get(column, column) for column in competition.prediction_columns)
    return tuple(in_order(labels))


def match_columns(labels: list[str], columns: tuple[str, ...]) -> dict[str, str]:
    """Which prediction column is which label's: by its name, or by how its name ends (`Status_CL`)."""
    left = {_key(label): label for label in labels}
    found: dict[str, str] = {}
    for column in columns:
        key = _key(column)
        if key in left:
            found[column] = left.pop(key)
    for column in columns:
        if column not in found:
            endings = [key for key in left if _key(column).endswith("_" + key)]
            if endings:
                found[column] = left.pop(max(endings, key=len))
    return found


def truth(competition: Competition, classes: tuple[str, ...], table: Table) -> Truth:
    """The targets of a table that has them: numbers, or positions in `classes` (-1 for a label not among them)."""
    kind = competition.metric.kind
    if kind is PredictionKind.VALUE:
        return np.column_stack([table.numbers(t) for t in competition.targets])
    if kind is PredictionKind.PROBABILITY:
        return np.column_stack([_positive(table.text(t), _pair(classes, competition)) for t in competition.targets])
    if len(competition.targets) > 1:
        return cast(Truth, np.column_stack([numbers(table.text(t)) for t in competition.targets]).argmax(axis=1))
    return positions(table.text(competition.targets[0]), classes)


def positions(labels: Strings, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Each label's position in `classes`; -1 for one that is not there."""
    place = {label_key(label): i for i, label in enumerate(classes)}
    found, uniques = codes(labels)
    by_code = np.array([place.get(label_key(str(u)), -1) for u in uniques], dtype=np.int64)
    return by_code[found] if len(found) else found


def task_of(competition: Competition, classes: tuple[str, ...]) -> TaskKind:
    """What kind of task the metric and the targets make."""
    kind, several = competition.metric.kind, len(competition.targets) > 1
    if kind is PredictionKind.VALUE:
        return TaskKind.MULTI_REGRESSION if several else TaskKind.REGRESSION
    if kind is PredictionKind.PROBABILITY:
        return TaskKind.MULTILABEL if several else TaskKind.BINARY
    if kind is PredictionKind.ORDINAL:
        return TaskKind.ORDINAL
    if kind is PredictionKind.LABEL and len(classes) == 2:
        return TaskKind.BINARY
    return TaskKind.MULTICLASS


def _pair(classes: tuple[str, ...], competition: Competition) -> tuple[str, ...] | None:
    return classes if len(competition.targets) == 1 else None


def _positive(values: Strings, pair: tuple[str, ...] | None) -> NDArray[np.float64]:
    keys = label_keys(values)
    positive = label_key(pair[-1]) if pair else label_key(in_order(list(counts(keys)))[-1])
    if not pair and positive not in ("1", "True"):
        positive = "1"
    return cast(NDArray[np.float64], (keys == positive).astype(np.float64))


def _labels(values: Strings) -> list[str]:
    seen: dict[str, str] = {}
    for label in counts(values):
        seen.setdefault(label_key(label), label)
    return list(seen.values())


def _key(name: str) -> str:
    return "_".join(label_key(name).lower().replace("-", " ").replace("_", " ").split())
