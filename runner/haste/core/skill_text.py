"""A skill written down: valid Agent Skills front matter with every value quoted, the body, the recipe last."""

import json
from typing import Any

from haste.core.skill import Skill

FENCE = "```recipe"


def render_skill(skill: Skill) -> str:
    """The text of a skill's `SKILL.md`. Reading it gives the same skill back."""
    lines = ["---", f"name: {skill.name}", f"description: {quoted(skill.description)}"]
    lines += [f"license: {quoted(skill.license)}"] if skill.license else []
    lines += [f"compatibility: {quoted(skill.compatibility)}"] if skill.compatibility else []
    if skill.metadata:
        lines += ["metadata:", *(f"  {key}: {quoted(value)}" for key, value in skill.metadata.items())]
    parts = ["\n".join([*lines, "---", skill.body.strip()])]
    if skill.recipe:
        parts.append(f"{FENCE}\n{_recipe_text(skill.recipe.model_dump(mode='json'))}\n```")
    return "\n\n".join(parts) + "\n"


def quoted(text: str) -> str:
    """A double-quoted scalar that JSON and YAML read alike."""
    return "".join(_escaped(c) for c in json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _recipe_text(recipe: dict[str, Any]) -> str:
    """The recipe as people read it: the move and its sign, the numbers, the conditions, each on a line."""
    bare = [{k: _whole(v) for k, v in condition.items() if v is not None} for condition in recipe["conditions"]]
    lines = [", ".join(f"{_json(key)}: {_json(recipe[key])}" for key in row) for row in _ROWS]
    lines.append(f'"conditions": {_json(bare)}')
    if recipe["plan"] is not None:
        lines.append(f'"plan": {_json(recipe["plan"])}')
    return "{\n  " + ",\n  ".join(lines) + "\n}"


def _whole(bound: object) -> object:
    return int(bound) if isinstance(bound, float) and bound.is_integer() and abs(bound) < 1e15 else bound


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


_ROWS = (("move", "parameters", "effect"), ("gain", "error", "trials"))
