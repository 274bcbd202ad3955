"""A skill written down and read again is the same skill, and the reference validator accepts it."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skills_ref.parser import read_properties

from haste.adapters.skill_files import parse_skill
from haste.core.condition import Condition
from haste.core.learning import Recipe
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_text import render_skill
from haste.errors import SkillError

SHIPPED = Path(__file__).parents[2] / "skills"
LINE = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=80)
BODY = PLAIN.map(str.strip).filter(lambda text: text and "```" not in text)
NUMBER = st.floats(-1, 1)
CONDITION = st.builds(
    Condition, trait=st.from_regex(r"[a-z]{1,8}", fullmatch=True), at_least=st.none() | st.floats(-1e9, 1e9)
) | st.builds(Condition, trait=st.just("metric"), equals=st.booleans() | LINE)
RECIPE = st.builds(
    Recipe,
    move=st.just("encode"),
    parameters=st.dictionaries(LINE, NUMBER | LINE | st.booleans() | st.lists(st.integers()), max_size=3),
    gain=NUMBER,
    error=st.none() | NUMBER,
    trials=st.integers(1, 9),
    conditions=st.lists(CONDITION, max_size=3).map(tuple),
    plan=st.none() | st.dictionaries(LINE, st.integers(), max_size=2),
)
SKILLS = st.builds(
    Skill,
    name=st.just("wide"),
    description=LINE,
    scope=st.just(Scope.DOMAIN),
    owner=st.just("tabular"),
    body=BODY,
    metadata=st.dictionaries(st.from_regex(r"haste-[a-z]{1,8}", fullmatch=True), LINE, max_size=3),
    recipe=st.none() | RECIPE,
    license=st.sampled_from(["", "MIT"]),
)


@given(SKILLS)
def test_reading_gives_back_what_was_written(skill: Skill) -> None:
    text = render_skill(skill)
    assert parse_skill(skill.path, text) == skill
    assert render_skill(parse_skill(skill.path, text)) == text


@settings(max_examples=50)
@given(SKILLS.filter(lambda s: "---" not in render_skill(s)[3:].split("\n---")[0]), PLAIN)
def test_the_reference_reads_the_same(skill: Skill, description: str) -> None:
    words = " ".join(description.replace("---", "").split()) or "x"
    skill = skill.model_copy(
        update={"description": f"{words}. Use when needed.", "metadata": {"haste-scope": words}}
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / skill.name
        place.mkdir()
        (place / "SKILL.md").write_bytes(render_skill(skill).encode())
        read = read_properties(place)
    assert (read.name, read.description) == (skill.name, skill.description.strip())
    assert read.metadata == skill.metadata


@pytest.mark.parametrize("file", sorted(SHIPPED.rglob("SKILL.md")), ids=lambda file: file.parent.name)
def test_the_shipped_skills_stand_as_they_would_be_written(file: Path) -> None:
    skill = parse_skill(file.parent.relative_to(SHIPPED.parent).as_posix(), file.read_text())
    assert parse_skill(skill.path, render_skill(skill)) == skill


def test_the_recipe_is_taken_out_of_the_body() -> None:
    text = '---\nname: a\ndescription: "Use when x."\n---\nbefore\n\n```recipe\n{"move": "m"}\n```\nafter\n'
    skill = parse_skill("skills/global/a", text)
    assert skill.recipe == Recipe(move="m")
    assert skill.body == "before\n\nafter"


def test_all_problems_are_told() -> None:
    with pytest.raises(SkillError) as caught:
        parse_skill("elsewhere", '---\nname: a\nmetadata:\n  x:\n    y: "1"\n---\n```recipe\n{}\n```\n')
    assert len(caught.value.problems) == 4


def test_growing_evidence_is_no_new_version() -> None:
    skill = Skill(name="a", description="d", scope=Scope.GLOBAL, body="b", recipe=Recipe(move="m", gain=0.1))
    grown = skill.model_copy(update={"recipe": Recipe(move="m", gain=0.2, error=0.1, trials=7)})
    moved = skill.model_copy(update={"scope": Scope.DOMAIN, "owner": "text", "metadata": {"haste-promotion": "p1"}})
    other = skill.model_copy(update={"recipe": Recipe(move="m", effect="hurts", gain=0.1)})
    assert skill.version == grown.version == moved.version != other.version
