"""A table: rows and columns as they stand in a file, with quick ways to look at them. One of pandas' doors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from haste.adapters.competitions.columns import MISSING, Flags, Floats, Integers, Rows, Strings
from haste.adapters.competitions.columns import codes as codes_of
from haste.adapters.competitions.columns import missing as missing_in
from haste.adapters.competitions.columns import parsed as parsed_in
from haste.adapters.competitions.formats import TableError, frame_bytes, parse_frame, read_frame
from haste.adapters.competitions.table_form import TEXT, Format, plain

__all__ = ["Table", "TableError", "parse_csv", "read_named", "read_table", "text_table"]


@dataclass(frozen=True)
class Table:
    """Rows and columns, with the format they came in."""

    frame: pd.DataFrame
    format: Format

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(str(c) for c in self.frame.columns)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.frame)

    def text(self, column: str) -> Strings:
        """A column's values as text; `""` where nothing stands."""
        return _texts(self.frame[column], self.format)

    def some(self, column: str, count: int = 2000) -> Strings:
        """At most so many of a column's values, evenly spread."""
        return _texts(self.frame[column].iloc[:: max(1, -(-self.rows // count))], self.format)

    def missing(self, column: str) -> Flags:
        """Where nothing stands."""
        return missing_in(self._strings(column))

    def numbers(self, column: str) -> Floats:
        """A column's values as numbers; NaN where there is none."""
        return self._parse(column)[0]

    def is_numeric(self, column: str) -> bool:
        """Whether every value that is not missing is a number, and there is one."""
        return self._parse(column)[1]

    def distinct(self, column: str) -> int:
        """How many values there are, numbers by their worth, without the missing ones."""
        if self.is_numeric(column):
            values = self.numbers(column)
            return len(np.unique(values[~np.isnan(values)]))
        return len(set(self.codes(column)[1]) - MISSING)

    def row_hashes(self, columns: Sequence[str]) -> NDArray[np.uint64]:
        """A number for each row that rows with the same values in these columns share."""
        total = np.zeros(self.rows, dtype=np.uint64)
        for column in columns:
            one = self.numbers(column) if self.is_numeric(column) else self.text(column)
            total = (total ^ pd.util.hash_array(one)) * np.uint64(0x9E3779B97F4A7C15)
        return total

    def codes(self, column: str) -> tuple[Integers, Strings]:
        """Each value's number in the order of first appearance, and the values by that number."""
        return codes_of(self._strings(column))

    @cached_property
    def _parsed(self) -> dict[str, tuple[Floats, bool]]:
        return {}

    def _parse(self, column: str) -> tuple[Floats, bool]:
        found = self._parsed.get(column)
        if found is None:
            found = self._parsed[column] = parsed_in(self._strings(column))
        return found

    def _strings(self, column: str) -> Any:  # noqa: ANN401  (an arrow array, which has no useful type)
        if self.format.kind in TEXT:
            return pa.array(self.frame[column], type=pa.large_string())
        return pa.array(self.text(column), type=pa.large_string())

    def take(self, rows: Rows) -> "Table":
        """The rows with these positions, in this order."""
        return replace(self, frame=self.frame.iloc[rows])

    def keep(self, columns: Sequence[str]) -> "Table":
        """These columns alone, in this order."""
        return replace(self, frame=self.frame[list(columns)])

    def joined(self, other: "Table") -> "Table":
        """This table's rows followed by those of `other`; both have the same columns."""
        frame = pd.concat([self.frame, other.frame[list(self.columns)]], ignore_index=True)
        return replace(self, frame=frame)

    def replaced(self, column: str, values: Sequence[object]) -> "Table":
        """The same table with other values in one column, text where the column holds text."""
        frame = self.frame.copy()
        as_text = self.format.kind in TEXT or not _holds_integers(self.frame[column])
        frame[column] = pd.Series([str(v) for v in values] if as_text else list(values), index=frame.index)
        return replace(self, frame=frame)

    def plain(self) -> "Table":
        """The same table in the form of its format that any reader takes for granted."""
        return replace(self, format=plain(self.format))

    def write(self, path: Path) -> None:
        """Write the table in its own format; the bytes depend on its content alone."""
        path.write_bytes(self.bytes())

    def bytes(self) -> bytes:
        """The table as a file of its own format holds it."""
        return frame_bytes(self.frame, self.format)

    def as_csv(self) -> "Table":
        """The same table as text, to be written as csv."""
        return text_table({column: list(self.text(column)) for column in self.columns})


def text_table(columns: Mapping[str, Sequence[str]]) -> Table:
    """A csv table of the given columns of text."""
    frame = pd.DataFrame({name: pd.Series(list(v), dtype=object) for name, v in columns.items()})
    return Table(frame=frame, format=Format("csv"))


def read_table(path: Path) -> Table:
    """Read a table. Raises TableError with one line that says what is wrong with it."""
    frame, found = read_frame(path)
    return Table(frame=frame, format=found)


def read_named(path: Path) -> Table:
    """A table's columns that have a name: pandas writes the numbers of rows into one that has none."""
    table = read_table(path)
    named = [column for column in table.columns if column]
    return table.keep(named) if named and len(named) < len(table.columns) else table


def parse_csv(data: bytes) -> Table:
    """A csv table from bytes, every value as text. Raises TableError."""
    frame, found = parse_frame(data)
    return Table(frame=frame, format=found)


def _texts(series: pd.Series, found: Format) -> Strings:
    if found.kind in TEXT:
        return cast(Strings, series.to_numpy(dtype=object))
    return np.array([_as_text(value) for value in series.astype(object)], dtype=object)


def _as_text(value: object) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    return str(value)


def _holds_integers(series: pd.Series) -> bool:
    return all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in series.head(100))
