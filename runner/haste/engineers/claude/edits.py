"""Search/replace edits: parsed out of an answer and applied exactly, or told what didn't match."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

SEARCH, MIDDLE, REPLACE = "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE"


@dataclass(frozen=True)
class Edit:
    """One passage to find, and what stands there afterwards."""

    search: str
    replace: str


@dataclass(frozen=True)
class Edited:
    """The changed text, or every reason why it couldn't be made."""

    text: str
    problems: tuple[str, ...] = ()


def parse_edits(answer: str) -> tuple[list[Edit], list[str]]:
    """The edits in an answer, in order, and what is wrong with their form."""
    edits: list[Edit] = []
    problems: list[str] = []
    part = ""
    search: list[str] = []
    replace: list[str] = []
    for line in answer.split("\n"):
        mark = line.strip()
        if mark == SEARCH:
            if part:
                problems.append(f"edit {len(edits) + 1} begins anew before its {REPLACE!r}")
            part, search, replace = "search", [], []
        elif mark == MIDDLE and part == "search":
            part = "replace"
        elif mark == REPLACE and part:
            if part == "search":
                problems.append(f"edit {len(edits) + 1} has no {MIDDLE!r} line between its two passages")
            else:
                edits.append(Edit("\n".join(search), "\n".join(replace)))
            part = ""
        elif part:
            (search if part == "search" else replace).append(line)
    if part:
        problems.append(f"edit {len(edits) + 1} has no {REPLACE!r} line at its end")
    return edits, problems


def apply_edits(text: str, edits: Sequence[Edit]) -> Edited:
    """Each edit on what those before it left; a passage must stand there exactly once, as whole lines."""
    problems: list[str] = []
    for number, edit in enumerate(edits, 1):
        if not edit.search.strip():
            problems.append(f"edit {number} searches for nothing: quote the lines that it stands at")
            continue
        found = _places(text, edit.search)
        if len(found) != 1:
            problems.append(_unmatched(number, text, edit.search, len(found)))
            continue
        lines = text.split("\n")
        first, size = found[0], len(edit.search.split("\n"))
        middle = edit.replace.split("\n") if edit.replace else []
        text = "\n".join([*lines[:first], *middle, *lines[first + size :]])
    return Edited(text, tuple(problems))


def _places(text: str, search: str) -> list[int]:
    lines, wanted = text.split("\n"), search.split("\n")
    size = len(wanted)
    return [i for i in range(len(lines) - size + 1) if lines[i : i + size] == wanted]


def _unmatched(number: int, text: str, search: str, found: int) -> str:
    quoted = _quote(search.split("\n"))
    if found:
        return (
            f"the passage of edit {number} stands {found} times in the file; quote more lines around it:\n{quoted}"
        )
    lines, size = text.split("\n"), len(search.split("\n"))
    starts = range(max(1, len(lines) - size + 1))
    matcher = difflib.SequenceMatcher(None, "", search, autojunk=False)
    best, nearest = -1.0, 0
    for start in starts:
        matcher.set_seq1("\n".join(lines[start : start + size]))
        if (likeness := matcher.quick_ratio()) > best:
            best, nearest = likeness, start
    there = _quote(lines[nearest : nearest + size])
    return (
        f"the passage of edit {number} stands nowhere in the file:\n{quoted}\n"
        f"the most similar lines there, from line {nearest + 1} on, are:\n{there}"
    )


def _quote(lines: Sequence[str], limit: int = 12) -> str:
    shown = [f"    {line}" for line in lines[:limit]]
    return "\n".join([*shown, *(["    …"] if len(lines) > limit else [])])
