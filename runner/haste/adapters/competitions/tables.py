"""Tables on disk: csv, tsv, json and parquet, plain, gzipped or in a zip. One of pandas' two doors.

Values are kept as they stand: text stays text, so a table that was cut and written again differs in no value.
"""

import csv
import gzip
import io
import json
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from haste.errors import UsageError

Strings = NDArray[np.object_]
Rows = NDArray[np.int64]

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
"""What a table's name may end in, before `.zip` or `.gz`."""

MAX_UNPACKED = 16 * 2**30
"""A zip that unpacks to more than this is refused unread."""


class TableError(UsageError):
    """A file can't be read as a table."""


@dataclass(frozen=True)
class Format:
    """How a table is written: its kind, what it is wrapped in, and the encoding of its text."""

    kind: str
    wrap: str = ""
    member: str = ""
    encoding: str = "utf-8"
    shape: str = "records"


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
        series = self.frame[column]
        if self.format.kind in ("csv", "tsv"):
            return cast(Strings, series.to_numpy(dtype=object))
        return np.array([_as_text(value) for value in series.astype(object)], dtype=object)

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
        as_text = self.format.kind in ("csv", "tsv") or not _holds_integers(self.frame[column])
        frame[column] = pd.Series([str(v) for v in values] if as_text else list(values), index=frame.index)
        return replace(self, frame=frame)

    def write(self, path: Path) -> None:
        """Write the table in its own format; the bytes depend on its content alone."""
        path.write_bytes(self.bytes())

    def bytes(self) -> bytes:
        """The table as a file of its own format holds it."""
        body = io.BytesIO()
        _WRITERS[self.format.kind](self.frame, self.format, body)
        return _wrapped(body.getvalue(), self.format)

    def as_csv(self) -> "Table":
        """The same table as text, to be written as csv."""
        return text_table({column: list(self.text(column)) for column in self.columns})


def text_table(columns: Mapping[str, Sequence[str]]) -> Table:
    """A csv table of the given columns of text."""
    frame = pd.DataFrame({name: pd.Series(list(v), dtype=object) for name, v in columns.items()})
    return Table(frame=frame, format=Format("csv"))


def is_table_name(name: str) -> bool:
    """Whether a file of this name may be a table."""
    lowered = name.lower().removesuffix(".zip").removesuffix(".gz")
    return lowered.endswith(SUFFIXES) or (name.lower().endswith(".zip") and "." not in lowered)


def read_table(path: Path) -> Table:
    """Read a table. Raises TableError with one line that says what is wrong with it."""
    try:
        found = _format(path)
        with _opened(path, found) as stream:
            head = stream.read(3)
        if head == b"\xef\xbb\xbf":
            found = replace(found, encoding="utf-8-sig")
        return _read(path, found)
    except TableError:
        raise
    except FileNotFoundError:
        raise TableError(f"{path.name}: there is no such file") from None
    except (OSError, zipfile.BadZipFile, EOFError, ValueError, pd.errors.ParserError, csv.Error) as error:
        raise TableError(f"{path.name}: can't be read as a table: {_one_line(error)}") from error


def parse_csv(data: bytes) -> Table:
    """A csv table from bytes, every value as text. Raises TableError."""
    try:
        found = Format("csv", encoding="utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")
        return Table(frame=_csv_frame(io.BytesIO(data), found), format=found)
    except (ValueError, pd.errors.ParserError, csv.Error, RecursionError) as error:
        raise TableError(f"not a csv table: {_one_line(error)}") from error


def _read(path: Path, found: Format) -> Table:
    try:
        with _opened(path, found) as stream:
            frame, found = _READERS[found.kind](stream, found)
    except UnicodeDecodeError:
        if found.encoding == "latin-1":
            raise
        return _read(path, replace(found, encoding="latin-1"))
    return Table(frame=frame, format=found)


def _format(path: Path) -> Format:
    name = path.name.lower()
    wrap = "zip" if name.endswith(".zip") else "gz" if name.endswith(".gz") else ""
    inner = name.removesuffix(".zip").removesuffix(".gz")
    member = _only_member(path) if wrap == "zip" else ""
    ending = Path(member.lower() if member else inner).suffix
    if ending not in SUFFIXES:
        raise TableError(f"{path.name}: not a table (csv, tsv, json, parquet, or one of these in a zip or gz)")
    return Format(kind=ending[1:], wrap=wrap, member=member)


