"""Every metric against a value worked out by hand."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haste.adapters.competitions.confusion import confusions, from_confusion
from haste.adapters.competitions.scoring import UndefinedScore, score
from haste.core.metric import METRICS, PredictionKind, find_metric

ACTUAL, VALUES = [[1.0], [2.0], [4.0]], [[2.0], [2.0], [1.0]]
TRUE, PROBABLE = [[0.0], [0.0], [1.0], [1.0]], [[0.1], [0.4], [0.35], [0.8]]
LABELS, GUESSES = [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 0]

GOLDEN = {
    "rmse": sqrt(10 / 3),
    "mse": 10 / 3,
    "mae": 4 / 3,
    "mape": (1 + 0 + 3 / 4) / 3,
    "smape": (2 / 3 + 0 + 6 / 5) / 3,
    "r2": 1 - 10 / (14 / 3),
    "rmsle": sqrt((log(3 / 2) ** 2 + log(5 / 2) ** 2) / 3),
    "roc_auc": 3 / 4,
    "gini": 1 / 2,
    # Precision 1/1 at the first positive, 2/3 at the second.
    "average_precision": 0.5 * 1 + 0.5 * 2 / 3,
    "brier": (0.1**2 + 0.4**2 + 0.65**2 + 0.2**2) / 4,
    "binary_log_loss": -(log(0.9) + log(0.6) + log(0.35) + log(0.8)) / 4,
    "accuracy": 4 / 6,
    "balanced_accuracy": (1 / 2 + 1 + 1 / 2) / 3,
    # Per class 2·hits / (true + guessed): 2/4, 4/5, 2/3.
    "macro_f1": (2 / 4 + 4 / 5 + 2 / 3) / 3,
    "weighted_f1": (2 / 4 + 4 / 5 + 2 / 3) / 3,
    "mcc": (4 * 6 - 12) / sqrt((36 - 14) * (36 - 12)),
    # Off by squares 1 and 4; by chance Σ true·guessed·(i-j)² / 6 = 2·(2·0+3·1+1·4 + 2·1+0+1·1 + 2·4+3·1)/6.
    "qwk": 1 - 5 / (2 * (3 + 4 + 2 + 1 + 8 + 3) / 6),
    "f1": 2 * 1 / (2 * 1 + 1 + 1),
    "log_loss": -(log(0.7) + log(0.3) + log(0.5)) / 3,
}


def test_every_metric_has_a_golden_value() -> None:
    assert set(GOLDEN) == set(METRICS)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    metric = METRICS[name]
    actual: object
    predicted: object
    classes: tuple[str, ...]
    if metric.kind is PredictionKind.VALUE:
        actual, predicted, classes = ACTUAL, VALUES, ()
    elif metric.kind is PredictionKind.PROBABILITY:
        actual, predicted, classes = TRUE, PROBABLE, ("0", "1")
    elif metric.kind is PredictionKind.CLASS_PROBABILITIES:
        actual, predicted = [0, 1, 2], [[0.7, 0.2, 0.1], [0.4, 0.3, 0.3], [0.25, 0.25, 0.5]]
        classes = ("a", "b", "c")
    elif name == "f1":
        actual, predicted, classes = [0, 0, 1, 1], [0, 1, 1, 0], ("0", "1")
    else:
        actual, predicted, classes = LABELS, GUESSES, ("3", "4", "5")
    assert score(metric, np.array(actual), np.array(predicted), classes) == pytest.approx(GOLDEN[name], abs=1e-12)


def test_several_targets_score_their_mean() -> None:
    actual = np.array([[1.0, 0.0], [3.0, 2.0]])
    predicted = np.array([[1.0, 1.0], [1.0, 2.0]])
    by_column = [score(METRICS["rmsle"], actual[:, [i]], predicted[:, [i]]) for i in (0, 1)]
    assert score(METRICS["rmsle"], actual, predicted) == pytest.approx(sum(by_column) / 2)


def test_one_class_only_has_no_score() -> None:
    actual, predicted = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([[0.5, 0.6], [0.4, 0.2]])
    with pytest.raises(UndefinedScore, match="one class only"):
        score(METRICS["roc_auc"], actual, predicted)
    assert score(METRICS["roc_auc"], actual, predicted, partial=True) == 1.0
    with pytest.raises(UndefinedScore, match="without rows"):
        score(METRICS["roc_auc"], actual[:0], predicted[:0])


@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_counts_alone_give_the_same_scores(classes: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    actual, predicted = chance.integers(0, classes, 40), chance.integers(0, classes, 40)
    labels = tuple(str(i) for i in range(classes))
    tables = confusions(actual, predicted[None, :], classes)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "mcc"):
        wanted = score(METRICS[name], actual, predicted, labels)
        assert from_confusion(name, tables)[0] == pytest.approx(wanted, abs=1e-12)
    if set(actual) | set(predicted) == set(range(classes)):
        wanted = score(METRICS["qwk"], actual, predicted, labels)
        assert from_confusion("qwk", tables)[0] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("RMSLE", "rmsle"),
        ("mean column-wise rmsle", "rmsle"),
        ("ROC AUC", "roc_auc"),
        ("quadratic-weighted-kappa", "qwk"),
        ("multi-class logarithmic loss", "log_loss"),
        ("pr_auc", "average_precision"),
        ("nonsense", None),
    ],
)
def test_metrics_by_their_names(name: str, found: str | None) -> None:
    metric = find_metric(name)
    assert (metric.name if metric else None) == found
