"""Scores. scikit-learn's one door."""

import math
from collections.abc import Callable

import numpy as np
from sklearn import metrics as sk

from haste.adapters.competitions.columns import Floats, Predictions
from haste.adapters.competitions.truth import Truth
from haste.core.metric import Metric, PredictionKind
from haste.errors import HasteError


class UndefinedScore(HasteError):  # noqa: N818  (what happened, not what it is)
    """A metric has no value on these rows."""


def score(
    metric: Metric, actual: Truth, predicted: Predictions, classes: tuple[str, ...] = (), *, partial: bool = False
) -> float:
    """The score of predictions. Several targets score their mean.

    With `partial`, targets of one class only are left out of the mean, as happens in a small fold. Raises
    UndefinedScore where nothing is left or the score isn't finite.
    """
    if len(actual) == 0:
        raise UndefinedScore(f"{metric.name} has no value without rows")
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows has no finite value, and is told below
        value = _value(metric, actual, predicted, classes, partial)
    if not math.isfinite(value):
        raise UndefinedScore(f"{metric.name} has no finite value on these rows")
    return value


def _value(metric: Metric, actual: Truth, predicted: Predictions, classes: tuple[str, ...], partial: bool) -> float:
    if metric.kind is PredictionKind.CLASS_PROBABILITIES:
        return _log_loss(actual, predicted)
    if metric.kind is PredictionKind.ORDINAL:
        grades = np.array([float(c) for c in classes])
        return _kappa(grades[actual.astype(np.int64)], grades[predicted.astype(np.int64)])
    if metric.kind is PredictionKind.LABEL:
        return float(_LABEL[metric.name](actual, predicted))
    return _mean_over_targets(metric, actual, predicted, partial)


def needs_both_classes(metric: Metric) -> bool:
    """Whether the metric has no value on rows of one class."""
    return metric.kind is PredictionKind.PROBABILITY and metric.name not in ("brier", "binary_log_loss")


def _mean_over_targets(metric: Metric, actual: Truth, predicted: Predictions, partial: bool) -> float:
    columns = range(actual.shape[1])
    if needs_both_classes(metric):
        both = [i for i in columns if len(np.unique(actual[:, i])) == 2]
        if len(both) < len(columns) and not (partial and both):
            raise UndefinedScore(f"{metric.name} has no value where the rows have one class only")
        columns = both  # type: ignore[assignment]
    function = _COLUMN[metric.name]
    return float(np.mean([function(actual[:, i], predicted[:, i]) for i in columns]))


def _log_loss(actual: Truth, predicted: Predictions) -> float:
    sums = predicted.sum(axis=1, keepdims=True)
    return float(sk.log_loss(actual, predicted / sums, labels=np.arange(predicted.shape[1])))


def _binary_log_loss(actual: Floats, predicted: Floats) -> float:
    return float(sk.log_loss(actual, predicted, labels=[0, 1]))


def _kappa(actual: Floats, predicted: Floats) -> float:
    whole = actual.astype(np.int64), predicted.astype(np.int64)
    if len(np.unique(np.concatenate(whole))) < 2:
        return 1.0
    return float(sk.cohen_kappa_score(*whole, weights="quadratic"))


def _gini(actual: Floats, predicted: Floats) -> float:
    return 2.0 * float(sk.roc_auc_score(actual, predicted)) - 1.0


def _smape(actual: Floats, predicted: Floats) -> float:
    total = np.abs(actual) + np.abs(predicted)
    off = np.abs(actual - predicted)
    return float(np.mean(np.divide(2.0 * off, total, out=np.zeros_like(off), where=total > 0)))


_COLUMN: dict[str, Callable[[Floats, Floats], float]] = {
    "rmse": sk.root_mean_squared_error,
    "rmsle": sk.root_mean_squared_log_error,
    "mae": sk.mean_absolute_error,
    "mape": sk.mean_absolute_percentage_error,
    "smape": _smape,
    "mse": sk.mean_squared_error,
    "r2": sk.r2_score,
    "roc_auc": sk.roc_auc_score,
    "gini": _gini,
    "average_precision": sk.average_precision_score,
    "brier": sk.brier_score_loss,
    "binary_log_loss": _binary_log_loss,
}

_LABEL: dict[str, Callable[[Truth, Predictions], float]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": lambda a, p: sk.recall_score(a, p, labels=np.unique(a), average="macro", zero_division=0),
    "f1": lambda a, p: sk.f1_score(a, p, pos_label=1, zero_division=0),
    "macro_f1": lambda a, p: sk.f1_score(a, p, average="macro", zero_division=0),
    "weighted_f1": lambda a, p: sk.f1_score(a, p, average="weighted", zero_division=0),
    "mcc": sk.matthews_corrcoef,
}
