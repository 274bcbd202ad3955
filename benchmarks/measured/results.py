"""Results as JSON lines: each is written at once, and what is already there isn't measured again."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class Results:
    """A file of results. `key` names the fields that say what was measured; two rows never share all of them."""

    def __init__(self, path: Path, key: Sequence[str]) -> None:
        self.path = path
        self._key = tuple(key)
        self.rows: list[Row] = []
        if path.is_file():
            self._cut_torn_line()
            self.rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]

    def find(self, wanted: Mapping[str, Any]) -> Row | None:
        """The row that was measured for this key."""
        return next((row for row in self.rows if all(row.get(k) == wanted[k] for k in self._key)), None)

    def add(self, row: Row) -> None:
        """Append a row and sync it, so that a stop a moment later loses nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.rows.append(row)

    def _cut_torn_line(self) -> None:
        """A line that a stop has cut short was no result yet."""
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            self.path.write_bytes(data[: data.rfind(b"\n") + 1])
