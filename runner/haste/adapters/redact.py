"""Secrets never reach a log: they are replaced, by their look and by their value, before anything is written."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from haste.core.secret_looks import TOKENS

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?)?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH)(?:$|_)", re.IGNORECASE
)
_SHORTEST = 8


class Redactor:
    """Replaces secrets in text by `[redacted: …]`. One of these stands in front of every log."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        secrets = [(name, _spellings(value)) for name, value in _secrets(environment or {})]
        patterns = [*["|".join(map(re.escape, forms)) for _, forms in secrets], *[look.pattern for look in TOKENS]]
        self._labels = [*[name for name, _ in secrets], *[look.label for look in TOKENS]]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern in patterns))
        parts = [*[forms for _, forms in secrets], *[look.parts for look in TOKENS]]
        self._parts = tuple({part.encode() for several in parts for part in several})

    def suspects(self, data: bytes) -> bool:
        """Whether there may be a secret in some bytes, JSON included. Never says no where there is one."""
        return any(part in data for part in self._parts)

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
        if not self.suspects(data):
            return data
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _secrets(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Name and value of the variables that hold secrets, the longest value first, so that none hides in another."""
    found = [(k, v) for k, v in environment.items() if _SECRET_NAME.search(k) and len(v.strip()) >= _SHORTEST]
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def _spellings(value: str) -> list[str]:
    """A secret as it may stand in a text: as it is, inside JSON, inside a URL."""
    value = value.strip()
    in_json = [json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]]
    return list(dict.fromkeys([value, *in_json, quote(value, safe="")]))
