"""Scores of systems side by side: ranks, duels, and what failed."""

import pytest
from measured.results import Row
from measured.standings import Contestant, duels, mean_ranks, standings

HASTE: Contestant = ("haste", "--skills none", 60.0)
AUTOGLUON: Contestant = ("autogluon", "medium_quality", 60.0)
LIGHTGBM: Contestant = ("lightgbm", "", 0.0)


def _row(name: str, who: Contestant, score: float | None, *, seed: int = 0, direction: str = "maximize") -> Row:
    system, preset, seconds = who
    row: Row = {"competition": name, "system": system, "preset": preset, "seconds": seconds, "seed": seed}
    row |= {"score": score, "metric": "m", "direction": direction, "wall": 61.0, "load": 0.5}
    return row if score is not None else {**row, "error": "exit 1: out of memory"}


def test_the_best_is_first_and_a_failure_last() -> None:
    rows = [
        _row("a", HASTE, 0.9),
        _row("a", AUTOGLUON, 0.8),
        _row("a", LIGHTGBM, 0.7),
        _row("b", HASTE, 1.5, direction="minimize"),
        _row("b", AUTOGLUON, None, direction="minimize"),
        _row("b", LIGHTGBM, 1.0, direction="minimize"),
    ]
    assert mean_ranks(rows) == ({HASTE: 1.5, AUTOGLUON: 2.5, LIGHTGBM: 2.0}, 2)


def test_equals_share_a_rank_and_half_measured_competitions_have_none() -> None:
    rows = [_row("a", HASTE, 0.9), _row("a", AUTOGLUON, 0.9), _row("b", HASTE, 0.9)]
    assert mean_ranks(rows) == ({HASTE: 1.5, AUTOGLUON: 1.5}, 1)


def test_duels_are_fought_on_the_mean_of_the_seeds_that_both_have() -> None:
    rows = [
        *(_row("a", HASTE, score, seed=seed) for seed, score in enumerate((0.9, 0.5, 0.0))),
        *(_row("a", AUTOGLUON, score, seed=seed) for seed, score in enumerate((0.8, 0.55))),
        _row("b", HASTE, None),
        _row("b", AUTOGLUON, 0.1),
        _row("c", HASTE, 0.1),
    ]
    told = duels(rows).splitlines()
    assert told[2] == "| haste --skills none 60 s | autogluon medium_quality 60 s | 1 | 0 | 1 | 2 |"


def test_the_table_tells_means_intervals_and_failures() -> None:
    rows = [_row("a", HASTE, 0.9), _row("a", HASTE, 0.8, seed=1), _row("a", AUTOGLUON, None)]
    told = standings(rows)
    assert "| a | m ↑ | 0.85 ± 0.64 | **exit 1** |" in told
    assert "- a, autogluon medium_quality 60 s, seed 0: exit 1: out of memory" in told
    assert standings([]) == "no results yet"


@pytest.mark.parametrize("score", [0.0, -1.0])
def test_a_score_of_nothing_is_still_a_score(score: float) -> None:
    assert mean_ranks([_row("a", HASTE, score), _row("a", AUTOGLUON, None)])[0][HASTE] == 1.0
