"""Retirement by outcome: late enough, by an interval, with a cap."""

import pytest

from haste.core.retirement import (
    BEYOND_DOUBT_TRIALS,
    CAPS,
    ENOUGH_TRIALS,
    by_outcome,
    chance,
    crowded_out,
    proposals,
)
from haste.core.scope import Scope
from haste.core.skill import Evidence, Skill
from haste.orchestration.retire import no_room
from haste.projections.reviews import Review
from judging.stories import learning, skill


def _seen(gain: float, error: float | None = 0.001, *, tried: int = ENOUGH_TRIALS, where: int = 2) -> Evidence:
    names = tuple(f"c{n}" for n in range(where))
    return Evidence(
        loaded=9,
        cited=tried,
        kept=tried // 2,
        reverted=tried - tried // 2,
        gain=gain,
        error=error,
        competitions=names,
    )


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        (_seen(-0.02), "contradicted"),
        (_seen(-0.001), "useless"),
        (_seen(0.02), None),
        (_seen(-0.02, 0.008, tried=ENOUGH_TRIALS - 1), None),
        (_seen(-0.02, 0.008), "contradicted"),
        (_seen(-0.02, tried=BEYOND_DOUBT_TRIALS), "contradicted"),
        (_seen(-0.02, tried=BEYOND_DOUBT_TRIALS - 1), None),
        (_seen(-0.001, tried=ENOUGH_TRIALS - 1), None),
        (_seen(-0.02, where=1), None),
        (_seen(-0.001, error=0.01), None),
        (_seen(-0.02, error=None), None),
        (Evidence(), None),
    ],
)
def test_a_skill_is_judged_by_its_outcome_after_enough_trials(seen: Evidence, rule: str | None) -> None:
    proposal = by_outcome(skill("s", "rank-gauss"), seen)
    assert (proposal.rule if proposal else None) == rule


@pytest.mark.parametrize(
    ("kept", "tried", "gain", "rule"),
    [(0, 8, -0.001, "rarely kept"), (0, 7, -0.001, None), (1, 8, -0.001, None), (1, 12, 0.0, "rarely kept"),
     (0, 8, 0.003, None)],
)  # fmt: skip
def test_what_is_hardly_ever_kept_leaves_where_changes_usually_are(
    kept: int, tried: int, gain: float, rule: str | None
) -> None:
    seen = _seen(gain, 0.02).model_copy(update={"kept": kept, "reverted": tried - kept})
    proposal = by_outcome(skill("s", "rank-gauss"), seen, usual=0.4)
    assert (proposal.rule if proposal else None) == rule
    assert by_outcome(skill("s", "rank-gauss"), seen, usual=0.0) is None
    assert by_outcome(skill("w", "rank-gauss", effect="hurts", gain=-0.05), seen, usual=0.4) is None


def test_chance_is_that_of_the_binomial() -> None:
    assert chance(0, 8, 0.4) == pytest.approx(0.6**8)
    assert chance(8, 8, 0.4) == pytest.approx(1.0)


def test_a_new_skill_finds_no_room_beside_those_that_have_shown_more() -> None:
    many = [skill(f"s{n}", "m", gain=0.1, scope=Scope.COMPETITION, owner="churn") for n in range(8)]
    weak = skill("weak", "m", gain=0.05, scope=Scope.COMPETITION, owner="churn")
    assert "churn holds 8 skills" in crowded_out(weak, many, {})
    assert crowded_out(weak, many[:7], {}) == ""
    assert crowded_out(weak.model_copy(update={"owner": "ships"}), many, {}) == ""
    equal = skill("equal", "m", gain=0.1, scope=Scope.COMPETITION, owner="churn")
    assert crowded_out(equal, many, {}), "as much is no reason to make room"
    strong = skill("strong", "m", gain=0.2, scope=Scope.COMPETITION, owner="churn")
    assert crowded_out(strong, many, {}) == ""


def _retired(gone: Skill) -> dict[str, Review]:
    one = Review(
        promotion="p1", kind="retire", skill=gone.name, path=gone.path, commit="c", at="t", event="_skills/x@1",
        state="merged", rule="useless", recipe=gone.recipe,
    )  # fmt: skip
    return {one.promotion: one}


def test_a_retired_skill_comes_back_by_those_who_did_not_follow_it() -> None:
    old, new = skill("ranks", "rank-gauss"), skill("rank-gauss", "rank-gauss")
    first, *others = (learning(name, error=0.002) for name in ("churn", "ships", "loans"))
    assert no_room(new, first, others, [], {}, _retired(old)) == ""
    first, *others = (one.model_copy(update={"skills": (old.name,)}) for one in (first, *others))
    assert no_room(new, first, others, [], {}, _retired(old)).startswith("ranks was retired (useless)")


def test_a_clear_loss_brings_no_retired_gain_back_and_may_be_warned_of() -> None:
    old = skill("ranks", "rank-gauss")
    first, *others = (learning(name, effect="hurts", gain=-0.05, error=0.002) for name in ("churn", "ships"))
    assert no_room(old, first, others, [], {}, _retired(old)).startswith("ranks was retired (useless)")
    warning = skill("rank-gauss-hurts", "rank-gauss", effect="hurts", gain=-0.05)
    assert no_room(warning, first, others, [], {}, _retired(old)) == ""


def test_a_warning_is_retired_when_what_it_warns_of_helps() -> None:
    warning = skill("w", "rank-gauss", effect="hurts", gain=-0.05)
    proposal = by_outcome(warning, _seen(0.03))
    assert proposal is not None
    assert proposal.rule == "contradicted"
    assert by_outcome(warning, _seen(-0.03)) is None


def test_a_competition_s_own_skill_needs_no_second_competition() -> None:
    own = skill("s", "rank-gauss", scope=Scope.COMPETITION, owner="churn")
    assert by_outcome(own, _seen(-0.02, where=1)) is not None


def test_over_the_cap_the_one_that_has_shown_least_leaves() -> None:
    many = [skill(f"s{n:02d}", "m", gain=0.01 * (n + 1), scope=Scope.COMPETITION, owner="churn") for n in range(10)]
    leaving = proposals(many, {})
    assert [p.skill for p in leaving] == ["s00", "s01"]
    assert {p.rule for p in leaving} == {"over the cap"}
    assert CAPS[Scope.COMPETITION] == 8


def test_over_the_cap_a_sure_gain_stays_before_a_large_guess() -> None:
    sure = [skill(f"s{n}", "m", gain=0.03, error=0.001, scope=Scope.COMPETITION, owner="churn") for n in range(8)]
    guess = skill("a-guess", "m", gain=0.2, error=0.1, scope=Scope.COMPETITION, owner="churn")
    assert [p.skill for p in proposals([*sure, guess], {})] == ["a-guess"]


def test_each_domain_and_each_competition_has_a_cap_of_its_own() -> None:
    two: list[Skill] = []
    for owner in ("churn", "ships"):
        two += [skill(f"{owner}-{n}", "m", scope=Scope.COMPETITION, owner=owner) for n in range(8)]
    assert proposals(two, {}) == []


def test_what_people_wrote_stays_before_what_was_never_tried() -> None:
    learned = [
        skill(f"s{n:02d}", "m", gain=0.001, error=0.01, scope=Scope.COMPETITION, owner="c") for n in range(8)
    ]
    hand = skill("zz-by-hand", scope=Scope.COMPETITION, owner="c", metadata={"haste-origin": "written by hand"})
    assert [p.skill for p in proposals([*learned, hand], {})] == ["s07"]
