"""Finding skills by words: rare words count for more, and so does where they stand."""

from haste.core.scope import Scope
from haste.core.search import search
from haste.core.skill import Skill


def _skill(name: str, description: str = "", body: str = "") -> Skill:
    return Skill(name=name, description=description, scope=Scope.GLOBAL, body=body)


def _found(query: str, *skills: Skill) -> list[str]:
    return [skill.name for _, skill in search(skills, query)]


def test_a_rare_word_counts_for_more_than_one_that_most_have() -> None:
    many = [_skill(name, "A target.") for name in ("a", "b", "c")]
    assert _found("skewed target", *many, _skill("d", "Skewed amounts.")) == ["d", "a", "b", "c"]


def test_a_name_counts_for_more_than_a_description_and_that_for_more_than_a_body() -> None:
    placed = (_skill("a", body="Ranks."), _skill("b", description="Ranks."), _skill("use-ranks"))
    assert _found("ranks", *placed) == ["use-ranks", "b", "a"]


def test_what_shares_no_word_with_the_query_is_not_found() -> None:
    assert _found("ranks", _skill("a", "Mirrored pictures."), _skill("use-ranks")) == ["use-ranks"]
    assert _found("", _skill("a")) == []
