"""What was read from each blob, kept where it costs nothing to lose: a cache in the repository's own folder."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from haste import __version__
from haste.core.lint import RULES

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS skills (id TEXT, folder TEXT, skill TEXT, PRIMARY KEY (id, folder)) WITHOUT ROWID"
)

_A_GOOD_PART = 4
"""One over the share of the index from which on it is read whole."""


class Blob(NamedTuple):
    """One `SKILL.md` of a tree: the folder it stands in and the id of its content."""

    folder: str
    id: str


class SkillIndex:
    """Skills as JSON by blob; '' for a broken one. One that is damaged or can't be written is done without."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"haste-skills-{__version__}-{RULES}.sqlite"

    def get(self, blobs: Sequence[Blob]) -> dict[Blob, str]:
        """What is known of these blobs."""
        if not self.path.exists():
            return {}
        try:
            with self._open() as base:
                (held,) = base.execute("SELECT count(*) FROM skills").fetchone()
                if len(blobs) * _A_GOOD_PART > held:  # reading everything costs less than looking up so many
                    wanted = {(blob.folder, blob.id): blob for blob in blobs}
                    rows = base.execute("SELECT folder, id, skill FROM skills")
                    return {known: row[2] for row in rows if (known := wanted.get(row[:2]))}
                base.execute("CREATE TEMP TABLE wanted (id TEXT, folder TEXT)")
                base.executemany("INSERT INTO wanted VALUES (?, ?)", ((blob.id, blob.folder) for blob in blobs))
                rows = base.execute("SELECT folder, id, skill FROM wanted JOIN skills USING (id, folder)")
                return {Blob(folder, blob): skill for folder, blob, skill in rows}
        except sqlite3.OperationalError:
            return {}
        except sqlite3.DatabaseError:
            self._drop()
            return {}

    def put(self, known: Mapping[Blob, str]) -> None:
        """Keep what was read."""
        with suppress(sqlite3.Error, OSError), self._open() as base:
            rows = ((blob.id, blob.folder, skill) for blob, skill in known.items())
            base.executemany("INSERT OR REPLACE INTO skills VALUES (?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        base = sqlite3.connect(self.path, timeout=5.0)
        try:
            base.execute("PRAGMA synchronous = OFF")
            base.execute(_SCHEMA)
            yield base
            base.commit()
        finally:
            base.close()

    def _drop(self) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
