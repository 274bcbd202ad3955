"""Submissions in the sample's form, and their grades."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest

from competitions.conftest import Sample
from competitions.players import Game, start
from haste.adapters.competitions.samples import kinds, make_sample
from haste.adapters.competitions.tables import read_table
from haste.core.competition import Fold, Medals
from haste.core.events import Member
from haste.core.metric import METRICS
from haste.errors import CompetitionError, HasteError, SubmissionError

ALONE = [Member(solution="s001", weight=1.0)]


def submitted(game: Game, members: list[Member], folds: dict[str, list[Fold]]) -> Path:
    name, sha256, rows = game.files.submit(game.run, game.competition, game.profile, members, folds)
    path = game.workspace / name
    assert name == f"submissions/{game.competition.id}/r1.csv"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    assert rows == game.profile.test_rows
    return path


@pytest.mark.parametrize("kind", kinds())
def test_a_submission_is_valid_and_in_the_form_of_the_sample(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    for fold in game.folds[:2]:
        game.play("s001", 0.05, fold)
    path = submitted(game, ALONE, {"s001": game.folds[:2]})
    written, wanted = read_table(path), read_table(Path(game.competition.root) / game.competition.sample)
    assert written.columns == wanted.columns
    column = game.competition.id_column
    assert list(written.text(column)) == list(wanted.text(column))
    metric = game.competition.metric
    good, idle = (game.files.grade(game.competition, p) for p in (path, _idle(game, tmp_path)))
    assert metric.better(good, idle) or metric.name == "roc_auc"
    if game.profile.classes and metric.kind in ("label", "ordinal"):
        assert set(written.text(game.competition.prediction_columns[0])) <= set(game.profile.classes)


def _idle(game: Game, folder: Path) -> Path:
    """The sample submission as a csv file."""
    path = folder / "idle.csv"
    read_table(Path(game.competition.root) / game.competition.sample).as_csv().write(path)
    return path


def test_members_are_averaged_by_weight(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("multi_target"), tmp_path)
    members = [Member(solution="s001", weight=0.75), Member(solution="s002", weight=0.25)]
    folds = {m.solution: game.folds[:2] for m in members}
    for number, member in enumerate(members):
        for fold in folds[member.solution]:
            game.play(member.solution, 0.3, fold, seed=number)
    each = [read_table(submitted(game, [Member(solution=s, weight=1.0)], folds)) for s in ("s001", "s002")]
    both = read_table(submitted(game, members, folds))
    values = [np.array([float(v) for v in t.text("gap")]) for t in (*each, both)]
    assert values[2] == pytest.approx(0.75 * values[0] + 0.25 * values[1])


def test_ranks_are_averaged_where_only_the_order_counts(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    game.play("s001", 0.3, game.folds[0])
    values = [float(v) for v in read_table(submitted(game, ALONE, {"s001": game.folds[:1]})).text("bought")]
    steps = (np.arange(len(values)) + 0.5) / len(values)
    assert sorted(values) == pytest.approx(steps)


def test_forward_submissions_use_the_view_of_all_rows(sample: Sample, tmp_path: Path) -> None:
    game, full = start(sample("forward"), tmp_path), Fold(full=True)
    for fold in (*game.folds[:2], full):
        game.play("s001", 0.3, fold)
    alone = submitted(game, ALONE, {"s001": [full]}).read_bytes()
    assert submitted(game, ALONE, {"s001": [*game.folds[:2], full]}).read_bytes() == alone


def test_grades_are_decoded_with_cuts_from_out_of_fold_rows(tmp_path: Path) -> None:
    """A script whose raw values are shrunk would never say the outer grades; the cuts mend that."""
    game = start(make_sample("ordinal", tmp_path / "c", rows=600), tmp_path)
    for fold in game.folds:
        ids, values = game.ids(fold), game.noisy(fold, 0.4, 0)
        shrunk = 3.0 + 0.3 * (values[:, 0] - 2.0)
        plain = [[int(v)] for v in np.rint(shrunk)]
        soft = [[float(v)] for v in shrunk]
        found = game.collect(fold, _csv("grade", ids, plain), _csv("value", ids, soft))
        assert getattr(found, "score", None) is not None, found
    path = submitted(game, ALONE, {"s001": game.folds})
    assert len(set(read_table(path).text("grade"))) == 5
    assert game.files.grade(game.competition, path) > 0.85


def _csv(column: str, ids: list[str], cells: list[list[int]] | list[list[float]]) -> str:
    return "".join(f"{i},{row[0]}\n" for i, row in zip(["id", *ids], [[column], *cells], strict=True))


def test_votes_decide_where_nothing_soft_was_told(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("labels"), tmp_path)
    for fold in game.folds:
        game.play("s001", 0.2, fold, soft=False)
    path = submitted(game, ALONE, {"s001": game.folds})
    assert game.files.grade(game.competition, path) > 0.8


def test_a_submission_is_the_same_every_time(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("labels"), tmp_path)
    for fold in game.folds:
        game.play("s001", 0.5, fold)
    made = [submitted(game, ALONE, {"s001": game.folds}).read_bytes() for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("kind", kinds())
def test_without_a_member_the_averages_are_submitted(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    path = submitted(game, [], {})
    cells = read_table(path)
    assert all(len(set(cells.text(column))) == 1 for column in game.competition.prediction_columns)
    game.files.grade(game.competition, path)


def test_a_member_without_predictions_is_told(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("labels"), tmp_path)
    with pytest.raises(HasteError, match="gone or broken"):
        submitted(game, ALONE, {"s001": game.folds})


def answers(game: Game) -> list[dict[str, str]]:
    with Path(game.competition.answers or "").open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    "kind", ["binary", "labels", "truths", "regression", "ordinal", "multi_target", "multilabel"]
)
def test_the_answers_themselves_have_the_best_grade(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    path = tmp_path / "a.csv"
    rows = answers(game)
    path.write_text("".join(",".join(row) + "\n" for row in [list(rows[0]), *[list(r.values()) for r in rows]]))
    best = 0.0 if game.competition.metric.direction == "minimize" else 1.0
    assert game.files.grade(game.competition, path) == pytest.approx(best, abs=1e-12)


def test_one_hot_answers(tmp_path: Path) -> None:
    folder = make_sample("text", tmp_path / "text")
    game = start(folder, tmp_path)
    path = folder / "private" / "answers.csv"
    rows = answers(game)
    by_label = _idle(game, tmp_path)
    first = game.files.grade(game.competition, by_label)
    path.write_text(
        "id,calm,storm\n"
        + "".join(f"{r['id']},{int(r['author'] == 'calm')},{int(r['author'] == 'storm')}\n" for r in rows)
    )
    assert game.files.grade(game.competition, by_label) == first == pytest.approx(np.log(2))


def test_a_wrong_submission_has_all_its_problems_told(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("multiclass"), tmp_path)
    rows = answers(game)
    path = tmp_path / "bad.csv"
    path.write_text("id,ash,elm,oak\n" + "".join(f"{r['id']},2,-0.5,0\n" for r in rows[1:]))
    with pytest.raises(SubmissionError) as caught:
        game.files.grade(game.competition, path)
    assert len(caught.value.problems) >= 3
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "there is no file"), ("", "can't be read"), ("id\n", "missing"), ("a" * 2**21, "first line")],
)
def test_no_submission_at_all(content: str | None, words: str, sample: Sample, tmp_path: Path) -> None:
    game, path = start(sample("binary"), tmp_path), tmp_path / "s.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SubmissionError, match=words):
        game.files.grade(game.competition, path)


def test_without_answers_nothing_is_graded(tmp_path: Path) -> None:
    folder = make_sample("binary", tmp_path / "binary")
    (folder / "private" / "answers.csv").unlink()
    game = start(folder, tmp_path)
    assert game.competition.answers is None
    with pytest.raises(CompetitionError, match="no answers"):
        game.files.grade(game.competition, _idle(game, tmp_path))


def test_answers_of_one_class_are_an_error_not_a_score(tmp_path: Path) -> None:
    folder = make_sample("binary", tmp_path / "binary")
    game = start(folder, tmp_path)
    (folder / "private" / "answers.csv").write_text(
        "id,bought\n" + "".join(f"{r['id']},1\n" for r in answers(game))
    )
    with pytest.raises(CompetitionError, match="can't be scored"):
        game.files.grade(game.competition, _idle(game, tmp_path))


def test_truths_may_be_spelled_true_and_false_but_not_0_and_1(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("truths"), tmp_path)
    rows, path = answers(game), tmp_path / "s.csv"
    for spelled in (str, str.lower, str.upper):
        path.write_text("id,moved\n" + "".join(f"{r['id']},{spelled(r['moved'])}\n" for r in rows))
        assert game.files.grade(game.competition, path) == 1.0
    path.write_text("id,moved\n" + "".join(f"{r['id']},{int(r['moved'] == 'True')}\n" for r in rows))
    with pytest.raises(SubmissionError, match="unknown"):
        game.files.grade(game.competition, path)


@pytest.mark.parametrize(
    ("score", "medal"),
    [(0.97, "gold"), (0.969996, "gold"), (0.969994, "silver"), (0.9, "silver"), (0.8, "bronze"),
     (0.75, "above median"), (0.7, "none")],
)  # fmt: skip
def test_medals(score: float, medal: str) -> None:
    assert Medals(gold=0.97, silver=0.9, bronze=0.8, median=0.7).of(score, METRICS["roc_auc"]) == medal


def test_medals_of_an_error_are_below_their_threshold() -> None:
    medals = Medals(gold=0.0, silver=0.1, bronze=0.2)
    scores = (0.000004, 0.05, 0.2, 0.3)
    assert [medals.of(s, METRICS["log_loss"]) for s in scores] == [
        "gold",
        "silver",
        "bronze",
        "none",
    ]
