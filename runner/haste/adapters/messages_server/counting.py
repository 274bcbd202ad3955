"""Tokens and the prompt cache as a fake server keeps them: four bytes a token, prefixes up to break-points."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

HOUR, FIVE_MINUTES = 3600.0, 300.0
MOST_BREAKPOINTS = 4


def tokens_of(text: str) -> int:
    """A rough count: one token for four bytes."""
    return -(-len(text.encode("utf-8", "replace")) // 4)


class PromptCache:
    """Remembers prefixes that ended at a break-point, each for its time to live."""

    def __init__(self, monotonic: Callable[[], float], *, shortest: int = 2_048) -> None:
        """`shortest` is the length in tokens from which a prefix is cached at all."""
        self._monotonic = monotonic
        self._shortest = shortest
        self._until: dict[str, tuple[float, float]] = {}

    def usage(self, body: Mapping[str, Any]) -> dict[str, int]:
        """Input tokens of a request: read from the cache, written to it, and the rest."""
        total, points = _prefixes(body)
        now = self._monotonic()
        usable = [p for p in points if p[0] >= self._shortest]
        read = max((n for n, key, _ in usable if self._until.get(key, (0.0, 0.0))[0] > now), default=0)
        written = max((n for n, _, _ in usable), default=0)
        for _, key, ttl in usable:
            self._until[key] = (now + ttl, ttl)
        return {
            "input_tokens": total - max(read, written),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": max(0, written - read),
        }


def breakpoints(body: Mapping[str, Any]) -> int:
    """How many blocks ask for a break-point."""
    return len(_prefixes(body)[1])


def _prefixes(body: Mapping[str, Any]) -> tuple[int, list[tuple[int, str, float]]]:
    """Tokens in all, and length, key and time to live of each prefix that ends at a break-point."""
    digest, total = sha256(str(body.get("model")).encode()), 0
    points = []
    for role, block in _blocks(body):
        digest.update(f"\x1e{role}\x1f{block.get('text', '')}".encode("utf-8", "replace"))
        total += tokens_of(str(block.get("text", "")))
        control = block.get("cache_control")
        if control:
            ttl = HOUR if control.get("ttl") == "1h" else FIVE_MINUTES
            points.append((total, digest.hexdigest(), ttl))
    return total, points


def _blocks(body: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    parts = [("system", body.get("system", ""))]
    parts += [(str(turn["role"]), turn["content"]) for turn in body.get("messages", [])]
    for role, content in parts:
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        found += [(role, block) for block in blocks]
    return found
