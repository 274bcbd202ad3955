"""Images: every draft and every move makes a script that passes the linter; those that have everything run."""

import runpy
from pathlib import Path

import pytest

from haste.core.solution import Failure, FailureKind
from haste.engineers.offline.image.plan import ImagePlan, Member
from haste.engineers.offline.image.specialist import ImageSpecialist
from haste.engineers.offline.plan import Plan
from offline.running import reads_of_kept_fits
from offline_text_image.running import check_files, lint, run
from offline_text_image.toys import METRICS, Toy, images

SPECIALIST = ImageSpecialist()
ON_FEATURES = ("texture-patterns", "colour-histograms", "pca-features", "boosting-beside", "stack-answers")


@pytest.fixture(scope="module", params=[*sorted(METRICS), "wide"])
def toy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name) / "public"
    return images(folder, "macro" if name == "wide" else name, wide=name == "wide")


def drafts(toy: Toy, *packages: str) -> list[ImagePlan]:
    found = [SPECIALIST.draft(toy.problem(*packages), number=k, seed=1) for k in range(3)]
    plans = [plan for plan in found if isinstance(plan, ImagePlan)]
    assert len({plan.approach for plan in plans}) == 3
    return plans


def with_network(toy: Toy) -> ImagePlan:
    """The draft that is a network."""
    return next(plan for plan in drafts(toy, "torch") if plan.uses("network"))


def everything(toy: Toy) -> Plan:
    """Members on features, all of them, stacked."""
    plan: Plan = drafts(toy)[0]
    moves = {move.name: move for move in SPECIALIST.moves}
    for name in (*ON_FEATURES, "threshold-tuning"):
        plan = moves[name].apply(plan, toy.problem()) or plan
    return plan


def quick(plan: Plan) -> ImagePlan:
    """The same with networks that train for a moment."""
    assert isinstance(plan, ImagePlan)
    members = [
        Member(kind=m.kind, parameters={**m.parameters, "epochs": 2, "width": 4}) if m.kind == "network" else m
        for m in plan.members
    ]
    return plan.model_copy(update={"members": tuple(members), "size": 16})


def test_scripts_pass_the_linter_and_plans_read_back(toy: Toy, tmp_path: Path) -> None:
    problem = toy.problem("torch")
    plans: dict[str, Plan] = {f"draft{k}": plan for k, plan in enumerate(drafts(toy, "torch"))}
    for name, parent in ({**plans, "all": everything(toy)}).items():
        for move in SPECIALIST.moves:
            made = move.apply(parent, problem)
            if made is not None:
                plans[f"{name}-{move.name}"] = made
    assert lint({name: SPECIALIST.render(plan, problem) for name, plan in plans.items()}, tmp_path) == ""
    for plan in plans.values():
        assert SPECIALIST.read(plan.dump(), problem) == plan
        assert reads_of_kept_fits(SPECIALIST.render(plan, problem)) <= {"THREADS", "CLASSES"}


def test_drafts_run_without_torch(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k, plan in enumerate(drafts(toy)):
        assert not plan.uses("network")
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


def test_a_network_runs_twice_the_same(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    plan = quick(with_network(toy))
    code = SPECIALIST.render(plan, toy.problem("torch"))
    first, second = (run(code, toy, tmp_path / name, monkeypatch) for name in ("one", "two"))
    check_files(first, toy)
    assert all(first[name].equals(second[name]) for name in first)


def test_pictures_of_sixteen_bits_are_not_all_white(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = images(tmp_path / "public", "probabilities", deep=True)
    code = SPECIALIST.render(drafts(toy)[0], toy.problem())
    check_files(run(code, toy, tmp_path / "work", monkeypatch), toy)
    seen = runpy.run_path("solution.py", run_name="__main__")["pictures"](24)
    assert seen.std(axis=(1, 2, 3)).min() > 20


def test_pictures_that_cannot_be_read_are_black_once_a_script_broke_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = images(tmp_path / "public", "labels")
    whole = toy.folder / "train" / "003.png"
    whole.write_bytes(whole.read_bytes()[:300])
    (toy.folder / "test" / "050.png").write_bytes(b"")
    plan = drafts(toy)[0]
    with pytest.raises(OSError, match="image file") as caught:
        run(SPECIALIST.render(plan, toy.problem()), toy, tmp_path / "broken", monkeypatch)
    failure = Failure(kind=FailureKind.CRASHED, message=str(caught.value))
    mended = SPECIALIST.mend(plan, failure, toy.problem(), attempt=0)
    assert mended is not None
    code = SPECIALIST.render(mended[0], toy.problem())
    assert lint({"mended": code}, tmp_path) == ""
    check_files(run(code, toy, tmp_path / "mended", monkeypatch), toy)


@pytest.mark.parametrize(
    "names",
    [
        ("residual-network", "augment-mirror", "test-time-copies", "average-networks", "grey-images", "cut-outs"),
        ("normalize-contrast", "augment-any-turn", "blend-image-families", "stack-answers", "label-smoothing"),
    ],
)
def test_moves_of_networks_run(names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    toy = images(tmp_path / "public", "probabilities", pattern="{id}/first.png")
    plan: Plan = quick(with_network(toy))
    moves = {move.name: move for move in SPECIALIST.moves}
    for name in names:
        made = moves[name].apply(plan, toy.problem("torch"))
        assert made is not None, name
        plan = quick(made)
    found = run(SPECIALIST.render(plan, toy.problem("torch")), toy, tmp_path / "run", monkeypatch)
    check_files(found, toy)
