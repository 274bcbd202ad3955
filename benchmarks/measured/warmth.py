"""Workspaces for leave-one-out transfer: what was learned from every other competition's cold runs, and no more.

The logs of the others' cold runs are copied into a fresh workspace and judged there, as after a campaign's round.
The left-out competition's logs never come near it, so no skill can rest on them; that is checked all the same.
"""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from haste.adapters.git import init_repository
from haste.adapters.starter import workspace_files
from haste.bootstrap import Workspace, campaign_ports
from haste.core.skill import Skill
from haste.core.skill_making import COMPETITIONS
from haste.core.skill_text import render_skill
from haste.orchestration.curate import curate
from haste.settings import Settings

READY = ".haste/ready"
POISONED_SHARE = 1 / 3
_MIRRORED = {"helps": "hurts", "hurts": "helps"}


def fresh_workspace(folder: Path, *, starter: bool) -> Workspace:
    """A workspace with the starter inventory, or with no skill at all."""
    files = {name: data for name, data in workspace_files().items() if starter or not name.startswith("skills/")}
    init_repository(folder, files)
    return Workspace(folder)


def warm_workspace(
    folder: Path, library: Workspace, runs: Sequence[str], left_out: str, *, starter: bool, poison: int | None
) -> Workspace:
    """A workspace that has learned from these runs of the library, made anew unless it is ready.

    With `poison` as a seed, a third of the recipes say the opposite of what was seen.
    """
    if (folder / READY).is_file():
        return Workspace(folder)
    shutil.rmtree(folder, ignore_errors=True)
    workspace = fresh_workspace(folder, starter=starter)
    for run in runs:
        _copy_stream(run, library.root / "events", folder / "events")
    if runs:
        ports = campaign_ports(workspace, Settings(engineer="offline"))
        curate(runs, ports, ports.repository)
    workspace = Workspace(folder)
    if poison is not None:
        _poison(workspace, poison)
    check_left_out(Workspace(folder), left_out)
    (folder / READY).parent.mkdir(exist_ok=True)
    (folder / READY).touch()
    return Workspace(folder)


def _copy_stream(run: str, source: Path, target: Path) -> None:
    (target / run).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / f"{run}.jsonl", target / f"{run}.jsonl")
    if (source / run).is_dir():
        shutil.copytree(source / run, target / run)


def _poison(workspace: Workspace, seed: int) -> None:
    """Mirror the sign of a third of the recipes that have one, by a commit of their own."""
    signed = [skill for skill in workspace.skills.load() if skill.recipe and skill.recipe.effect in _MIRRORED]
    chosen = random.Random(seed).sample(signed, round(POISONED_SHARE * len(signed)))
    if not chosen:
        return
    files = {f"{skill.path}/SKILL.md": render_skill(mirrored(skill)).encode() for skill in chosen}
    message = f"chore: mirror {len(chosen)} recipes\n"
    workspace.repository.publish("bench/poison", files, message)
    workspace.repository.merge("bench/poison", message)


def mirrored(skill: Skill) -> Skill:
    """The skill with a recipe that says the opposite."""
    recipe = skill.recipe
    assert recipe is not None, "only a skill with a recipe has a sign"
    opposite = {"effect": _MIRRORED[recipe.effect], "gain": -recipe.gain}
    return skill.model_copy(update={"recipe": recipe.model_copy(update=opposite)})


def check_left_out(workspace: Workspace, left_out: str) -> None:
    """Raise RuntimeError where a skill or a log of the left-out competition is in its warm workspace."""
    skills = [s.name for s in workspace.skills.load() if s.owner == left_out or _rests_on(s, left_out)]
    streams = [stream for stream in workspace.log.streams() if stream.startswith(f"{left_out}/")]
    if skills or streams:
        raise RuntimeError(f"{left_out} has leaked into its warm workspace: {', '.join([*skills, *streams])}")


def _rests_on(skill: Skill, competition: str) -> bool:
    origin, seen = skill.metadata.get("haste-origin", ""), skill.metadata.get(COMPETITIONS, "")
    return f"run {competition}/" in origin or f'"{competition}"' in seen
