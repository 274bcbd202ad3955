"""The odds of a change: how likely it is to be kept here, and what it takes to be likely."""

from dataclasses import dataclass
from math import sqrt
from statistics import stdev

from haste.core.run import RunState
from haste.core.statistics import error_left
from haste.engineers.offline.elsewhere import asks_labels
from haste.engineers.offline.evidence import Belief
from haste.engineers.offline.move import Move

LIKELY = 0.58
"""The chance to help below which a move that skills tell of isn't tried; with experience, that to be kept.

Told from what the other nine tables had taught, where values were asked for: of first tries that had at least this
chance, 28 of 37 were kept, of the others 210 of 678.
"""
HOPES = {False: 0.6, True: 0.8}
"""How many changes are kept for each that is kept by gains that the catalogue tells; by whether on a prototype.

First tries of 316 cold runs on ten tables: 244 kept where 300 of 607 were expected on prototypes, 157 where 261 of
570 were on what had been changed before.
"""
HOPES_OF_LABELS = {False: 0.3, True: 0.4}
"""The same where the metric takes labels: 60 where 151 of 325 were expected, and 25 where 91 of 241 were."""
FIRST_NOISE = 0.4
"""How much paired gains of changes scatter, measured by those of the prototype that goes with the best one most.

The median over 32 cold runs on 8 tables; it was between 0.07 and 1.3.
"""


@dataclass(frozen=True)
class Option:
    """A move that may come next, and what to expect of it."""

    move: Move
    belief: Belief


def hopes_here(state: RunState, *, on_prototype: bool) -> float:
    """How many changes are kept here for each that is kept by gains that the catalogue tells."""
    labels = state.competition is not None and asks_labels(state.competition.metric_name)
    return (HOPES_OF_LABELS if labels else HOPES)[on_prototype]


def is_likely(option: Option, noise: float, state: RunState, hopes: float | None) -> bool:
    """Whether it is likely to be kept; without experience (`hopes` is None) what no skill tells of always is."""
    if hopes is not None:
        return option.belief.chance(noise, state.settings.keep_errors, hopes) >= LIKELY
    return not option.belief.skills or option.belief.chance() >= LIKELY


def noise_here(state: RunState) -> float:
    """The standard error of a comparison here, as a share of the error left; 0.0 where nothing tells."""
    best = state.candidates.get(state.best or "")
    usual = state.usual_noise(least=1) or _noise_of_prototypes(state)
    if state.competition is None or best is None or best.score is None or usual is None:
        return 0.0
    left = error_left(state.competition.metric, best.score)
    return usual / sqrt(len(state.search_folds)) / left if left else 0.0


def _noise_of_prototypes(state: RunState) -> float | None:
    """What to expect of the first change: the prototypes' paired gains scatter as well, only more."""
    if state.best is None:
        return None
    others = [name for name, one in state.candidates.items() if one.solution.parent is None and name != state.best]
    paired = [gains for name in others if len(gains := state.gains_over(name, state.best)) > 1]
    return FIRST_NOISE * min(stdev(gains) for gains in paired) if paired else None
