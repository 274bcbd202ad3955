"""What a profile says of the data, and why."""

from pathlib import Path

import numpy as np
import pytest

from competitions.conftest import Sample
from competitions.players import start
from competitions.test_inference import folder_of, table
from haste.adapters.competitions import FolderCompetitions
from haste.adapters.competitions.samples import kinds, make_sample
from haste.core.competition import ColumnKind, Profile, TaskKind
from haste.settings import Settings

CHANCE = np.random.default_rng(0)


def profile_of(folder: Path, **settings: object) -> Profile:
    files = FolderCompetitions(folder)
    return files.profile(files.describe(folder), Settings.model_validate(settings))


def test_kinds_of_columns(tmp_path: Path) -> None:
    head = "id,number,code,flag,word,said,day,token,still,y"
    row = "{i},{i}.5,{i3},{flag},w{i3},it is said that {i} is not {i3},2020-01-{day},h{i}x{i},same,{y}"

    def line(i: int) -> str:
        flag = "True" if i % 2 else "False"
        return row.format(i=i, i3=i % 3, flag=flag, day=f"{i % 28 + 1:02d}", y=(i * 7919) % 101)

    train = table(head, line, 80)
    test = "\n".join(",".join(t.split(",")[:-1]) for t in table(head, lambda i: line(i + 80), 20).splitlines())
    sample = table("id,y", lambda i: f"{i + 80},1", 20)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    profile = profile_of(tmp_path)
    assert {c.name: c.kind for c in profile.columns} == {
        "id": ColumnKind.IDENTIFIER,
        "number": ColumnKind.NUMERIC,
        "code": ColumnKind.NUMERIC,
        "flag": ColumnKind.BOOLEAN,
        "word": ColumnKind.CATEGORICAL,
        "said": ColumnKind.TEXT,
        "day": ColumnKind.DATE,
        "token": ColumnKind.IDENTIFIER,
        "still": ColumnKind.CONSTANT,
    }
    by_name = {c.name: c for c in profile.columns}
    assert by_name["word"].unique == 3
    assert by_name["said"].mean_words == 8.0
    assert profile.traits["text_columns"] == 1.0
    assert profile.traits["target_is_integer"] is True


@pytest.mark.parametrize("kind", kinds())
def test_profiles_are_the_same_every_time_and_survive_json(kind: str, sample: Sample, tmp_path: Path) -> None:
    one, other = (start(sample(kind), tmp_path / name).profile for name in "ab")
    assert one == other
    assert Profile.model_validate_json(one.model_dump_json()) == one
    assert all(isinstance(v, float | bool | str) for v in one.traits.values())


TASKS = {
    "binary": (TaskKind.BINARY, "stratified", ("0", "1")),
    "truths": (TaskKind.BINARY, "stratified", ("False", "True")),
    "labels": (TaskKind.MULTICLASS, "stratified", ("large", "middle", "small")),
    "multiclass": (TaskKind.MULTICLASS, "stratified", ("ash", "elm", "oak")),
    "ordinal": (TaskKind.ORDINAL, "stratified", ("1", "2", "3", "4", "5")),
    "regression": (TaskKind.REGRESSION, "plain", ()),
    "multi_target": (TaskKind.MULTI_REGRESSION, "plain", ()),
    "multilabel": (TaskKind.MULTILABEL, "stratified", ("loud", "bright", "rare")),
    "grouped": (TaskKind.BINARY, "grouped", ("0", "1")),
    "forward": (TaskKind.REGRESSION, "forward", ()),
}


@pytest.mark.parametrize("kind", TASKS)
def test_tasks_and_plans(kind: str, sample: Sample, tmp_path: Path) -> None:
    profile = start(sample(kind), tmp_path).profile
    assert (profile.task, profile.folds.kind, profile.classes) == TASKS[kind]
    assert profile.folds.reason
    if profile.classes and profile.task is not TaskKind.MULTILABEL:
        assert sum(profile.class_shares) == pytest.approx(1.0, abs=1e-5)


def test_domains(sample: Sample, tmp_path: Path) -> None:
    found = {k: start(sample(k), tmp_path / k).profile.traits["domain"] for k in ("binary", "text", "images")}
    assert found == {"binary": "tabular", "text": "text", "images": "image"}


