"""Means with 95 % intervals: Student's for a few seeds, a bootstrap for statistics over many pairs."""

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import TypeVar

import numpy as np

DRAWS = 4000
T = TypeVar("T")


def half_width(values: Sequence[float]) -> float | None:
    """Half of Student's 95 % interval of the mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    from scipy import stats

    spread = float(stdev(values)) / sqrt(len(values))
    return float(stats.t.ppf(0.975, len(values) - 1)) * spread


def bootstrap(
    pairs: Sequence[T], statistic: Callable[[Sequence[T]], float | None], *, seed: int = 0
) -> tuple[float, float] | None:
    """The 95 % interval of a statistic over pairs drawn with replacement; None for fewer than two pairs.

    A pair stays a pair, so what both of its runs share (the competition, the seed) is no part of the interval.
    """
    if len(pairs) < 2:
        return None
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(pairs), len(pairs))
        value = statistic([pairs[i] for i in drawn])
        if value is not None:
            found.append(value)
    if not found:
        return None
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def mean_of(values: Sequence[float]) -> float | None:
    """The mean; None for none."""
    return fmean(values) if values else None
