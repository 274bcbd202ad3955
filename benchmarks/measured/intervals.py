"""Means with 95 % intervals: Student's for a few seeds, a bootstrap for statistics over many pairs."""

from collections.abc import Callable, Hashable, Sequence
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
    pairs: Sequence[T],
    statistic: Callable[[Sequence[T]], float | None],
    *,
    group: Callable[[T], Hashable],
    seed: int = 0,
) -> tuple[float, float] | None:
    """The 95 % interval of a statistic over groups of pairs drawn with replacement; None for fewer than two groups.

    A pair stays a pair, so what both of its runs share is no part of the interval; pairs of one group, such as the
    seeds of a competition, stay together, for they are no independent evidence.
    Source: Field and Welsh, Bootstrapping clustered data, J. R. Statist. Soc. B 69 (2007).
    """
    groups: dict[Hashable, list[T]] = {}
    for pair in pairs:
        groups.setdefault(group(pair), []).append(pair)
    clusters = list(groups.values())
    if len(clusters) < 2:
        return None
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(clusters), len(clusters))
        value = statistic([pair for i in drawn for pair in clusters[i]])
        if value is not None:
            found.append(value)
    if not found:
        return None
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def mean_of(values: Sequence[float]) -> float | None:
    """The mean; None for none."""
    return fmean(values) if values else None