def test_rare_classes_mean_fewer_folds_and_large_tables_a_lockbox(tmp_path: Path) -> None:
    def competition(name: str, label: str, rows: int) -> Path:
        train = table(
            "id,x,y", lambda i: f"{i},{i % 17},{label if i % 2 else 'b'}" if i > 3 else f"{i},{i},rare", rows
        )
        test = table("id,x", lambda i: f"{i + rows},{i}", 20)
        sample = table("id,y", lambda i: f"{i + rows},b", 20)
        return folder_of(tmp_path / name, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})

    plan = profile_of(competition("few", "a", 60)).folds
    assert (plan.folds, plan.lockbox_share) == (4, 0.0)
    assert "rarest class has 4 rows" in plan.reason
    plan = profile_of(competition("many", "a", 20_000), folds=4, seed=7).folds
    assert (plan.folds, plan.seed, plan.lockbox_share) == (4, 7, 0.1)
    assert "locked away" in plan.reason


def test_leaks_are_suspected(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    y = chance.integers(0, 2, 300)

    def line(i: int) -> str:
        giver = "someone" if y[i] and i % 3 == 0 else "N/A"
        return f"{i},{y[i] * 3 + 0.1 * chance.random():.4f},{giver},{chance.random():.4f},{i},{y[i]}"

    head = "id,tells,giver,noise,votes_later,y"
    train = table(head, line, 300)
    test = table("id,tells,giver,noise", lambda i: f"{i + 300},0,N/A,0.5", 60)
    sample = table("id,y", lambda i: f"{i + 300},0", 60)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    remarks = "\n".join(profile_of(tmp_path).remarks)
    assert "leak? 'tells' nearly tells 'y' alone" in remarks
    assert "leak? rows where 'giver' is not as usual" in remarks
    assert "only the training table has: votes_later" in remarks
    assert "'noise'" not in remarks


def test_an_id_that_goes_with_the_target_is_told(tmp_path: Path) -> None:
    train = table("id,x,y", lambda i: f"{i},{(i * 7919) % 101},{int(i > 150)}", 300)
    test = table("id,x", lambda i: f"{i + 300},{(i * 7919) % 101}", 60)
    sample = table("id,y", lambda i: f"{i + 300},0", 60)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    remarks = "\n".join(profile_of(tmp_path).remarks)
    assert "leak? the id 'id' goes with the target" in remarks
    assert "leak? the order of the training rows" in remarks


def test_groups_that_stand_in_both_tables_are_a_feature_not_a_fold(tmp_path: Path) -> None:
    """As in MLE-bench's own split of spaceship-titanic, whose rows were drawn without regard to groups."""
    chance = np.random.default_rng(0)
    rows = [f"{g:04d}_{m:02d}" for g in range(150) for m in range(1, 4)]
    order = chance.permutation(len(rows))
    train = table("id,x,y", lambda i: f"{rows[order[i]]},{i % 13},{i % 2}", 350)
    test = table("id,x", lambda i: f"{rows[order[350 + i]]},{i % 13}", 100)
    sample = table("id,y", lambda i: f"{rows[order[350 + i]]},0", 100)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    profile = profile_of(tmp_path)
    assert profile.folds.kind == "stratified"
    assert any("groups rows; its groups stand in both tables" in remark for remark in profile.remarks)


def test_a_group_column_is_believed_when_no_group_stands_in_both(tmp_path: Path) -> None:
    train = table("id,patient,x,y", lambda i: f"{i},p{i // 6},{i % 13},{i % 2}", 300)
    test = table("id,patient,x", lambda i: f"{i + 300},p{60 + i // 6},{i % 13}", 60)
    sample = table("id,y", lambda i: f"{i + 300},0", 60)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    plan = profile_of(tmp_path).folds
    assert (plan.kind, plan.column) == ("grouped", "patient")


@pytest.mark.parametrize(("later", "kind"), [(True, "forward"), (False, "plain")], ids=["after", "in between"])
def test_time_counts_only_where_the_test_rows_come_later(later: bool, kind: str, tmp_path: Path) -> None:
    def day(i: int) -> str:
        return f"{2000 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}"

    train = table("id,day,y", lambda i: f"{i},{day(i)},{(i * 7919) % 101}", 300)
    test = table("id,day", lambda i: f"{i + 300},{day(i + 300 if later else 3 * i)}", 60)
    sample = table("id,y", lambda i: f"{i + 300},0", 60)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    profile = profile_of(tmp_path)
    assert profile.folds.kind == kind
    assert profile.traits["is_series"] is later


def test_samples_differ_by_seed_and_not_by_time(tmp_path: Path) -> None:
    made = [
        make_sample("binary", tmp_path / name, rows=30, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    one, again, other = ((folder / "public" / "train.csv").read_bytes() for folder in made)
    assert one == again != other


def test_folds_without_a_score_are_not_planned(tmp_path: Path) -> None:
    """In time order all of one class comes first: no forward fold of the others would have an AUC."""

    def day(i: int) -> str:
        return f"{2000 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}"

    folder_of(tmp_path, {
        "train.csv": table("id,day,x,y", lambda i: f"{i},{day(i)},{i % 13},{int(i < 60)}", 300),
        "test.csv": table("id,day,x", lambda i: f"{i + 300},{day(i + 300)},{i % 13}", 60),
        "sample_submission.csv": table("id,y", lambda i: f"{i + 300},0.5", 60),
        "description.md": "scored by area under the ROC curve",
    })  # fmt: skip
    profile = profile_of(tmp_path)
    assert profile.traits["is_series"] is True
    assert profile.folds.kind == "stratified"


@pytest.mark.parametrize(("rare", "metric", "folds"), [(2, "area under the ROC curve", 2), (2, "Brier score", 5)])
def test_a_class_with_fewer_rows_than_folds_means_fewer_folds(
    rare: int, metric: str, folds: int, tmp_path: Path
) -> None:
    """A fold that lacks the class would have no AUC, whatever a script predicts; a Brier score it has."""
    folder_of(tmp_path, {
        "train.csv": table("id,x,y", lambda i: f"{i},{i * 7919 % 101},{int(i < rare)}", 120),
        "test.csv": table("id,x", lambda i: f"{i + 120},{i % 13}", 40),
        "sample_submission.csv": table("id,y", lambda i: f"{i + 120},0.5", 40),
        "description.md": f"scored by {metric}",
    })  # fmt: skip
    plan = profile_of(tmp_path).folds
    assert (plan.kind, plan.folds) == ("stratified", folds)
    assert f"the rarest class has {rare} rows" in plan.reason


def test_the_readme_names_every_trait(sample: Sample, tmp_path: Path) -> None:
    import haste.adapters.competitions as package

    text = (Path(package.__file__).parent / "README.md").read_text()
    traits = {t for kind in kinds() for t in start(sample(kind), tmp_path / kind).profile.traits}
    assert [t for t in sorted(traits) if f"`{t}`" not in text] == []


@pytest.mark.parametrize("in_id", [True, False])
def test_pictures_are_known_where_their_pattern_has_no_ending(in_id: bool, tmp_path: Path) -> None:
    folder = make_sample("images", tmp_path / "c")
    for path in (folder / "public").glob("*_images/*.png") if not in_id else ():
        path.rename(path.with_suffix(""))
    for path in (folder / "public").glob("*.csv") if in_id else ():
        head, *rows = path.read_text().splitlines()
        named = [",".join([f"{row.split(',')[0]}.png", *row.split(",")[1:]]) for row in rows]
        path.write_text("\n".join([head, *named]) + "\n")
    traits = profile_of(folder).traits
    assert (traits["row_file_kind"], traits["domain"]) == ("image", "image")


def test_nothing_to_learn_from_is_told(tmp_path: Path) -> None:
    train = table("id,path,y", lambda i: f"{i},pictures/{i:03d}.png,{i * 7919 % 101}", 60)
    test = table("id,path", lambda i: f"{i + 60},pictures/{i + 60:03d}.png", 20)
    sample = table("id,y", lambda i: f"{i + 60},1", 20)
    folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    assert any("nothing to learn from" in line for line in profile_of(tmp_path).remarks)


def test_an_empty_time_column_switches_the_inferred_one_off(tmp_path: Path) -> None:
    folder = make_sample("forward", tmp_path / "c")
    (folder / "competition.toml").write_text('time_column = ""\n')
    assert profile_of(folder).folds.kind == "plain"
