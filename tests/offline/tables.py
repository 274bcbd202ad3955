"""A small competition with every kind of column, for any kind of task."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)

from haste.adapters.competitions import FolderCompetitions
from haste.core.competition import Competition, Profile
from haste.engineers.offline.problem import ALWAYS_THERE, OPTIONAL, Problem
from haste.settings import Settings

METRIC_OF = {
    "regression": "rmse",
    "skewed": "rmsle",
    "absolute": "mae",
    "binary": "roc_auc",
    "accuracy": "accuracy",
    "multiclass": "macro_f1",
    "probabilities": "log_loss",
    "ordinal": "qwk",
    "many": "rmsle",
}


@dataclass(frozen=True)
class Table:
    """A competition on disk and what the runner makes of it."""

    folder: Path
    competition: Competition
    profile: Profile

    @property
    def problem(self) -> Problem:
        """What plans are made for; every optional package is there."""
        return Problem(self.competition, self.profile, ALWAYS_THERE | OPTIONAL)


def make_table(folder: Path, task: str, rows: int = 180) -> Table:
    """Write a competition of this task and describe it."""
    rng = np.random.default_rng(3)
    frame = features(rng, rows)
    targets = target(task, frame, rng)
    folder.mkdir(parents=True, exist_ok=True)
    cut = int(rows * 0.7)
    known = pd.DataFrame({name: values[:cut] for name, values in targets.items()})
    pd.concat([frame.iloc[:cut], known], axis=1).to_csv(folder / "train.csv", index=False)
    frame.iloc[cut:].to_csv(folder / "test.csv", index=False)
    sample(task, frame.iloc[cut:], targets).to_csv(folder / "sample_submission.csv", index=False)
    names = ", ".join(f'"{name}"' for name in targets)
    (folder / "competition.toml").write_text(
        f'id = "toy-{task}"\nmetric = "{METRIC_OF[task]}"\nid_column = "id"\ntargets = [{names}]\n'
    )
    (folder / "description.md").write_text("A toy.\n")
    files = FolderCompetitions(folder.parent / "workspace")
    competition = files.describe(folder)
    return Table(folder, competition, files.profile(competition, Settings(folds=3)))


def features(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Numbers with gaps, categories, dates, places, marks, names, and prose."""
    words = np.array(["red", "blue", "old", "new", "large", "small", "house", "garden", "near", "far"])
    start = pd.Timestamp("2021-03-01")
    groups = np.sort(rng.integers(0, rows // 2, rows))
    frame = pd.DataFrame({"id": [f"{g:04d}_{k % 4 + 1:02d}" for k, g in enumerate(groups)]})
    frame["id"] = [f"{g:04d}_{n + 1:02d}" for g, n in zip(groups, frame.groupby(groups).cumcount(), strict=True)]
    frame["size"] = rng.gamma(2.0, 50.0, rows).round(2)
    frame["rooms"] = rng.integers(1, 6, rows)
    frame["age"] = np.where(rng.random(rows) < 0.2, np.nan, rng.integers(0, 90, rows))
    frame["debt"] = np.where(rng.random(rows) < 0.5, 0.0, rng.lognormal(3, 1, rows))
    frame["savings"] = rng.lognormal(2, 1.5, rows)
    frame["latitude"], frame["longitude"] = rng.normal(50, 0.3, rows), rng.normal(8, 0.3, rows)
    frame["colour"] = rng.choice(["red", "green", "blue", "grey"], rows)
    frame["town"] = rng.choice([f"town {k}" for k in range(12)], rows)
    frame["quality"] = rng.choice(["Po", "Fa", "TA", "Gd", "Ex"], rows)
    frame["sold"] = rng.choice(["True", "False"], rows)
    frame.loc[rng.random(rows) < 0.1, "colour"] = None
    begun = start + pd.to_timedelta(rng.integers(0, 300 * 1440, rows), unit="min")
    frame["begun"], frame["ended"] = begun, begun + pd.to_timedelta(rng.integers(1, 900, rows), unit="min")
    frame["berth"] = [f"{rng.choice(list('ABC'))}/{k}/{rng.choice(list('PS'))}" for k in rng.permutation(rows)]
    frame["owner"] = [
        f"{rng.choice(words).title()}n{k}, {rng.choice(['Mr', 'Mrs', 'Dr'])}. Jo" for k in range(rows)
    ]
    frame["remark"] = [" ".join(rng.choice(words, 8)) + f" {k}" for k in range(rows)]
    return frame


def target(task: str, frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, list[Any]]:
    """A target that the features explain in part."""
    signal = (
        frame["size"] / 100 + frame["rooms"] * 0.4 + (frame["colour"] == "red") + rng.normal(0, 0.4, len(frame))
    )
    if task in ("regression", "absolute"):
        return {"price": list(signal.round(4))}
    if task == "skewed":
        return {"price": list(np.exp(signal).round(4))}
    if task == "many":
        return {"price": list(np.exp(signal).round(4)), "rent": list((signal.clip(lower=0) + 1).round(4))}
    if task == "binary":
        return {"bought": list((signal > signal.median()).astype(int))}
    if task == "accuracy":
        return {"bought": list((signal > signal.median()).map({True: "yes", False: "no"}))}
    cuts = np.digitize(signal, np.quantile(signal, [0.3, 0.7]))
    if task == "ordinal":
        return {"grade": [int(c) + 3 for c in cuts]}
    return {"kind": [("low", "middle", "high")[c] for c in cuts]}


def sample(task: str, test: pd.DataFrame, targets: dict[str, list[Any]]) -> pd.DataFrame:
    """The sample submission of a task."""
    made = pd.DataFrame({"id": test["id"]})
    if task == "probabilities":
        return made.assign(high=0.3, low=0.3, middle=0.4)
    for name, values in targets.items():
        made[name] = values[0]
    return made
