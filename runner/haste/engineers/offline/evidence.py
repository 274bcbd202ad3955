"""What to expect of a move: its prior, moved by the loaded skills and by what this run has shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import erf, exp, pi, sqrt

from haste.core.condition import all_hold
from haste.core.knowledge import Knowledge
from haste.core.learning import Recipe
from haste.core.run import Candidate, RunState
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill
from haste.core.solution import KNOWN_MOVES
from haste.engineers.offline.catalogue import find_move
from haste.engineers.offline.elsewhere import NOTHING, Seen, asks_labels, pooled_effect, seen_elsewhere
from haste.engineers.offline.move import Move
from haste.engineers.offline.problem import Problem

BETWEEN = {Scope.COMPETITION: 0.004, Scope.DOMAIN: 0.015, Scope.GLOBAL: 0.02}
"""How far a gain seen elsewhere is off here (standard deviation), by the scope of the skill that tells it."""
WITHIN = 0.01
"""How far a gain seen earlier in this run, on another parent, is off now."""
AMONG_OTHERS = 0.02
"""How far off a move's equal part in what several at once brought may be."""
EXPECTED = 12.0
"""Competitions that the chance by a move's expected gain counts for, beside those where it was tried.

Told from what the other nine tables had taught, over 1193 tries of 167 cold runs on ten tables: the mean squared
error of what was kept is 0.214, 0.209, 0.206 and 0.204 with 3, 5, 8 and 12 where values were asked for, 0.137 to
0.130 where labels were.
"""
FAR = 3.0
"""Standard deviations from what is known beyond which a claim is rather wrong than far out."""
HERE = 8.0
"""Competitions that one verdict in this run counts for.

What was kept was kept on another parent 46 times in 71, what was reverted 5 times in 20; 6 to 10 foresee that best.
"""
HERE_WITH_LABELS = 2.0
"""The same where the metric takes labels: 8 times in 26, and 5 in 32."""
ONE_TRIAL = 0.02
"""The standard error of a single comparison whose error nobody noted."""
FAILED = -0.02
"""What a move that could not be made to run counts for."""


@dataclass(frozen=True)
class Belief:
    """An expected relative gain, how sure of it we are, and the skills that it rests on."""

    gain: float
    spread: float
    skills: tuple[str, ...] = ()
    seen: int = 0
    """How often this run has tried the move."""
    kept: int = 0
    """How many of these tries it kept."""
    elsewhere: Seen = NOTHING
    """What competitions whose runs had not loaded these skills saw of it."""
    here: float = HERE
    """What a verdict of this run counts for."""
    catalogue: tuple[float, float] | None = None
    """The gain and spread that the catalogue tells, where competitions have shown how often that was kept."""

    @property
    def worth(self) -> float:
        """Expected improvement: a change that hurts is reverted, so only the upper side counts."""
        z = self.gain / self.spread
        density = exp(-z * z / 2) / sqrt(2 * pi)
        return self.spread * density + self.gain * (1 + erf(z / sqrt(2))) / 2

    def chance(self, noise: float = 0.0, errors: float = 0.0, hopes: float = 1.0) -> float:
        """The probability that a comparison with this standard error shows a gain of more than `errors` of it.

        Without noise: that the change helps at all. How often it was kept elsewhere is counted beside what its gain
        makes likely, for a few large gains say little of the next competition: where there is such a count, the
        gain is the catalogue's. What this run decided counts for more. `hopes` is the share of what is likely by
        gains that comes true.
        """
        gain, spread = self.catalogue or (self.gain, self.spread)
        expected = (1 + erf((gain - errors * noise) / sqrt(spread**2 + noise**2) / sqrt(2))) / 2
        kept = EXPECTED * hopes * expected + self.elsewhere.kept + self.here * self.kept
        return kept / (EXPECTED + self.elsewhere.tried + self.here * self.seen)

    def after(self, gain: float, error: float) -> "Belief":
        """The belief after one more observation with this standard error."""
        weight, new = 1 / self.spread**2, 1 / error**2
        mixed = (self.gain * weight + gain * new) / (weight + new)
        return replace(self, gain=mixed, spread=sqrt(1 / (weight + new)))


