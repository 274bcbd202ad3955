"""Every move's script, for every task: it passes the linter, and one that has everything runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)
import pytest

from haste.engineers.offline.plan import Plan
from haste.engineers.offline.tabular.plan import Model, ModelKind, TabularPlan
from haste.engineers.offline.tabular.specialist import TabularSpecialist
from offline.running import RULES, reads_of_kept_fits, run_script, submission, unread
from offline.tables import METRIC_OF, Table, make_table

SPECIALIST = TabularSpecialist()
CHEAP: tuple[ModelKind, ...] = ("lightgbm", "linear", "extra-trees", "neighbours")


@pytest.fixture(scope="module", params=sorted(METRIC_OF))
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Table:
    task: str = request.param
    return make_table(tmp_path_factory.mktemp(task) / "public", task)


def first(table: Table) -> TabularPlan:
    plan = SPECIALIST.draft(table.problem, number=0, seed=0)
    assert isinstance(plan, TabularPlan)
    return plan


def moved(table: Table) -> dict[str, Plan]:
    """The plan that each move makes of the first draft, and all feature moves one after the other."""
    start = first(table)
    blended = start.model_copy(update={"models": tuple(Model(kind=k) for k in CHEAP)})
    plans: dict[str, Plan] = {}
    everything: Plan = blended
    for move in SPECIALIST.moves:
        for name, parent in ((move.name, start), (f"{move.name} on a blend", blended)):
            made = move.apply(parent, table.problem)
            if made is not None:
                plans[name] = made
        if move.level == 1:
            everything = move.apply(everything, table.problem) or everything
    return plans | {"everything": everything}


def test_every_script_passes_the_linter(table: Table, tmp_path: Path) -> None:
    plans = moved(table) | {f"draft {k}": SPECIALIST.draft(table.problem, number=k, seed=1) for k in range(3)}
    for name, plan in plans.items():
        assert plan is not None
        code = SPECIALIST.render(plan, table.problem)
        assert unread(code) == set(), name
        (tmp_path / f"{name.replace(' ', '_')}.py").write_text(code)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", RULES, str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_a_plan_reads_back_from_json_and_makes_the_same_script(table: Table) -> None:
    for plan in moved(table).values():
        again = SPECIALIST.read(plan.dump(), table.problem)
        assert again == plan
        assert SPECIALIST.render(plan, table.problem) == SPECIALIST.render(again, table.problem)


def test_what_is_kept_of_a_fit_depends_on_its_arguments_and_its_source_alone(table: Table) -> None:
    """Else a script would read what another one's features, seed or parameters made."""
    for plan in moved(table).values():
        code = SPECIALIST.render(plan, table.problem)
        assert "@memory.cache" in code
        assert reads_of_kept_fits(code) <= {"THREADS", "CLASSES"}


BEFORE_AND_AFTER = (
    ({"models": ["lightgbm"]}, {"models": ["lightgbm", "linear", "extra-trees"]}),
    ({"models": ["lightgbm", "linear", "neighbours"]}, {"models": ["linear", "neighbours"], "blend": "fitted"}),
    ({"models": ["linear"], "inner": 0}, {"models": ["linear", "lightgbm"], "inner": 0}),
    ({"models": ["linear"], "refit": True}, {"models": ["linear"], "refit": False}),
    ({"models": ["linear", "lightgbm"]}, {"models": ["linear", "lightgbm"], "scale": "quantile", "bound": 3.0}),
    ({"models": ["lightgbm"], "seed": 0}, {"models": ["lightgbm"], "seed": 1}),
)


