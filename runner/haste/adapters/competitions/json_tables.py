"""Tables as json: a list of rows, a row a line, or columns. One of pandas' doors."""

import json
from dataclasses import replace
from typing import IO, Any

import pandas as pd

from haste.adapters.competitions.table_form import Format


def read_json(stream: IO[bytes], found: Format) -> tuple[pd.DataFrame, Format]:
    """The rows, and the shape they were found in. Raises ValueError."""
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


def write_json(frame: pd.DataFrame, found: Format, body: IO[bytes]) -> None:
    """Write the rows in the shape of the format; a value that is missing is left out."""
    rows = [{k: v for k, v in row.items() if v is None or v == v} for row in frame.to_dict("records")]
    if found.shape == "lines":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    elif found.shape == "columns":
        columns = {c: {str(i): row.get(c) for i, row in enumerate(rows)} for c in frame.columns}
        text = json.dumps(columns, ensure_ascii=False)
    else:
        text = json.dumps(rows, ensure_ascii=False)
    body.write(text.encode(found.encoding))
