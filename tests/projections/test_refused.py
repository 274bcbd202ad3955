"""What stands against a skill: what people decided, and not what a rule did."""

import pytest

from haste.core import events as e
from haste.projections.reviews import kept_by_people, refused_before, retired, reviews
from projections.streams import later, stream

PROMOTED = e.SkillPromoted(
    promotion="p1", skill="a", scope="domain", path="skills/domains/tabular/a", version="v", commit="c", branch="b",
    learning="churn/r1#l1", reason="r",
)  # fmt: skip
DONE = e.CurationFinished(merged="m")


def _gone(rule: str) -> e.SkillRetired:
    return e.SkillRetired(
        promotion="p2", skill="a", path="skills/domains/tabular/a", commit="c", reason="r", rule=rule
    )


def _decided(decision: str, promotion: str = "p2") -> e.PromotionReviewed:
    return e.PromotionReviewed.model_validate({"promotion": promotion, "decision": decision, "by": "Ann"})


@pytest.mark.parametrize(
    ("rule", "after", "refused", "is_retired", "kept"),
    [
        ("", _decided("approved"), True, False, False),
        ("useless", _decided("approved"), False, True, False),
        ("useless", _decided("rejected"), False, False, True),
        ("useless", e.PromotionRolledBack(promotion="p2", skill="a", commit="c", reason="r"), False, False, True),
        ("useless", None, False, False, True),
    ],
)
def test_a_retirement(rule: str, after: e.Event | None, refused: bool, is_retired: bool, kept: bool) -> None:
    first = stream("_skills/one", [PROMOTED, DONE])
    second = later(stream("_skills/two", [_gone(rule)]), 1)
    third = later(stream("_skills/review-1", [after] if after else []), 2)
    known = reviews([first, second, third])
    assert bool(refused_before(known, "a")) is refused
    assert bool(retired(known)) is is_retired
    assert kept_by_people(known, "a") is kept


def test_what_was_promoted_again_is_retired_no_more() -> None:
    again = PROMOTED.model_copy(update={"promotion": "p3"})
    streams = [
        stream("_skills/one", [PROMOTED, DONE]),
        later(stream("_skills/two", [_gone("useless"), DONE]), 1),
        later(stream("_skills/three", [again, DONE]), 2),
    ]
    assert [one.promotion for one in retired(reviews(streams[:2]))] == ["p2"]
    assert retired(reviews(streams)) == []


def test_what_was_merged_since_is_refused_no_more() -> None:
    again = PROMOTED.model_copy(update={"promotion": "p3"})
    streams = [
        stream("_skills/one", [PROMOTED, e.CurationFinished(merged=None)]),
        later(stream("_skills/review-1", [_decided("rejected", "p1")]), 1),
        later(stream("_skills/two", [again, e.CurationFinished(merged=None)]), 2),
        later(stream("_skills/review-2", [_decided("approved", "p3")]), 3),
    ]
    refused = [refused_before(reviews(streams[:n]), "a") for n in (2, 3, 4)]
    assert [one and one.promotion for one in refused] == ["p1", "p1", None]


def test_what_was_decided_before_its_curation_ended_stays_decided() -> None:
    begun = e.CurationStarted(runs=("churn/r1",), branch="b", commit="c", review="pull-request", engineer="offline")
    ended = stream("_skills/one", [begun, PROMOTED, e.CurationFinished(merged=None)], step=7200.0)
    between = later(stream("_skills/review-1", [_decided("rejected", "p1")]), 3)
    assert reviews([ended, between])["p1"].state == "rejected"
    assert reviews([ended])["p1"].state == "waiting"


def test_what_was_judged_again_is_no_promotion() -> None:
    known = reviews(
        [stream("_skills/one", [PROMOTED, e.CurationFinished(merged=None, again="_skills/one.again2")])]
    )
    assert known == {}
