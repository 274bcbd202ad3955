"""What orders or groups rows: a column, several read together, or a part of one."""

import numpy as np

from haste.adapters.competitions.columns import Floats, Strings, codes, dates
from haste.adapters.competitions.tables import Table

CALENDAR = ("year", "month", "day", "hour", "minute", "second")
_SPANS = {"month": 13.0, "day": 32.0, "hour": 25.0, "minute": 61.0, "second": 61.0}


def parts_of(spec: str, columns: tuple[str, ...]) -> tuple[str, ...] | None:
    """The columns that a time or group column names; None where the table lacks one."""
    if spec in columns:
        return (spec,)
    names = (spec.rsplit("|", 1)[0],) if "|" in spec else tuple(spec.split("+"))
    return names if all(name in columns for name in names) else None


def times(table: Table, spec: str) -> Floats | None:
    """Each row's place in time, as a number that only its order matters of; None when that can't be had."""
    names = parts_of(spec, table.columns)
    if names is None:
        return None
    if len(names) == 1:
        return table.numbers(names[0]) if table.is_numeric(names[0]) else dates(table.text(names[0]))
    total = np.zeros(table.rows)
    for name in names:
        # One span for every table, so that the rows of two tables compare.
        total = total * _SPANS.get(name.lower(), 10_000.0) + table.numbers(name)
    return total


def groups(table: Table, spec: str) -> Strings | None:
    """Each row's group; None where the table lacks the column."""
    names = parts_of(spec, table.columns)
    if names is None:
        return None
    values = table.text(names[0])
    if spec in table.columns or "|" not in spec:
        return values
    mark = spec.rsplit("|", 1)[1]
    found, uniques = codes(values)
    prefixes = np.array([str(u).rpartition(mark)[0] or str(u) for u in uniques], dtype=object)
    return prefixes[found]
