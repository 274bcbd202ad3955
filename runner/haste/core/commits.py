"""Commits as HASTE reads and writes them: trailers say where a change of a skill came from."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from haste.core.model import Frozen


class Trailer(StrEnum):
    """The trailers that HASTE writes into commits."""

    RUN = "Haste-Run"
    EVENT = "Haste-Event"
    DECISION = "Haste-Decision"
    EVIDENCE = "Haste-Evidence"
    PROMOTION = "Haste-Promotion"
    ROLLED_BACK = "Haste-Rolled-Back"


class Commit(Frozen):
    """One commit, with its trailers taken apart and, where asked for, the paths it touched."""

    id: str
    parents: tuple[str, ...] = ()
    at: str = ""
    """When it was committed: ISO 8601."""
    author: str = ""
    subject: str = ""
    body: str = ""
    trailers: dict[str, str] = Field(default_factory=dict)
    paths: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The body without the trailers of ours."""
        return "\n".join(line for line in self.body.splitlines() if not _looks_like_trailer(line)).strip()

    @property
    def promotion(self) -> str:
        """The id of the promotion it carries, or ''."""
        return self.trailers.get(Trailer.PROMOTION, "")


def compose_message(subject: str, body: str = "", trailers: Mapping[str, str] | None = None) -> str:
    """A commit message: subject, body, trailers. No text given here can forge a trailer or a second subject."""
    lines = [f"{key}: {one_line(value)}" for key, value in (trailers or {}).items() if one_line(value)]
    told = "".join(c for c in body if c.isprintable() or c == "\n").strip()
    if told and lines:
        told = "\n".join(f" {line}" if _looks_like_trailer(line) else line for line in told.splitlines())
    parts = [one_line(subject), told, "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def _looks_like_trailer(line: str) -> bool:
    return line.lower().startswith("haste-")
