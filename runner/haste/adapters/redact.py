"""Secrets never reach a log: they are replaced, by their look and by their value, before anything is written."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_LOOKS: tuple[tuple[str, str], ...] = (
    ("anthropic key", r"sk-ant-[A-Za-z0-9_-]{8,}"),
    ("key", r"sk-(?:proj-)?[A-Za-z0-9_-]{32,}"),
    ("github token", r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})"),
    ("hugging face token", r"hf_[A-Za-z0-9]{30,}"),
    ("aws key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("google key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("slack token", r"xox[abprs]-[A-Za-z0-9-]{10,}"),
    ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?)?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH)(?:$|_)", re.IGNORECASE
)
_SHORTEST = 8


class Redactor:
    """Replaces secrets in text by `[redacted: …]`. One of these stands in front of every log."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        looks = [(f"(?P<look{i}>{pattern})", label) for i, (label, pattern) in enumerate(_LOOKS)]
        values = [
            (f"(?P<value{i}>{'|'.join(map(re.escape, _spellings(value)))})", name)
            for i, (name, value) in enumerate(_secrets(environment or {}))
        ]
        self._labels = [label for _, label in [*values, *looks]]
        self._pattern = re.compile("|".join(pattern for pattern, _ in [*values, *looks]))

    def text(self, text: str) -> str:
        """The text without its secrets."""
        return self._pattern.sub(lambda hit: f"[redacted: {self._labels[(hit.lastindex or 1) - 1]}]", text)

    def value(self, value: Any) -> Any:  # noqa: ANN401  (any JSON value, and the same kind comes back)
        """A JSON value without the secrets in its strings, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value

    def data(self, data: bytes) -> bytes:
        """A file without its secrets. What isn't UTF-8 is looked at as well, byte for byte."""
        text = data.decode("utf-8", "surrogateescape")
        clean = self.text(text)
        return data if clean == text else clean.encode("utf-8", "surrogateescape")


def _secrets(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Name and value of the variables that hold secrets, the longest value first, so that none hides in another."""
    found = [(k, v) for k, v in environment.items() if _SECRET_NAME.search(k) and len(v.strip()) >= _SHORTEST]
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def _spellings(value: str) -> list[str]:
    """A secret as it may stand in a text: as it is, inside JSON, inside a URL."""
    value = value.strip()
    return list(dict.fromkeys([value, json.dumps(value)[1:-1], quote(value, safe="")]))
