"""What following a skill brought, held against figures worked out by hand."""

import pytest

from haste.core import events as e
from haste.core.learning import Recipe
from haste.core.pooling import Estimate
from haste.projections.effects import WITHOUT, Effects, alike, citing, effects_by_version
from haste.projections.evidence import read_runs
from projections.streams import kept, loaded, proposed, prototypes_done, reverted, scored, started, stream

RANKS = Recipe(move="rank-gauss")
STUDENT = 2.78 / 2
"""What four degrees of freedom do to the error of five folds."""


def _run(name: str, *events: e.Event, skills: tuple[str, ...]) -> tuple[str, list[e.Recorded]]:
    head = (started(name.partition("/")[0]), loaded(*skills), proposed(1), scored(1), prototypes_done())
    return stream(name, [*head, *events])


LOGS = [
    _run(
        "churn/r1",
        proposed(2, cites=["a"]), scored(2), kept(2, 0.01),
        proposed(3, cites=["a"]), scored(3), reverted(3, -0.01),
        proposed(4), scored(4), kept(4, 0.05),
        proposed(5, cites=["a"]),
        skills=("a@1", "b@1"),
    ),
    _run("ships/r1", proposed(2, cites=["a"]), scored(2), kept(2, 0.02), skills=("a@2",)),
    _run("ships/r2", proposed(2), scored(2), reverted(2, -0.004), skills=("b@1",)),
    _run("ships/r3", proposed(2, move="other"), scored(2), kept(2), skills=("b@1",)),
    _run("ships/r4", skills=("a@2",)),
]  # fmt: skip


def _near(found: Estimate | None, gain: float, error: float) -> bool:
    assert found is not None
    return found.gain == pytest.approx(gain) and found.error == pytest.approx(error)


def _rows(name: str = "a") -> dict[str, Effects]:
    return {row.version: row for row in effects_by_version(name, RANKS, read_runs(LOGS))}


def test_each_version_has_its_own_row() -> None:
    rows = _rows()
    assert list(rows) == ["1", "2", WITHOUT]
    first, second = rows["1"], rows["2"]
    assert (first.runs, first.cited, first.kept, first.reverted) == (1, 3, 1, 1)
    assert (second.runs, second.cited, second.kept, second.reverted) == (2, 1, 1, 0)
    assert (first.competitions, second.competitions) == (("churn",), ("ships",))
    assert (second.reverted_gain, second.kept_gain == second.together) == (None, True)


def test_gains_and_intervals_are_those_worked_out_by_hand() -> None:
    """A gain of 0.01 where 0.2 are missing is 0.05; its error of 0.002 is 0.01, and wider for five folds.

    Of +0.05 and -0.05 the mean is 0, and what they differ by beyond their errors makes each as unsure as 0.005 in
    variance: the two together have half of that.
    """
    first = _rows()["1"]
    assert _near(first.kept_gain, 0.05, 0.01 * STUDENT)
    assert _near(first.reverted_gain, -0.05, 0.01 * STUDENT)
    assert _near(first.together, 0.0, (0.005 / 2) ** 0.5)
    assert str(first.together) == "+0.000 (-0.100 to +0.100)"
    assert _near(_rows()["2"].together, 0.1, 0.01 * STUDENT)


def test_what_arose_without_the_skill_is_told_apart() -> None:
    apart = _rows()[WITHOUT]
    assert (apart.runs, apart.cited, apart.kept, apart.reverted, apart.competitions) == (1, 0, 0, 1, ("ships",))
    assert _near(apart.together, -0.02, 0.01 * STUDENT)
    assert [(t.run, t.solution) for t in alike("a", RANKS, read_runs(LOGS))] == [("ships/r2", "s2")]


def test_a_change_that_only_had_the_skill_loaded_is_neither() -> None:
    assert [(t.run, t.solution) for t in citing("a", read_runs(LOGS))] == [
        ("churn/r1", "s2"), ("churn/r1", "s3"), ("ships/r1", "s2"),
    ]  # fmt: skip
    assert all(t.solution != "s4" for t in alike("a", RANKS, read_runs(LOGS)))


def test_what_another_skill_brought_in_the_same_run_is_not_its_own() -> None:
    both = _run(
        "churn/r1", proposed(2, cites=["a"]), scored(2), kept(2, 0.01), proposed(3, cites=["b"]), scored(3),
        reverted(3), skills=("a@1", "b@1"),
    )  # fmt: skip
    readings = read_runs([both])
    rows = [effects_by_version(name, None, readings)[0] for name in ("a", "b")]
    assert [(row.cited, row.kept, row.reverted) for row in rows] == [(1, 1, 0), (1, 0, 1)]


def test_a_skill_without_a_recipe_has_no_change_of_its_own() -> None:
    assert [row.version for row in effects_by_version("b", None, read_runs(LOGS))] == ["1"]
