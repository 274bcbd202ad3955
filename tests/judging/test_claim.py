"""One claim in many wordings: mirrors, antonyms, parameters, conditions."""

import pytest

from haste.core.claim import canonical, claim_of, claim_of_learning, compatible, same_matter
from haste.core.condition import Condition, can_hold_together
from haste.core.learning import Effect, Recipe
from judging.stories import learning


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("char-ngrams", "helps"), ("drop-char-ngrams", "hurts"), True),
        (("char-ngrams", "helps"), ("drop-char-ngrams", "helps"), False),
        (("weaker-penalty", "helps"), ("stronger-penalty", "hurts"), True),
        (("weaker-penalty", "helps"), ("stronger-penalty", "helps"), False),
        (("no-target-clip", "hurts"), ("target-clip", "helps"), True),
    ],
)
def test_mirrors_are_the_same_claim(first: tuple[str, Effect], second: tuple[str, Effect], same: bool) -> None:
    a, b = (claim_of(Recipe(move=move, effect=effect)) for move, effect in (first, second))
    assert a.same_change(b)
    assert (a.sign == b.sign) is same


def test_a_change_that_is_switched_off_is_turned_round() -> None:
    off = claim_of(Recipe(move="char-ngrams", parameters={"enabled": False}, effect="hurts"))
    assert (off.sign, off.polarity, off.parameters) == (1, -1, {})


def test_names_that_only_share_words_are_different_changes() -> None:
    a, b = claim_of(Recipe(move="longer-char-ngrams")), claim_of(Recipe(move="char-ngrams"))
    assert not a.same_change(b)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({"depth": 4}, {"depth": 5}, True),
        ({"depth": 4}, {"depth": 14}, False),
        ({"depth": 4}, {}, True),
        ({"kind": "a"}, {"kind": "b"}, False),
        ({"on": True}, {"on": 1}, False),
        ({"shift": 0}, {"shift": 0.0}, True),
        ({"shift": -1}, {"shift": 1}, False),
    ],
)
def test_settings_far_apart_are_different_changes(a: dict[str, object], b: dict[str, object], same: bool) -> None:
    assert compatible(a, b) is same


def test_one_word_that_turns_round_alone_is_a_name() -> None:
    assert canonical("drop") == (("drop",), 1)


def test_a_learning_is_bound_to_the_metric_it_was_seen_under() -> None:
    assert Condition(trait="metric", equals="roc_auc") in claim_of_learning(learning()).conditions
    named = (Condition(trait="metric", equals="rmse"),)
    assert claim_of_learning(learning(conditions=named)).conditions == named


def test_conditions_that_exclude_each_other_never_meet() -> None:
    few, many = Condition(trait="rows", at_most=900), Condition(trait="rows", at_least=1000)
    other, flag = Condition(trait="columns", at_least=5), Condition(trait="rows", equals="few")
    assert not can_hold_together([few], [many])
    assert can_hold_together([few], [other])
    assert can_hold_together([few], [Condition(trait="rows", at_least=900)]), "both hold for 900 rows"
    assert not can_hold_together([Condition(trait="m", equals="a")], [Condition(trait="m", equals="b")])
    assert not can_hold_together([few], [flag])


def test_a_bound_is_within_what_it_bounds() -> None:
    both = Condition(trait="rows", at_least=900, at_most=1000)
    assert [both.holds({"rows": rows}) for rows in (899, 900, 1000, 1001)] == [False, True, True, False]
    assert not both.holds({"columns": 950}), "what isn't known fulfils nothing"


def test_moves_of_the_catalogue_are_one_matter_by_their_names_alone() -> None:
    a = learning(text="Averaging with a linear model helps.")
    b = learning("ships", "linear-blend", text="Averaging with a linear model helps.")
    assert not same_matter(a, b)
    assert same_matter(a, b.model_copy(update={"engineer": "claude"}))
