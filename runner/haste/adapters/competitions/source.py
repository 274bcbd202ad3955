"""The three tables of a competition, read once and kept while their files stay the same."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from haste.adapters.competitions.columns import Strings
from haste.adapters.competitions.tables import Table, read_named, text_table
from haste.core.competition import Competition

Signature = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class Source:
    """Training, test and sample table. A missing test or sample table is made out of the other one."""

    train: Table
    test: Table
    sample: Table


def load(competition: Competition) -> Source:
    """The tables of a competition. Raises TableError when one can't be read."""
    names = (competition.train, competition.test, competition.sample)
    root = Path(competition.root)
    signature = tuple(_signature(root / name) for name in names)
    predicted = tuple(zip(competition.prediction_columns, _defaults(competition), strict=True))
    return _load(root, names, competition.id_column, predicted, signature)


@lru_cache(maxsize=3)
def _load(
    root: Path,
    names: tuple[str, str, str],
    id_column: str,
    predicted: tuple[tuple[str, str], ...],
    signature: Signature,
) -> Source:
    train = read_named(root / names[0])
    test = read_named(root / names[1]) if signature[1] else None
    sample = read_named(root / names[2]) if signature[2] else None
    if sample is None:
        assert test is not None, "inference wants one of the two"
        columns = {name: [value] * test.rows for name, value in predicted}
        sample = text_table({id_column: list(test.text(id_column)), **columns})
    if test is None:
        test = text_table({id_column: list(sample.text(id_column))})
    return Source(train, test, sample)


def sample_for(competition: Competition, source: Source, test: Table, ids: Strings) -> Table:
    """A sample submission for these test rows: the original's columns, and in each its first value throughout."""
    sample = source.sample
    made = sample.take(np.zeros(len(ids), dtype=np.int64))
    for column in sample.columns:
        if column == competition.id_column:
            made = made.replaced(column, list(ids))
        elif column not in competition.prediction_columns and column in test.columns:
            made = made.replaced(column, list(test.text(column)))
    return made


def _defaults(competition: Competition) -> tuple[str, ...]:
    share = 1.0 / len(competition.prediction_columns)
    kind = competition.metric.kind
    value = {"class_probabilities": f"{share:.17g}", "probability": "0.5"}.get(kind, "0")
    return (value,) * len(competition.prediction_columns)


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size
