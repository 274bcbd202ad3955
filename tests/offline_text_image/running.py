"""Scripts as a competitor would run them, within this process: the libraries are imported once."""

import runpy
import subprocess
import sys
from pathlib import Path

import pandas as pd  # noqa: TID251  (what scripts read and write)
import pytest

from offline.running import RULES, unread
from offline_text_image.toys import Toy


def run(code: str, toy: Toy, work: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, pd.DataFrame]:
    """Run a script over a competition; what it wrote, by name. Warnings are errors."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "solution.py").write_text(code)
    (work / "input").symlink_to(toy.folder)
    monkeypatch.chdir(work)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    runpy.run_path(str(work / "solution.py"), run_name="__main__")
    return {p.name: pd.read_csv(p, dtype={"id": str}) for p in sorted(work.glob("*.csv"))}


def check_files(found: dict[str, pd.DataFrame], toy: Toy) -> None:
    """The submission has the columns and ids that are asked for, and soft predictions where labels are told."""
    sample = pd.read_csv(toy.folder / "sample_submission.csv", dtype={"id": str})
    submission = found["submission.csv"]
    assert list(submission.columns) == list(sample.columns)
    assert list(submission["id"]) == list(sample["id"])
    assert submission.notna().all().all()
    kind = toy.competition.metric.kind.value
    if kind == "class_probabilities":
        assert ((submission.drop(columns="id").sum(axis=1) - 1).abs() < 1e-6).all()
    if toy.competition.metric_name == "rmsle":
        assert (submission.drop(columns="id") >= 0).all().all()
    if kind in ("label", "ordinal"):
        wanted = ["value"] if kind == "ordinal" else list(toy.profile.classes)
        assert list(found["soft.csv"].columns) == ["id", *wanted]
    else:
        assert "soft.csv" not in found


def lint(scripts: dict[str, str], folder: Path) -> str:
    """What ruff says about scripts, and which names at their top nothing reads; '' for nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, code in scripts.items():
        (folder / f"{name}.py").write_text(code)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", RULES, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return said + "".join(f"{name}: {names}\n" for name, code in scripts.items() if (names := unread(code)))
