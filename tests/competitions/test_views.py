"""A view holds what a solution may see, and nothing of the labels it is scored with."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from competitions.conftest import Sample
from competitions.players import Game, start, table
from haste.adapters.competitions.folds import split
from haste.adapters.competitions.places import Places
from haste.adapters.competitions.samples import kinds, make_sample
from haste.adapters.competitions.source import load
from haste.adapters.competitions.tables import Table, read_table
from haste.adapters.competitions.truth import truth
from haste.adapters.competitions.views import Key, read_key
from haste.core.competition import Fold
from haste.core.evaluation import Collected
from haste.core.metric import PredictionKind
from haste.errors import CompetitionError, UsageError


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("fold", [Fold(number=1), Fold(repeat=1, number=0)], ids=lambda f: f.key)
def test_labels_of_the_fold_stand_nowhere(kind: str, fold: Fold, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    view, source = game.view(fold), load(game.competition)
    train = read_table(view / game.competition.train)
    test = read_table(view / game.competition.test)
    held = _held(game, fold)
    assert len(held) > 0
    assert not set(game.competition.targets) & set(test.columns)
    assert set(test.columns) <= set(source.test.columns)
    kept = Counter(_lines(train))
    everything = Counter(_lines(source.train))
    gone = Counter(_lines(source.train.take(held)))
    assert kept + gone == everything if game.profile.folds.kind != "forward" else kept + gone <= everything


@pytest.mark.parametrize("kind", kinds())
def test_a_script_that_reads_every_file_gains_nothing(kind: str, sample: Sample, tmp_path: Path) -> None:
    """A thief looks up every row of the test table in everything that stands in the view, and guesses the rest."""
    game, fold = start(sample(kind), tmp_path), Fold(number=0)
    competition = game.competition
    view = game.view(fold)
    train, test = read_table(view / competition.train), read_table(view / competition.test)
    features = [c for c in test.columns if c != competition.id_column or kind == "content_ids"]
    by_row = dict(zip(_lines(train, features), _lines(train, list(competition.targets)), strict=True))
    by_id = dict(zip(_ids(train, competition.id_column), _lines(train, list(competition.targets)), strict=True))
    found = [
        by_id.get(i, by_row.get(row) if features else None)
        for i, row in zip(_ids(test, competition.id_column), _lines(test, features), strict=True)
    ]
    key = read_key(Places(tmp_path), game.run, fold)
    places = key.places(_held(game, fold))
    source = load(competition)
    actual = _lines(source.train.take(_held(game, fold)), list(competition.targets))
    if kind not in ("content_ids", "colliding"):
        assert [found[p] for p in places] == [None] * len(places)
    if kind == "colliding":
        # The ids of the two tables collide: what a thief finds by them are other rows' labels.
        right = np.mean([found[p] == a for p, a in zip(places, actual, strict=True)])
        assert right < 0.05
    allowed = {competition.train, competition.test, competition.sample, "description.md"}
    allowed |= {f.train.split("/")[0] for f in competition.row_files} | {
        f.test.split("/")[0] for f in competition.row_files
    }
    assert {p.name for p in view.iterdir()} <= allowed


@pytest.mark.parametrize("kind", kinds())
def test_the_test_table_is_the_real_one_and_the_fold(kind: str, sample: Sample, tmp_path: Path) -> None:
    game, fold = start(sample(kind), tmp_path), Fold(number=0)
    competition, source = game.competition, load(game.competition)
    view = game.view(fold)
    test = read_table(view / competition.test)
    features = [c for c in test.columns if c != competition.id_column]
    held = source.train.take(_held(game, fold))
    if features:
        wanted = Counter(_lines(held, features)) + Counter(_lines(source.test, features))
        assert Counter(_lines(test, features)) == wanted
    assert test.rows == held.rows + source.test.rows
    submission = read_table(view / competition.sample)
    assert list(submission.columns) == list(source.sample.columns)
    assert list(submission.text(competition.id_column)) == list(test.text(competition.id_column))
    for column in competition.prediction_columns:
        assert len(set(submission.text(column))) == 1


def test_rows_are_shuffled_so_that_the_fold_is_not_marked(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    game.view(Fold(number=0))
    key = read_key(Places(tmp_path), game.run, Fold(number=0))
    from_train = (key.rows < key.train_rows).astype(float)
    assert abs(np.corrcoef(from_train, np.arange(len(from_train)))[0, 1]) < 0.2


def test_forward_views_keep_the_order_of_time(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("forward"), tmp_path)
    for fold in [*game.folds, Fold(repeat=1, number=2)]:
        view = game.view(fold)
        train, test = read_table(view / "train.csv"), read_table(view / "test.csv")
        moments = [[int(i) for i in t.text("id")] for t in (train, test)]
        assert moments[0] == sorted(moments[0])
        assert moments[1] == sorted(moments[1])
        assert max(moments[0]) < min(moments[1])


def test_full_view_trains_on_every_row(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("colliding"), tmp_path)
    view, source = game.view(Fold(full=True)), load(game.competition)
    assert _lines(read_table(view / "train.csv")) == _lines(source.train)
    assert _lines(read_table(view / "test.csv")) == _lines(source.test)


def test_colliding_ids_are_renumbered_with_their_files(sample: Sample, tmp_path: Path) -> None:
    game, fold = start(sample("colliding"), tmp_path), Fold(number=2)
    view = game.view(fold)
    test = read_table(view / "test.csv")
    assert [int(i) for i in test.text("id")] == list(range(1, test.rows + 1))
    train = read_table(view / "train.csv")
    assert sorted(p.name for p in (view / "test").iterdir()) == sorted(test.text("id"))
    assert sorted(p.name for p in (view / "train").iterdir()) == sorted(train.text("id"))
    for side, rows in (("train", train), ("test", test)):
        for i, x1, x2 in zip(rows.text("id"), rows.text("x1"), rows.text("x2"), strict=True):
            assert (view / side / i / "geometry.xyz").read_text() == f"atoms {x1} {x2}\n"


def test_files_of_rows_are_links_never_copies(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("images"), tmp_path)
    root = Path(game.competition.root)
    one, other = game.view(Fold(number=0)), game.view(Fold(number=1))
    shown = {p.name: p.stat().st_ino for p in (one / "train_images").iterdir()}
    again = {p.name: p.stat().st_ino for p in (other / "train_images").iterdir()}
    assert all(again[name] == inode for name, inode in shown.items() if name in again)
    if root.stat().st_dev == tmp_path.stat().st_dev:
        assert all((root / "train_images" / name).stat().st_ino == inode for name, inode in shown.items())


def test_files_come_from_one_pool_where_links_are_refused(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = start(sample("images"), tmp_path)
    root, link = game.competition.root, os.link

    def across(source: Path, target: Path, **options: bool) -> None:
        if str(source).startswith(root):
            raise OSError(18, "Invalid cross-device link")
        link(source, target, **options)

    monkeypatch.setattr("haste.adapters.competitions.rowfiles.os.link", across)
    one, other = game.view(Fold(number=0)), game.view(Fold(number=1))
    pool = tmp_path / ".haste" / "pool" / "images"
    first = next(p for p in (one / "train_images").iterdir() if (other / "train_images" / p.name).exists())
    assert first.stat().st_ino == (other / "train_images" / first.name).stat().st_ino
    assert first.stat().st_ino == (pool / "train_images" / first.name).stat().st_ino
    assert first.read_bytes() == (Path(root) / "train_images" / first.name).read_bytes()


def test_views_are_made_once_and_whole(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    view = game.view(Fold(number=0))
    before = (view / "train.csv").stat().st_mtime_ns
    assert game.view(Fold(number=0)) == view
    assert (view / "train.csv").stat().st_mtime_ns == before
    assert [p.name for p in view.parent.iterdir()] == ["0.0"]


def test_the_same_seed_makes_the_same_view(sample: Sample, tmp_path: Path) -> None:
    games = [start(sample("labels"), tmp_path / name, seed=3) for name in "ab"]
    for name in ("train.csv", "test.csv", "sample_submission.csv"):
        one, other = (game.view(Fold(number=1)) / name for game in games)
        assert one.read_bytes() == other.read_bytes()


def test_changed_data_is_told(tmp_path: Path) -> None:
    folder = make_sample("binary", tmp_path / "binary")
    game = start(folder, tmp_path)
    game.view(Fold(number=0))
    with (folder / "public" / "train.csv").open("a") as stream:
        stream.write("r99999,1,1,1,red,1\n")
    again = start(folder, tmp_path)
    with pytest.raises(CompetitionError, match=r"train\.csv has changed since the run began"):
        again.view(Fold(number=0))


def test_release_keeps_predictions(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("regression"), tmp_path)
    found = game.play("s001", 0.2, Fold(number=0))
    game.files.release(game.run)
    left = sorted(p.name for p in (tmp_path / ".haste" / "runs" / "game" / "r1").iterdir())
    assert left == ["predictions"]
    assert game.files.has_predictions(game.run, "s001", Fold(number=0), found.predictions)
    assert game.play("s001", 0.2, Fold(number=0)) == found


def test_extra_files_are_given_only_when_stated(tmp_path: Path) -> None:
    folder = make_sample("binary", tmp_path / "binary")
    (folder / "public" / "weather.csv").write_text("day,rain\n1,2\n")
    (folder / "public" / "spare.csv").write_text("a\n1\n")
    (folder / "competition.toml").write_text('shared_files = ["weather.csv"]\n')
    game = start(folder, tmp_path)
    assert any("spare.csv" in line and "left out" in line for line in game.competition.inferred)
    view = game.view(Fold(number=0))
    assert (view / "weather.csv").read_text() == "day,rain\n1,2\n"
    assert not (view / "spare.csv").exists()


@pytest.mark.parametrize("run", ["../x", "a/../b", "a/b/c", "", "-x", "a b"])
def test_a_run_is_never_a_path_out_of_the_workspace(run: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Places(tmp_path).run(run)


def test_a_link_among_the_files_of_rows_is_refused(tmp_path: Path) -> None:
    folder = make_sample("images", tmp_path / "images")
    game = start(folder, tmp_path)
    first = next((folder / "public" / "train_images").iterdir())
    first.unlink()
    first.symlink_to("/etc/hostname")
    with pytest.raises(CompetitionError, match="no plain file"):
        [game.view(fold) for fold in game.folds[:2]]


def _held(game: Game, fold: Fold) -> np.ndarray:
    source = load(game.competition)
    actual = truth(game.competition, game.profile.classes, source.train)
    return split(game.profile.folds, fold, source.train, actual).held


def _lines(rows: Table, columns: list[str] | None = None) -> list[tuple[str, ...]]:
    names = list(rows.columns) if columns is None else columns
    return list(zip(*(rows.text(c) for c in names), strict=True)) if names else [()] * rows.rows


def _ids(rows: Table, column: str) -> list[str]:
    return [str(i) for i in rows.text(column)]


def test_scores_are_those_of_the_hidden_rows(sample: Sample, tmp_path: Path) -> None:
    """Only the fold's rows count: whatever is said of the test rows changes no score."""
    game, fold = start(sample("binary"), tmp_path), Fold(number=0)
    assert game.competition.metric.kind is PredictionKind.PROBABILITY
    game.view(fold)
    key = read_key(Places(tmp_path), game.run, fold)
    values = game.noisy(fold, 0.5, 0)
    other = values.copy()
    other[key.rows >= key.train_rows] = 1.0 - other[key.rows >= key.train_rows]
    head = ["id", "bought"]
    scores = [game.collect(fold, table(head, game.ids(fold), v.tolist())) for v in (values, other)]
    assert isinstance(scores[0], Collected) and isinstance(scores[1], Collected)
    assert scores[0].score == scores[1].score
    assert scores[0].predictions != scores[1].predictions


def test_rows_that_a_view_lacks_are_no_other_rows() -> None:
    key = Key(rows=np.array([4, 1, 9]), ids=np.array(["a", "b", "c"], dtype=object), train_rows=6)
    assert key.places(np.array([1, 9])).tolist() == [1, 2]
    with pytest.raises(CompetitionError, match="1 of the fold's rows"):
        key.places(np.array([1, 2]))
