"""How a run's search climbs, and when it first has what another run ended with."""

from collections.abc import Iterable, Sequence

import pytest

from haste.core import events as e
from haste.projections.transfer import Climb, climb_of
from projections.streams import fold, kept, profiled, proposed, prototypes_done, reverted, scored, started, stream

FOLDS = 2


def _on_all(number: int, score: float) -> list[e.Event]:
    folds: list[e.Event] = [fold(number, k, score) for k in range(FOLDS)]
    return [*folds, scored(number, score, FOLDS)]


def _run(changes: Iterable[Sequence[e.Event]], metric: str = "roc_auc") -> Climb:
    glance: list[e.Event] = [fold(1, 0, 0.9), scored(1, 0.9, 1)]
    events = [started(metric=metric), profiled(FOLDS), proposed(1), *glance, prototypes_done(), fold(1, 1, 0.5)]
    events += [scored(1, 0.7, FOLDS), *(event for change in changes for event in change)]
    found = climb_of(stream("churn/one", events)[1])
    assert found is not None
    return found


def test_a_glance_is_no_score_and_only_kept_changes_count() -> None:
    climb = _run(
        [
            [proposed(2), *_on_all(2, 0.8), kept(2)],
            [proposed(3), *_on_all(3, 0.95), reverted(3)],
            [proposed(4), fold(4, 0, 0.2), scored(4, 0.2, 1), reverted(4)],
            [proposed(5), *_on_all(5, 0.85), kept(5)],
        ]
    )
    assert climb.scores == pytest.approx((0.7, 0.8, 0.8, 0.8, 0.85))


def test_an_undecided_change_moves_nothing() -> None:
    assert _run([[proposed(2), *_on_all(2, 0.8)]]).scores == (0.7,)


def test_an_equal_but_faster_change_does_not_lower_the_standing() -> None:
    assert _run([[proposed(2), *_on_all(2, 0.69), kept(2, -0.01)]]).scores == (0.7, 0.7)


def test_less_is_better_where_the_metric_says_so() -> None:
    climb = _run([[proposed(2), *_on_all(2, 0.6), kept(2)], [proposed(3), *_on_all(3, 0.65), kept(3)]], "rmse")
    assert climb.scores == pytest.approx((0.7, 0.6, 0.6))
    assert climb.to_reach(0.65) == 1


@pytest.mark.parametrize(
    ("target", "changes"), [(0.5, 0), (0.7, 0), (0.75, 1), (0.8, 1), (0.85, 3), (0.9, 3), (None, 3)]
)
def test_the_first_change_that_reaches_a_target_or_its_own_best(target: float | None, changes: int) -> None:
    assert Climb(metric="roc_auc", scores=(0.7, 0.8, 0.8, 0.85, 0.85)).to_reach(target) == changes


def test_a_run_that_never_saw_all_folds_reaches_nothing() -> None:
    climb = climb_of(
        stream("churn/one", [started(), profiled(FOLDS), proposed(1), fold(1, 0), scored(1, 0.8, 1)])[1]
    )
    assert climb == Climb(metric="roc_auc", scores=(None,))
    assert climb.best is None and climb.to_reach(0.1) is None


def test_late_scores_are_waited_for() -> None:
    assert Climb(metric="rmse", scores=(None, None, 3.0, 2.0)).to_reach(4.0) == 2


def test_a_stream_of_another_kind_has_no_climb() -> None:
    assert (
        climb_of(stream("_campaigns/c", [e.RoundFinished(number=1, finished=(), failed=(), promoted=0)])[1]) is None
    )
