"""Tiny competitions of texts and of images, one for every kind of task."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)
from PIL import Image

from haste.adapters.competitions import FolderCompetitions
from haste.core.competition import Competition, Profile
from haste.engineers.offline.problem import ALWAYS_THERE, Problem
from haste.settings import Settings

METRICS = {
    "binary": "roc_auc",
    "labels": "accuracy",
    "macro": "macro_f1",
    "probabilities": "log_loss",
    "ordinal": "qwk",
    "regression": "rmse",
    "skewed": "rmsle",
    "multilabel": "roc_auc",
}
KINDS = ("crow", "owl", "wren")
WORDS = {
    "crow": ["black", "loud", "wing", "caw", "caw", "harvest", "field"],
    "owl": ["night", "Night", "silent", "moon", "eye", "hunts,", "dark"],
    "wren": ["small", "song", "hedge!", "nest", "quick", "tail", "sings"],
}
SIGNS = ("乌黑叫收", "夜月静眼", "小歌巢尾")
"""What is said of a crow, an owl, a wren."""
FILLER = ["the", "a", "of", "and", "it", "was", "in", "bird", "saw", "near", "then"]


@dataclass(frozen=True)
class Toy:
    """A competition on disk and what the runner makes of it."""

    folder: Path
    competition: Competition
    profile: Profile

    def problem(self, *packages: str) -> Problem:
        """What plans are made for."""
        return Problem(self.competition, self.profile, ALWAYS_THERE | set(packages))


def texts(folder: Path, task: str, *, rows: int = 90, wide: bool = False, in_id: bool = False) -> Toy:
    """Sentences about birds; `wide` has two text columns, a number and a category besides.

    With `in_id` the sentence is the row's id, as in a competition of Kaggle's about insults.
    """
    rng = np.random.default_rng(5)
    kinds = rng.permutation(np.arange(rows) % 3)
    frame = pd.DataFrame(
        {"id": [f"{k:03d}" for k in range(rows)], "text": [sentence(rng, KINDS[k]) for k in kinds]}
    )
    if in_id:
        ids = [f"{text} {k}" for k, text in enumerate(frame["text"])]
        return written(folder, pd.DataFrame({"id": ids, "day": [k % 7 for k in range(rows)]}), task, kinds)
    frame.loc[3, "text"] = None
    if wide:
        frame["title"] = [sentence(rng, KINDS[k])[:40] + "." for k in kinds]
        frame["weight"] = np.where(rng.random(rows) < 0.1, np.nan, kinds + rng.normal(0, 0.5, rows))
        frame["place"] = rng.choice(["hill", "wood", "shore"], rows)
    return written(folder, frame, task, kinds)


def unparted(folder: Path, task: str, *, rows: int = 90) -> Toy:
    """What is said of birds in a language that parts no words by blanks."""
    rng = np.random.default_rng(5)
    kinds = rng.permutation(np.arange(rows) % 3)
    said = [[*rng.choice(list("的一是不了人我在有他"), 20), *rng.choice(list(SIGNS[k]), 3)] for k in kinds]
    texts = ["".join(rng.permutation(letters)) for letters in said]
    return written(folder, pd.DataFrame({"id": [f"{k:03d}" for k in range(rows)], "text": texts}), task, kinds)


def images(
    folder: Path, task: str, *, rows: int = 60, wide: bool = False, pattern: str = "{id}.png", deep: bool = False
) -> Toy:
    """Bars, blobs and crosses, 24 pixels wide, in a folder for either table; `deep` ones are grey, of 16 bits."""
    rng = np.random.default_rng(5)
    kinds = rng.permutation(np.arange(rows) % 3)
    frame = pd.DataFrame({"id": [f"{k:03d}" for k in range(rows)]})
    if wide:
        frame["weight"] = kinds + rng.normal(0, 0.5, rows)
        frame["place"] = rng.choice(["hill", "wood", "shore"], rows)
    cut = cut_of(rows)
    for k, kind in enumerate(kinds):
        place = folder / ("train" if k < cut else "test") / pattern.replace("{id}", f"{k:03d}")
        place.parent.mkdir(parents=True, exist_ok=True)
        made = drawing(rng, int(kind))
        Image.fromarray((made.mean(axis=2) * 20).astype(np.uint16) if deep else made).save(place)
    return written(folder, frame, task, kinds)


def sentence(rng: np.random.Generator, kind: str) -> str:
    """Eight words, half of them the bird's own."""
    own, filler = rng.choice(WORDS[kind], 4), rng.choice(FILLER, 4)
    return " ".join(rng.permutation([*own, *filler])).capitalize() + str(rng.choice([".", "!", "?"]))


def drawing(rng: np.random.Generator, kind: int) -> np.ndarray:
    """One picture with some noise."""
    made = rng.integers(0, 60, (24, 24, 3))
    at = int(rng.integers(6, 14))
    if kind in (0, 2):
        made[at : at + 4] += 150
    if kind in (1, 2):
        made[:, at : at + 4, 0] += 150
    return np.clip(made, 0, 255).astype(np.uint8)


def cut_of(rows: int) -> int:
    """How many of the rows are for training."""
    return int(rows * 0.7)


def written(folder: Path, frame: pd.DataFrame, task: str, kinds: np.ndarray) -> Toy:
    """Write the tables and let the runner look at them."""
    folder.mkdir(parents=True, exist_ok=True)
    cut, answers = cut_of(len(frame)), TARGETS[task](kinds)
    pd.concat([frame, answers], axis=1).iloc[:cut].to_csv(folder / "train.csv", index=False)
    frame.iloc[cut:].to_csv(folder / "test.csv", index=False)
    sample = answers.iloc[[0] * (len(frame) - cut)].reset_index(drop=True)
    if task == "probabilities":
        sample = pd.DataFrame({f"is_{kind}": [1 / 3] * (len(frame) - cut) for kind in sorted(KINDS)})
    sample.insert(0, "id", frame["id"].iloc[cut:].to_numpy())
    sample.to_csv(folder / "sample_submission.csv", index=False)
    names = ", ".join(f'"{name}"' for name in answers)
    text = f'id = "toy-{task}"\nmetric = "{METRICS[task]}"\nid_column = "id"\ntargets = [{names}]\n'
    (folder / "competition.toml").write_text(text)
    files = FolderCompetitions(folder.parent / "workspace")
    competition = files.describe(folder)
    return Toy(folder, competition, files.profile(competition, Settings(folds=3)))


TARGETS: dict[str, Callable[[np.ndarray], pd.DataFrame]] = {
    "binary": lambda k: pd.DataFrame({"flies": (k > 0).astype(int)}),
    "labels": lambda k: pd.DataFrame({"flies": np.where(k > 0, "yes", "no")}),
    "macro": lambda k: pd.DataFrame({"kind": np.array(KINDS)[k]}),
    "probabilities": lambda k: pd.DataFrame({"kind": np.array(KINDS)[k]}),
    "ordinal": lambda k: pd.DataFrame({"grade": k + 2}),
    "regression": lambda k: pd.DataFrame({"size": k * 1.5 - 1 + np.linspace(0, 0.3, len(k))}),
    "skewed": lambda k: pd.DataFrame({"price": np.exp(k * 1.5) + np.linspace(0, 0.3, len(k))}),
    "multilabel": lambda k: pd.DataFrame({"night": (k == 1).astype(int), "small": (k == 2).astype(int)}),
}
