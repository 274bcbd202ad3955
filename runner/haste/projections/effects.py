"""What following a skill brought, version by version, and what its change did where nobody had loaded it."""

from collections.abc import Iterable, Sequence

from haste.core.learning import Recipe
from haste.core.model import Frozen
from haste.core.pooling import Estimate
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.projections.evidence import RunReading, Trial, effect_of, independent, skill_name

WITHOUT = "without"
"""In the place of a version: the same change in runs that had not loaded the skill."""


class Effects(Frozen):
    """The decided changes that cited one version of a skill, or were its change without it."""

    skill: str
    version: str
    runs: int
    """Runs that had loaded it; for those without, runs that tried its change."""
    cited: int
    kept: int
    kept_gain: Estimate | None
    reverted: int
    reverted_gain: Estimate | None
    together: Estimate | None
    """Pooled within each competition, then over competitions."""
    competitions: tuple[str, ...]
    """Where its changes were decided."""


def effects_by_version(name: str, recipe: Recipe | None, readings: Sequence[RunReading]) -> list[Effects]:
    """A row for each version that was loaded, in the order of the logs, and one for its change without it."""
    versions = dict.fromkeys(key for r in readings for key in (r.loaded or {}).values() if skill_name(key) == name)
    rows = [_of_version(name, key, readings) for key in versions]
    found = alike(name, recipe, readings)
    return [*rows, _row(name, WITHOUT, len({t.run for t in found}), 0, found)] if found else rows


def citing(name: str, readings: Iterable[RunReading]) -> list[Trial]:
    """Every decided change that cited any version of the skill."""
    return [t for r in readings for t in r.trials if any(skill_name(key) == name for key in t.cited)]


def alike(name: str, recipe: Recipe | None, readings: Iterable[RunReading]) -> list[Trial]:
    """Every decided change that was the skill's own, in runs that had loaded no version of it."""
    bare = Skill(name=name, description="", scope=Scope.GLOBAL, body="", recipe=recipe)
    return independent(bare, (trial for reading in readings for trial in reading.trials))


def _of_version(name: str, key: str, readings: Sequence[RunReading]) -> Effects:
    loaded = [r for r in readings if key in (r.loaded or {}).values()]
    cited = sum(key in keys for r in loaded for keys in r.citations)
    found = [t for r in loaded for t in r.trials if key in t.cited]
    return _row(name, key.partition("@")[2], len(loaded), cited, found)


def _row(name: str, version: str, runs: int, cited: int, found: Sequence[Trial]) -> Effects:
    kept = [trial for trial in found if trial.kept]
    reverted = [trial for trial in found if not trial.kept]
    return Effects(
        skill=name,
        version=version,
        runs=runs,
        cited=cited,
        kept=len(kept),
        kept_gain=effect_of(kept),
        reverted=len(reverted),
        reverted_gain=effect_of(reverted),
        together=effect_of(found),
        competitions=tuple(sorted({trial.competition for trial in found})),
    )
