"""Text made plain: what comes from a model, a table or a skill, before it goes anywhere."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]")


def cleaned(text: str) -> str:
    """A text without control characters and lone surrogates; line ends become plain ones."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", plain).encode("utf-8", "replace").decode()


def one_line(text: str, limit: int) -> str:
    """A text as one line of at most `limit` characters, without control characters."""
    flat = " ".join(cleaned(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def slug(text: str, fallback: str) -> str:
    """A short name of plain characters made of whatever the model called it."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain[:48].strip("-") or fallback
