"""From soft predictions to labels: argmax, tuned class weights, or cuts between grades.

What is tuned is tuned on rows apart from those it is used on, and used only where it helped there. Cuts that are
fitted to kappa are common knowledge of Kaggle's ordinal competitions; class weights follow Lipton, Elkan and
Naryanaswamy, "Optimal Thresholding of Classifiers to Maximize F1 Measure" (2014), found here by coordinate ascent.
"""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.columns import Floats, Integers
from haste.adapters.competitions.confusion import confusions, from_confusion
from haste.adapters.competitions.soft import grades_of
from haste.core.metric import Metric, PredictionKind
from haste.core.statistics import is_better

TUNED = frozenset({"f1", "macro_f1", "weighted_f1", "balanced_accuracy", "mcc"})
MAX_CLASSES = 60
SWEEPS = 6
_BIASES = np.linspace(-2.0, 2.0, 41)
_CUTS = 200


@dataclass(frozen=True)
class Decoder:
    """How soft predictions become class positions: a bias a class before the argmax, or cuts on a line."""

    kind: Literal["argmax", "cuts"]
    numbers: tuple[float, ...]

    def labels(self, values: Floats) -> Integers:
        """Class positions by row."""
        if self.kind == "cuts":
            return np.searchsorted(np.array(self.numbers), values[:, 0], side="right").astype(np.int64)
        return cast(Integers, (_logs(values) + np.array(self.numbers)).argmax(axis=1))


def plain_decoder(metric: Metric, classes: tuple[str, ...]) -> Decoder:
    """The most probable class, or the nearest grade."""
    if metric.kind is PredictionKind.ORDINAL:
        grades = grades_of(classes)
        return Decoder("cuts", tuple((grades[1:] + grades[:-1]) / 2.0))
    return Decoder("argmax", (0.0,) * len(classes))


def fit_decoder(
    metric: Metric, classes: tuple[str, ...], actual: Integers, values: Floats, parts: Integers
) -> Decoder:
    """The best decoder for these rows, if tuning helps on parts that it was not tuned on; else the plain one."""
    plain = plain_decoder(metric, classes)
    if not _tunable(metric, classes) or len(np.unique(parts)) < 2:
        return plain
    gains = []
    for part in np.unique(parts):
        out = parts == part
        tuned = _tune(metric, classes, actual[~out], values[~out])
        old, new = (_score(metric, classes, actual[out], d.labels(values[out])) for d in (plain, tuned))
        gains.append(new - old)
    return _tune(metric, classes, actual, values) if is_better(gains, errors=0.5) else plain


def matching_decoder(metric: Metric, classes: tuple[str, ...], actual: Integers, values: Floats) -> Decoder:
    """A quick decoder: for grades, cuts that give each grade the share it has; else the plain one."""
    if metric.kind is not PredictionKind.ORDINAL:
        return plain_decoder(metric, classes)
    shares = np.cumsum(np.bincount(actual, minlength=len(classes)))[:-1] / len(actual)
    return Decoder("cuts", tuple(np.quantile(values[:, 0], shares)))


def _tunable(metric: Metric, classes: tuple[str, ...]) -> bool:
    if metric.kind is PredictionKind.ORDINAL:
        return True
    return metric.name in TUNED and len(classes) <= MAX_CLASSES


def _score(metric: Metric, classes: tuple[str, ...], actual: Integers, predicted: Integers) -> float:
    return float(from_confusion(metric.name, confusions(actual, predicted[None, :], len(classes)))[0])


def _tune(metric: Metric, classes: tuple[str, ...], actual: Integers, values: Floats) -> Decoder:
    if metric.kind is PredictionKind.ORDINAL:
        return _tune_cuts(metric, classes, actual, values[:, 0])
    return _tune_biases(metric, classes, actual, _logs(values))


def _tune_cuts(metric: Metric, classes: tuple[str, ...], actual: Integers, line: Floats) -> Decoder:
    grid = np.unique(np.quantile(line, np.linspace(0.0, 1.0, _CUTS)))
    below = np.stack([np.bincount(actual[line < g], minlength=len(classes)) for g in grid])
    total = np.bincount(actual, minlength=len(classes))
    starts = [
        np.searchsorted(grid, decoder.numbers).clip(0, len(grid) - 1)
        for decoder in (
            plain_decoder(metric, classes),
            matching_decoder(metric, classes, actual, line[:, None]),
        )
    ]
    found = [_climb_cuts(metric.name, below, total, start) for start in starts]
    best = max(found, key=lambda pair: pair[0])[1]
    return Decoder("cuts", tuple(float(grid[i]) for i in best))


def _climb_cuts(name: str, below: Integers, total: Integers, start: Integers) -> tuple[float, Integers]:
    cuts = np.maximum.accumulate(start)
    best = _cut_score(name, below, total, cuts[None, :])[0]
    for _ in range(SWEEPS):
        before = best
        for i in range(len(cuts)):
            low = cuts[i - 1] if i else 0
            high = cuts[i + 1] if i + 1 < len(cuts) else len(below) - 1
            tries = np.repeat(cuts[None, :], high - low + 1, axis=0)
            tries[:, i] = np.arange(low, high + 1)
            scores = _cut_score(name, below, total, tries)
            if scores.max() > best + 1e-12:
                best, cuts = scores.max(), tries[int(scores.argmax())]
        if best <= before + 1e-9:
            break
    return float(best), cuts


def _cut_score(name: str, below: Integers, total: Integers, cuts: Integers) -> Floats:
    edges = below[cuts]
    rows = len(cuts)
    full = np.concatenate(
        [np.zeros((rows, 1, len(total))), edges, np.broadcast_to(total, (rows, 1, len(total)))], axis=1
    )
    return from_confusion(name, np.diff(full, axis=1).transpose(0, 2, 1))


def _tune_biases(metric: Metric, classes: tuple[str, ...], actual: Integers, logs: Floats) -> Decoder:
    biases = np.zeros(len(classes))
    best = _score(metric, classes, actual, logs.argmax(axis=1))
    for _ in range(SWEEPS):
        before = best
        for c in range(len(classes)):
            scores = _bias_scores(metric.name, actual, logs, biases, c)
            if scores.max() > best + 1e-12:
                top = np.flatnonzero(scores >= scores.max() - 1e-12)
                # Of equally good biases the one nearest to none.
                biases[c] = _BIASES[top[np.abs(_BIASES[top]).argmin()]]
                best = float(scores.max())
        if best <= before + 1e-9:
            break
    return Decoder("argmax", tuple(float(b) for b in biases))


def _bias_scores(name: str, actual: Integers, logs: Floats, biases: Floats, c: int) -> Floats:
    """The metric for every bias of class `c`, the others' being given."""
    moved = logs + biases
    moved[:, c] = -np.inf
    rival, margin = moved.argmax(axis=1), moved.max(axis=1) - logs[:, c]
    classes = logs.shape[1]
    step = np.searchsorted(_BIASES, margin, side="right")
    tables = np.zeros((len(_BIASES) + 1, classes, classes))
    np.add.at(tables, (step, actual, rival), 1.0)
    gone = np.cumsum(tables, axis=0)
    left = gone[-1] - gone[:-1]
    left[:, :, c] += gone[:-1].sum(axis=2)
    return from_confusion(name, left)


def _logs(values: Floats) -> NDArray[np.float64]:
    return np.log(np.clip(values, 1e-15, None))
