"""Formats of tables: csv, tsv, json and parquet, plain, gzipped or in a zip. One of pandas' doors.

Values are kept as they stand: text stays text, so a table that was cut and written again differs in no value.
pyarrow reads and writes csv many times faster than pandas; where it can't keep the form, pandas does it.
"""

import csv
import gzip
import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from haste.errors import UsageError

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
"""What a table's name may end in, before `.zip` or `.gz`."""

TEXT = frozenset({"csv", "tsv"})
"""Kinds whose values are all text."""

_UNREADABLE = (
    *(OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, pd.errors.ParserError, csv.Error),
    RuntimeError,  # a zip with a password, one packed in a way that Python can't unpack, json nested without end
)

_HEAD = 2**22
"""Bytes within which a head must end to be read quickly."""

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

    @property
    def separator(self) -> str:
        """What stands between the cells of a line."""
        return "\t" if self.kind == "tsv" else ","


def plain(found: Format) -> Format:
    """The format as a script reads it that is told nothing but the name: UTF-8, and a json's rows in a list."""
    shape = "lines" if found.kind == "jsonl" else "records"
    return replace(found, encoding="utf-8" if found.encoding == "latin-1" else found.encoding, shape=shape)


def is_table_name(name: str) -> bool:
    """Whether a file of this name may be a table."""
    lowered = name.lower().removesuffix(".zip").removesuffix(".gz")
    return lowered.endswith(SUFFIXES) or (name.lower().endswith(".zip") and "." not in lowered)


def read_frame(path: Path) -> tuple[pd.DataFrame, Format]:
    """Read a file's rows. Raises TableError with one line that says what is wrong with it."""
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
    except _UNREADABLE as error:
        raise TableError(f"{path.name}: can't be read as a table: {_one_line(error)}") from error


def parse_frame(data: bytes) -> tuple[pd.DataFrame, Format]:
    """A csv file's rows from its bytes, every value as text. Raises TableError."""
    try:
        found = Format("csv", encoding="utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")
        return _csv_frame(io.BytesIO(data), found), found
    except (ValueError, pd.errors.ParserError, csv.Error, RecursionError) as error:
        raise TableError(f"not a csv table: {_one_line(error)}") from error


def frame_bytes(frame: pd.DataFrame, found: Format) -> bytes:
    """Rows as a file of this format holds them; the bytes depend on the rows alone."""
    body = io.BytesIO()
    _WRITERS[found.kind](frame, found, body)
    return _wrapped(body.getvalue(), found)


def _read(path: Path, found: Format) -> tuple[pd.DataFrame, Format]:
    try:
        with _opened(path, found) as stream:
            return _READERS[found.kind](stream, found)
    except UnicodeDecodeError:
        if found.encoding == "latin-1":
            raise
        return _read(path, replace(found, encoding="latin-1"))


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
    data = stream.read()
    frame = _quickly_read(data, found)
    if frame is None:
        frame = _thoroughly_read(data, found)
    twice = sorted({name for name in frame.columns if list(frame.columns).count(name) > 1})
    if twice:
        raise ValueError(f"two columns are called {', '.join(map(repr, twice))}")
    if stranger := _written_otherwise(frame, found):
        raise ValueError(stranger)
    return frame


def _written_otherwise(frame: pd.DataFrame, found: Format) -> str:
    """What to do about a text that is no csv of ours: other separators, an encoding of two bytes; or nothing."""
    names = [str(name) for name in frame.columns]
    if any("\0" in name for name in names):
        return "its first line has zero bytes, as UTF-16 has; save it as UTF-8"
    for separator in (";", "\t", "|") if len(names) == 1 and len(frame) else ():
        parts = names[0].count(separator)
        if parts and all(str(value).count(separator) == parts for value in frame.iloc[:20, 0]):
            return f"its columns are parted by {separator!r}; save it with {found.separator!r}"
    return ""


def _quickly_read(data: bytes, found: Format) -> pd.DataFrame | None:
    """By pyarrow; None where it refuses, which needs no reason: pandas gives one."""
    encoding = "utf-8" if found.encoding == "utf-8-sig" else found.encoding
    body = data[3:] if found.encoding == "utf-8-sig" else data
    # Where the two readers would differ: empty first lines, zero bytes, odd quotes, lines of blanks in one column.
    if encoding != "utf-8" or not body or body[:1] in b"\r\n" or b"\0" in body or body.count(b'"') % 2:
        return None
    start = io.StringIO(body[:_HEAD].decode("utf-8", "ignore"), newline="")
    names = next(csv.reader(start, delimiter=found.separator))
    if len(names) < 2 or sum(map(len, names)) > _HEAD // 2:
        return None
    columns = [str(i) for i in range(len(names))]
    try:
        table = pc.read_csv(
            pa.BufferReader(body),
            read_options=pc.ReadOptions(column_names=columns, skip_rows_after_names=1, block_size=2**24),
            parse_options=pc.ParseOptions(delimiter=found.separator, newlines_in_values=True),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame = cast(pd.DataFrame, table.to_pandas())
    frame.columns = pd.Index(names)
    return frame


def _thoroughly_read(data: bytes, found: Format) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=found.separator,
            header=None,
            dtype=str,
            na_filter=False,
            encoding=found.encoding,
            low_memory=False,
        )
    if frame.empty:
        raise ValueError("the file is empty")
    names = [str(name) for name in frame.iloc[0]]
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
    quick = _quickly_written(frame, found)
    if quick is not None:
        body.write(quick)
        return
    # The writer quotes a lone carriage return only where it ends lines itself.
    returns = any(frame[column].str.contains("\r", regex=False).any() for column in frame.columns)
    frame.to_csv(
        body,
        sep=found.separator,
        index=False,
        encoding=found.encoding,
        lineterminator="\r\n" if returns else "\n",
    )


def _quickly_written(frame: pd.DataFrame, found: Format) -> bytes | None:
    """By pyarrow; None where a value needs quotes, which it would put around every value."""
    head = "".join(str(name) for name in frame.columns)
    if len(frame.columns) < 2 or found.encoding == "latin-1" or any(c in head for c in found.separator + '"\r\n'):
        return None
    body = io.BytesIO(b"\xef\xbb\xbf" if found.encoding == "utf-8-sig" else b"")
    body.seek(0, io.SEEK_END)
    options = pc.WriteOptions(delimiter=found.separator, quoting_style="none", quoting_header="none")
    try:
        pc.write_csv(pa.Table.from_pandas(frame, preserve_index=False), body, options)
    except pa.ArrowInvalid:
        return None
    return body.getvalue()


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


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
