"""Tiny made-up competitions, one of each kind, for tests and trials. The same arguments make the same bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from haste.adapters.competitions.sample_files import Rows, Sample, save_geometry, save_image, write_sample
from haste.errors import UsageError

CALM = ("river", "meadow", "quiet", "morning", "light", "slow", "gentle", "garden")
STORM = ("thunder", "dark", "wave", "wreck", "night", "fierce", "broken", "cliff")
PLAIN = (
    "the",
    "a",
    "of",
    "and",
    "was",
    "over",
    "under",
    "with",
    "from",
    "by",
    "on",
    "before",
    "house",
    "road",
    "sea",
)
WORDS = {"calm": CALM, "storm": STORM}


def kinds() -> tuple[str, ...]:
    """The kinds of competition that can be made."""
    return tuple(_MAKERS)


def make_sample(kind: str, folder: Path, rows: int = 240, seed: int = 0) -> Path:
    """Make a competition with `public/` and `private/` in `folder`, of `rows` training rows; returns the folder."""
    if kind not in _MAKERS:
        raise UsageError(f"there is no sample competition {kind!r}", hint=f"there are {', '.join(_MAKERS)}")
    chance = np.random.default_rng((seed, list(_MAKERS).index(kind)))
    total = rows + max(20, rows // 3)
    sample = _MAKERS[kind](chance, total)
    in_order = sample.by_time or sample.by_group
    order = np.arange(total) if in_order else chance.permutation(total)
    cut = _cut(sample, rows)
    write_sample(sample, folder, [sample.rows[i] for i in order[:cut]], [sample.rows[i] for i in order[cut:]])
    return folder


def _features(chance: np.random.Generator, total: int) -> tuple[Rows, np.ndarray[Any, Any]]:
    """Rows of mixed features and the signal hidden in them."""
    x = chance.normal(size=(total, 3)).round(4)
    color = chance.choice(["red", "green", "blue", ""], total, p=[0.4, 0.3, 0.2, 0.1])
    signal = 1.2 * x[:, 0] - 0.8 * x[:, 1] * (color == "red") + 0.5 * np.sin(2 * x[:, 2]) + 0.6 * (color == "green")
    rows = [
        {"id": f"r{n:05d}", "x1": x[i, 0], "x2": x[i, 1], "x3": x[i, 2], "color": str(color[i])}
        for i, n in enumerate(chance.permutation(total))
    ]
    return rows, signal + chance.normal(scale=0.4, size=total)


def _binary(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["bought"] = int(s > 0.3)
    return Sample("roc_auc", rows, ("bought",), {"bought": 0.5})


def _labels(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["size"] = ["small", "middle", "large"][int(np.digitize(s, [-0.9, 1.3]))]
    return Sample("macro_f1", rows, ("size",), {"size": "middle"})


def _truths(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["moved"] = str(bool(s > 0.2))
    return Sample("accuracy", rows, ("moved",), {"moved": "False"})


def _regression(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["price"] = round(float(np.exp(0.5 * s + 3.0)), 2)
    return Sample("rmsle", rows, ("price",), {"price": 20.0})


def _multiclass(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["species"] = ["oak", "elm", "ash"][int(np.digitize(s, [-0.5, 0.8]))]
    third = repr(1 / 3)
    return Sample("log_loss", rows, ("species",), {"ash": third, "elm": third, "oak": third})


def _ordinal(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["grade"] = int(np.digitize(s, [-1.2, 0.0, 1.0, 2.2])) + 1
    return Sample("qwk", rows, ("grade",), {"grade": 3})


def _multi_target(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["energy"], row["gap"] = (
            round(float(np.exp(0.3 * s)), 4),
            round(float(2.0 + 0.4 * row["x1"] - 0.2 * s), 4),
        )
    return Sample("rmse", rows, ("energy", "gap"), {"energy": 1.0, "gap": 2.0})


def _multilabel(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["loud"], row["bright"], row["rare"] = int(s > 0), int(row["x2"] > 0.5), int(s + row["x3"] > 2.0)
    return Sample("roc_auc", rows, ("loud", "bright", "rare"), {"loud": 0.5, "bright": 0.5, "rare": 0.5})


def _grouped(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    sizes = chance.integers(1, 5, total)
    group = np.repeat(np.arange(total), sizes)[:total]
    mood = chance.normal(size=total)
    for i, row in enumerate(rows):
        member = int((group[:i] == group[i]).sum()) + 1
        row["id"] = f"{group[i]:04d}_{member:02d}"
        row["bought"] = int(signal[i] + 1.5 * mood[group[i]] > 0.3)
    return Sample("roc_auc", rows, ("bought",), {"bought": 0.5}, by_group=True)


def _forward(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for i, row in enumerate(rows):
        day, hour = divmod(i, 24)
        row["id"] = i
        row["year"], row["month"], row["day"], row["hour"] = (
            2020 + day // 336,
            day // 28 % 12 + 1,
            day % 28 + 1,
            hour,
        )
        row["load"] = round(float(50 + 10 * np.sin(hour / 24 * 2 * np.pi) + 3 * signal[i] + 0.02 * i), 3)
    return Sample("rmse", rows, ("load",), {"load": 50.0}, by_time=True)


def _images(chance: np.random.Generator, total: int) -> Sample:
    rows: Rows = []
    for n in chance.permutation(total):
        digit = int(chance.integers(0, 3))
        pixels = chance.normal(90, 25, (8, 8, 3))
        pixels[:, :, digit] += 70
        rows.append({"id": int(n), "digit": digit, "_file": pixels.clip(0, 255).astype(np.uint8)})
    return Sample("accuracy", rows, ("digit",), {"digit": 0}, files=save_image)


def _colliding(chance: np.random.Generator, total: int) -> Sample:
    rows, signal = _features(chance, total)
    for row, s in zip(rows, signal, strict=True):
        row["energy"] = round(float(np.exp(0.3 * s)), 4)
        row["_file"] = f"atoms {row['x1']} {row['x2']}\n"
    return Sample("rmsle", rows, ("energy",), {"energy": 1.0}, colliding=True, files=save_geometry)


def _sentence(chance: np.random.Generator, mood: str) -> str:
    words = list(chance.choice(PLAIN, 7)) + list(chance.choice(WORDS[mood], 3))
    return " ".join(str(words[i]) for i in chance.permutation(len(words)))


def _text(chance: np.random.Generator, total: int) -> Sample:
    rows: Rows = []
    for n in chance.permutation(total):
        mood = str(chance.choice(list(WORDS)))
        said = mood if chance.random() > 0.1 else str(chance.choice(list(WORDS)))
        rows.append({"id": f"id{n:05d}", "text": _sentence(chance, said), "author": mood})
    return Sample("log_loss", rows, ("author",), {"calm": 0.5, "storm": 0.5})


def _content_ids(chance: np.random.Generator, total: int) -> Sample:
    """The id is the text itself, and some texts stand twice."""
    sample = _text(chance, total)
    rows: Rows = []
    for i, row in enumerate(sample.rows):
        text = rows[-1]["id"] if i % 40 == 39 else row["text"]
        rows.append({"id": text, "insult": int(row["author"] == "storm")})
    return Sample("roc_auc", rows, ("insult",), {"insult": 0.5})


def _json(chance: np.random.Generator, total: int) -> Sample:
    sample = _binary(chance, total)
    for row in sample.rows:
        row["bought"] = bool(row["bought"])
        row["tags"] = ["new", row["color"]] if row["color"] else []
        row["x1"] = float(row["x1"])
    sample.as_json = True
    sample.default = {"bought": 0}
    return sample


def _no_test_table(chance: np.random.Generator, total: int) -> Sample:
    sample = _images(chance, total)
    sample.without_test = True
    return sample


def _cut(sample: Sample, rows: int) -> int:
    """How many rows train: where groups are kept whole, up to the end of one."""
    if not sample.by_group:
        return rows
    group = [str(row["id"]).split("_")[0] for row in sample.rows]
    return next(i for i in range(rows, 0, -1) if group[i] != group[i - 1])


_MAKERS: dict[str, Callable[[np.random.Generator, int], Sample]] = {
    "binary": _binary,
    "labels": _labels,
    "truths": _truths,
    "regression": _regression,
    "multiclass": _multiclass,
    "ordinal": _ordinal,
    "multi_target": _multi_target,
    "multilabel": _multilabel,
    "grouped": _grouped,
    "forward": _forward,
    "images": _images,
    "colliding": _colliding,
    "text": _text,
    "content_ids": _content_ids,
    "json": _json,
    "no_test_table": _no_test_table,
}