def believe(
    move: Move, problem: Problem, knowledge: Knowledge, state: RunState, *, on_prototype: bool = True
) -> Belief:
    """What to expect of a move here and now, made on a prototype or on what was changed before."""
    shift = _kind_shift(move, state) + _shift_elsewhere(move, problem, knowledge, state)
    belief = Belief(gain=move.gain + shift, spread=move.spread)
    tried = list(_tries(move.name, state))
    for candidate in tried:
        belief = belief.after(_seen_gain(candidate), WITHIN)
    for gain in _tries_among_others(move.name, state):
        belief = belief.after(gain, AMONG_OTHERS)
    cited: list[str] = []
    elsewhere = NOTHING
    for loaded in knowledge.skills:
        recipe = loaded.skill.recipe
        if recipe is None or recipe.move != move.name:
            continue
        holds = all_hold(recipe.conditions, problem.profile.traits)
        found = loaded.evidence.without
        seen = seen_elsewhere(found, problem.metric.name, meets=holds, on_prototype=on_prototype)
        told = _pooled(seen) if elsewhere.effect is None else ()
        for gain, error in told:
            belief = belief.after(gain, _off(error, loaded.skill.scope))
        for gain, error in _claims(loaded, recipe, seen) if holds else ():
            belief = belief.after(gain, max(_off(error, loaded.skill.scope), abs(gain - belief.gain) / FAR))
        if holds:
            cited.append(loaded.skill.name)
        elsewhere = max(elsewhere, seen, key=lambda one: one.tried)
    kept = sum(candidate.verdict == "kept" for candidate in tried)
    here = HERE_WITH_LABELS if asks_labels(problem.metric.name) else HERE
    catalogue = (move.gain, move.spread) if elsewhere.tried else None
    counts = replace(belief, seen=len(tried), kept=kept, here=here, catalogue=catalogue)
    return replace(counts, skills=tuple(cited), elsewhere=elsewhere)


def _off(error: float, scope: Scope) -> float:
    """How far off what was seen with this error elsewhere may be here."""
    return sqrt(error**2 + BETWEEN[scope] ** 2)


def _pooled(elsewhere: Seen) -> Iterable[tuple[float, float]]:
    """What competitions saw together: no claim, so it isn't doubted; told once, however many skills speak of it."""
    if elsewhere.effect is not None and elsewhere.effect.error is not None:
        yield elsewhere.effect.gain, elsewhere.effect.error


def _claims(loaded: LoadedSkill, recipe: Recipe, elsewhere: Seen) -> Iterable[tuple[float, float]]:
    """The gains a skill tells of where its conditions hold: its own, and what runs that cited it have shown since.

    They are doubted the more, the further they are from all that is known: what this run has seen itself outweighs
    any claim, and a claim out of all proportion moves next to nothing. A recipe tells what one run saw; where
    several competitions tried the change, it has no more to say.
    """
    if elsewhere.effect is None:
        sign = -1.0 if recipe.effect == "hurts" else 1.0
        told = 0.0 if recipe.effect == "neutral" else sign * abs(recipe.gain)
        yield told, recipe.error if recipe.error is not None else ONE_TRIAL / sqrt(max(1, recipe.trials))
    seen = loaded.evidence
    if decided := seen.kept + seen.reverted:
        yield seen.gain, seen.error if seen.error is not None else ONE_TRIAL / sqrt(decided)


def _tries(name: str, state: RunState) -> Iterable[Candidate]:
    for candidate in state.candidates.values():
        if candidate.solution.change.move == name and candidate.verdict is not None:
            yield candidate


def _tries_among_others(name: str, state: RunState) -> Iterable[float]:
    """Its part of what several moves at once brought, each the same."""
    for candidate in state.candidates.values():
        moves = candidate.solution.change.parameters.get("moves", ())
        if candidate.solution.change.move == KNOWN_MOVES and candidate.verdict is not None and name in moves:
            yield _seen_gain(candidate) / len(moves)


def _seen_gain(candidate: Candidate) -> float:
    return candidate.relative_gain if candidate.relative_gain is not None else FAILED


def _kind_shift(move: Move, state: RunState) -> float:
    """How far changes of this level did better or worse here than they were expected to, shrunken."""
    surplus = [
        _seen_gain(c) - c.solution.reason.expected
        for c in state.candidates.values()
        if c.verdict is not None and c.solution.change.level == move.level
    ]
    return _shrunken(surplus)


def _shift_elsewhere(move: Move, problem: Problem, knowledge: Knowledge, state: RunState) -> float:
    """How far other moves of this level did better or worse elsewhere than the catalogue says, shrunken.

    What nobody has written down yet is likely to be as good as its like has turned out to be.
    """
    surplus = {}
    for loaded in knowledge.skills:
        recipe, seen = loaded.skill.recipe, loaded.evidence
        other = find_move(recipe.move, state.domain) if recipe and state.domain else None
        if recipe is None or other is None or other.level != move.level or other.name == move.name:
            continue
        holds = all_hold(recipe.conditions, problem.profile.traits)
        effect = pooled_effect(seen.without, problem.metric.name, meets=holds)
        if effect is not None:
            surplus[other.name] = effect.gain - other.gain
    return _shrunken(list(surplus.values()))


def _shrunken(values: Sequence[float]) -> float:
    """The mean, drawn to zero as if three values of zero had been seen before; bounded, so no fluke decides."""
    mean = sum(values) / (len(values) + 3)
    return max(-0.01, min(0.01, mean))
