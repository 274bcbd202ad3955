"""Results that can be gone on with, and the intervals over them."""

from pathlib import Path

import pytest
from measured.intervals import bootstrap, half_width, mean_of
from measured.results import Results

KEY = ("system", "seed")


def test_what_is_there_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "out" / "results.jsonl"
    Results(file, KEY).add({"system": "haste", "seed": 1, "score": 0.5})
    again = Results(file, KEY)
    again.add({"system": "haste", "seed": 2, "score": 0.6})
    assert len(Results(file, KEY).rows) == 2
    found = again.find({"system": "haste", "seed": 1, "seconds": 60})
    assert found is not None and found["score"] == 0.5
    assert again.find({"system": "flaml", "seed": 1}) is None


def test_a_line_that_a_stop_has_cut_short_is_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text('{"system": "haste", "seed": 1}\n{"system": "ha', encoding="utf-8")
    results = Results(file, KEY)
    results.add({"system": "haste", "seed": 2})
    assert [row["seed"] for row in Results(file, KEY).rows] == [1, 2]


def test_intervals_need_two_values() -> None:
    assert half_width([1.0]) is None and bootstrap([1.0], mean_of, group=float) is None
    assert half_width([1.0, 2.0, 3.0]) == pytest.approx(4.3027 / 3**0.5, rel=1e-3)


def test_a_bootstrap_is_the_same_again_and_surrounds_the_mean() -> None:
    values = [float(v) for v in range(20)]
    interval = bootstrap(values, mean_of, group=float)
    assert interval is not None and interval[0] < 9.5 < interval[1]
    assert 6.5 < interval[0] < 7.5
    assert interval == bootstrap(values, mean_of, group=float)


def test_what_belongs_together_is_drawn_together() -> None:
    values = [float(v) for v in range(20)]
    alone = bootstrap(values, mean_of, group=float)
    often = bootstrap(values * 5, mean_of, group=float)
    assert alone == often, "five seeds of the same say no more than one"
    assert bootstrap(values, mean_of, group=lambda _: "one") is None
