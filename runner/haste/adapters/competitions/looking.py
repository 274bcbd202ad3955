"""Looking at single columns: their kind, what is missing, what the test table has that training never saw."""

import numpy as np

from haste.adapters.competitions.checks import content_ids
from haste.adapters.competitions.columns import (
    FALSE,
    TRUE,
    all_numbers,
    codes,
    looks_like_date,
    mean_words,
    missing,
    numbers,
    skew,
)
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Strings
from haste.core.competition import ColumnKind, ColumnProfile, Competition

_COUNTED = frozenset({ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN})


def look(competition: Competition, source: Source) -> tuple[ColumnProfile, ...]:
    """A profile of each column that both tables have, in the order of the test table."""
    return tuple(_one(competition, source, c) for c in source.test.columns if c in source.train.columns)


def _one(competition: Competition, source: Source, column: str) -> ColumnProfile:
    values = source.train.text(column)
    absent = missing(values)
    present = values[~absent]
    uniques = codes(present)[1]
    words = mean_words(values)
    kind = _kind(present, len(uniques), words, holes=bool(absent.any()))
    if column == competition.id_column:
        kind = ColumnKind.TEXT if content_ids(source.train, column) else ColumnKind.IDENTIFIER
    return ColumnProfile(
        name=column,
        kind=kind,
        missing=round(float(absent.mean()), 6),
        unique=len(uniques),
        skew=round(skew(numbers(present)), 4) if kind is ColumnKind.NUMERIC else 0.0,
        mean_words=round(words, 2) if kind is ColumnKind.TEXT else 0.0,
        examples=tuple(" ".join(str(u).split())[:60] for u in _spread(uniques, kind)),
        unseen=_unseen(uniques, source.test.text(column)) if kind in _COUNTED else 0.0,
    )


def _spread(uniques: Strings, kind: ColumnKind) -> Strings:
    """Examples from all over: three numbers will do, strings need more to show what they are made of."""
    wanted = 3 if kind is ColumnKind.NUMERIC else 12
    places = np.linspace(0, len(uniques) - 1, min(wanted, len(uniques))).astype(np.int64)
    return uniques[places]


def _kind(present: Strings, unique: int, words: float, *, holes: bool) -> ColumnKind:
    if unique == 0 or (unique == 1 and not holes):
        return ColumnKind.CONSTANT
    if all_numbers(present):
        return ColumnKind.NUMERIC
    if unique == 2 and {str(v).lower() for v in np.unique(present.astype(str))} <= TRUE | FALSE:
        return ColumnKind.BOOLEAN
    if looks_like_date(present):
        return ColumnKind.DATE
    share = unique / len(present)
    if (words >= 2.5 and share > 0.5) or (words >= 1.8 and share > 0.9) or (words >= 6.0 and share > 0.1):
        return ColumnKind.TEXT
    if words < 1.5 and share > 0.99 and len(present) >= 50:
        return ColumnKind.IDENTIFIER
    return ColumnKind.CATEGORICAL


def _unseen(uniques: Strings, test: Strings) -> float:
    present = test[~missing(test)]
    known = set(uniques)
    return round(float(np.mean([v not in known for v in present])), 6) if len(present) else 0.0
