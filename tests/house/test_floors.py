"""The rules of the house hold, and each one catches an offender planted for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def copy_of_the_house(tmp_path: Path) -> Path:
    """The package and its settings, to plant offenders in."""
    shutil.copytree(ROOT / "runner", tmp_path / "runner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(BIN / "lint-imports"), "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root / "runner"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("place", "line", "contract"),
    [
        ("core/run.py", "import haste.adapters.clock", "Imports only go down the floors"),
        ("ports/log.py", "import haste.loop", "Imports only go down the floors"),
        ("projections/summary.py", "import haste.stages.submit", "Imports only go down the floors"),
        ("engineers/scripted.py", "import haste.bootstrap", "Imports only go down the floors"),
        ("core/statistics.py", "import numpy", "The core is pure"),
        ("core/policy.py", "import time", "The core is pure"),
        ("projections/costs.py", "import os", "The core is pure"),
        ("stages/evaluate.py", "import haste.adapters.sandbox", "Stages never see an adapter"),
        ("orchestration/curate.py", "import haste.adapters.git", "Stages never see an adapter"),
        ("newcomer.py", "x = 1", "exhaustive"),
    ],
)
def test_an_import_that_goes_up_is_caught(tmp_path: Path, place: str, line: str, contract: str) -> None:
    root = copy_of_the_house(tmp_path)
    with (root / "runner/haste" / place).open("a") as file:
        file.write(f"\n{line}\n")
    if place == "newcomer.py":
        with (root / "runner/haste/cli/__init__.py").open("a") as file:
            file.write("\nimport haste.newcomer\n")
    told = lint_imports(root)
    assert told.returncode != 0
    assert contract in told.stdout + told.stderr


def test_the_house_as_it_stands_passes() -> None:
    told = lint_imports(ROOT)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize(
    "line",
    [
        "import git",
        "import anthropic",
        "import pandas",
        "import sklearn",
        "import torch",
        "import lightgbm",
        "import random\nrandom.random()",
        "import time\ntime.time()",
        "import datetime\ndatetime.datetime.now()",
    ],
)
def test_a_dependency_has_one_door(tmp_path: Path, line: str) -> None:
    root = copy_of_the_house(tmp_path)
    (root / "runner/haste/core/intruder.py").write_text(f'"""Intruder."""\n\n{line}\n')
    told = subprocess.run(
        [str(BIN / "ruff"), "check", "--no-cache", "--select", "TID251", "runner/haste/core/intruder.py"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "TID251" in told.stdout


def test_importing_does_nothing(tmp_path: Path) -> None:
    """Every module is imported in a fresh process: no output, no file, no heavy library."""
    names = sorted(
        ".".join(path.relative_to(ROOT / "runner").with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "runner/haste").rglob("*.py")
        if "templates" not in path.parts and "inside" not in path.parts and "scripts" not in path.parts
    )
    light = [n for n in names if not n.startswith(("haste.adapters", "haste.cli.campaigning"))]
    code = (
        "import sys, importlib\n"
        f"for name in {light!r}: importlib.import_module(name)\n"
        "names = ('pandas', 'sklearn', 'torch', 'lightgbm', 'git', 'anthropic', 'watchdog')\n"
        "heavy = [m for m in names if m in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout == told.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_nobody_may_be_called_a_helper() -> None:
    banned = {"manager", "service", "helper", "utils", "handler", "processor", "base", "common", "misc"}
    for path in (ROOT / "runner/haste").rglob("*.py"):
        words = set(path.stem.split("_"))
        assert not words & banned, path
