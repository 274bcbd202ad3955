"""Tables as people have them: every prototype's script answers them with a submission that the runner takes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)
import pytest

from haste.engineers.offline.outcome import TUNABLE
from haste.engineers.offline.tabular.columns import columns_of, day_first
from haste.engineers.offline.tabular.plan import Model, Step, TabularPlan
from offline.odd import ROWS, SPECIALIST, Odd, plain, signal, thirds
from offline.running import reads_of_kept_fits


@pytest.mark.slow
@pytest.mark.parametrize(("metric", "number"), [("weighted_f1", 0), ("weighted_f1", 1), ("accuracy", 2)])
def test_labels_for_any_metric_under_another_name(
    write: Callable[..., Odd], frame: pd.DataFrame, metric: str, number: int
) -> None:
    frame["y"] = np.array(["low", "middle", "high"])[thirds(frame)]
    odd = write(frame, {"answer": "low"}, f'metric = "{metric}"\nprediction_columns = ["answer"]\n')
    assert odd.score(odd.draft(number, decode="tuned" if metric in TUNABLE else "plain")) > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_class_columns_may_have_names_of_their_own(
    write: Callable[..., Odd], frame: pd.DataFrame, number: int
) -> None:
    frame["y"] = np.array(["C", "CL", "D"])[thirds(frame)]
    odd = write(frame, {"y_C": 0.3, "y_CL": 0.3, "y_D": 0.4}, 'metric = "log_loss"\n')
    assert odd.score(odd.draft(number)) < 1.2


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_one_class_in_several_columns(write: Callable[..., Odd], frame: pd.DataFrame, number: int) -> None:
    for k, name in enumerate(("y_a", "y_b", "y_c")):
        frame[name] = (thirds(frame) == k).astype(int)
    odd = write(frame, {"y_a": 0.3, "y_b": 0.3, "y_c": 0.4}, 'metric = "log_loss"\n')
    assert odd.score(odd.draft(number)) < 1.2


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_text_in_another_encoding(write: Callable[..., Odd], frame: pd.DataFrame, encoding: str) -> None:
    frame["y"] = signal(frame)
    odd = write(
        frame, {"y": 0.0}, 'metric = "rmse"\n', save=lambda f, path: f.to_csv(path, index=False, encoding=encoding)
    )
    assert odd.score(odd.draft()) < 3.0


def as_lines(frame: pd.DataFrame, path: Path) -> None:
    frame.to_json(path, orient="records", lines=True)


def as_rows(frame: pd.DataFrame, path: Path) -> None:
    frame.to_json(path, orient="records")


def as_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


SORTS = ("truth", "number", "truth", "number", "truth")
FORMS = (("json", as_rows), ("json", as_lines), ("jsonl", as_lines), ("json.gz", as_rows), ("parquet", as_parquet))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "save", "sort"), [(*f, s) for f, s in zip(FORMS, SORTS, strict=True)])
def test_labels_that_are_no_text(
    write: Callable[..., Odd], frame: pd.DataFrame, name: str, save: Callable[..., object], sort: str
) -> None:
    frame["y"] = signal(frame) > 2.5 if sort == "truth" else thirds(frame)
    metric, answer = ("roc_auc", 0.5) if sort == "truth" else ("accuracy", 1)
    odd = write(frame, {"y": answer}, f'metric = "{metric}"\n', name=name, save=save)
    assert odd.score(odd.draft(1)) > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("target", "number"), [("log1p", 0), ("log1p", 1), ("plain", 1), ("sqrt", 2)])
def test_rmsle_where_many_values_are_zero(
    write: Callable[..., Odd], frame: pd.DataFrame, target: str, number: int
) -> None:
    frame["y"] = np.where(frame["weight"] < 0.4, 0.0, np.expm1(signal(frame).clip(lower=0)).round(2))
    odd = write(frame, {"y": 0.0}, 'metric = "rmsle"\n')
    assert odd.score(odd.draft(number, target=target)) >= 0.0


@pytest.mark.slow
def test_grades_are_read_however_they_are_written(write: Callable[..., Odd], frame: pd.DataFrame) -> None:
    frame["grade"] = np.array(["Low", "Medium", "HIGH "])[thirds(frame)]
    frame["y"] = thirds(frame) + frame["weight"] / 100
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\n')
    move = next(move for move in SPECIALIST.moves if move.name == "ordinal-grades")
    plan = move.apply(odd.draft(), odd.problem)
    assert isinstance(plan, TabularPlan)
    assert odd.score(plan.model_copy(update={"drop": ("size", "weight", "colour")})) < 0.3


@pytest.mark.slow
def test_a_column_s_name_is_never_code(write: Callable[..., Odd], frame: pd.DataFrame) -> None:
    name = 'berth\nraise SystemExit("a name was run")  # "'
    frame[name] = [f"{'ABC'[k % 3]}/{k}/P" for k in range(len(frame))]
    frame["y"] = signal(frame)
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\n')
    step = Step(kind="split-strings", columns=(name,), parts=("/", "text", "number", "text"))
    assert odd.score(odd.draft(steps=(step,))) < 3.0


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["13/01/2020", "05/01/2020"], True),
        (["05.01.2020", "06.01.2020"], True),
        (["01/13/2020", "05/01/2020"], False),
        (["2020-01-13", "2020-01-05"], False),
        (["05/01/2020", "06/01/2020"], False),
    ],
)
def test_whether_a_day_comes_first_is_told_from_all_dates_together(
    write: Callable[..., Odd], frame: pd.DataFrame, dates: list[str], first: bool
) -> None:
    frame["begun"] = [dates[k % len(dates)] for k in range(len(frame))]
    frame["y"] = signal(frame)
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\n')
    assert day_first(odd.problem, ["begun"]) == first
    step = Step(kind="date-parts", columns=("begun",))
    assert ("dayfirst=True" in SPECIALIST.render(odd.draft(steps=(step,)), odd.problem)) == first


@pytest.mark.slow
@pytest.mark.parametrize(
    "form", ["${:,.0f}", "{:.2f} %", "{:,.2f} €|", "{:.1f} kg", "{:.3f}|", "{:,.2f}?", "({:,.0f})"]
)
def test_amounts_are_numbers_whatever_their_marks(
    write: Callable[..., Odd], frame: pd.DataFrame, form: str
) -> None:
    amount = np.exp(frame["weight"] + 7)
    mark = form[-1]
    frame["income"] = [form.strip("|?").format(n) for n in amount]
    if mark == "|":  # as half of Europe writes them
        frame["income"] = frame["income"].str.translate(str.maketrans(",.", ".,"))
    if mark == "?":
        frame.loc[::9, "income"] = "unknown"
    frame["y"] = np.log(amount)
    odd = write(frame.drop(columns="weight"), {"y": 0.0}, 'metric = "rmse"\n')
    assert columns_of(odd.problem).amounts == ("income",)
    assert odd.score(odd.draft()) < 0.5


def test_marks_of_letters_and_digits_are_no_amounts(write: Callable[..., Odd], frame: pd.DataFrame) -> None:
    frame["ticket"] = [("A/5 " if k % 3 else "") + str(20_000 + 7 * k) for k in range(ROWS)]
    frame["seat"] = [f"{k % 40}{'ABCDEF'[k % 6]}" for k in range(ROWS)]
    frame["address"] = [f"10.{k % 256}.{k * 7 % 256}.{k * 13 % 256}" for k in range(ROWS)]
    frame["y"] = signal(frame)
    assert columns_of(write(frame, {"y": 0.0}, 'metric = "rmse"\n').problem).amounts == ()


@pytest.mark.slow
@pytest.mark.parametrize("inner", [0, 3])
@pytest.mark.parametrize("group_column", ["house", "id|_"])
def test_what_belongs_together_is_kept_together_inside_a_script(
    write: Callable[..., Odd], frame: pd.DataFrame, group_column: str, inner: int
) -> None:
    frame["house"] = np.arange(len(frame)) // 5 + 100
    frame["id"] = [f"house_{h}_{k % 5:02d}" for k, h in enumerate(frame["house"])]
    frame["y"] = signal(frame) + np.random.default_rng(1).normal(0, 2, ROWS // 5)[np.arange(ROWS) // 5]
    odd = write(frame, {"y": 0.0}, f'metric = "rmse"\ngroup_column = "{group_column}"\n')
    assert odd.profile.folds.kind == "grouped"
    steps = (
        Step(kind="target-means", columns=("colour",)),
        Step(kind="neighbour-targets", columns=("size", "weight"), parts=("5",)),
        Step(kind="id-groups", columns=("id",), parts=("_",)),
    )
    models = (Model(kind="lightgbm"), Model(kind="linear"))
    plan = odd.draft(inner=inner, steps=steps, models=models)
    code = SPECIALIST.render(plan, odd.problem)
    assert "KFold" not in code.replace("GroupKFold", "")
    assert ("GroupKFold(FOLDS)" if inner else "GroupShuffleSplit") in code
    assert reads_of_kept_fits(code) <= {"THREADS", "CLASSES"}
    assert odd.score(plan) < 10.0


@pytest.mark.slow
def test_scaling_by_quantiles_is_the_same_each_time(write: Callable[..., Odd]) -> None:
    frame = plain(np.random.default_rng(0), 18_000)
    frame["y"] = signal(frame)
    odd = write(frame, {"y": 0.0}, 'metric = "rmse"\n')
    plan = odd.draft(models=(Model(kind="linear"),), scale="quantile", inner=0)
    assert odd.score(plan) == odd.score(plan)
