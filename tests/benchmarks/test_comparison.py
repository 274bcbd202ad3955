"""Warm runs held against cold ones: what is counted, and over which pairs."""

from collections.abc import Sequence

import pytest
from measured.comparison import (
    CONTROL,
    change_of,
    cold_own,
    comparison,
    first_to_shared,
    gain,
    kept_share,
    pairs_of,
    second_to_shared,
    to_cold_best,
)
from measured.results import Row


def _row(arm: str, climb: Sequence[float | None], *, name: str = "a", kept: int = 1, graded: float = 0.8) -> Row:
    row: Row = {"competition": name, "seed": 0, "arm": arm, "metric": "roc_auc", "direction": "maximize"}
    row |= {"climb": list(climb), "decided": len(climb) - 1, "kept": kept, "score": graded, "graded": graded}
    return row | {"loaded": 3, "learned": 2, "cited": 1}


COLD = _row("cold", [0.7, 0.7, 0.75, 0.8])
WARM = _row("tiered", [0.7, 0.85, 0.86, 0.86], kept=2, graded=0.9)
WORSE = _row("tiered", [0.6, 0.65, 0.66, 0.66])


def test_a_warm_run_is_held_against_the_cold_best_or_its_own() -> None:
    assert cold_own((COLD, WARM)) == 3
    assert to_cold_best((COLD, WARM)) == 1
    assert to_cold_best((COLD, WORSE)) == 2
    assert change_of(cold_own, to_cold_best)([(COLD, WARM), (COLD, WORSE)]) == pytest.approx(-0.5)


def test_what_both_reached_is_the_same_either_way_round() -> None:
    assert (first_to_shared((COLD, WORSE)), second_to_shared((COLD, WORSE))) == (0, 2)
    assert (second_to_shared((WORSE, COLD)), first_to_shared((WORSE, COLD))) == (0, 2)


def test_runs_without_a_whole_score_count_nowhere() -> None:
    nothing = _row("tiered", [None])
    assert to_cold_best((COLD, nothing)) is None
    assert change_of(cold_own, to_cold_best)([(COLD, nothing)]) is None


def test_shares_and_gains() -> None:
    assert kept_share(1)([(COLD, WARM), (COLD, WORSE)]) == pytest.approx(3 / 6)
    assert gain((COLD, WARM), "graded") == pytest.approx(0.5)
    assert kept_share(0)([]) is None


def test_pairs_leave_out_failures_and_half_measured_ones() -> None:
    failed = {**WARM, "competition": "b", "error": "out of memory"}
    rows = [COLD, WARM, {**COLD, "competition": "b"}, failed, {**COLD, "competition": "c"}]
    assert pairs_of(rows, "cold", "tiered") == [(COLD, WARM)]


def test_both_tables_and_the_failures_are_told() -> None:
    rows = [
        {**row, "competition": name} for name in ("a", "b") for row in (COLD, _row(CONTROL, [0.7, 0.8, 0.8]), WARM)
    ]
    told = comparison([*rows, {**WARM, "competition": "c", "error": "out of memory"}])
    assert "| tiered | 2 | 3.0 | 2.0 | 1.0 | 3.0 | 3.0 | 1.0 | 3.0 | -66.7 % [-66.7, -66.7] |" in told
    assert "| tiered | 2 | 1.0 | 1.0 | +0.0 % [+0.0, +0.0] |" in told
    assert "- c, seed 0, tiered: out of memory" in told
