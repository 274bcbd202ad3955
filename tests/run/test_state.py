"""What a run's state says of its events: the best, who makes the submission, and what is reported."""

import pytest

from haste.core import events as e
from haste.core.evolve import rebuild
from haste.core.run import RunState
from projections.streams import fold, kept, proposed, prototypes_done, reverted, scored, started, stream

SINGLE, BLEND = (0.81, 0.02), (0.82, 0.01)


def state_of(*events: e.Event) -> RunState:
    return rebuild(stream("churn/r1", [started(), *events])[1])


def seen(number: int, score: float, folds: int) -> list[e.Event]:
    """A solution with the same score on so many folds."""
    return [*(fold(number, k, score) for k in range(folds)), scored(number, score, folds)]


def test_many_folds_say_more_than_a_higher_score_on_one() -> None:
    both = [proposed(1), *seen(1, 0.80, 5), proposed(2, track=None), *seen(2, 0.90, 1)]
    assert state_of(*both).best == "s1"
    assert state_of(*both, fold(2, 1, 0.9), fold(2, 2, 0.9), fold(2, 3, 0.9), fold(2, 4, 0.9)).best == "s2"


@pytest.mark.parametrize(("verdict", "best"), [(kept(2), "s2"), (reverted(2, 0.001), "s1")])
def test_what_was_reverted_is_not_the_best_whatever_its_score(verdict: e.Event, best: str) -> None:
    changed = [proposed(1), *seen(1, 0.80, 5), prototypes_done(), proposed(2), *seen(2, 0.801, 5), verdict]
    assert state_of(*changed).best == best


@pytest.mark.parametrize(
    ("verdict", "members", "reported"),
    [
        (e.EnsembleKept(gain=0.01), ["s1", "s2"], BLEND),
        (e.EnsembleDropped(gain=-0.01, reason="r"), ["s1"], SINGLE),
    ],
)
def test_a_blend_makes_the_submission_and_the_score_only_where_it_was_kept(
    verdict: e.Event, members: list[str], reported: tuple[float, float]
) -> None:
    built = e.EnsembleBuilt(
        members=(e.Member(solution="s1", weight=0.5), e.Member(solution="s2", weight=0.5)),
        method="uniform",
        rows="fresh folds",
        score=BLEND[0],
        error=BLEND[1],
        single="s1",
        single_score=SINGLE[0],
        single_error=SINGLE[1],
    )
    state = state_of(built, verdict)
    assert [member.solution for member in state.final_members] == members
    assert sum(member.weight for member in state.final_members) == 1.0
    assert state.reported == reported
