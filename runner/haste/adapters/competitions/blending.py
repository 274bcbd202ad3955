"""The last choice: a blend or the best single solution, each chosen on all parts but one and scored on that one.

Weights chosen on the predictions that score them flatter themselves, so every number here is cross-fitted: for each
part, members, weights, method and decoder come from the other parts. What is returned to be used is chosen on all.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from haste.adapters.competitions.places import Places
from haste.adapters.competitions.pooling import Part, Reader, parts_of
from haste.adapters.competitions.selection import Chooser, Weights
from haste.adapters.competitions.source import Source
from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Blend
from haste.core.events import Member
from haste.core.statistics import mean, paired_gains, standard_error
from haste.errors import UsageError

Method = Literal["rank_average", "weighted", "uniform"]


def blend(
    places: Places,
    run: str,
    competition: Competition,
    profile: Profile,
    source: Source,
    candidates: Sequence[str],
    folds: Mapping[str, Sequence[Fold]],
    *,
    rows: str,
    limit: int,
) -> Blend:
    """Choose on `rows`, cross-fitted over their parts."""
    if not candidates:
        raise UsageError("there is no candidate to choose from")
    reader = Reader(places, run, competition, profile, source)
    parts = parts_of(reader, candidates, folds, rows)
    chooser = Chooser(metric=competition.metric, classes=profile.classes, limit=max(1, limit))
    methods = _methods(chooser)
    outer = [_scores(chooser, methods, parts, k) for k in range(len(parts))]
    known = [scores for scores in outer if all(np.isfinite(v) for v in scores.values())]
    if not known:
        raise UsageError(f"{competition.metric_name} has no value on the {rows}: too few rows of some class")
    singles = [scores["single"] for scores in known]
    blends = [_by_the_others(chooser, methods, known, k) for k in range(len(known))]
    method = _best(chooser, methods, known)
    ranked = chooser.ranked(parts)
    weights = methods[method](parts, ranked)
    gains = paired_gains(competition.metric, blends, singles)
    return Blend(
        members=_members(weights),
        method=method,
        score=mean(blends),
        error=standard_error(blends),
        single=ranked[0],
        single_score=mean(singles),
        single_error=standard_error(singles),
        gain=mean(gains),
        gain_error=standard_error(gains),
    )


Choice = Callable[[Sequence[Part], Sequence[str]], Weights]


def _methods(chooser: Chooser) -> dict[Method, Choice]:
    equal: Method = "rank_average" if chooser.metric.ranking else "uniform"
    return {equal: chooser.uniform, "weighted": chooser.weighted}


def _scores(chooser: Chooser, methods: Mapping[Method, Choice], parts: Sequence[Part], k: int) -> dict[str, float]:
    """What the best single and each method score on part `k`, chosen on the others."""
    others = [part for i, part in enumerate(parts) if i != k]
    ranked = chooser.ranked(others)
    choices: dict[str, Weights] = {"single": {ranked[0]: 1.0}}
    choices |= {name: choose(others, ranked) for name, choose in methods.items()}
    return {
        name: chooser.value(parts[k], weights, chooser.decoder(others, weights))
        for name, weights in choices.items()
    }


def _by_the_others(
    chooser: Chooser, methods: Mapping[Method, Choice], known: Sequence[Mapping[str, float]], k: int
) -> float:
    """The score on part `k` of the method that does best on the other parts."""
    others = [scores for i, scores in enumerate(known) if i != k] or list(known)
    return known[k][_best(chooser, methods, others)]


def _best(chooser: Chooser, methods: Mapping[Method, Choice], known: Sequence[Mapping[str, float]]) -> Method:
    sign = 1.0 if chooser.metric.direction == "maximize" else -1.0
    return max(methods, key=lambda name: sign * mean([scores[name] for scores in known]))


def _members(weights: Weights) -> tuple[Member, ...]:
    total = sum(weights.values())
    ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Member(solution=name, weight=round(weight / total, 6)) for name, weight in ordered)
