"""When folds settle that a change has lost, and what one evaluation may take: by hand."""

from dataclasses import replace

import pytest

from haste.core.competition import Fold
from haste.core.metric import METRICS
from haste.core.statistics import clearly_worse, relative_gain
from haste.settings import Settings
from haste.stages.evaluate import limits
from projections.streams import proposed, scored
from run.test_state import state_of


@pytest.mark.parametrize(
    ("gain", "usual", "lost"),
    [(-0.03, 0.01, False), (-0.05, 0.01, True), (-0.05, None, False), (0.05, 0.01, False)],
)
def test_one_fold_settles_it_beyond_four_times_the_usual_noise(
    gain: float, usual: float | None, lost: bool
) -> None:
    assert clearly_worse([gain], usual=usual) is lost


def test_folds_that_agree_by_chance_are_believed_no_more_than_usual() -> None:
    alike = [-0.010, -0.0101]
    assert clearly_worse(alike, usual=None)
    assert not clearly_worse(alike, usual=0.02)
    assert clearly_worse(alike, usual=0.01)
    assert not clearly_worse([], usual=0.01)


def test_a_gain_is_a_share_of_what_is_missing_or_of_the_error() -> None:
    assert relative_gain(METRICS["roc_auc"], 0.91, 0.90) == pytest.approx(0.1)
    assert relative_gain(METRICS["rmse"], 1.8, 2.0) == pytest.approx(0.1)
    assert relative_gain(METRICS["rmse"], 2.0, 0.0) == 0.0
    assert relative_gain(METRICS["rmse"], 9.0, 2.0) == -1.0


def test_before_anything_is_scored_half_of_the_time_is_left_for_another_try() -> None:
    settings = Settings(time_limit=600.0, evaluation_seconds=500.0)
    kept_back = 0.03 * 600.0
    first = replace(state_of(), settings=settings, seconds=0.0)
    assert limits(first, Fold()).seconds == (600.0 - kept_back) / 2
    later = replace(state_of(proposed(1), scored(1, 0.8, 1)), settings=settings, seconds=0.0)
    assert limits(later, Fold()).seconds == 500.0
