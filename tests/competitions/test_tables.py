"""Tables are read and written without a value changing."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haste.adapters.competitions.columns import (
    all_numbers,
    counts,
    dates,
    in_order,
    label_key,
    looks_like_date,
    mean_words,
    numbers,
    skew,
)
from haste.adapters.competitions.csv_tables import quickly_read, quickly_written, thoroughly_read
from haste.adapters.competitions.table_form import Format
from haste.adapters.competitions.tables import TableError, parse_csv, read_table, text_table

VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


def strings(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


@given(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=8))
def test_any_text_survives_a_round(rows: list[tuple[str, str]]) -> None:
    made = text_table({"id": [a for a, _ in rows], "said": [b for _, b in rows]})
    back = parse_csv(made.bytes())
    assert list(back.text("id")) == [a for a, _ in rows]
    assert list(back.text("said")) == [b for _, b in rows]


@given(
    st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=8),
    st.sampled_from("\t,"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_both_readers_read_what_was_written(rows: list[tuple[str, str]], separator: str, ending: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    found = Format("tsv" if separator == "\t" else "csv")
    for reader in (quickly_read, thoroughly_read):
        frame = reader(stream.getvalue().encode(), found)
        assert frame is not None
        assert list(frame.columns) == ["a", "b"]
        assert [tuple(row) for row in frame.to_numpy()] == rows


@given(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=8))
def test_both_writers_write_the_same(rows: list[tuple[str, str]]) -> None:
    table = text_table({"a": [a for a, _ in rows], "b": [b for _, b in rows]})
    quick = quickly_written(table.frame, table.format)
    if quick is not None:
        assert quick == table.frame.to_csv(index=False).encode()


@pytest.mark.parametrize("value", ["007", "1.0", "1e5", "NA", "nan", "", " x ", "True", '"', "a,b", "a\nb", "é"])
def test_nothing_is_read_into_a_value(value: str, tmp_path: Path) -> None:
    text_table({"id": ["1"], "v": [value]}).write(_to(tmp_path / "a.csv"))
    table = read_table(tmp_path / "a.csv")
    assert list(table.text("v")) == [value]
    before = (tmp_path / "a.csv").read_bytes()
    table.write(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_bytes() == before


def test_a_csv_table_that_is_cut_keeps_every_byte_of_its_rows(tmp_path: Path) -> None:
    text = 'id,v,w\n1,"a, b",0010\n2,,NA\n3,"say ""x""",1.50\n'
    (tmp_path / "a.csv").write_text(text)
    table = read_table(tmp_path / "a.csv")
    table.take(np.array([0, 2])).write(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == 'id,v,w\n1,"a, b",0010\n3,"say ""x""",1.50\n'


def test_tsv_latin_bom_zip_and_gzip(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("id\tv\n1\ta,b\n")
    (tmp_path / "b.csv").write_bytes("id,v\n1,café\n".encode("latin-1"))
    (tmp_path / "c.csv").write_bytes(b"\xef\xbb\xbfid,v\n1,x\n")
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(b"id,v\n1,x\n"))
    with zipfile.ZipFile(tmp_path / "e.csv.zip", "w") as archive:
        archive.writestr("e.csv", "id,v\n1,x\n")
    values = ["a,b", "café", "x", "x", "x"]
    for name, value in zip(["a.tsv", "b.csv", "c.csv", "d.csv.gz", "e.csv.zip"], values, strict=True):
        table = read_table(tmp_path / name)
        assert table.columns == ("id", "v"), name
        assert list(table.text("v")) == [value], name
        table.write(_to(tmp_path / "out" / name))
        assert list(read_table(tmp_path / "out" / name).text("v")) == [value], name


@pytest.mark.parametrize(
    "text",
    ['[{"id": 1, "v": null, "tags": ["a"]}, {"id": 2, "v": 1.5}]', '{"id": 1, "v": true}\n{"id": 2, "v": false}\n'],
)
def test_json_keeps_its_types(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    table = read_table(tmp_path / "a.json")
    assert list(table.text("id")) == ["1", "2"]
    table.write(tmp_path / "b.json")
    lines = (tmp_path / "b.json").read_text()
    again = [json.loads(line) for line in lines.splitlines()] if text[0] == "{" else json.loads(lines)
    first = [json.loads(line) for line in text.splitlines()] if text[0] == "{" else json.loads(text)
    assert again == first


def test_json_by_columns(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"id": {"0": 5, "1": 6}, "v": {"0": "x", "1": "y"}}')
    table = read_table(tmp_path / "a.json")
    assert list(table.text("v")) == ["x", "y"]
    table.take(np.array([1])).write(tmp_path / "b.json")
    assert list(read_table(tmp_path / "b.json").text("id")) == ["6"]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "v": [1.5, None], "flag": [True, False]}), tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert list(table.text("v")) == ["1.5", ""]
    assert list(table.text("flag")) == ["True", "False"]
    table.take(np.array([1])).write(tmp_path / "b.parquet")
    assert [str(field.type) for field in pq.read_schema(tmp_path / "b.parquet")] == ["int64", "double", "bool"]
    assert list(table.replaced("id", [7, 8]).text("id")) == ["7", "8"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "can't be read"),
        (b"a,b\n1,2,3\n", "Expected 2 fields"),
        (b"a,a\n1,2\n", "two columns are called 'a'"),
        (b",".join(b"c%d" % (i % 20_000) for i in range(40_000)) + b"\n" + b"," * 39_999, "and 19992 more"),
        (b"a;b\n1;2\n", "its columns are parted by ';'; save it with ','"),
        (b"a;b\n1,5;2,5\n1;2\n", "parted by ';'; save it with ',', and numbers with points"),
        ("a,b\n1,2\n".encode("utf-16"), "save it as UTF-8"),
    ],
)
def test_broken_tables_are_one_line(data: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(TableError, match=why) as caught:
        read_table(tmp_path / "a.csv")
    assert "\n" not in caught.value.message


def locked_zip() -> bytes:
    """A zip whose one file says that it wants a password."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("a.csv", "x,y\n1,2\n")
    data = bytearray(body.getvalue())
    data[6] |= 1  # flags of the file
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory's entry
    return bytes(data)


def odd_zip() -> bytes:
    """A zip packed in a way (Deflate64) that Python can't unpack."""
    data = bytearray(locked_zip())
    start = data.index(b"PK\x01\x02")
    data[6] = data[start + 8] = 0
    data[8] = data[start + 10] = 9
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", gzip.compress(b"x,y\n" + b"1,2\n" * 999, mtime=0)[:40] + b"\0" * 40),
        ("a.zip", locked_zip()),
        ("b.zip", odd_zip()),
        ("a.json", b"[" * 100_000),
    ],
    ids=["cut-gzip", "locked-zip", "odd-zip", "deep-json"],
)
def test_damaged_and_locked_archives_are_one_line(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TableError, match=f"{name}: can't be read as a table") as caught:
        read_table(tmp_path / name)
    assert "\n" not in caught.value.message


