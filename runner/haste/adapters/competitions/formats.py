"""Formats of tables: csv, tsv, json and parquet, plain, gzipped or in a zip. One of pandas' doors.

Values are kept as they stand: text stays text, so a table that was cut and written again differs in no value.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

import pandas as pd

from haste.adapters.competitions.csv_tables import read_csv, write_csv
from haste.adapters.competitions.json_tables import read_json, write_json
from haste.adapters.competitions.table_form import Format
from haste.errors import UsageError

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
"""What a table's name may end in, before `.zip` or `.gz`."""

_UNREADABLE = (
    *(OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, pd.errors.ParserError, csv.Error),
    RuntimeError,  # a zip with a password, one packed in a way that Python can't unpack, json nested without end
)

MAX_UNPACKED = 16 * 2**30
"""A zip that unpacks to more than this is refused unread."""


class TableError(UsageError):
    """A file can't be read as a table."""


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
        return read_csv(io.BytesIO(data), found)
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


def _read_parquet(stream: IO[bytes], found: Format) -> tuple[pd.DataFrame, Format]:
    return pd.read_parquet(io.BytesIO(stream.read()), dtype_backend="pyarrow"), found


def _write_parquet(frame: pd.DataFrame, _: Format, body: IO[bytes]) -> None:
    frame.to_parquet(body, index=False)


_READERS = {
    "csv": read_csv,
    "tsv": read_csv,
    "json": read_json,
    "jsonl": read_json,
    "parquet": _read_parquet,
}
_WRITERS = {
    "csv": write_csv,
    "tsv": write_csv,
    "json": write_json,
    "jsonl": write_json,
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
