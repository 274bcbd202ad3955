"""Tables that break a script which takes much for granted: few groups, rare classes, strings that never recur."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)
import pytest

from haste.core.competition import Fold
from haste.core.solution import Failure, FailureKind
from haste.engineers.offline.move import Move
from haste.engineers.offline.outcome import TUNABLE
from haste.engineers.offline.script import environment
from haste.engineers.offline.tabular.columns import columns_of
from haste.engineers.offline.tabular.plan import Model, Step
from offline.odd import ROWS, SPECIALIST, Odd, plain, signal, thirds
from offline.running import run_script

MOVES: dict[str, Move] = {move.name: move for move in SPECIALIST.moves}


@pytest.mark.slow
def test_six_groups_are_few_for_five_inner_folds(write: Callable[..., Odd], frame: pd.DataFrame) -> None:
    frame["site"] = np.arange(len(frame)) // 19 + 7
    frame["y"] = signal(frame)
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\ngroup_column = "site"\n')
    assert "site" not in columns_of(odd.problem).numeric, "a group that no test row has is no feature"
    steps = (Step(kind="target-means", columns=("colour",)),)
    models = (Model(kind="linear"), Model(kind="lightgbm"))
    assert odd.score(odd.draft(inner=5, steps=steps, models=models, blend="fitted")) < 3.0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_strings_that_never_recur_are_read_by_their_letters(
    write: Callable[..., Odd], frame: pd.DataFrame, number: int
) -> None:
    rng = np.random.default_rng(1)
    oxygen = rng.integers(0, 6, len(frame))
    smiles = ["C" * int(rng.integers(4, 30)) + "(=O)N" * k + f"C{n % 7}" for n, k in enumerate(oxygen)]
    alone = pd.DataFrame({"id": frame["id"], "smiles": smiles, "y": oxygen + rng.normal(0, 0.1, len(frame))})
    alone["smiles"] += [f"N{n}" for n in range(len(alone))]
    odd = write(alone, {"y": 0.0}, 'metric = "rmse"\n')
    assert columns_of(odd.problem).telling == ("smiles",)
    assert odd.score(odd.draft(number)) < 1.0


def test_keys_and_hashes_say_nothing(write: Callable[..., Odd], frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    frame["key"] = [f"AB{n:08d}" for n in range(len(frame))]
    frame["hash"] = ["".join(rng.choice(list("0123456789abcdef"), 16)) for _ in range(len(frame))]
    frame["y"] = signal(frame)
    assert columns_of(write(frame, {"y": 0.0}, 'metric = "rmse"\n').problem).telling == ()


@pytest.mark.slow
def test_a_network_stops_where_its_rows_hold_every_class(write: Callable[..., Odd]) -> None:
    frame = plain(np.random.default_rng(0), 900)
    frame["y"] = [f"k{n % 90}" for n in range(len(frame))]
    frame["size"] = np.arange(len(frame)) % 90 + frame["weight"] / 50
    classes = {f"k{n}": 1 / 90 for n in range(90)}
    odd = write(frame, classes, 'metric = "log_loss"\n')
    assert odd.score(odd.draft(models=(Model(kind="network"),), inner=3)) < 6.0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_classes_may_all_have_fewer_rows_than_there_are_inner_folds(write: Callable[..., Odd], number: int) -> None:
    frame = plain(np.random.default_rng(0), 150)
    frame["y"] = [f"k{n % 40}" for n in range(len(frame))]
    frame["size"] = np.arange(len(frame)) % 40 + frame["weight"] / 50
    odd = write(frame, {"y": "k0"}, 'metric = "accuracy"\n')
    assert "StratifiedKFold" not in SPECIALIST.render(odd.draft(number), odd.problem)
    assert "StratifiedKFold" in SPECIALIST.render(odd.draft(number, inner=1), odd.problem)
    assert odd.score(odd.draft(number)) >= 0.0


@pytest.mark.slow
def test_leaves_hold_few_rows_where_boosting_learned_nothing(write: Callable[..., Odd]) -> None:
    marks = np.arange(ROWS) % 20
    frame = pd.DataFrame({"id": np.arange(ROWS)} | {f"has_{k}": (marks == k).astype(int) for k in range(20)})
    frame["y"] = marks + np.random.default_rng(0).normal(0, 0.1, ROWS)
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\n')
    failure = Failure(kind=FailureKind.CONSTANT, message="submission.csv predicts the same for every row")
    mended = SPECIALIST.mend(odd.draft(), failure, odd.problem, attempt=0)
    assert mended is not None
    assert odd.score(mended[0]) < frame["y"].std()


def test_no_draft_where_no_column_says_anything(write: Callable[..., Odd], frame: pd.DataFrame) -> None:
    alone = pd.DataFrame({"id": frame["id"], "path": [f"pictures/{k:04d}.png" for k in frame["id"]]})
    odd = write(alone.assign(y=signal(frame)), {"y": 0.0}, 'metric = "rmse"\n')
    assert [SPECIALIST.draft(odd.problem, number=n, seed=0) for n in range(3)] == [None, None, None]


def test_distances_are_made_probabilities_only_where_each_class_has_the_rows(write: Callable[..., Odd]) -> None:
    frame = plain(np.random.default_rng(0))
    frame["y"] = np.array(["low", "middle", "high"])[thirds(frame)]
    frame.loc[frame.index[:4], "y"] = "rare"
    odd = write(frame, {"y": "low"}, 'metric = "macro_f1"\n')
    assert MOVES["kernel-blend"].apply(odd.draft(), odd.problem) is None
    portfolio = MOVES["model-portfolio"].apply(odd.draft(), odd.problem)
    assert portfolio is not None
    assert "svm" not in [model["kind"] for model in portfolio.dump()["models"]]


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["mape", "smape"])
def test_relative_errors_are_differences_of_logarithms(
    write: Callable[..., Odd], frame: pd.DataFrame, metric: str
) -> None:
    frame["y"] = np.exp(signal(frame)).round(3)
    odd = write(frame, {"y": 1.0}, f'metric = "{metric}"\n')
    plan = odd.draft()
    assert plan.target == "log1p"
    assert odd.score(plan) < 0.9 * odd.score(plan.model_copy(update={"target": "plain"}))


def test_what_is_tuned_out_of_fold_is_offered_where_a_draft_has_no_folds(
    write: Callable[..., Odd], frame: pd.DataFrame
) -> None:
    frame["y"] = np.array(["low", "middle", "high"])[thirds(frame)]
    odd = write(frame, {"y": "low"}, 'metric = "macro_f1"\n')
    assert MOVES["threshold-tuning"].apply(odd.draft(inner=5), odd.problem) is None
    tuned = MOVES["threshold-tuning"].apply(odd.draft(inner=0), odd.problem)
    assert tuned is not None
    assert tuned.dump()["inner"] == 5


@pytest.mark.parametrize("metric", [*sorted(TUNABLE - {"f1"}), "accuracy", "qwk", "f1"])
def test_a_script_counts_the_metric_as_scikit_learn_does(metric: str) -> None:
    from sklearn import metrics  # noqa: TID251  (what scripts import)

    theirs = {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "f1": metrics.f1_score,
        "macro_f1": lambda t, g: metrics.f1_score(t, g, average="macro"),
        "weighted_f1": lambda t, g: metrics.f1_score(t, g, average="weighted"),
        "mcc": metrics.matthews_corrcoef,
        "qwk": lambda t, g: metrics.cohen_kappa_score(t, g, weights="quadratic"),
    }[metric]
    size = 2 if metric == "f1" else 4
    code = environment().get_template("outcome/score.j2").render(metric=metric, ordinal=metric == "qwk")
    names: dict[str, object] = {"np": np, "CLASSES": list(range(size)), "GRADES": np.arange(size)}
    exec(code, names)
    rng = np.random.default_rng(0)
    for _ in range(20):
        truth = np.concatenate([np.arange(size), rng.integers(0, size, ROWS)])
        guess = np.where(rng.random(len(truth)) < 0.6, truth, rng.integers(0, size, len(truth)))
        assert names["score"](truth, guess) == pytest.approx(theirs(truth, guess))  # type: ignore[operator]


@pytest.mark.slow
def test_the_fits_of_a_tuned_model_lie_beside_those_it_was_tuned_from(
    write: Callable[..., Odd], frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame["y"] = signal(frame)
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\n')
    tuned = MOVES["stronger-regularization"].apply(odd.draft(), odd.problem)
    assert tuned is not None
    view = odd.files.view("odd/1", odd.competition, odd.profile, Fold(number=0)).folder
    work = tmp_path / "work"
    work.mkdir()
    fits = []
    for plan in (odd.draft(), tuned, odd.draft()):
        ran = run_script(SPECIALIST.render(plan, odd.problem), view, work)
        assert ran.returncode == 0, ran.stderr[-2000:]
        (work / "input").unlink()
        fits.append(len(list(work.glob("cache/**/output.pkl"))))
    assert fits == [5, 10, 10]


def panel(rng: np.random.Generator, things: int, days: int) -> pd.DataFrame:
    """What each thing has on each day; tomorrow's is today's and a bit."""
    level = np.cumsum(rng.normal(0, 1, (days, things)), axis=0) + 20 * np.arange(things)
    day, thing = np.divmod(np.arange(things * days), things)
    made = {"id": np.arange(len(day)), "day": day, "shop": [f"shop {k}" for k in thing], "stock": level.ravel()}
    change = np.vstack([np.zeros(things), np.diff(level, axis=0)])
    return pd.DataFrame(made | {"y": change.ravel() + rng.normal(0, 0.1, len(day))})


@pytest.mark.slow
def test_each_thing_has_its_own_past(write: Callable[..., Odd]) -> None:
    odd = write(panel(np.random.default_rng(0), 8, 40), {"y": 0.0}, 'metric = "rmse"\ntime_column = "day"\n')
    assert odd.profile.folds.kind == "forward"
    plan = odd.draft()
    (step,) = (step for step in plan.steps if step.kind == "rolling")
    assert (step.by, step.columns) == ("shop", ("stock",))
    without = MOVES["dropping-rolling"].apply(plan, odd.problem)
    assert without is not None
    assert SPECIALIST.read(plan.dump(), odd.problem) == plan
    read = SPECIALIST.read(without.dump(), odd.problem)
    assert read is not None
    assert odd.score(plan) < 0.6 * odd.score(read)


def test_things_that_no_column_tells_apart_have_no_past(write: Callable[..., Odd]) -> None:
    frame = panel(np.random.default_rng(0), 8, 40).drop(columns="shop")
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\ntime_column = "day"\n')
    assert not odd.draft().has("rolling")
