"""What other competitions saw of a change, and how much of that is said of this one."""

from collections.abc import Sequence
from dataclasses import dataclass

from haste.core.metric import METRICS, PredictionKind
from haste.core.pooling import Estimate, over
from haste.core.skill import Elsewhere

UNLIKE = 0.25
"""What a competition counts for whose data meet a skill's conditions where these don't, or the other way round."""
OF_ANOTHER_KIND = 0.05
"""What a competition counts for that asks for labels where this one doesn't, or the other way round.

What helps nearly every probability or value moves few labels. Told from the other tables of a study, over 249 first
tries where labels were asked for, what was kept was foreseen best (mean squared error 0.113) where the other kind
counted nothing, then with 0.05 (0.119), 0.1 (0.125) and 0.25 (0.139); over 564 tries without labels it was all the
same (0.221 to 0.223).
"""
ON_ANOTHER_PARENT = 0.25
"""What a try on a prototype counts for where the parent has been changed before, or the other way round.

Other models beside the first one were kept on 63 of 77 prototypes, and on 12 of 22 scripts that had been changed
before. Told from the other tables of a study, over 909 tries of 28 times ten cold runs, what was kept was foreseen
best (mean squared error 0.232) with 0.25; 0.236 where the other kind of parent counted nothing, 0.238 where it
counted as much.
"""
WINDFALL = 0.05
"""The most that one competition's gain or loss counts for: a model saved by one change is no rule for others."""
FEW = 2
"""Competitions from which on what they saw together is more than what one run wrote down."""


@dataclass(frozen=True)
class Seen:
    """What competitions saw of one change, each counted by how alike it is."""

    competitions: int = 0
    tried: float = 0.0
    """Competitions that tried it."""
    kept: float = 0.0
    """How many of these kept it."""
    effect: Estimate | None = None
    """Its relative gain in those that are alike, or in all where those are too few."""


NOTHING = Seen()
"""No competition saw it."""


def seen_elsewhere(found: Sequence[Elsewhere], metric: str, *, meets: bool, on_prototype: bool) -> Seen:
    """What they say of a competition with this metric, whose data meet the skill's conditions or don't.

    It is asked about a prototype, or about a script that was changed before.
    """
    tried = kept = 0.0
    for one in found:
        share, certainty = _kept(one, on_prototype=on_prototype)
        weight = certainty * _likeness(one, metric, meets=meets)
        tried, kept = tried + weight, kept + weight * share
    return Seen(len(found), tried, kept, pooled_effect(found, metric, meets=meets))


def pooled_effect(found: Sequence[Elsewhere], metric: str, *, meets: bool) -> Estimate | None:
    """The relative gain over competitions that are alike, over all where those are few; None where all are few."""
    alike = [one for one in found if _likeness(one, metric, meets=meets) == 1.0]
    told = [_bounded(one.effect) for one in alike if one.effect is not None]
    if len(told) < FEW:
        told = [_bounded(one.effect) for one in found if one.effect is not None]
    return over(told) if len(told) >= FEW else None


def _likeness(one: Elsewhere, metric: str, *, meets: bool) -> float:
    """What a competition counts for beside one with this metric: 1.0 where they are alike."""
    kind = 1.0 if asks_labels(one.metric) == asks_labels(metric) else OF_ANOTHER_KIND
    return kind * (1.0 if one.meets == meets else UNLIKE)


def _kept(one: Elsewhere, *, on_prototype: bool) -> tuple[float, float]:
    """The share of tries that a competition kept, those on such a parent first, and what it counts for."""
    like, other = (one.on_prototypes, one.on_changes) if on_prototype else (one.on_changes, one.on_prototypes)
    tries = like.of + ON_ANOTHER_PARENT * other.of
    return (like.kept + ON_ANOTHER_PARENT * other.kept) / tries, min(1.0, tries)


def _bounded(effect: Estimate) -> Estimate:
    return Estimate(gain=max(-WINDFALL, min(WINDFALL, effect.gain)), error=effect.error)


def asks_labels(metric: str) -> bool:
    """Whether a metric takes labels, which many changes of a probability leave as they are."""
    return metric in METRICS and METRICS[metric].kind is PredictionKind.LABEL
