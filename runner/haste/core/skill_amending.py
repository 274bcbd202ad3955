"""Small edits of skills that stand: what another sighting adds, a move up a tier, ground kept off. Pure."""

import json
from collections.abc import Collection

from haste.core.claim import claim_of, claim_of_learning
from haste.core.condition import Condition
from haste.core.learning import Learning, Recipe
from haste.core.metric import METRICS
from haste.core.pooling import Estimate, pool, told_by
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_making import COMPETITIONS, METRIC, SCORE


def amended(skill: Skill, learning: Learning, *, score: float | None = None) -> Skill | None:
    """The standing skill with what a learning of the same claim adds to it; None where it adds nothing.

    A sighting in another competition is pooled with what is known and widens the conditions. One in the same
    competition is no new evidence; a competition's own skill takes over the plan of a better run.
    """
    if skill.scope is Scope.COMPETITION and skill.owner == learning.competition:
        return _outdone(skill, learning, score)
    seen = competitions_of(skill)
    if learning.competition in seen or not _backs(skill, learning):
        return None
    metrics = dict.fromkeys([*filter(None, skill.metadata.get(METRIC, "").split(", ")), learning.metric])
    metadata = {
        **skill.metadata,
        COMPETITIONS: json.dumps([*seen, learning.competition]),
        METRIC: ", ".join(metrics),
    }
    recipe = _pooled(skill.recipe, learning, cited=skill.name in learning.skills) if skill.recipe else None
    return skill.model_copy(update={"metadata": metadata, "recipe": recipe})


def raised(skill: Skill, learning: Learning) -> Skill:
    """A domain's skill as a global one, with the learning that showed its reach."""
    wider = amended(skill, learning) or skill
    return wider.model_copy(update={"scope": Scope.GLOBAL, "owner": ""})


def competitions_of(skill: Skill) -> tuple[str, ...]:
    """Where the skill was seen to hold, as it says itself; empty for one written by hand."""
    try:
        told = json.loads(skill.metadata.get(COMPETITIONS, "[]"))
    except ValueError:
        return ()
    return tuple(name for name in told if isinstance(name, str)) if isinstance(told, list) else ()


def _outdone(skill: Skill, learning: Learning, score: float | None) -> Skill | None:
    """The competition's skill with the better run's recipe, and no other trials than those its numbers come from.

    Its text goes on saying what it said, so that a recipe of another effect isn't taken over.
    """
    metric = METRICS.get(learning.metric)
    try:
        before = float(skill.metadata.get(SCORE, "nan"))
    except ValueError:
        before = float("nan")
    if metric is None or score is None or skill.recipe is None or skill.recipe.effect != learning.recipe.effect:
        return None
    if before == before and not metric.better(score, before):  # NaN is no score
        return None
    plan = learning.recipe.plan or skill.recipe.plan
    recipe = learning.recipe.model_copy(update={"plan": plan})
    metadata = {**skill.metadata, SCORE: repr(score)}
    return skill.model_copy(update={"recipe": recipe, "metadata": metadata})


def _backs(skill: Skill, learning: Learning) -> bool:
    """Whether the learning's number, not its words alone, speaks for the skill's sign."""
    if skill.recipe is None:
        return True
    told = towards(skill.recipe, learning)
    sign = {"helps": 1, "hurts": -1, "neutral": 0}[skill.recipe.effect]
    return told.error is not None and told.sign * sign > 0 and abs(told.gain) >= told.error


def towards(recipe: Recipe, learning: Learning) -> Estimate:
    """The learning's effect, as the skill's own wording of the change would have measured it."""
    polarity = claim_of(recipe).polarity * claim_of_learning(learning).polarity
    told = told_by(learning.recipe)
    return Estimate(gain=polarity * told.gain, error=told.error)


def _pooled(recipe: Recipe, learning: Learning, *, cited: bool) -> Recipe:
    """The recipe with one more sighting; where the change cited the skill, its evidence holds that number."""
    conditions = widened(recipe.conditions, learning)
    if cited:
        return recipe.model_copy(update={"conditions": conditions})
    theirs = towards(recipe, learning)
    both = pool([told_by(recipe), theirs]) or theirs
    return recipe.model_copy(
        update={
            "gain": round(both.gain, 6),
            "error": None if both.error is None else round(both.error, 6),
            "trials": recipe.trials + learning.recipe.trials,
            "conditions": conditions,
        }
    )


def widened(standing: Collection[Condition], learning: Learning) -> tuple[Condition, ...]:
    """The standing conditions, each stretched as far as the data of another sighting shows, and no further.

    Where that data's traits aren't known, the bounds that the learning itself gives stand for them.
    """
    bounds = {condition.trait: condition for condition in learning.recipe.conditions}
    return tuple(_stretched(c, learning.traits.get(c.trait), bounds.get(c.trait)) for c in standing)


def _stretched(a: Condition, value: float | bool | str | None, told: Condition | None) -> Condition:
    if a.equals is not None:
        return a
    if isinstance(value, int | float):
        told = Condition(trait=a.trait, at_least=value, at_most=value)
    if told is None or told.equals is not None:
        return a
    low = a.at_least if told.at_least is None or a.at_least is None else min(a.at_least, told.at_least)
    high = a.at_most if told.at_most is None or a.at_most is None else max(a.at_most, told.at_most)
    return a.model_copy(update={"at_least": low, "at_most": high})


def apart(skill: Skill, standing: Skill, learning: Learning) -> Skill:
    """A new skill kept off the ground of one that says the opposite, where that one doesn't reach the data seen.

    The first of its conditions that the data breaks becomes the border between the two.
    """
    broken = next((c for c in standing.conditions if c.equals is None and not c.holds(learning.traits)), None)
    value = learning.traits.get(broken.trait) if broken else None
    if broken is None or skill.recipe is None or not isinstance(value, int | float):
        return skill
    own = next((c for c in skill.recipe.conditions if c.trait == broken.trait), Condition(trait=broken.trait))
    if broken.at_least is not None and value < broken.at_least:
        own = own.model_copy(update={"at_most": _just(broken.at_least, -1)})
    elif broken.at_most is not None:
        own = own.model_copy(update={"at_least": _just(broken.at_most, 1)})
    kept = [c for c in skill.recipe.conditions if c.trait != broken.trait]
    return skill.model_copy(update={"recipe": skill.recipe.model_copy(update={"conditions": (*kept, own)})})


def _just(bound: float, side: int) -> float:
    """The nearest number beyond a bound: one off for counts, a thousandth for shares."""
    step = 1.0 if bound == int(bound) and abs(bound) >= 2 else abs(bound) * 0.001
    return bound + side * step
