"""Tables as text whose cells are parted by a sign. One of pandas' doors.

pyarrow reads and writes them many times faster than pandas; where it can't keep the form, pandas does it.
"""

import csv
import io
import warnings
from collections import Counter
from typing import IO, cast

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from haste.adapters.competitions.table_form import Format

_HEAD = 2**22
"""Bytes within which a head must end to be read quickly."""


def read_csv(stream: IO[bytes], found: Format) -> tuple[pd.DataFrame, Format]:
    """The rows, every value as text. Raises ValueError, and what pandas' reader raises."""
    data = stream.read()
    frame = quickly_read(data, found)
    if frame is None:
        try:
            frame = thoroughly_read(data, found)
        except pd.errors.ParserError:
            if parted := _parted_otherwise(data, found):
                raise ValueError(parted) from None
            raise
    twice = sorted(name for name, times in Counter(frame.columns).items() if times > 1)
    if twice:
        more = f" and {len(twice) - 8} more" if len(twice) > 8 else ""
        raise ValueError(f"two columns are called {', '.join(map(repr, twice[:8]))}{more}")
    if stranger := _written_otherwise(frame, found):
        raise ValueError(stranger)
    return frame, found


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


def _parted_otherwise(data: bytes, found: Format) -> str:
    """What to do about a text that commas in its numbers tear apart; nothing where its head has our separator."""
    head = data.partition(b"\n")[0].decode(found.encoding, "replace")
    other = next((sign for sign in (";", "\t", "|") if sign in head), "")
    if not other or found.separator in head:
        return ""
    return f"its columns are parted by {other!r}; save it with {found.separator!r}, and numbers with points"


def quickly_read(data: bytes, found: Format) -> pd.DataFrame | None:
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


def thoroughly_read(data: bytes, found: Format) -> pd.DataFrame:
    """By pandas, whatever the form."""
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


def write_csv(frame: pd.DataFrame, found: Format, body: IO[bytes]) -> None:
    """Write the rows, a value in quotes only where it needs them."""
    quick = quickly_written(frame, found)
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


def quickly_written(frame: pd.DataFrame, found: Format) -> bytes | None:
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