@pytest.mark.slow
@pytest.mark.parametrize("before_and_after", BEFORE_AND_AFTER)
@pytest.mark.parametrize("task", ["regression", "probabilities"])
def test_a_script_that_finds_fits_writes_what_it_writes_alone(
    task: str, before_and_after: tuple[dict[str, object], dict[str, object]], tmp_path: Path
) -> None:
    table = make_table(tmp_path / "public", task)
    wrote = {}
    for name in ("after", "before and after"):
        for change in before_and_after if name != "after" else before_and_after[1:]:
            made = {"inner": 2} | change | {"models": [{"kind": kind} for kind in change["models"]]}  # type: ignore[attr-defined]
            plan = TabularPlan.model_validate(first(table).dump() | made)
            ran = run_script(SPECIALIST.render(plan, table.problem), table.folder, tmp_path / name)
            assert ran.returncode == 0, ran.stderr[-2000:]
        wrote[name] = (tmp_path / name / "submission.csv").read_bytes()
    assert wrote["after"] == wrote["before and after"]
    shutil.rmtree(tmp_path / "after" / "cache")
    ran = run_script((tmp_path / "after" / "solution.py").read_text(), table.folder, tmp_path / "after")
    assert (tmp_path / "after" / "submission.csv").read_bytes() == wrote["after"]


@pytest.mark.slow
@pytest.mark.parametrize("inner", [0, 3])
def test_a_script_with_every_feature_runs(table: Table, inner: int, tmp_path: Path) -> None:
    plan = moved(table)["everything"].model_copy(update={"inner": inner, "decode": "tuned", "blend": "fitted"})
    ran = run_script(SPECIALIST.render(plan, table.problem), table.folder, tmp_path)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stderr == ""
    made, test = submission(tmp_path), pd.read_csv(table.folder / "test.csv")
    assert list(made["id"]) == list(test["id"])
    assert made.notna().all().all()
    assert list(made.columns) == ["id", *table.competition.prediction_columns]
    if table.competition.metric.kind.value in ("label", "ordinal"):
        soft = pd.read_csv(tmp_path / "soft.csv")
        assert len(soft) == len(test)
        wanted = ["value"] if table.competition.metric_name == "qwk" else list(table.profile.classes)
        assert list(soft.columns) == ["id", *wanted]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["skewed", "binary", "probabilities"])
def test_every_model_runs(task: str, tmp_path: Path) -> None:
    table = make_table(tmp_path / "public", task)
    kinds: tuple[ModelKind, ...] = ModelKind.__args__  # type: ignore[attr-defined]
    if task == "skewed":
        kinds = tuple(kind for kind in kinds if kind != "discriminant")
    models = tuple(Model(kind=kind, parameters={"iterations": 30} if kind == "catboost" else {}) for kind in kinds)
    plan = first(table).model_copy(update={"models": models, "inner": 2, "blend": "fitted", "sharpen": True})
    ran = run_script(SPECIALIST.render(plan, table.problem), table.folder, tmp_path / "work")
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert submission(tmp_path / "work").notna().all().all()


@pytest.mark.slow
def test_a_script_survives_a_spoiled_test_table(tmp_path: Path) -> None:
    table = make_table(tmp_path / "public", "regression")
    spoiled = tmp_path / "spoiled"
    spoiled.mkdir()
    for file in table.folder.iterdir():
        (spoiled / file.name).write_bytes(file.read_bytes())
    test = pd.read_csv(spoiled / "test.csv").astype(object)
    test["size"] = np.nan
    test.loc[:5, "rooms"] = "many"
    test["colour"] = "never seen"
    test.loc[:5, "begun"] = "no date"
    test.loc[6:9, "berth"] = "X"
    test["remark"] = np.nan
    test.to_csv(spoiled / "test.csv", index=False)
    for number in range(3):
        plan = SPECIALIST.draft(table.problem, number=number, seed=0)
        assert plan is not None
        ran = run_script(SPECIALIST.render(plan, table.problem), spoiled, tmp_path / f"work{number}")
        assert ran.returncode == 0, ran.stderr[-2000:]
        assert submission(tmp_path / f"work{number}").notna().all().all()


@pytest.mark.slow
def test_the_same_script_writes_the_same_submission(tmp_path: Path) -> None:
    table = make_table(tmp_path / "public", "binary")
    code = SPECIALIST.render(first(table), table.problem)
    for name in ("one", "two"):
        assert run_script(code, table.folder, tmp_path / name).returncode == 0
    assert (tmp_path / "one/submission.csv").read_bytes() == (tmp_path / "two/submission.csv").read_bytes()
