"""The arithmetic of decisions: paired gains, their standard errors, and when a loss is clear."""

from collections.abc import Sequence
from math import sqrt

from haste.core.metric import Metric


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; 0.0 for none."""
    return sum(values) / len(values) if values else 0.0


def standard_error(values: Sequence[float]) -> float | None:
    """The standard error of the mean; None for fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    centre = mean(values)
    return sqrt(sum((v - centre) ** 2 for v in values) / (n - 1) / n)


def error_left(metric: Metric, score: float) -> float:
    """What there is still to gain: the score itself where less is better, else what is missing to 1."""
    return abs(score) if metric.direction == "minimize" else abs(1.0 - score)


def relative_gain(metric: Metric, new: float, old: float) -> float:
    """The share of the remaining error that a change removed; comparable across metrics, within [-1, 1]."""
    error = error_left(metric, old)
    if error == 0.0:
        return 0.0
    return max(-1.0, min(1.0, metric.gain(new, old) / error))


def paired_gains(metric: Metric, new: Sequence[float], old: Sequence[float]) -> list[float]:
    """Gain of `new` over `old`, fold by fold; positive is better. Both in the same order of folds."""
    return [metric.gain(a, b) for a, b in zip(new, old, strict=True)]


def is_better(gains: Sequence[float], *, errors: float) -> bool:
    """The rule for keeping a change: the mean paired gain exceeds `errors` standard errors, and zero."""
    gain = mean(gains)
    return gain > 0.0 and gain > errors * (standard_error(gains) or 0.0)


def clearly_worse(gains: Sequence[float], *, usual: float | None) -> bool:
    """Whether the folds so far settle that a change has lost: two standard errors below zero.

    `usual` is the standard deviation of a paired gain seen in the run so far; with it a single fold can settle
    the matter, at four of those.
    """
    if not gains:
        return False
    if len(gains) == 1:
        return usual is not None and usual > 0.0 and gains[0] < -4.0 * usual
    error = standard_error(gains) or 0.0
    if usual is not None:
        error = max(error, usual / sqrt(len(gains)) / 2.0)
    return mean(gains) < -2.0 * error
