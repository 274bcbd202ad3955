"""Prompts as they stand in `prompts/*.md`, rendered: untrusted text fenced, cache break-points where the file says.

A prompt file reads from top to bottom as it goes out. `{{ end_of_system }}` ends the system prompt and
`{{ cache_break }}` marks where the part that stays the same ends.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import count
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from haste.core.messages import Block
from haste.engineers.claude.plain import cleaned, one_line

_MARK = re.compile(r"\n?\x1e(system|cache)\x1e\n?")
_FOLDER = "prompts"
FENCE_DIGITS = 20


class _Ready(str):
    """Text that is finished: a mark of this module, or a fenced passage. All else is cleaned on its way in."""

    __slots__ = ()


END_OF_SYSTEM, CACHE_BREAK = _Ready("\x1esystem\x1e"), _Ready("\x1ecache\x1e")


@dataclass(frozen=True)
class Prompt:
    """One rendered prompt, and the digest of the files it was made of."""

    system: tuple[Block, ...]
    user: tuple[Block, ...]
    digest: str

    @property
    def text(self) -> str:
        """Everything in it, for people and golden files, break-points and the end of the system prompt shown."""
        parts = [*_shown(self.system), "──── end of the system prompt ────", *_shown(self.user)]
        return "\n".join(parts) + "\n"


def render(kind: str, values: dict[str, Any]) -> Prompt:
    """The prompt `prompts/<kind>.md` with these values. An unknown name in it is an error."""
    text = _environment().get_template(f"{kind}.md").render(values)
    system: list[Block] = []
    user: list[Block] = []
    into = user if "\x1esystem\x1e" not in text else system
    pieces = _MARK.split(text)
    for piece, mark in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if piece.strip():
            into.append(Block(text=piece.strip("\n") + "\n", cached=mark == "cache"))
        elif mark == "cache" and into:
            into[-1] = into[-1].model_copy(update={"cached": True})
        if mark == "system":
            into = user
    return Prompt(system=tuple(system), user=tuple(user), digest=prompts_digest())


def render_text(kind: str, values: dict[str, Any]) -> str:
    """A short prompt without parts, as plain text."""
    return _environment().get_template(f"{kind}.md").render(values).strip()


@cache
def prompts_digest() -> str:
    """The first 16 hex digits of the hash over all prompt files: it goes into the log with every question."""
    found = sha256()
    for name, text in _sources():
        found.update(f"{name}\n{text}\n".encode())
    return found.hexdigest()[:16]


def fenced(text: object, what: str) -> str:
    """Untrusted text between marks that it cannot contain: the fence code is made of the text, and isn't in it."""
    clean = cleaned(str(text)).strip("\n")
    hashes = (sha256(f"{n} {clean}".encode("utf-8", "replace")).hexdigest() for n in count())
    code = next(found[:FENCE_DIGITS] for found in hashes if found[:FENCE_DIGITS] not in clean)
    label = one_line(what, 80).replace('"', "'").replace("<", "‹").replace(">", "›")
    return _Ready(f'<untrusted what="{label}" fence="{code}">\n{clean}\n</untrusted fence="{code}">')


def _finalize(value: object) -> object:
    return value if isinstance(value, _Ready) else cleaned(str(value))


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{one_line(name, 80).replace('`', chr(39))}`" for name in names)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("haste.engineers.claude", _FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (Markdown for a model, not HTML; what isn't ours is fenced)
        finalize=_finalize,
    )
    made.filters |= {"fenced": fenced, "inline": one_line, "ticked": _ticked}
    made.globals |= {"end_of_system": END_OF_SYSTEM, "cache_break": CACHE_BREAK}
    return made


def _sources() -> list[tuple[str, str]]:
    folder = files("haste.engineers.claude").joinpath(_FOLDER)
    found: list[tuple[str, str]] = []

    def walk(at: Traversable, prefix: str) -> None:
        for entry in sorted(at.iterdir(), key=lambda e: e.name):
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith(".md"):
                found.append((prefix + entry.name, entry.read_text("utf-8")))

    walk(folder, "")
    return found


def _shown(blocks: Iterable[Block]) -> list[str]:
    return [block.text + ("──── cache break-point ────" if block.cached else "") for block in blocks]
