"""From a script's files to a score and kept predictions, or to a failure that says what to mend."""

import csv
import io
from pathlib import Path

import numpy as np

from haste.adapters.competitions.columns import Floats, Integers, Predictions, Rows
from haste.adapters.competitions.folds import split
from haste.adapters.competitions.places import Places
from haste.adapters.competitions.predictions import Kept, keep
from haste.adapters.competitions.scoring import UndefinedScore, score
from haste.adapters.competitions.soft import behind_labels, read_soft
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Table, TableError, parse_csv
from haste.adapters.competitions.truth import HARD, truth
from haste.adapters.competitions.validity import Expected, Problem, expected_of, validate
from haste.adapters.competitions.views import read_key
from haste.adapters.sandbox.results import open_result
from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Collected
from haste.core.solution import Failure, FailureKind

SUBMISSION, SOFT = "submission.csv", "soft.csv"

ROOM = 2**24
"""Bytes a result may have beyond what its rows and columns need."""
CELL = 64
MAX_HEADER = 2**20
ODD_COLUMNS = 1_000
"""Columns that don't belong and are told by name; of more only the number is told."""

CONSTANT_ROWS = 20
"""Below this many rows the same prediction everywhere may be honest."""


def collect(
    places: Places,
    run: str,
    competition: Competition,
    profile: Profile,
    source: Source,
    fold: Fold,
    solution: str,
    work: Path,
) -> Collected | Failure:
    """Check a submission, score it on the fold's rows and keep its predictions."""
    key = read_key(places, run, fold)
    expected = expected_of(competition, profile.classes, key.ids, source.sample)
    predicted = _read(work, expected)
    if isinstance(predicted, Failure):
        return predicted
    lifeless = _lifeless(predicted, expected, source)
    if lifeless:
        return lifeless
    soft = _soft(work, expected)
    if isinstance(soft, Failure):
        return soft
    actual = truth(competition, profile.classes, source.train)
    cut = split(profile.folds, fold, source.train, actual)
    tests = np.arange(key.train_rows, key.train_rows + source.test.rows, dtype=np.int64)
    parts = {"oof": key.places(cut.held), "test": key.places(tests), "lockbox": key.places(cut.lockbox)}
    kept = _kept(parts, predicted, soft, expected)
    value = None
    if len(cut.held):
        held = predicted[parts["oof"]]
        try:
            value = score(competition.metric, actual[cut.held], held, profile.classes, partial=True)
        except UndefinedScore as error:
            return Failure(kind=FailureKind.OUT_OF_RANGE, message=f"{SUBMISSION} can't be scored: {error.message}")
    return Collected(score=value, predictions=keep(places, run, solution, fold, kept))


def _read(work: Path, expected: Expected) -> Predictions | Failure:
    data = open_result(work, SUBMISSION, _room(expected, len(expected.columns)))
    if isinstance(data, Failure):
        return data
    table = _table(SUBMISSION, data, len(expected.columns) + len(expected.also), FailureKind.NO_SUBMISSION)
    if isinstance(table, Failure):
        return table
    found = validate(table, expected)
    return _failure(SUBMISSION, found) if isinstance(found, list) else found


def _soft(work: Path, expected: Expected) -> Floats | Failure | None:
    """Soft predictions where a script told them; None where it wrote none."""
    if expected.metric.kind not in HARD:
        return None
    data = open_result(work, SOFT, _room(expected, max(1, len(expected.classes))))
    if isinstance(data, Failure):
        return None if data.kind is FailureKind.NO_SUBMISSION else data
    table = _table(SOFT, data, len(expected.classes), FailureKind.WRONG_COLUMNS)
    if isinstance(table, Failure):
        return table
    found = read_soft(table, expected)
    return _failure(SOFT, found) if isinstance(found, list) else found


def _kept(parts: dict[str, Rows], predicted: Predictions, soft: Floats | None, expected: Expected) -> Kept:
    oof, test, locked = parts["oof"], parts["test"], parts["lockbox"]
    if expected.metric.kind not in HARD:
        values = predicted.astype(np.float64)
        return Kept(oof=values[oof], test=values[test], lockbox=values[locked], soft=True)
    values = behind_labels(predicted, expected) if soft is None else soft
    labels: Integers = predicted.astype(np.int64)
    return Kept(
        oof=values[oof],
        test=values[test],
        lockbox=values[locked],
        soft=soft is not None,
        oof_labels=labels[oof],
        test_labels=labels[test],
        lockbox_labels=labels[locked],
    )


def _lifeless(predicted: Predictions, expected: Expected, source: Source) -> Failure | None:
    """A failure for predictions that say nothing: those of the sample submission, or one for every row."""
    matrix = predicted if predicted.ndim == 2 else predicted[:, None]
    if len(matrix) < CONSTANT_ROWS or (matrix != matrix[0]).any():
        return None
    first = validate(
        source.sample.take(np.zeros(len(expected.ids), dtype=np.int64)).replaced(
            expected.id_column, list(expected.ids)
        ),
        expected,
    )
    if not isinstance(first, list) and np.array_equal(first, predicted):
        return Failure(
            kind=FailureKind.COPIED_SAMPLE,
            message=f"{SUBMISSION} holds the sample submission's predictions: write the model's own",
        )
    return Failure(
        kind=FailureKind.CONSTANT,
        message=f"{SUBMISSION} predicts the same for every row: the model learned nothing, or its output was lost",
    )


def _failure(name: str, problems: list[Problem]) -> Failure:
    texts = [p.text for p in problems]
    return Failure(kind=problems[0].kind, message=f"{name}: " + "; ".join(texts))


def _room(expected: Expected, columns: int) -> int:
    ids = sum(len(str(i)) for i in expected.ids)
    return ROOM + 8 * ids + CELL * len(expected.ids) * (columns + 1)


def _table(name: str, data: bytes, columns: int, otherwise: FailureKind) -> Table | Failure:
    """A result's table. One of far more columns than belong there is refused unread: each costs as a table does."""
    end = data.find(b"\n", 0, MAX_HEADER)
    if end < 0 and len(data) > MAX_HEADER:
        message = f"{name} is not a csv table: its first line has more than {MAX_HEADER} bytes"
        return Failure(kind=otherwise, message=message)
    try:
        head = csv.reader(io.StringIO(data[:MAX_HEADER].decode("utf-8", "replace"), newline=""))
        given = len(next((row for row in head if row), []))
        if given > columns + ODD_COLUMNS:
            message = f"{name} has {given} columns where {1 + columns} are expected"
            return Failure(kind=FailureKind.WRONG_COLUMNS, message=message)
        return parse_csv(data)
    except csv.Error as error:
        return Failure(kind=otherwise, message=f"{name} is not a csv table: {error}")
    except TableError as error:
        return Failure(kind=otherwise, message=f"{name} is {error.message}")
