"""Text of others, from skills, logs and data, as it may go to a terminal: without what could steer it."""

import json


def clean(text: str) -> str:
    """Text on one line, without control characters."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """Text of several lines without any other control character."""
    return "".join(c if _is_plain(c) else " " for c in text)


def printable_json(text: str) -> str:
    """JSON that means the same, with control characters escaped; other text stays as it reads."""
    return "".join(c if _is_plain(c) else json.dumps(c)[1:-1] for c in text)


def _is_plain(character: str) -> bool:
    return character.isprintable() or character == "\n"
