"""What can be wrong with a recipe, and with the conditions and conflicts that a skill's metadata hold as JSON."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from haste.core.condition import Condition
from haste.core.learning import Recipe
from haste.core.model import Frozen
from haste.core.skill import Skill
from haste.core.traits import TRAITS

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME = 64
_CONDITIONS: TypeAdapter[list[Condition]] = TypeAdapter(list[Condition])
_CONFLICTS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


class Known(Frozen):
    """What a skill may refer to. None is: not known here, so not checked."""

    traits: frozenset[str] | None = TRAITS
    moves: frozenset[str] | None = None


def recipe_problems(path: str, skill: Skill | None, known: Known) -> Iterator[str]:
    """What is wrong with a skill's recipe."""
    recipe = skill.recipe if skill else None
    if recipe is None:
        return
    if not SLUG.fullmatch(recipe.move) or len(recipe.move) > _LONGEST_NAME:
        yield f"recipe: {recipe.move!r:.60} is no name of a move"
    elif known.moves is not None and recipe.move not in known.moves:
        yield f"recipe: no move is called {recipe.move!r}"
    if recipe.plan is not None and not path.startswith("skills/competitions/"):
        yield "recipe: a whole plan belongs into the competition scope alone"
    yield from _numbers(recipe)
    yield from _conditions(recipe.conditions, known)


def _numbers(recipe: Recipe) -> Iterator[str]:
    numbers = [recipe.gain, *([recipe.error] if recipe.error is not None else [])]
    if not all(math.isfinite(number) and abs(number) <= 1.0 for number in numbers):
        yield "recipe: gain and error are shares of the remaining error, within -1 and 1"
    if (recipe.error is not None and recipe.error < 0) or recipe.trials < 1:
        yield "recipe: an error is never negative and there is at least one trial"
    if (recipe.effect == "helps" and recipe.gain < 0) or (recipe.effect == "hurts" and recipe.gain > 0):
        yield f"recipe: says {recipe.effect!r} with a gain of {recipe.gain:g}"
    try:
        json.dumps([recipe.parameters, recipe.plan], allow_nan=False)
    except ValueError:
        yield "recipe: parameters must be plain JSON"


def _conditions(conditions: Iterable[Condition], known: Known) -> Iterator[str]:
    for condition in conditions:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", condition.trait):
            yield f"condition: {condition.trait!r:.60} is no name of a trait"
        elif known.traits is not None and condition.trait not in known.traits:
            yield f"condition: no trait is called {condition.trait!r}"
        bounds = [b for b in (condition.at_least, condition.at_most) if b is not None]
        if not bounds and condition.equals is None:
            yield f"condition: {condition.trait!r:.60} has no bound"
        elif not all(map(math.isfinite, bounds)) or (len(bounds) == 2 and bounds[0] > bounds[1]):
            yield f"condition: {condition.trait!r:.60} has bounds that nothing fulfils"


def stored_problems(metadata: Mapping[str, Any], known: Known) -> Iterator[str]:
    """What is wrong with the metadata that hold JSON."""
    if isinstance(text := metadata.get("haste-conditions"), str):
        try:
            yield from _conditions(_CONDITIONS.validate_json(text), known)
        except ValidationError:
            yield "metadata 'haste-conditions' is no JSON list of conditions"
    if isinstance(text := metadata.get("haste-conflicts"), str):
        try:
            names = _CONFLICTS.validate_json(text)
            yield from (
                f"conflicts with {name!r:.60}, no name of a skill" for name in names if not SLUG.fullmatch(name)
            )
        except ValidationError:
            yield "metadata 'haste-conflicts' is no JSON object from skills to conditions"
