"""What has no place in a text that engineers read: secrets, orders to the reader's tools, what can't be seen."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from haste.core.poison_patterns import HINTS, ORDERS
from haste.core.secret_looks import CLAIMS, TOKENS

_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL
_LOOKS = (*TOKENS, *CLAIMS)
_SECRETS = {look.label: re.compile(look.pattern) for look in _LOOKS}
_ORDERS = {label: re.compile("|".join(patterns), _FLAGS) for label, patterns in ORDERS.items()}
_HINTS = {**HINTS, **{look.label: tuple(part.casefold() for part in look.parts) for look in _LOOKS}}
_SHORTEST_ENCODED = 24
_ENCODED = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}|(?:\\x[0-9a-fA-F]{2}){8,}|(?:%[0-9a-fA-F]{2}){8,}")
_LINK = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|mailto:|javascript:|data:[a-z]+/|git@)\S|\bwww\.\w", re.I)
_TARGET = re.compile(r"\]\(\s*<?([^)\s>]*)|^\s*\[[^\]]+\]:\s*(\S+)", re.M)
_LEAVES = re.compile(r"(?:^|[\s\"'`(=])(?:\.\.[/\\]|/(?:home|root|usr|var|tmp|etc|opt|mnt|data)/|[A-Za-z]:\\)")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_MIXED = re.compile(r"\w*(?:[A-Za-z][\u0400-\u04ff\u03bf]|[\u0400-\u04ff\u03bf][A-Za-z])\w*")


def secrets(text: str) -> Iterator[str]:
    """What looks like a secret; the secret itself is never repeated."""
    for label, _ in _found(_SECRETS, text):
        yield f"holds what looks like a {label}"


def orders(text: str) -> Iterator[str]:
    """Instructions to the reader's tools and attempts to pose as somebody else. Read as the eye does."""
    plain = plainly(text)
    for label, hit in _found(_ORDERS, plain):
        yield f"{label}: {_excerpt(hit)}"
    if max(map(len, plain.split()), default=0) >= _SHORTEST_ENCODED and (found := _ENCODED.search(plain)):
        yield f"holds encoded data: {_excerpt(found.group())}"


def plainly(text: str) -> str:
    """The text in plain letters: without accents, ligatures and full-width forms."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _found(patterns: Mapping[str, re.Pattern[str]], text: str) -> Iterator[tuple[str, str]]:
    """Which patterns match, and what; those of which no hint is in the text are not tried."""
    low = " ".join(text.casefold().split())
    for label, pattern in patterns.items():
        if any(hint in low for hint in _HINTS[label]) and (hit := pattern.search(text)):
            yield label, hit.group()


def links(text: str) -> Iterator[str]:
    """Links and paths that lead out of the skill's folder."""
    targets = [a or b for a, b in _TARGET.findall(text)]
    for target in targets:
        if not re.fullmatch(r"#?[A-Za-z0-9_][A-Za-z0-9_./-]*", target) or ".." in target:
            yield f"links out of its folder: {_excerpt(target)}"
    if hit := _LINK.search(text):
        yield f"links out of its folder: {_excerpt(text[hit.start() : hit.start() + 40])}"
    if hit := _LEAVES.search(text):
        yield f"names a path outside its folder: {_excerpt(text[hit.start() : hit.start() + 40])}"


def unseen(text: str) -> Iterator[str]:
    """Characters that a reviewer can't see, or can't tell from others."""
    hidden = sorted(c for c in set(text) if c not in "\n\t" and (not c.isprintable() or c in _BLANK or _selects(c)))
    if hidden:
        yield "has characters that can't be seen: " + ", ".join(f"U+{ord(c):04X}" for c in hidden[:5])
    if not text.isascii() and (hit := _MIXED.search(text)):
        yield f"mixes alphabets in one word: {_excerpt(hit.group())}"


def _selects(character: str) -> bool:
    return unicodedata.category(character) == "Mn" and not unicodedata.combining(character)


def _excerpt(text: str) -> str:
    return repr(" ".join(text.split())[:60])