def test_a_column_of_lists_is_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "embedding": [[0.5, 1.0], [2.0, 3.0]]}), tmp_path / "a.parquet")
    assert list(read_table(tmp_path / "a.parquet").text("embedding")) == ["[0.5, 1.0]", "[2.0, 3.0]"]


def test_one_column_of_text_with_semicolons_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a; or b\nyes\n")
    assert read_table(tmp_path / "a.csv").columns == ("a; or b",)


def test_a_zip_of_many_files_is_no_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "x\n1\n")
        archive.writestr("b.csv", "x\n1\n")
    with pytest.raises(TableError, match="holds 2 files"):
        read_table(tmp_path / "a.zip")


def test_columns() -> None:
    assert all_numbers(strings("1", "", "NA", "2.5e3"))
    assert not all_numbers(strings("", "NA"))
    assert not all_numbers(strings("1", "x"))
    assert np.array_equal(numbers(strings("1", "x", "")), [1.0, np.nan, np.nan], equal_nan=True)
    assert counts(strings("b", "a", "b")) == {"b": 2, "a": 1}
    assert [label_key(v) for v in ("3.0", " 3", "true", "x", "0.5")] == ["3", "3", "True", "x", "0.5"]
    assert in_order(["10", "9"]) == ["9", "10"]
    assert in_order(["Yes", "No"]) == ["No", "Yes"]
    assert in_order(["b", "a", "c"]) == ["a", "b", "c"]
    assert mean_words(strings("one two", "", "three")) == 1.5
    assert mean_words(strings("这家店的菜很好吃", "用户0001", "ร้านนี้อร่อยมาก")) == 4.0
    assert skew(np.array([1.0, 1.0, 1.0])) == 0.0
    assert skew(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(1.1547, abs=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        ("2019-03-08 07:00:58", ""),
        ("2019-03-08", "2020-12-31"),
        ("12/31/2019", "1/2/2020"),
        ("31/12/2019",),
        ("1589-01-14", "2001-02-03"),
    ],
)
def test_dates(values: tuple[str, ...]) -> None:
    found = dates(strings(*values))
    assert found is not None
    assert np.isfinite(found[0])


@pytest.mark.parametrize("values", [("1968, May",), ("1.5", "2.5"), ("abc",), ("12",), ("",)])
def test_no_dates(values: tuple[str, ...]) -> None:
    assert not looks_like_date(strings(*values))


def _to(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path
