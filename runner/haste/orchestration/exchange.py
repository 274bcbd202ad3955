"""Skills from elsewhere, as candidates to be reviewed; and a selection of ours for other programs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from haste.core.candidates import Candidate
from haste.core.events import SkillPromoted
from haste.core.lint import SKILL_FILE
from haste.core.scope import Scope
from haste.core.skill import Evidence, Skill
from haste.core.skill_text import render_skill
from haste.errors import SkillError
from haste.orchestration.desk import Desk
from haste.orchestration.promote import Mandate, promote, promotion_id
from haste.projections.reviews import Review

MOST_EXPORTED = 50
"""A catalogue of more than this loses descriptions in the programs that read it."""


@dataclass(frozen=True)
class Imported:
    """What an import put on a branch for its review, and what it refused."""

    branch: str
    promoted: tuple[SkillPromoted, ...]
    refused: Mapping[str, tuple[str, ...]]


def import_skills(desk: Desk, candidates: Sequence[Candidate], *, source: str) -> Imported:
    """Put candidates on a branch where they wait for their review; never into the global scope."""
    branch = f"haste/import/{hashlib.sha256(source.encode()).hexdigest()[:10]}"
    refused = {one.place: one.problems for one in candidates if one.problems or one.skill is None}
    promoted: list[SkillPromoted] = []
    known = desk.reviews()
    for one in candidates:
        if one.skill and one.place not in refused:
            try:
                promoted.append(_promote(desk, one.skill, known, source=source, branch=branch))
            except SkillError as error:
                refused[one.place] = error.problems
    desk.record(*(event for event in promoted if event.promotion not in known))
    if promoted:
        desk.publish(f"skill(import): record {len(promoted)} candidates")
    return Imported(branch, tuple(promoted), refused)


def select_for_export(
    skills: Sequence[Skill], evidence: Mapping[str, Evidence], *, domains: Sequence[str], limit: int
) -> list[Skill]:
    """The skills worth exporting: those kept most often, global or of these domains (default: all)."""
    allowed = [
        skill
        for skill in skills
        if skill.scope is Scope.GLOBAL or (skill.scope is Scope.DOMAIN and (not domains or skill.owner in domains))
    ]

    def worth(skill: Skill) -> tuple[float, float, str, str]:
        known = evidence.get(f"{skill.name}@{skill.version}", Evidence())
        tried = known.kept + known.reverted
        share = (known.kept + 1) / (tried + 2)
        return (-share * (1 + known.gain), 0.0 if skill.scope is Scope.GLOBAL else 1.0, skill.owner, skill.name)

    return sorted(allowed, key=worth)[: min(limit, MOST_EXPORTED)]


def plugin_files(skills: Sequence[Skill], *, version: str) -> dict[str, bytes]:
    """A Claude Code plugin that exposes these skills: its manifest and their files."""
    folders = sorted({f"./{skill.path.rsplit('/', 1)[0]}" for skill in skills})
    manifest = {
        "name": "haste-skills",
        "version": version,
        "description": "What worked in machine-learning competitions, with the conditions under which it did.",
        "skills": folders,
    }
    files = {".claude-plugin/plugin.json": json.dumps(manifest, indent=2).encode() + b"\n"}
    return files | {f"{skill.path}/{SKILL_FILE}": render_skill(skill).encode() for skill in skills}


def _promote(desk: Desk, skill: Skill, known: Mapping[str, Review], *, source: str, branch: str) -> SkillPromoted:
    origin = f"imported from {source}"
    learning = f"{source}#{skill.name}@{skill.version}"
    # What people decided about it before stands: another import is another question.
    ids = (promotion_id("promote", skill.path, learning, attempt) for attempt in count(1))
    promotion = next(one for one in ids if one not in known or known[one].state == "waiting")
    mandate = Mandate(
        branch=branch,
        run="import",
        event=origin,
        decision=skill.scope.value,
        learning=learning,
        reason=origin,
        promotion=promotion,
    )
    done = promote(desk.repository, skill, mandate)
    return done.event(learning=mandate.learning, reason=origin)
