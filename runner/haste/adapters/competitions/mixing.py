"""How predictions are averaged: ranks where only the order counts, logarithms where the metric is one of them."""

from collections.abc import Sequence

import numpy as np

from haste.adapters.competitions.columns import Floats, ranks
from haste.core.metric import Metric


def bagged(metric: Metric, predictions: Sequence[Floats]) -> Floats:
    """One member's predictions of the same rows, averaged over its views."""
    stacked = np.stack([_inward(metric, p) for p in predictions])
    return _outward(metric, np.asarray(stacked.mean(axis=0)))


def comparable(metric: Metric, predictions: Floats) -> Floats:
    """Predictions of different members on one scale: for ranking metrics their ranks, within (0, 1)."""
    if not metric.ranking:
        return _inward(metric, predictions)
    rows = len(predictions)
    return np.column_stack([(ranks(predictions[:, i]) - 0.5) / rows for i in range(predictions.shape[1])])


def mixed(metric: Metric, scaled: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """The weighted mean of predictions that are on one scale, as predictions again."""
    total = sum(weights)
    mean = sum((w / total) * p for w, p in zip(weights, scaled, strict=True))
    return _outward(metric, np.asarray(mean))


def _inward(metric: Metric, values: Floats) -> Floats:
    return np.log1p(np.clip(values, 0.0, None)) if metric.name == "rmsle" else values


def _outward(metric: Metric, values: Floats) -> Floats:
    return np.expm1(values) if metric.name == "rmsle" else values
