"""Intervals: what one estimate says, and what several say together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haste.core.pooling import Estimate, measured, over, pool


def test_an_estimate_without_an_error_is_never_clear() -> None:
    assert not Estimate(gain=0.5).clear
    assert str(Estimate(gain=0.5)) == "+0.500"
    assert Estimate(gain=0.05, error=0.02).clear
    assert not Estimate(gain=0.05, error=0.03).clear


def test_two_folds_leave_more_unknown_than_ten() -> None:
    two, ten = measured(0.08, 0.025, 2), measured(0.08, 0.025, 10)
    assert not two.clear
    assert ten.clear
    assert measured(0.08, 0.025, 1).error == 0.025


def test_agreeing_estimates_make_a_doubtful_effect_clear() -> None:
    one = Estimate(gain=0.015, error=0.01)
    both = pool([one, one, one])
    assert both is not None
    assert not one.clear
    assert both.clear


def test_competitions_that_disagree_widen_the_interval() -> None:
    both = pool([Estimate(gain=0.05, error=0.01), Estimate(gain=-0.05, error=0.01)])
    assert both is not None
    assert both.gain == pytest.approx(0.0)
    between = (50 - 1) / 1e4  # Cochran's Q of these two is 50, on one degree of freedom
    assert both.error == pytest.approx(((0.01**2 + between) / 2) ** 0.5)


def test_what_has_no_error_does_not_count() -> None:
    known = Estimate(gain=0.02, error=0.01)
    assert pool([known, Estimate(gain=0.9)]) == known
    assert pool([Estimate(gain=0.9)]) is None


_GAINS = st.floats(-1, 1)
_ERRORS = st.floats(0.001, 0.5)


@given(st.lists(st.builds(lambda g, e: Estimate(gain=g, error=e), _GAINS, _ERRORS), min_size=1, max_size=6))
def test_a_pool_lies_within_what_it_is_made_of(estimates: list[Estimate]) -> None:
    both = pool(estimates)
    assert both is not None
    gains = [e.gain for e in estimates]
    assert min(gains) - 1e-9 <= both.gain <= max(gains) + 1e-9
    assert both.error is not None
    assert both.error > 0.0


def test_a_few_estimates_are_pooled_by_their_errors() -> None:
    few = [Estimate(gain=0.02, error=0.01), Estimate(gain=0.01, error=0.002), Estimate(gain=0.03, error=0.02)]
    assert over(few) == pool(few)
    assert over([]) is None


def test_from_four_on_each_counts_as_much_as_any() -> None:
    gains = (0.01, 0.02, 0.03, 0.1)
    told = [Estimate(gain=gain, error=error) for gain, error in zip(gains, (0.001, 0.5, 0.5, 0.5), strict=True)]
    together = over(told)
    assert together is not None
    assert together.gain == pytest.approx(0.04)
    assert over(told[:3]) == pool(told[:3])


def test_several_estimates_tell_by_themselves_how_far_apart_they_are() -> None:
    unsure = [Estimate(gain=gain, error=0.5) for gain in (-0.02, -0.03, -0.025, -0.02, -0.03)]
    together = over(unsure)
    assert together is not None
    assert together.clear
    assert together.gain == pytest.approx(-0.025)
    apart = over([Estimate(gain=gain, error=0.001) for gain in (-0.02, 0.03, -0.025, 0.02)])
    assert apart is not None
    assert not apart.clear
