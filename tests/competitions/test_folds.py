"""Folds hold out every row once, respect classes, groups and time, and follow from plan and seed alone."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions.conftest import Sample
from competitions.players import start
from haste.adapters.competitions.folds import lockbox, lockbox_parts, split
from haste.adapters.competitions.samples import kinds
from haste.adapters.competitions.source import load
from haste.adapters.competitions.tables import Table, text_table
from haste.adapters.competitions.truth import truth
from haste.core.competition import Fold, FoldPlan


def rows_of(groups: list[int], when: list[int] | None = None) -> Table:
    columns = {"g": [str(g) for g in groups]}
    if when is not None:
        columns["t"] = [str(t) for t in when]
    return text_table(columns)


@given(
    st.lists(st.integers(0, 6), min_size=12, max_size=80),
    st.integers(2, 5),
    st.integers(0, 9),
    st.sampled_from(["plain", "stratified", "grouped"]),
    st.sampled_from([0.0, 0.1, 0.25]),
)
def test_every_row_is_held_out_once(labels: list[int], folds: int, seed: int, kind: str, share: float) -> None:
    plan = FoldPlan.model_validate(
        {"kind": kind, "folds": folds, "seed": seed, "column": "g", "lockbox_share": share}
    )
    table, actual = rows_of(labels), np.array(labels)
    locked = set(lockbox(plan, table, actual))
    held: list[int] = []
    for repeat in (0, 1):
        held = []
        for number in range(folds):
            cut = split(plan, Fold(repeat=repeat, number=number), table, actual)
            assert set(cut.lockbox) == locked
            assert not set(cut.train) & (set(cut.held) | locked)
            assert len(cut.train) + len(cut.held) + len(locked) == len(labels)
            held += cut.held.tolist()
        assert sorted([*held, *locked]) == list(range(len(labels)))
    if share:
        assert len(lockbox_parts(plan, table, actual, 5)) == len(locked)


@given(st.lists(st.integers(0, 4), min_size=20, max_size=200), st.integers(2, 5), st.integers(0, 9))
def test_classes_are_spread_evenly(labels: list[int], folds: int, seed: int) -> None:
    plan = FoldPlan(kind="stratified", folds=folds, seed=seed)
    cuts = [split(plan, Fold(number=k), rows_of(labels), np.array(labels)) for k in range(folds)]
    sizes = [len(cut.held) for cut in cuts]
    assert max(sizes) - min(sizes) <= 1
    for label in set(labels):
        counts = [sum(labels[i] == label for i in cut.held) for cut in cuts]
        assert max(counts) - min(counts) <= 1


@given(st.lists(st.integers(0, 15), min_size=30, max_size=120), st.integers(2, 5), st.integers(0, 9))
def test_groups_stay_together(groups: list[int], folds: int, seed: int) -> None:
    plan = FoldPlan(kind="grouped", folds=folds, seed=seed, column="g")
    for number in range(folds):
        cut = split(plan, Fold(number=number), rows_of(groups), np.zeros(len(groups)))
        assert not {groups[i] for i in cut.held} & {groups[i] for i in cut.train}


def sized(*sizes: int) -> list[int]:
    """Rows of as many groups, each of its own size."""
    return [group for group, size in enumerate(sizes) for _ in range(size)]


@pytest.mark.parametrize("seed", range(5))
def test_fresh_folds_part_groups_of_distinct_sizes_otherwise(seed: int) -> None:
    groups = sized(*range(3, 43))
    plan = FoldPlan(kind="grouped", folds=5, seed=seed, column="g")
    piles = [
        {
            tuple(split(plan, Fold(repeat=repeat, number=k), rows_of(groups), np.zeros(len(groups))).held)
            for k in range(5)
        }
        for repeat in (0, 1)
    ]
    assert not piles[0] & piles[1]
    assert all(0.1 < len(pile) / len(groups) < 0.3 for pile in piles[0] | piles[1])


@pytest.mark.parametrize("seed", range(5))
def test_the_lockbox_comes_near_its_share_whatever_the_largest_group(seed: int) -> None:
    groups = sized(360, *[16] * 40)
    plan = FoldPlan(kind="grouped", folds=5, seed=seed, column="g", lockbox_share=0.1)
    assert 0.05 < len(lockbox(plan, rows_of(groups), np.zeros(len(groups)))) / len(groups) < 0.15


@given(st.lists(st.integers(0, 60), min_size=60, max_size=300), st.integers(2, 5), st.integers(0, 3))
def test_forward_folds_never_train_on_what_comes_later(when: list[int], folds: int, repeat: int) -> None:
    if len(set(when)) < 3 * folds:
        return
    plan = FoldPlan(kind="forward", folds=folds, column="t")
    table = rows_of([0] * len(when), when)
    held = []
    for number in range(folds):
        cut = split(plan, Fold(repeat=repeat, number=number), table, np.zeros((len(when), 1)))
        assert len(cut.train) and len(cut.held)
        assert max(when[i] for i in cut.train) < min(when[i] for i in cut.held)
        held += cut.held.tolist()
    assert max(Counter(held).values()) == 1


@pytest.mark.parametrize("kind", kinds())
def test_seeds_and_repeats_move_the_folds(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    table = load(game.competition).train
    actual = truth(game.competition, game.profile.classes, table)
    plan = game.profile.folds
    first, again, fresh = (
        split(plan, fold, table, actual).held for fold in (Fold(number=1), Fold(number=1), Fold(repeat=1, number=1))
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, fresh)
    full = split(plan, Fold(full=True), table, actual)
    assert (len(full.train), len(full.held), len(full.lockbox)) == (table.rows, 0, 0)


def test_labels_of_several_targets_are_spread_by_the_rarest(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("multilabel"), tmp_path)
    table = load(game.competition).train
    actual = truth(game.competition, game.profile.classes, table)
    rarest = actual.sum(axis=0).argmin()
    counts = [actual[split(game.profile.folds, f, table, actual).held, rarest].sum() for f in game.folds]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("kind", ["labels", "forward", "regression", "grouped"])
def test_a_tenth_is_a_part_of_the_fold_with_every_class(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    table = load(game.competition).train
    actual = truth(game.competition, game.profile.classes, table)
    whole, tenth = (split(game.profile.folds, Fold(number=1, tenth=t), table, actual) for t in (False, True))
    assert set(tenth.train) < set(whole.train)
    assert 0.08 <= len(tenth.train) / len(whole.train) <= 0.14
    assert np.array_equal(tenth.held, whole.held)
    if kind == "labels":
        assert set(actual[tenth.train]) == set(actual)
    assert list(tenth.train) == sorted(tenth.train)
