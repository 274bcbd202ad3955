"""Texts: every draft and every move makes a script that passes the linter; those that have everything run."""

from dataclasses import replace
from pathlib import Path

import pytest

from haste.engineers.offline.plan import Plan
from haste.engineers.offline.text.plan import TextPlan
from haste.engineers.offline.text.specialist import TextSpecialist
from offline.running import reads_of_kept_fits
from offline_text_image.running import check_files, lint, run
from offline_text_image.toys import METRICS, Toy, texts, unparted

SPECIALIST = TextSpecialist()
STRUCTURAL = (
    "stack-text-families",
    "text-svd",
    "more-bayes",
    "boosted-stack",
    "threshold-tuning",
    "clip-predictions",
)


@pytest.fixture(scope="module", params=[*sorted(METRICS), "wide"])
def toy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name) / "public"
    return texts(folder, "macro" if name == "wide" else name, wide=name == "wide")


def drafts(toy: Toy) -> list[Plan]:
    found = [SPECIALIST.draft(toy.problem(), number=k, seed=1) for k in range(3)]
    assert SPECIALIST.draft(toy.problem(), number=3, seed=1) is None
    plans = [plan for plan in found if plan is not None]
    assert len({plan.approach for plan in plans}) == 3
    return plans


def everything(toy: Toy) -> Plan:
    plan = drafts(toy)[0]
    moves = {move.name: move for move in SPECIALIST.moves}
    for name in STRUCTURAL:
        plan = moves[name].apply(plan, toy.problem()) or plan
    return plan


def moved(toy: Toy) -> dict[str, Plan]:
    """What each move makes of each draft and of the plan that has everything."""
    plans: dict[str, Plan] = {f"draft{k}": plan for k, plan in enumerate(drafts(toy))}
    for name, parent in ({**plans, "all": everything(toy)}).items():
        for move in SPECIALIST.moves:
            made = move.apply(parent, toy.problem("torch"))
            if made is not None:
                plans[f"{name}-{move.name}"] = made
    return plans


def test_scripts_pass_the_linter_and_plans_read_back(toy: Toy, tmp_path: Path) -> None:
    problem, plans = toy.problem("torch"), moved(toy)
    assert lint({name: SPECIALIST.render(plan, problem) for name, plan in plans.items()}, tmp_path) == ""
    for plan in plans.values():
        assert reads_of_kept_fits(SPECIALIST.render(plan, problem)) <= {"THREADS", "CLASSES"}
        again = SPECIALIST.read(plan.dump(), problem)
        assert again == plan


def test_drafts_run(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k, plan in enumerate(drafts(toy)):
        found = run(SPECIALIST.render(plan, toy.problem()), toy, tmp_path / str(k), monkeypatch)
        check_files(found, toy)


def test_a_script_with_everything_runs_twice_the_same(
    toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = SPECIALIST.render(everything(toy), toy.problem())
    first, second = (run(code, toy, tmp_path / name, monkeypatch) for name in ("one", "two"))
    check_files(first, toy)
    assert first.keys() == second.keys()
    assert all(first[name].equals(second[name]) for name in first)


@pytest.mark.parametrize("task", ["binary", "probabilities", "regression"])
def test_averaged_embeddings_run(task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    toy = texts(tmp_path / "public", task)
    plan = SPECIALIST.draft(toy.problem("torch"), number=0, seed=0)
    move = next(m for m in SPECIALIST.moves if m.name == "averaged-embeddings")
    made = move.apply(plan, toy.problem("torch"))
    assert isinstance(made, TextPlan)
    first, second = (
        run(SPECIALIST.render(made, toy.problem("torch")), toy, tmp_path / n, monkeypatch) for n in ("a", "b")
    )
    check_files(first, toy)
    assert first["submission.csv"].equals(second["submission.csv"])


def test_the_stack_learns_what_birds_sing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = texts(tmp_path / "public", "macro")
    found = run(SPECIALIST.render(everything(toy), toy.problem()), toy, tmp_path / "run", monkeypatch)
    guesses = found["submission.csv"]["kind"]
    assert len(set(guesses)) == 3


@pytest.mark.parametrize("number", range(2))
def test_words_that_no_blanks_part_are_read(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = unparted(tmp_path / "public", "macro")
    assert toy.profile.traits["domain"] == "text"
    code = SPECIALIST.render(drafts(toy)[number], toy.problem())
    assert lint({"draft": code}, tmp_path) == ""
    found = run(code, toy, tmp_path / "run", monkeypatch)
    assert found["submission.csv"]["kind"].nunique() == 3


def test_an_id_that_is_a_text_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = texts(tmp_path / "public", "binary", in_id=True)
    plan = SPECIALIST.draft(toy.problem(), number=0, seed=0)
    assert plan is not None
    check_files(run(SPECIALIST.render(plan, toy.problem()), toy, tmp_path / "run", monkeypatch), toy)


@pytest.mark.parametrize(
    ("rows", "most", "letters"), [(90, 0, True), (900_000, 300_000, True), (3_000_000, 300_000, False)]
)
def test_much_text_is_read_sparingly(tmp_path: Path, rows: int, most: int, letters: bool) -> None:
    toy = texts(tmp_path / "public", "macro")
    problem = replace(toy, profile=toy.profile.model_copy(update={"rows": rows})).problem()
    plan = SPECIALIST.draft(problem, number=0, seed=0)
    assert isinstance(plan, TextPlan)
    assert plan.vocabularies[0].most == most
    whole = next(m for m in SPECIALIST.moves if m.name == "stack-text-families").apply(plan, problem)
    assert isinstance(whole, TextPlan)
    assert any(v.unit == "characters" for v in whole.vocabularies) == letters


@pytest.mark.parametrize(("packages", "kind"), [((), None), (("torch",), "network")])
def test_a_kernel_machine_is_for_few_rows(tmp_path: Path, packages: tuple[str, ...], kind: str | None) -> None:
    toy = texts(tmp_path / "public", "regression")
    problem = replace(toy, profile=toy.profile.model_copy(update={"rows": 20_000})).problem(*packages)
    plan = SPECIALIST.draft(problem, number=1, seed=0)
    assert (plan.approach if plan else None) == kind
