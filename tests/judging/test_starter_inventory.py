"""The starter inventory: enough of it, valid to us and to others, and in the catalogue's own words."""

from collections import Counter
from pathlib import Path

import pytest
from skills_ref import validate

from haste.adapters.skill_files import parse_skill, take_apart
from haste.core.competition import DOMAINS, Domain
from haste.core.lint import check_names, check_text
from haste.core.retirement import BY_HAND
from haste.engineers.offline.catalogue import find_move

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(p.parent for p in (ROOT / "skills").glob("**/SKILL.md") if "competitions" not in p.parts)
IDS = [folder.name for folder in FOLDERS]


def _path(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def test_every_scope_has_enough() -> None:
    counts = Counter("/".join(_path(f).split("/")[1:-1]) for f in FOLDERS)
    assert counts["global"] == 5
    assert all(counts[f"domains/{domain}"] >= 6 for domain in ("tabular", "text", "image"))


def test_names_are_unique_over_all_scopes() -> None:
    assert check_names(map(_path, FOLDERS)) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=IDS)
def test_a_skill_is_valid(folder: Path) -> None:
    text = (folder / "SKILL.md").read_text(encoding="utf-8")
    assert validate(folder) == []
    assert check_text(take_apart(_path(folder), text)) == []
    skill = parse_skill(_path(folder), text)
    assert skill.metadata["haste-origin"] == BY_HAND
    assert all(part in skill.body for part in ("**When.**", "**What.**", "**Why.**", "**When it hurts.**"))
    assert len(skill.body.split()) <= 160


@pytest.mark.parametrize("folder", FOLDERS, ids=IDS)
def test_a_rule_of_thumb_is_modest(folder: Path) -> None:
    recipe = parse_skill(_path(folder), (folder / "SKILL.md").read_text(encoding="utf-8")).recipe
    if recipe is not None:
        assert recipe.trials == 1
        assert recipe.error is not None
        assert abs(recipe.gain) <= 2 * recipe.error


@pytest.mark.parametrize("folder", FOLDERS, ids=IDS)
def test_a_recipe_speaks_the_catalogue_s_language(folder: Path) -> None:
    skill = parse_skill(_path(folder), (folder / "SKILL.md").read_text(encoding="utf-8"))
    if skill.recipe is not None:
        domains: tuple[Domain, ...] = (skill.owner,) if skill.owner else DOMAINS  # type: ignore[assignment]
        assert any(find_move(skill.recipe.move, domain) for domain in domains)
