"""A review as Markdown: what is promoted and why, the evidence with links to its events, conflicts, lint, the diff.

Everything in it was written by models or by runs, so nothing of it may become markup, a mention, or a link.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from haste.core import events as e
from haste.core.lint import Problem
from haste.core.model import Frozen
from haste.core.skill import Evidence, Skill
from haste.projections.reviews import Review

_LONGEST = 300
_LARGEST_DIFF = 40_000
_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")

Look = Callable[[str, int], e.Recorded | None]
"""One event of a stream, by its position; None where it can't be read."""


class Page(Frozen):
    """What a reviewer is shown."""

    title: str
    body: str


def page(
    branch: str,
    found: Sequence[Review],
    *,
    skills: Mapping[str, Skill],
    evidence: Mapping[str, Evidence],
    problems: Sequence[Problem],
    diff: str,
    look: Look,
) -> Page:
    """The page of a branch that waits for its review. `skills` are those that it touches, by name."""
    parts = [
        f"{len(found)} change{'s' if len(found) != 1 else ''} of skills on `{branch}`.",
        "## What\n\n" + _promotions(found),
        "## Evidence\n\n" + _evidence(found, skills, evidence, look),
    ]
    if conflicts := [r for r in found if r.kind == "conflict"]:
        parts.append("## Conflicts\n\n" + "\n".join(f"- {escaped(r.skill)} {escaped(r.reason)}" for r in conflicts))
    told = "\n".join(f"- {escaped(str(problem))}" for problem in problems) or "Nothing to say."
    parts += ["## Lint\n\n" + told, "## Diff\n\n" + fenced(diff, "diff"), _decide(branch)]
    names = ", ".join(dict.fromkeys(review.skill for review in found))
    return Page(title=f"Skills: {names}"[:120], body="\n\n".join(parts) + "\n")


def escaped(text: str) -> str:
    """Text that stays text in Markdown, on one line."""
    line = " ".join(text.split())
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return _ACTIVE.sub(r"\\\1", line).replace("@", "@\u200b").replace("://", ":\u200b//")


def fenced(text: str, language: str) -> str:
    """Text in a fence that it can't close."""
    if len(text) > _LARGEST_DIFF:
        text = text[:_LARGEST_DIFF] + f"\n… {len(text) - _LARGEST_DIFF} characters more"
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def event_link(place: str) -> str:
    """A link to the line of an event, given as `<stream>@<position>`."""
    stream, _, position = place.partition("@")
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/-]*", stream) or ".." in stream or not position.isdigit():
        return escaped(place)
    return f"[{stream}@{position}](events/{stream}.jsonl#L{int(position) + 1})"


def _promotions(found: Sequence[Review]) -> str:
    rows = [
        [f"`{r.promotion}`", r.kind, escaped(r.skill), escaped(r.scope), event_link(r.event), escaped(r.reason)]
        for r in found
    ]
    return _table(("promotion", "kind", "skill", "scope", "decided", "why"), rows)


def _evidence(
    found: Sequence[Review], skills: Mapping[str, Skill], evidence: Mapping[str, Evidence], look: Look
) -> str:
    rows: list[list[str]] = []
    for name in dict.fromkeys(review.skill for review in found):
        skill = skills.get(name)
        known = evidence.get(f"{name}@{skill.version}") if skill else None
        if known:
            error = f" ± {known.error:.3f}" if known.error is not None else ""
            told = f"loaded {known.loaded}×, cited {known.cited}×, {known.kept} kept, {known.reverted} reverted"
            rows.append(
                [escaped(name), "log", told, f"{known.gain:+.3f}{error}", escaped(", ".join(known.competitions))]
            )
        for place in (skill.metadata.get("haste-events", "") if skill else "").split()[:12]:
            rows.append([escaped(name), event_link(place), *_told(place, look)])
    if not rows:
        return "None: no event shows it yet."
    return _table(("skill", "event", "what", "relative gain", "competition"), rows)


def _told(place: str, look: Look) -> list[str]:
    stream, _, position = place.partition("@")
    one = look(stream, int(position)) if position.isdigit() else None
    if one is None:
        return ["not in this workspace's log", "", ""]
    event, competition = one.event, escaped(stream.split("/")[0])
    if isinstance(event, e.ChangeKept | e.ChangeReverted):
        gain = "" if event.relative_gain is None else f"{event.relative_gain:+.3f}"
        return [f"{event.type} {escaped(event.solution)}: {escaped(event.reason)}", gain, competition]
    return [event.type, "", competition]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _decide(branch: str) -> str:
    return (
        "## Decide\n\nMerge this branch with a merge commit, or from a workspace:\n\n"
        f"```\nhaste-run review approve {branch}\nhaste-run review reject {branch} --comment WHY\n```"
    )
