"""Metrics over labels from counts alone, many at once: what tuning needs thousands of times. Tested against
scikit-learn, which makes every score that is reported."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.columns import Floats, Integers

Tables = NDArray[Any]
"""Cases × true class × predicted class."""


def confusions(actual: Integers, predicted: Integers, classes: int) -> Tables:
    """One table of counts for each row of `predicted`."""
    flat = actual[None, :] * classes + predicted
    return (
        np.stack([np.bincount(row, minlength=classes * classes) for row in flat]).reshape(-1, classes, classes)
        * 1.0
    )


def from_confusion(name: str, tables: Tables) -> Floats:
    """The metric of each table."""
    hits = np.diagonal(tables, axis1=1, axis2=2)
    true, given, total = tables.sum(axis=2), tables.sum(axis=1), tables.sum(axis=(1, 2))
    if name == "accuracy":
        return _share(hits.sum(axis=1), total)
    if name == "balanced_accuracy":
        return _share(_share(hits, true).sum(axis=1), (true > 0).sum(axis=1))
    if name == "mcc":
        top = hits.sum(axis=1) * total - (true * given).sum(axis=1)
        return _share(top, np.sqrt((total**2 - (given**2).sum(axis=1)) * (total**2 - (true**2).sum(axis=1))))
    if name == "qwk":
        return _kappa(tables, true, given, total)
    each = _share(2.0 * hits, true + given)
    if name == "f1":
        return np.asarray(each[:, 1], dtype=np.float64)
    if name == "weighted_f1":
        return _share((each * true).sum(axis=1), total)
    return _share(each.sum(axis=1), ((true + given) > 0).sum(axis=1))


def _kappa(tables: Tables, true: Floats, given: Floats, total: Floats) -> Floats:
    places = np.arange(tables.shape[1])
    weights = (places[:, None] - places[None, :]) ** 2.0
    seen = (tables * weights).sum(axis=(1, 2))
    chance = _share((true[:, :, None] * given[:, None, :] * weights).sum(axis=(1, 2)), total)
    return 1.0 - _share(seen, chance)


def _share(top: NDArray[Any], below: NDArray[Any]) -> Floats:
    top, below = top.astype(np.float64), below.astype(np.float64)
    return np.asarray(np.divide(top, below, out=np.zeros_like(top), where=below > 0), dtype=np.float64)
