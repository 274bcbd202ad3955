"""`SKILL.md` read: front matter by YAML, the recipe's fenced block by JSON. Writing is `haste.core.skill_text`."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from haste.core.learning import Recipe
from haste.core.lint import Written
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.errors import SkillError

_FRONT = re.compile(r"\A---\n(.*?\n)---(?:\n|\Z)", re.DOTALL)
_RECIPE = re.compile(r"^```recipe[ \t]*\n(.*?)^```[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_SCOPES = {scope.folder: scope for scope in Scope}


def parse_skill(path: str, text: str) -> Skill:
    """The skill of a folder in the tree. Raises SkillError with every problem that keeps it from being one."""
    front, body, problems = split_skill(text)
    place = place_of(path)
    if place is None:
        problems.append("not at skills/global/NAME, skills/domains/DOMAIN/NAME or skills/competitions/ID/NAME")
    recipe, body, faults = _take_recipe(body)
    problems += faults
    problems += [
        f"{key!r} must be a string" for key in ("name", "description") if not isinstance(front.get(key), str)
    ]
    metadata = front.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        problems.append("'metadata' must map strings to strings")
    if problems or place is None:
        raise SkillError(path, problems)
    return Skill(
        name=front["name"],
        description=front["description"],
        scope=place[0],
        owner=place[1],
        body=body.strip(),
        metadata=metadata,
        recipe=recipe,
        license=str(front.get("license", "")),
        compatibility=str(front.get("compatibility", "")),
    )


def take_apart(path: str, text: str) -> Written:
    """A `SKILL.md` as lint wants to see it."""
    front, body, _ = split_skill(text)
    recipe_free = _RECIPE.sub("", body)
    try:
        return Written(path=path, text=text, front=front, body=recipe_free, skill=parse_skill(path, text))
    except SkillError as error:
        return Written(path=path, text=text, front=front, body=recipe_free, faults=error.problems)


def split_skill(text: str) -> tuple[dict[str, Any], str, list[str]]:
    """Front matter, body, and what is wrong with the front matter as YAML."""
    import yaml

    found = _FRONT.match(text)
    if not found:
        return {}, text, ["must begin with front matter between two lines of '---'"]
    try:
        if odd := _unusual(list(yaml.parse(found[1], Loader=yaml.CBaseLoader))):
            return {}, text[found.end() :], odd
        problems: list[str] = []
        front = _plain(yaml.compose(found[1], Loader=yaml.CBaseLoader), problems)
    except yaml.YAMLError as error:
        return {}, text[found.end() :], [f"front matter is no YAML: {' '.join(str(error).split())[:200]}"]
    if not isinstance(front, dict):
        return {}, text[found.end() :], ["front matter must be a mapping"]
    return front, text[found.end() :], problems


def place_of(path: str) -> tuple[Scope, str, str] | None:
    """Scope, owner and name of a skill's folder in the tree; None for a path that is none."""
    parts = path.split("/")
    if len(parts) < 3 or parts[0] != "skills" or parts[1] not in _SCOPES or "" in parts:
        return None
    scope = _SCOPES[parts[1]]
    if scope is Scope.GLOBAL:
        return (scope, "", parts[2]) if len(parts) == 3 else None
    return (scope, parts[2], parts[3]) if len(parts) == 4 else None


def _take_recipe(body: str) -> tuple[Recipe | None, str, list[str]]:
    """The recipe, the body without it, and what is wrong with it."""
    blocks = _RECIPE.findall(body)
    rest = _RECIPE.sub("", body)
    if len(blocks) > 1:
        return None, rest, [f"has {len(blocks)} recipe blocks, at most one is read"]
    if not blocks:
        return (
            None,
            rest,
            ["its recipe block is never closed"] if re.search(r"^```recipe", body, re.MULTILINE) else [],
        )
    try:
        return Recipe.model_validate_json(blocks[0]), rest, []
    except ValidationError as error:
        return None, rest, [f"recipe: {told}" for told in _told(error)]


def _told(error: ValidationError) -> list[str]:
    return [".".join(map(str, one["loc"])) + (": " if one["loc"] else "") + one["msg"] for one in error.errors()]


def _unusual(events: Sequence[Any]) -> list[str]:
    """YAML that readers disagree about or that grows when it is read."""
    odd = {
        "front matter must not use anchors, aliases": any(getattr(event, "anchor", None) for event in events),
        "front matter must not use tags": any(getattr(event, "tag", None) for event in events),
        "front matter must not use {…} or […]": any(getattr(event, "flow_style", False) for event in events),
    }
    return [told for told, found in odd.items() if found]


def _plain(node: Any, problems: list[str]) -> Any:  # noqa: ANN401  (any YAML node, any plain value)
    """A YAML node as strings, dictionaries and lists; keys that stand twice are told."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(_plain(key, problems))
            if name in found:
                problems.append(f"front matter has {name!r} twice")
            found[name] = _plain(value, problems)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, problems) for value in node.value]
    return node.value if node is not None else None
