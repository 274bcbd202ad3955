"""The form of a table's file."""

from dataclasses import dataclass, replace

TEXT = frozenset({"csv", "tsv"})
"""Kinds whose values are all text."""


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
