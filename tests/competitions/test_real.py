"""The real competitions, where their folder is there: what is inferred against what is known of them."""

import json
from pathlib import Path

import pytest

from competitions.players import Game, start
from haste.adapters.competitions.tables import read_table
from haste.core.competition import Fold
from haste.core.metric import METRICS

pytestmark = pytest.mark.competitions

NAMES = (
    "adult-income", "beijing-pm25", "california-housing", "cell-segmentation", "dc-characters", "fair-affairs",
    "house-prices", "leaf-classification", "mammography", "nomad2018-predict-transparent-conductors",
    "review-polarity", "sign-digits", "soybean", "spaceship-titanic", "spooky-author-identification", "taxi-fare",
    "titanic", "tweet-emotion", "wine-quality",
)  # fmt: skip
SERIES = {"beijing-pm25"}
SAID = {"mean column-wise rmsle": "rmsle"}


@pytest.fixture(params=NAMES)
def game(request: pytest.FixtureRequest, real: Path, tmp_path: Path) -> Game:
    if not (real / request.param / "public").is_dir():
        pytest.skip(f"{request.param} is not here")
    return start(real / request.param, tmp_path)


def test_what_is_inferred_is_what_is_known(game: Game, real: Path) -> None:
    known = json.loads((real / "index.json").read_text())[game.competition.id]
    competition, profile = game.competition, game.profile
    metric = SAID.get(known["metric"], known["metric"].split(" over ")[0])
    assert competition.metric_name == metric
    assert (METRICS[metric].direction == "minimize") is known["lower_is_better"]
    assert competition.id_column == known["id"]
    assert list(competition.targets) == known["targets"]
    assert (profile.rows, profile.test_rows) == (known["train_rows"], known["test_rows"])
    assert (profile.folds.kind == "forward") is (competition.id in SERIES)
    assert profile.traits["domain"] == ("tabular" if known["domain"] == "timeseries" else known["domain"])
    assert competition.answers is not None and competition.answers.endswith(known["answers"])


def test_two_views_a_submission_and_its_grade(game: Game) -> None:
    from haste.core.events import Member

    for fold in game.folds[:2]:
        found = game.play("s001", 0.4, fold)
        assert found.score is not None
    name, _, rows = game.files.submit(
        game.run, game.competition, game.profile, [Member(solution="s001", weight=1.0)], {"s001": game.folds[:2]}
    )
    assert rows == game.profile.test_rows
    graded = game.files.grade(game.competition, game.workspace / name)
    sample = Path(game.competition.root) / game.competition.sample
    idle = game.files.grade(game.competition, sample)
    assert game.competition.metric.better(graded, idle)


def test_training_rows_are_cut_byte_for_byte(real: Path, tmp_path: Path) -> None:
    game = start(real / "titanic", tmp_path)
    original = (Path(game.competition.root) / "train.csv").read_bytes().splitlines()
    view = game.view(Fold(number=0))
    kept = (view / "train.csv").read_bytes().splitlines()
    assert kept[0] == original[0]
    assert set(kept) <= set(original)
    assert read_table(view / "test.csv").columns == read_table(Path(game.competition.root) / "test.csv").columns
