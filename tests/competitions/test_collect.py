"""What a script hands in: a score, or a failure that says what to mend."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from competitions.conftest import Sample
from competitions.players import Game, start, table, written
from haste.adapters.competitions.collecting import MAX_HEADER
from haste.adapters.competitions.places import Places
from haste.adapters.competitions.predictions import recall
from haste.adapters.competitions.samples import kinds
from haste.core.competition import Fold
from haste.core.evaluation import Collected
from haste.core.solution import Failure, FailureKind

FIRST = Fold(number=0)


@pytest.mark.parametrize("kind", kinds())
def test_better_predictions_score_better(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    good, bad = (game.play("s001", noise, FIRST).score for noise in (0.05, 3.0))
    assert good is not None and bad is not None
    assert game.competition.metric.better(good, bad)


@pytest.mark.parametrize("kind", kinds())
def test_the_full_view_is_kept_without_a_score(kind: str, sample: Sample, tmp_path: Path) -> None:
    game, fold = start(sample(kind), tmp_path), Fold(full=True)
    found = game.play("s001", 0.5, fold)
    assert found.score is None
    kept = recall(Places(tmp_path), game.run, "s001", fold)
    assert len(kept.oof) == 0
    assert len(kept.test) == game.profile.test_rows


def test_rows_may_come_in_any_order_and_spelling(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("colliding"), tmp_path)
    ids = game.ids(FIRST)
    values = game.noisy(FIRST, 0.3, 0)
    straight = game.collect(FIRST, written(game, ids, values)[0])
    back = game.collect(FIRST, written(game, ids[::-1], values[::-1])[0])
    as_floats = game.collect(FIRST, written(game, [f"{i}.0" for i in ids], values)[0])
    assert isinstance(straight, Collected)
    assert straight == back == as_floats


def test_the_work_folder_is_gone_afterwards(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    work = game.files.work_folder(game.run, "s001", FIRST)
    (work / "left.bin").write_bytes(b"x")
    assert game.files.work_folder(game.run, "s001", FIRST) == work
    assert list(work.iterdir()) == []
    game.view(FIRST)
    game.files.collect(game.run, game.competition, game.profile, FIRST, "s001", work)
    assert not work.exists()


Maker = Callable[[Game, list[str]], str]


def _cells(
    game: Game, ids: list[str], value: Callable[[int], object], columns: tuple[str, ...] | None = None
) -> str:
    names = columns or game.competition.prediction_columns
    return table(["id", *names], ids, [[value(i)] * len(names) for i in range(len(ids))])


WRONG: dict[str, tuple[str, FailureKind, str, Maker]] = {
    "nothing": ("binary", FailureKind.NO_SUBMISSION, "not a csv table", lambda g, ids: ""),
    "binary junk": ("binary", FailureKind.WRONG_COLUMNS, "missing", lambda g, ids: "\x01\x02\n\x03\n"),
    "a column misses": ("binary", FailureKind.WRONG_COLUMNS, "'bought' are missing; the columns must be id, bought",
                        lambda g, ids: _cells(g, ids, lambda i: i, ("buy",))),
    "a column too many": ("binary", FailureKind.WRONG_COLUMNS, "'x' don't belong",
                          lambda g, ids: _cells(g, ids, lambda i: 0.1 * (i % 5), ("bought", "x"))),
    "a row misses": ("binary", FailureKind.WRONG_ROWS, "1 ids of the test table are missing",
                     lambda g, ids: _cells(g, ids[1:], lambda i: 0.1 * (i % 5))),
    "a row twice": ("binary", FailureKind.WRONG_ROWS, "1 duplicate ids",
                    lambda g, ids: _cells(g, [ids[0], *ids[:-1]], lambda i: 0.1 * (i % 5))),
    "an unknown row": ("binary", FailureKind.WRONG_ROWS, "not in the test table, first 'zz'",
                       lambda g, ids: _cells(g, ["zz", *ids[1:]], lambda i: 0.1 * (i % 5))),
    "no rows": ("binary", FailureKind.WRONG_ROWS, "0 rows where", lambda g, ids: "id,bought\n"),
    "a hole": ("binary", FailureKind.NOT_FINITE, "1 values are no finite numbers, first ''",
               lambda g, ids: _cells(g, ids, lambda i: "" if i == 3 else 0.1 * (i % 5))),
    "infinity": ("regression", FailureKind.NOT_FINITE, "first 'inf' in 'price'",
                 lambda g, ids: _cells(g, ids, lambda i: "inf" if i == 3 else i)),
    "beyond the metric": ("multi_target", FailureKind.OUT_OF_RANGE, "no finite value",
                          lambda g, ids: _cells(g, ids, lambda i: (1 + i % 5) * 1e173)),
    "text for a number": ("regression", FailureKind.NOT_FINITE, "first 'cheap'",
                          lambda g, ids: _cells(g, ids, lambda i: "cheap")),
    "beyond 1": ("binary", FailureKind.OUT_OF_RANGE, "outside [0, 1], first 1.5",
                 lambda g, ids: _cells(g, ids, lambda i: 1.5 if i == 3 else 0.1 * (i % 5))),
    "sums": ("multiclass", FailureKind.OUT_OF_RANGE, "don't sum to 1, the worst to 1.5",
             lambda g, ids: _cells(g, ids, lambda i: 0.5 if i % 2 else 1 / 3)),
    "negative": ("regression", FailureKind.OUT_OF_RANGE, "negative, which rmsle can't take",
                 lambda g, ids: _cells(g, ids, lambda i: i - 3)),
    "an unknown label": ("labels", FailureKind.OUT_OF_RANGE, "unknown, first 'huge'",
                         lambda g, ids: _cells(g, ids, lambda i: "huge" if i % 2 else "small")),
    "no label": ("labels", FailureKind.NOT_FINITE, "labels are missing",
                 lambda g, ids: _cells(g, ids, lambda i: "" if i % 2 else "small")),
    "half a grade": ("ordinal", FailureKind.OUT_OF_RANGE, "no whole numbers, first 2.5",
                     lambda g, ids: _cells(g, ids, lambda i: 2.5 if i == 1 else 2)),
    "an unknown grade": ("ordinal", FailureKind.OUT_OF_RANGE, "unknown, first '9'",
                         lambda g, ids: _cells(g, ids, lambda i: 9 if i == 1 else 2)),
    "one value": ("binary", FailureKind.CONSTANT, "the same for every row",
                  lambda g, ids: _cells(g, ids, lambda i: 0.2)),
    "the sample": ("binary", FailureKind.COPIED_SAMPLE, "write the model's own",
                   lambda g, ids: _cells(g, ids, lambda i: 0.5)),
    "one label": ("labels", FailureKind.CONSTANT, "the same for every row",
                  lambda g, ids: _cells(g, ids, lambda i: "small")),
    "the sample's label": ("labels", FailureKind.COPIED_SAMPLE, "sample",
                           lambda g, ids: _cells(g, ids, lambda i: "middle")),
    "a hundred thousand columns": ("binary", FailureKind.WRONG_COLUMNS, "100001 columns where 2 are expected",
                                   lambda g, ids: "a," * 100_000 + "\n" + "1," * 100_000 + "\n"),
    "a long line": ("binary", FailureKind.NO_SUBMISSION, "first line has more than",
                    lambda g, ids: "a," * MAX_HEADER),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_each_way_to_be_wrong_has_its_name(case: str, sample: Sample, tmp_path: Path) -> None:
    kind, failure, words, make = WRONG[case]
    game = start(sample(kind), tmp_path)
    found = game.collect(FIRST, make(game, game.ids(FIRST)))
    assert isinstance(found, Failure)
    assert (found.kind, words in found.message) == (failure, True), found.message
    assert "\n" not in found.message
    assert not game.files.has_predictions(game.run, "s001", FIRST, "")


def test_several_problems_are_told_at_once(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    ids = game.ids(FIRST)
    found = game.collect(FIRST, _cells(game, ["zz", *ids[1:]], lambda i: 7 if i == 2 else 0.1))
    assert isinstance(found, Failure)
    assert "missing" in found.message and "not in the test table" in found.message and "outside" in found.message


def test_a_link_or_a_pipe_is_no_submission(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    game.view(FIRST)
    for place in (lambda p: p.symlink_to("/etc/passwd"), lambda p: os.mkfifo(p)):
        work = game.files.work_folder(game.run, "s001", FIRST)
        place(work / "submission.csv")
        found = game.files.collect(game.run, game.competition, game.profile, FIRST, "s001", work)
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.NO_SUBMISSION


def test_a_huge_result_is_refused_unread(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    game.view(FIRST)
    work = game.files.work_folder(game.run, "s001", FIRST)
    with (work / "submission.csv").open("wb") as stream:
        stream.truncate(2**40)
    found = game.files.collect(game.run, game.competition, game.profile, FIRST, "s001", work)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.TOO_LARGE


def test_labels_are_scored_and_what_is_soft_is_kept(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("labels"), tmp_path)
    ids, values = game.ids(FIRST), game.noisy(FIRST, 0.5, 0)
    submission, soft = written(game, ids, values)
    with_soft, without = game.collect(FIRST, submission, soft), game.collect(FIRST, submission, None, "s002")
    assert isinstance(with_soft, Collected) and isinstance(without, Collected)
    assert with_soft.score == without.score
    kept, votes = (recall(Places(tmp_path), game.run, s, FIRST) for s in ("s001", "s002"))
    assert kept.soft and not votes.soft
    assert kept.oof.shape == votes.oof.shape == (len(kept.oof), 3)
    assert set(np.unique(votes.oof)) == {0.0, 1.0}
    assert kept.oof_labels is not None
    assert np.array_equal(kept.oof_labels, votes.oof.argmax(axis=1))


@pytest.mark.parametrize(
    ("kind", "head", "cell", "kept"),
    [
        ("ordinal", ["value"], [2.25], [2.25]),
        ("ordinal", ["1", "2", "3", "4", "5"], [0, 0.5, 0.5, 0, 0], [2.5]),
        ("ordinal", ["5", "4", "3", "2", "1"], [0, 0, 0.5, 0.5, 0], [2.5]),
        ("truths", ["value"], [0.75], [0.25, 0.75]),
        ("truths", ["true", "False"], [3, 1], [0.25, 0.75]),
    ],
)
def test_soft_forms(
    kind: str, head: list[str], cell: list[float], kept: list[float], sample: Sample, tmp_path: Path
) -> None:
    game = start(sample(kind), tmp_path)
    ids, values = game.ids(FIRST), game.noisy(FIRST, 0.5, 0)
    found = game.collect(FIRST, written(game, ids, values)[0], table(["id", *head], ids, [cell] * len(ids)))
    assert isinstance(found, Collected), found
    assert recall(Places(tmp_path), game.run, "s001", FIRST).oof[0] == pytest.approx(kept)


@pytest.mark.parametrize(
    ("kind", "head", "cell", "words"),
    [
        ("labels", ["small", "large"], [0.5, 0.5], "one a class"),
        ("labels", ["value"], [0.5], "can't stand for 3 classes"),
        ("truths", ["value"], [1.5], "probability of 'True'"),
        ("labels", ["large", "middle", "small"], [0, 0, 0], "none at all"),
        ("labels", ["large", "middle", "small"], [0, "x", 1], "no finite numbers"),
    ],
)
def test_wrong_soft_forms(
    kind: str, head: list[str], cell: list[object], words: str, sample: Sample, tmp_path: Path
) -> None:
    game = start(sample(kind), tmp_path)
    ids, values = game.ids(FIRST), game.noisy(FIRST, 0.5, 0)
    found = game.collect(FIRST, written(game, ids, values)[0], table(["id", *head], ids, [cell] * len(ids)))
    assert isinstance(found, Failure)
    assert words in found.message


def test_digests_tell_predictions_apart_whenever_they_were_made(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("regression"), tmp_path)
    one, again, other = (game.play("s001", noise, FIRST) for noise in (0.2, 0.2, 0.3))
    assert one == again
    assert one.predictions != other.predictions
    assert game.files.has_predictions(game.run, "s001", FIRST, other.predictions)
    assert not game.files.has_predictions(game.run, "s001", FIRST, one.predictions)
    path = Places(tmp_path).predictions(game.run, "s001", FIRST)
    path.write_bytes(path.read_bytes()[:-40])
    assert not game.files.has_predictions(game.run, "s001", FIRST, other.predictions)