def _only_member(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith(("__MACOSX", "."))]
    if len(members) != 1:
        raise TableError(f"{path.name}: holds {len(members)} files where one table is expected")
    if members[0].file_size > MAX_UNPACKED:
        raise TableError(f"{path.name}: unpacks to more than {MAX_UNPACKED // 2**30} GiB")
    return members[0].filename


@contextmanager
def _opened(path: Path, found: Format) -> Iterator[IO[bytes]]:
    if found.wrap == "zip":
        with zipfile.ZipFile(path) as archive, archive.open(found.member) as stream:
            yield stream
    elif found.wrap == "gz":
        with gzip.open(path, "rb") as stream:
            yield cast(IO[bytes], stream)
    else:
        with path.open("rb") as stream:
            yield stream


def _read_csv(stream: IO[bytes], found: Format) -> tuple[pd.DataFrame, Format]:
    return _csv_frame(stream, found), found


def _csv_frame(stream: IO[bytes], found: Format) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            stream,
            sep="\t" if found.kind == "tsv" else ",",
            header=None,
            dtype=str,
            na_filter=False,
            encoding=found.encoding,
            low_memory=False,
            skip_blank_lines=True,
        )
    if frame.empty:
        raise ValueError("the file is empty")
    names = [str(name) for name in frame.iloc[0]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two columns are called {', '.join(map(repr, twice))}")
    frame = frame.iloc[1:].reset_index(drop=True).fillna("")
    frame.columns = pd.Index(names)
    return frame


def _read_json(stream: IO[bytes], found: Format) -> tuple[pd.DataFrame, Format]:
    text = stream.read().decode(found.encoding)
    if found.kind == "jsonl" or not text.lstrip().startswith("["):
        try:
            loaded = json.loads(text)
        except json.JSONDecodeError:
            loaded = [json.loads(line) for line in text.splitlines() if line.strip()]
            found = replace(found, shape="lines")
        if isinstance(loaded, dict):
            return _from_columns(loaded), replace(found, shape="columns")
    else:
        loaded = json.loads(text)
    if not isinstance(loaded, list) or not loaded or not all(isinstance(row, dict) for row in loaded):
        raise ValueError("expected a list of objects, one a row")
    return pd.DataFrame(loaded, dtype=object), found


def _from_columns(loaded: dict[str, Any]) -> pd.DataFrame:
    if not loaded or not all(isinstance(column, dict | list) for column in loaded.values()):
        raise ValueError("expected a list of objects, one a row")
    return pd.DataFrame(
        {k: list(v.values()) if isinstance(v, dict) else v for k, v in loaded.items()}, dtype=object
    )


def _read_parquet(stream: IO[bytes], found: Format) -> tuple[pd.DataFrame, Format]:
    return pd.read_parquet(io.BytesIO(stream.read()), dtype_backend="pyarrow"), found


def _write_csv(frame: pd.DataFrame, found: Format, body: IO[bytes]) -> None:
    # The writer quotes a lone carriage return only where it ends lines itself.
    returns = any(frame[column].str.contains("\r", regex=False).any() for column in frame.columns)
    frame.to_csv(
        body,
        sep="\t" if found.kind == "tsv" else ",",
        index=False,
        encoding=found.encoding,
        lineterminator="\r\n" if returns else "\n",
    )


def _write_json(frame: pd.DataFrame, found: Format, body: IO[bytes]) -> None:
    rows = [{k: v for k, v in row.items() if v is None or v == v} for row in frame.to_dict("records")]
    if found.shape == "lines":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    elif found.shape == "columns":
        columns = {c: {str(i): row.get(c) for i, row in enumerate(rows)} for c in frame.columns}
        text = json.dumps(columns, ensure_ascii=False)
    else:
        text = json.dumps(rows, ensure_ascii=False)
    body.write(text.encode(found.encoding))


def _write_parquet(frame: pd.DataFrame, _: Format, body: IO[bytes]) -> None:
    frame.to_parquet(body, index=False)


_READERS = {
    "csv": _read_csv,
    "tsv": _read_csv,
    "json": _read_json,
    "jsonl": _read_json,
    "parquet": _read_parquet,
}
_WRITERS = {
    "csv": _write_csv,
    "tsv": _write_csv,
    "json": _write_json,
    "jsonl": _write_json,
    "parquet": _write_parquet,
}


def _wrapped(data: bytes, found: Format) -> bytes:
    if found.wrap == "gz":
        return gzip.compress(data, mtime=0)
    if found.wrap == "zip":
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(Path(found.member).name), data, zipfile.ZIP_DEFLATED)
        return body.getvalue()
    return data


def _as_text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _holds_integers(series: pd.Series) -> bool:
    return all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in series.head(100))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
