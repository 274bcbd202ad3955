"""A competition's tables as a peer gets them, and its predictions as a submission."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Spec = dict[str, Any]
"""What `measured.systems` writes for a peer: files, columns, classes, metric, seconds, seed, preset, cores."""

BY_CLASS = ("class_probabilities", "label", "ordinal")


@dataclass(frozen=True)
class Problem:
    """One target to be predicted: the features, what is true, and the labels in their order."""

    train: pd.DataFrame
    """Features alone."""
    truth: pd.Series
    """Numbers, or positions in `labels`."""
    labels: tuple[str, ...]
    """Empty for a regression."""
    metric: str
    kind: str
    seconds: float
    seed: int
    cores: int
    preset: str

    @property
    def wants_probabilities(self) -> bool:
        """Whether the submission holds probabilities."""
        return self.kind in ("probability", "class_probabilities")


Answer = np.ndarray
"""Values, positions in the labels, or a probability for each label."""
Fit = Callable[[Problem], Callable[[pd.DataFrame], Answer]]


def run(spec: Spec, fit: Fit, out: Path) -> None:
    """Fit one predictor for each target with its share of the time, and write the submission."""
    train, test = read(spec, spec["train"]), read(spec, spec["test"])
    targets, kind = list(spec["targets"]), spec["kind"]
    features = [c for c in train.columns if c in test.columns and c not in (spec["id"], *targets)]
    truths = (
        _one_column(train, targets) if kind in BY_CLASS and len(targets) > 1 else {t: train[t] for t in targets}
    )
    answers = []
    for name, column in truths.items():
        labels = _labels(spec, several=len(truths) > 1)
        truth = _positions(column, labels) if labels else pd.to_numeric(column)
        known = truth.notna() & (truth >= 0 if labels else True)
        problem = Problem(
            train=train.loc[known, features].reset_index(drop=True),
            truth=truth[known].reset_index(drop=True).rename(name),
            labels=labels,
            metric=spec["metric"],
            kind=kind,
            seconds=spec["seconds"] / len(truths),
            seed=spec["seed"],
            cores=spec["cores"],
            preset=spec["preset"],
        )
        answers.append((fit(problem)(test[features]), labels))
    write(spec, test[str(spec["id"])], answers, out)


def read(spec: Spec, name: str) -> pd.DataFrame:
    """A table; ids and labels stay the text that they are."""
    path = Path(spec["folder"]) / name
    as_text = [spec["id"], *(spec["targets"] if spec["kind"] != "value" else [])]
    if path.name.split(".")[1] in ("csv", "tsv"):
        with_tabs = "\t" if ".tsv" in path.name else ","
        return pd.read_csv(path, sep=with_tabs, converters=dict.fromkeys(as_text, str), low_memory=False)
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_json(path)
    return table.astype({c: str for c in as_text if c in table.columns})


def _labels(spec: Spec, *, several: bool) -> tuple[str, ...]:
    if spec["kind"] == "value":
        return ()
    return ("0", "1") if several else tuple(spec["classes"])


def _one_column(train: pd.DataFrame, targets: Sequence[str]) -> dict[str, pd.Series]:
    """A class that is told by a column of its own for each label."""
    return {"class": train[list(targets)].apply(pd.to_numeric).idxmax(axis=1)}


def _positions(column: pd.Series, labels: Sequence[str]) -> pd.Series:
    place = {_plain(label): number for number, label in enumerate(labels)}
    return column.map(lambda value: place.get(_plain(value), -1)).astype(int)


def _plain(value: object) -> str:
    """A label however it is spelled: 1, 1.0, True and true."""
    text = str(value).strip()
    return {"true": "1", "false": "0"}.get(text.lower(), text.removesuffix(".0"))


def write(spec: Spec, ids: pd.Series, answers: Sequence[tuple[Answer, tuple[str, ...]]], out: Path) -> None:
    """The submission, with every column that the sample has."""
    table = {spec["id"]: ids.to_numpy()}
    columns, kind = spec["columns"], spec["kind"]
    if kind == "class_probabilities":
        found = np.clip(np.asarray(answers[0][0], dtype=float), 0.0, 1.0)
        table |= dict(zip(columns, (found / found.sum(axis=1, keepdims=True)).T, strict=True))
    for column, (found, labels) in zip(columns, answers, strict=False):
        if kind == "probability":
            table[column] = np.clip(np.asarray(found, dtype=float)[:, -1], 0.0, 1.0)
        elif kind in ("label", "ordinal"):
            table[column] = np.array(labels, dtype=object)[np.asarray(found, dtype=int)]
        elif kind == "value":
            table[column] = np.asarray(found, dtype=float)
    pd.DataFrame(table).to_csv(out, index=False)


def spec_of(path: Path) -> Spec:
    """What is to be done."""
    spec: Spec = json.loads(path.read_text(encoding="utf-8"))
    return spec


def kappa(truth: Answer, found: Answer) -> float:
    """Quadratic weighted kappa of two lists of positions."""
    truth, found = np.asarray(truth, dtype=int), np.asarray(found, dtype=int)
    size = int(max(truth.max(), found.max())) + 1
    seen = np.zeros((size, size))
    np.add.at(seen, (truth, found), 1)
    weights = np.subtract.outer(np.arange(size), np.arange(size)) ** 2
    by_chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    return 1.0 - float((weights * seen).sum() / max((weights * by_chance).sum(), 1e-12))


def rmsle(truth: Answer, found: Answer) -> float:
    """Root mean squared logarithmic error; negative predictions count as nothing."""
    logs = np.log1p(np.clip(np.asarray(found, dtype=float), 0, None)) - np.log1p(np.asarray(truth, dtype=float))
    return float(np.sqrt(np.mean(logs**2)))


def smape(truth: Answer, found: Answer) -> float:
    """Symmetric mean absolute percentage error."""
    truth, found = np.asarray(truth, dtype=float), np.asarray(found, dtype=float)
    return float(np.mean(2 * np.abs(truth - found) / np.maximum(np.abs(truth) + np.abs(found), 1e-12)))
