"""Workspaces for transfer: nothing of the left-out competition is in them, and poison mirrors a third."""

from pathlib import Path

import pytest
from measured.warmth import check_left_out, fresh_workspace, mirrored, warm_workspace

from haste.core.learning import Recipe
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_text import render_skill


def _skill(owner: str, scope: Scope = Scope.COMPETITION, **metadata: str) -> Skill:
    told = "A change that helps. Use when running it again."
    recipe = Recipe(move="rank-gauss", gain=0.02)
    return Skill(
        name="a-change", description=told, scope=scope, owner=owner, body="# A change\n\nIt helps.", recipe=recipe,
        metadata={key.replace("_", "-"): value for key, value in metadata.items()},
    )  # fmt: skip


def _put(folder: Path, skill: Skill) -> None:
    repository = fresh_workspace(folder, starter=False).repository
    repository.publish("one", {f"{skill.path}/SKILL.md": render_skill(skill).encode()}, "chore: one\n")
    repository.merge("one", "chore: one\n")


@pytest.mark.parametrize(
    ("skill", "leaks"),
    [
        (_skill("churn"), True),
        (_skill("other"), False),
        (_skill("tabular", Scope.DOMAIN, haste_origin="run churn/cold-s0"), True),
        (_skill("tabular", Scope.DOMAIN, haste_competitions='["other", "churn"]'), True),
        (_skill("tabular", Scope.DOMAIN, haste_competitions='["churn-two"]'), False),
    ],
)
def test_what_rests_on_the_left_out_competition_is_a_leak(tmp_path: Path, skill: Skill, leaks: bool) -> None:
    from haste.bootstrap import Workspace

    _put(tmp_path / "w", skill)
    assert len(Workspace(tmp_path / "w").skills.load()) == 1
    if not leaks:
        check_left_out(Workspace(tmp_path / "w"), "churn")
        return
    with pytest.raises(RuntimeError, match="churn has leaked"):
        check_left_out(Workspace(tmp_path / "w"), "churn")


def test_a_mirrored_skill_says_the_opposite() -> None:
    recipe = mirrored(_skill("churn")).recipe
    assert recipe is not None and (recipe.effect, recipe.gain) == ("hurts", -0.02)


def test_poison_mirrors_a_third_of_the_signed_recipes_once(tmp_path: Path) -> None:
    library = fresh_workspace(tmp_path / "library", starter=True)
    clean = {s.name: s.recipe for s in library.skills.load()}
    warm = warm_workspace(tmp_path / "warm", library, [], "churn", starter=True, poison=7)
    found = {s.name: s.recipe for s in warm.skills.load()}
    signed = [name for name, recipe in clean.items() if recipe and recipe.effect != "neutral"]
    turned = [name for name in found if found[name] != clean[name]]
    assert found.keys() == clean.keys()
    assert len(turned) == round(len(signed) / 3)
    again = warm_workspace(tmp_path / "warm", library, [], "churn", starter=True, poison=7)
    assert {s.name: s.recipe for s in again.skills.load()} == found
