"""Looking at single columns: their kind, what is missing, what the test table has that training never saw."""

import numpy as np

from haste.adapters.competitions.checks import content_ids
from haste.adapters.competitions.columns import (
    FALSE,
    MISSING,
    TRUE,
    Strings,
    codes,
    looks_like_date,
    mean_words,
    missing,
    skew,
)
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Table
from haste.core.competition import ColumnKind, ColumnProfile, Competition

_COUNTED = frozenset({ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN})
_NOTHING = frozenset(value.lower() for value in MISSING)


def look(competition: Competition, source: Source) -> tuple[ColumnProfile, ...]:
    """A profile of each column that both tables have, in the order of the test table."""
    return tuple(_one(competition, source, c) for c in source.test.columns if c in source.train.columns)


def _one(competition: Competition, source: Source, column: str) -> ColumnProfile:
    train = source.train
    holes, unique, words = (
        float(train.missing(column).mean()),
        train.distinct(column),
        mean_words(train.some(column)),
    )
    kind = _kind(train, column, unique, words, holes)
    if column == competition.id_column:
        kind = ColumnKind.TEXT if content_ids(train, column) else ColumnKind.IDENTIFIER
    return ColumnProfile(
        name=column,
        kind=kind,
        missing=round(holes, 6),
        unique=unique,
        skew=round(skew(train.numbers(column)), 4) if kind is ColumnKind.NUMERIC else 0.0,
        mean_words=round(words, 2) if kind is ColumnKind.TEXT else 0.0,
        examples=tuple(" ".join(str(u).split())[:60] for u in _spread(_uniques(train, column, kind), kind)),
        unseen=_unseen(_uniques(train, column, kind), source.test, column) if kind in _COUNTED else 0.0,
    )


def _uniques(train: Table, column: str, kind: ColumnKind) -> Strings:
    """The values that are not missing, in the order of first appearance; of numbers and ids some are enough."""
    found = train.codes(column)[1] if kind in _COUNTED else codes(train.some(column))[1]
    return found[~missing(found)]


def _spread(uniques: Strings, kind: ColumnKind) -> Strings:
    """Examples from all over: three numbers will do, strings need more to show what they are made of."""
    wanted = 3 if kind is ColumnKind.NUMERIC else 12
    places = np.linspace(0, len(uniques) - 1, min(wanted, len(uniques))).astype(np.int64)
    return uniques[places]


def _kind(train: Table, column: str, unique: int, words: float, holes: float) -> ColumnKind:
    if unique == 0 or (unique == 1 and not holes):
        return ColumnKind.CONSTANT
    if train.is_numeric(column):
        return ColumnKind.NUMERIC
    if unique == 2 and {str(v).lower() for v in train.codes(column)[1]} - _NOTHING <= TRUE | FALSE:
        return ColumnKind.BOOLEAN
    if looks_like_date(train.some(column)):
        return ColumnKind.DATE
    present = train.rows * (1.0 - holes)
    share = unique / present
    if (words >= 2.5 and share > 0.5) or (words >= 1.8 and share > 0.9) or (words >= 6.0 and share > 0.1):
        return ColumnKind.TEXT
    if words < 1.5 and share > 0.99 and present >= 50:
        return ColumnKind.IDENTIFIER
    return ColumnKind.CATEGORICAL


def _unseen(uniques: Strings, test: Table, column: str) -> float:
    number, values = test.codes(column)
    known, absent = set(uniques), missing(values)
    unseen = np.array([v not in known for v in values]) & ~absent
    present = int((~absent)[number].sum())
    return round(float(unseen[number].sum() / present), 6) if present else 0.0
