"""Skills, their evidence and their history as people and programs read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from haste.cli.plain import clean, printable
from haste.cli.tables import table
from haste.cli.telling import count, gain_text
from haste.core.skill import Elsewhere, Evidence, Skill
from haste.core.skill_text import render_skill
from haste.orchestration.skill_history import HistoryEntry
from haste.projections.effects import WITHOUT, Effects
from haste.projections.evidence import Trial
from haste.projections.inventory import Snapshot

Known = Mapping[str, Evidence]


def skill_row(skill: Skill, known: Known) -> dict[str, Any]:
    """A skill as an object: what it is, and what the logs say about this version of it."""
    found = evidence_of(skill, known)
    return {
        "name": skill.name,
        "scope": skill.scope.value,
        "owner": skill.owner,
        "version": skill.version,
        "description": skill.description,
        "path": skill.path,
        "move": skill.recipe.move if skill.recipe else None,
        "evidence": found.model_dump(mode="json"),
    }


def skills_table(skills: Sequence[Skill], known: Known) -> str:
    """Skills with their evidence, a line each."""
    head = ("skill", "scope", "loaded", "cited", "kept", "reverted", "gain", "description")
    return table(head, [_row(skill, evidence_of(skill, known)) for skill in skills])


def _row(skill: Skill, found: Evidence) -> list[str]:
    counts = [str(n or "") for n in (found.loaded, found.cited, found.kept, found.reverted)]
    gain = gain_text(found.gain, found.error) if found.kept + found.reverted else ""
    return [skill.name, skill.owner or skill.scope.value, *counts, gain, skill.description]


def evidence_of(skill: Skill, known: Known) -> Evidence:
    """What the logs say about this version of a skill."""
    return known.get(f"{skill.name}@{skill.version}", Evidence())


def skill_text(skill: Skill, known: Known) -> str:
    """One skill, whole: its file, its evidence, and where it came from."""
    found = evidence_of(skill, known)
    lines = [f"{skill.path}  version {skill.version}"]
    if found.loaded:
        lines.append(
            f"  loaded by {count(found.loaded, 'run')}, cited {count(found.cited, 'time')}: "
            f"{found.kept} kept, {found.reverted} reverted, relative gain {gain_text(found.gain, found.error)}"
        )
        lines.append(f"  seen in {', '.join(found.competitions) or 'no competition yet'}")
    else:
        lines.append("  no run has loaded this version yet")
    lines += [f"  {_without_text(one)}" for one in found.without]
    return clean_lines("\n".join(lines)) + "\n\n" + clean_lines(render_skill(skill)).rstrip()


def _without_text(seen: Elsewhere) -> str:
    gain = gain_text(seen.effect.gain, seen.effect.error) if seen.effect else "it never ran"
    return f"its change without it in {seen.competition} ({seen.metric}): {100 * seen.kept:.0f} % kept, {gain}"


def effects_table(rows: Sequence[Effects]) -> str:
    """What each version of each skill brought, a line each."""
    head = ("skill", "version", "runs", "cited", "kept", "gain kept", "reverted", "gain reverted", "together")
    return table(head, [_effects(row) for row in rows])


def _effects(row: Effects) -> list[str]:
    gains = [str(gain or "") for gain in (row.kept_gain, row.reverted_gain, row.together)]
    cited = "" if row.version == WITHOUT else str(row.cited)
    outcome = [str(row.kept), gains[0], str(row.reverted), gains[1]]
    return [row.skill, row.version, str(row.runs), cited, *outcome, gains[2]]


def changes_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Every change that cited a skill, a line each."""
    head = ("run", "solution", "version", "outcome", "relative gain", "change")
    return table(head, [list(map(str, row.values()))[:6] for row in rows])


def effect_row(trial: Trial, name: str) -> dict[str, Any]:
    """A change that cited a skill, as an object."""
    effect = trial.effect
    return {
        "run": trial.run,
        "solution": trial.solution,
        "version": next((key.partition("@")[2] for key in trial.cited if key.partition("@")[0] == name), ""),
        "outcome": "kept" if trial.kept else "reverted",
        "relative_gain": str(effect) if effect else "",
        "change": f"{trial.change.move}: {trial.change.summary}",
        "position": trial.position,
    }


def history_table(entries: Sequence[HistoryEntry]) -> str:
    """Every commit of a skill, a line each."""
    head = ("when", "commit", "promotion", "state", "run", "what")
    rows = [[e.at[:16].replace("T", " "), e.commit[:10], e.promotion, e.state, e.run, e.subject] for e in entries]
    return table(head, rows)


def growth_table(rows: Sequence[Snapshot]) -> str:
    """The inventory after each curation and each round, a line each; counts are those since the line before."""
    changes = ("promoted", "amended", "conflicts", "retired", "rolled_back", "rejected")
    head = ("when", "after", "global", "domain", "competition", "together", *(c.replace("_", " ") for c in changes))
    return table(head, [_snapshot(row, changes) for row in rows])


def _snapshot(row: Snapshot, changes: Sequence[str]) -> list[str]:
    counts = [str(row.scopes[scope]) for scope in ("global", "domain", "competition")]
    done = [str(getattr(row, change) or "") for change in changes]
    return [row.at[:16].replace("T", " "), row.label, *counts, str(row.total), *done]


def clean_lines(text: str) -> str:
    """Text of several lines without what could steer a terminal."""
    return "\n".join(printable(line) for line in text.split("\n"))


def problems_text(problems: Sequence[object]) -> str:
    """Problems, a line each."""
    return "\n".join(clean(str(problem)) for problem in problems)
