"""A skill: what it says, whom it is for, and which version of it this is."""

import hashlib
import json

from pydantic import Field

from haste.core.condition import Condition
from haste.core.learning import Recipe
from haste.core.model import Frozen
from haste.core.pooling import Estimate
from haste.core.scope import Scope, skill_path

STATUS_KEYS = frozenset(
    {"haste-status", "haste-evidence", "haste-scope", "haste-domain", "haste-competition", "haste-origin"}
    | {"haste-run", "haste-events", "haste-learning", "haste-promotion"}
    | {"haste-competitions", "haste-engineer", "haste-metric", "haste-score"}
)
"""Metadata that may change without making a new version: status, evidence, place, and how it got there."""


class Skill(Frozen):
    """One `SKILL.md`. `metadata` holds strings alone, as the Agent Skills specification demands."""

    name: str
    description: str
    scope: Scope
    owner: str = ""
    """The domain or the competition it belongs to; '' for a global one."""
    body: str
    """The text without the recipe's fenced block."""
    metadata: dict[str, str] = Field(default_factory=dict)
    recipe: Recipe | None = None
    license: str = ""
    compatibility: str = ""

    @property
    def path(self) -> str:
        """Its folder in the tree."""
        return skill_path(self.scope, self.owner, self.name)

    @property
    def version(self) -> str:
        """The first 12 hex digits of the hash of its content without evidence and status."""
        lasting = {k: v for k, v in sorted(self.metadata.items()) if k not in STATUS_KEYS}
        told: list[object] = [self.name, self.description, self.body, lasting]
        if self.recipe:  # gain, error and trials are evidence
            told.append(self.recipe.model_dump(mode="json", exclude={"gain", "error", "trials"}))
        content = json.dumps(told, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Under which conditions it was seen to hold; the recipe's, where it has one."""
        return self.recipe.conditions if self.recipe else ()


class Tries(Frozen):
    """How often a change was tried, and how often it was kept."""

    of: int = 0
    kept: int = 0


class Elsewhere(Frozen):
    """What one competition saw of a change."""

    competition: str
    metric: str
    meets: bool
    """Whether its data meet the skill's conditions."""
    on_prototypes: Tries
    on_changes: Tries
    """What became of it on scripts that had been changed before."""
    effect: Estimate | None
    """Its relative gain; None where it never ran."""

    @property
    def kept(self) -> float:
        """The share of its tries that was kept."""
        return (self.on_prototypes.kept + self.on_changes.kept) / (self.on_prototypes.of + self.on_changes.of)


class Evidence(Frozen):
    """What the event logs say about one version of one skill. Computed, never stored in the file."""

    loaded: int = 0
    cited: int = 0
    kept: int = 0
    reverted: int = 0
    gain: float = 0.0
    """Mean relative gain of the changes that cited it."""
    error: float | None = None
    competitions: tuple[str, ...] = ()
    """Where those changes were decided about."""
    engineers: tuple[str, ...] = ()
    without: tuple[Elsewhere, ...] = ()
    """What competitions saw of its change, in runs that had not loaded it."""


class LoadedSkill(Frozen):
    """A skill as one run saw it: the text and the evidence of that moment."""

    skill: Skill
    version: str
    evidence: Evidence = Evidence()
