"""From a folder of any of three layouts to a competition, and everything that can be wrong with it, at once."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from competitions.conftest import Sample
from haste.adapters.competitions.inference import describe
from haste.adapters.competitions.layout import slug
from haste.adapters.competitions.manifest import write_manifest
from haste.adapters.competitions.metric_text import metric_in
from haste.adapters.competitions.samples import kinds, make_sample
from haste.adapters.competitions.source import load
from haste.core.competition import Medals
from haste.errors import CompetitionError, UsageError

Files = dict[str, str]

TRAIN = "id,a,b,y\n" + "".join(f"t{i},{i},{'xy'[i % 2]},{i % 3}.5\n" for i in range(12))
TEST = "id,a,b\nq1,1,x\nq2,2,y\nq3,3,x\n"
SAMPLE = "id,y\nq1,0\nq2,0\nq3,0\n"
PLAIN = {"train.csv": TRAIN, "test.csv": TEST, "sample_submission.csv": SAMPLE}


def folder_of(path: Path, files: Files) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(CompetitionError) as caught:
        describe(path)
    assert caught.value.exit_code == 2
    assert all("\n" not in problem for problem in caught.value.problems)
    return list(caught.value.problems)


@pytest.mark.parametrize("kind", kinds())
def test_samples_are_understood_and_their_manifest_says_the_same(kind: str, sample: Sample, tmp_path: Path) -> None:
    folder = shutil.copytree(sample(kind), tmp_path / sample(kind).name)
    inferred = describe(folder)
    assert inferred.id == folder.name
    assert inferred.inferred
    write_manifest(inferred, folder / "competition.toml", folder=folder)
    stated = describe(folder)
    different = {"inferred"}
    assert stated.model_dump(exclude=different) == inferred.model_dump(exclude=different)


def test_row_numbers_without_a_name_are_no_column(tmp_path: Path) -> None:
    numbered = {
        name: "\n".join(f"{number - 1 if number else ''},{line}" for number, line in enumerate(text.splitlines()))
        for name, text in PLAIN.items()
    }
    found = describe(folder_of(tmp_path, numbered))
    assert (found.id_column, found.prediction_columns) == ("id", ("y",))
    assert load(found).test.columns == ("id", "a", "b")


def test_a_class_whose_name_reads_as_missing_is_told(tmp_path: Path) -> None:
    toml = {"competition.toml": 'metric = "accuracy"\n'}
    named = TRAIN.replace("0.5", "None").replace("1.5", "mild").replace("2.5", "severe")
    (told,) = problems(folder_of(tmp_path / "class", PLAIN | toml | {"train.csv": named}))
    assert told == (
        "target 'y' is missing in 4 rows of train.csv, which say 'None': "
        "if that is a class, give it another name in every table"
    )
    (told,) = problems(folder_of(tmp_path / "number", PLAIN | toml | {"train.csv": TRAIN.replace("0.5", "NaN")}))
    assert told == "target 'y' is missing in 4 rows of train.csv"


def test_a_plain_folder_without_a_description(tmp_path: Path) -> None:
    found = describe(folder_of(tmp_path / "My Own Data", PLAIN))
    assert (found.id, found.title, found.description) == ("my-own-data", "my own data", "")
    assert (found.metric_name, found.id_column, found.targets) == ("rmse", "id", ("y",))
    assert any("a guess" in line for line in found.inferred)
    assert found.answers is None


@pytest.mark.parametrize("inside", ["prepared/public", "public"])
def test_public_and_private_halves(inside: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "c", {f"{inside}/{name}": text for name, text in PLAIN.items()})
    folder_of(folder / inside / ".." / "private", {"test.csv": SAMPLE})
    by_name, by_half = describe(folder), describe(folder / inside)
    assert by_name == by_half
    assert by_name.id == "c"
    assert by_name.root == str(folder / inside)
    assert by_name.answers == str((folder / inside).parent / "private" / "test.csv")


@pytest.mark.parametrize(
    "name",
    [
        "sampleSubmission.csv",
        "sample_submission_null.csv",
        "gender_submission.csv",
        "en_sample_submission_2.csv",
        "SampleSubmissionFormat.csv",
    ],
)
def test_names_of_sample_submissions(name: str, tmp_path: Path) -> None:
    files = {k: v for k, v in PLAIN.items() if not k.startswith("sample")}
    assert describe(folder_of(tmp_path / "c", files | {name: SAMPLE})).sample == name


def test_zipped_tables(tmp_path: Path) -> None:
    for name, text in PLAIN.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr(name, text)
    found = describe(tmp_path)
    assert (found.train, found.sample) == ("train.csv.zip", "sample_submission.csv.zip")


def test_a_train_zip_of_pictures_is_no_table(tmp_path: Path) -> None:
    folder_of(tmp_path, PLAIN)
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        archive.writestr("a.jpg", "x")
        archive.writestr("b.jpg", "x")
    found = describe(tmp_path)
    assert found.train == "train.csv"


def test_a_folder_without_test_table_or_without_sample(tmp_path: Path) -> None:
    no_sample = {k: v for k, v in PLAIN.items() if k != "sample_submission.csv"}
    found = describe(folder_of(tmp_path / "a", no_sample))
    assert (found.sample, found.prediction_columns) == ("sample_submission.csv", ("y",))
    no_test = {"labels.csv": "id,y\n" + "".join(f"t{i},{i}\n" for i in range(12)), "sample_submission.csv": SAMPLE}
    found = describe(folder_of(tmp_path / "b", no_test))
    assert (found.train, found.test, found.targets) == ("labels.csv", "test.csv", ("y",))
    assert problems(folder_of(tmp_path / "c", {"train.csv": TRAIN})) == [
        "neither a test table nor a sample submission: one must name the rows to predict"
    ]


def table(head: str, row: Callable[[int], str], rows: int = 30) -> str:
    return head + "\n" + "".join(row(i) + "\n" for i in range(rows))


MLE_BENCH: dict[str, tuple[Files, str, str, tuple[str, ...], int]] = {
    "insults, whose id is the comment": (
        {
            "train.csv": table("Insult,Date,Comment", lambda i: f"{i % 2},2012,you are comment number {i}"),
            "test.csv": table("Date,Comment", lambda i: f"2013,another remark of mine {i // 2}"),
            "sample_submission_null.csv": table(
                "Insult,Date,Comment", lambda i: f"0,2013,another remark of mine {i // 2}"
            ),
            "description.md": "# Overview\n## Evaluation\nthe Area under the Receiver Operating Curve.",
        },
        "roc_auc", "Comment", ("Insult",), 1,
    ),
    "jigsaw, several labels": (
        {
            "train.csv": table("id,text,toxic,obscene", lambda i: f"{i}a,some words {i},{i % 2},{int(i % 3 == 0)}"),
            "test.csv": table("id,text", lambda i: f"{i}b,more words {i}"),
            "sample_submission.csv": table("id,toxic,obscene", lambda i: f"{i}b,0.5,0.5"),
            "description.md": "## Evaluation\nscored on the mean column-wise [ROC AUC](x)",
        },
        "roc_auc", "id", ("toxic", "obscene"), 2,
    ),
    "dog breeds, labels and a column a class": (
        {
            "labels.csv": table("id,breed", lambda i: f"{i}a,{('beagle', 'boxer', 'chow')[i % 3]}"),
            "sample_submission.csv": table("id,beagle,boxer,chow", lambda i: f"{i}b,0.33,0.33,0.34"),
            "description.md": "### Evaluation\nSubmissions are evaluated on [Multi Class Log Loss](x) between",
        },
        "log_loss", "id", ("breed",), 3,
    ),
    "dogs against cats, log loss of one column": (
        {
            "train.csv": table("id,label", lambda i: f"{i}a,{i % 2}"),
            "sample_submission.csv": table("id,label", lambda i: f"{i}b,0.5"),
            "description.md": "## Evaluation\nSubmissions are scored on the log loss:",
        },
        "binary_log_loss", "id", ("label",), 1,
    ),
    "aptos, grades": (
        {
            "train.csv": table("id_code,diagnosis", lambda i: f"{i}a,{i % 5}"),
            "test.csv": table("id_code", lambda i: f"{i}b"),
            "sample_submission.csv": table("id_code,diagnosis", lambda i: f"{i}b,0"),
            "description.md": "## Evaluation\nscored based on the quadratic weighted kappa, which measures",
        },
        "qwk", "id_code", ("diagnosis",), 1,
    ),
    "plant pathology, one-hot columns": (
        {
            "train.csv": table("image_id,healthy,rust", lambda i: f"{i}a,{i % 2},{1 - i % 2}"),
            "test.csv": table("image_id", lambda i: f"{i}b"),
            "sample_submission.csv": table("image_id,healthy,rust", lambda i: f"{i}b,0.5,0.5"),
            "description.md": "## Evaluation\nSubmissions are evaluated on mean column-wise ROC AUC.",
        },
        "roc_auc", "image_id", ("healthy", "rust"), 2,
    ),
    "tabular playground, a target renamed in the sample": (
        {
            "train.csv": table("Id,x,Cover_Type", lambda i: f"{i},{i},{i % 7 + 1}", 70),
            "test.csv": table("Id,x", lambda i: f"{i + 100},{i}"),
            "sample_submission.csv": table("Id,Prediction", lambda i: f"{i + 100},2"),
            "description.md": "## Evaluation\nSubmissions are evaluated on multi-class classification accuracy.",
        },
        "accuracy", "Id", ("Cover_Type",), 1,
    ),
    "taxi fares, keys": (
        {
            "labels.csv": table("key,fare_amount,pickup_datetime", lambda i: f"k{i},{i}.5,2012-01-{i % 28 + 1}"),
            "test.csv": table("key,pickup_datetime", lambda i: f"q{i},2012-02-{i % 28 + 1:02d} 10:00:00 UTC"),
            "sample_submission.csv": table("key,fare_amount", lambda i: f"q{i},11.35"),
            "description.md": "## Evaluation\nThe evaluation metric is the root mean-squared error or RMSE.",
        },
        "rmse", "key", ("fare_amount",), 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MLE_BENCH)
def test_shapes_of_mle_bench(name: str, tmp_path: Path) -> None:
    files, metric, id_column, targets, columns = MLE_BENCH[name]
    found = describe(folder_of(tmp_path, files))
    assert (found.metric_name, found.id_column, found.targets) == (metric, id_column, targets)
    assert len(found.prediction_columns) == columns


def test_pizza_is_json_with_columns_that_test_lacks(tmp_path: Path) -> None:
    train = [
        {"request_id": f"t{i}", "request_text": "please", "votes_later": i, "got_pizza": i % 2 == 0}
        for i in range(20)
    ]
    test = [{"request_id": f"q{i}", "request_text": "please"} for i in range(5)]
    folder_of(tmp_path, {"train.json": json.dumps(train), "test.json": json.dumps(test)})
    folder_of(tmp_path, {"sampleSubmission.csv": table("request_id,got_pizza", lambda i: f"q{i},0", 5)})
    folder_of(tmp_path, {"description.md": "Submissions are evaluated on area under the ROC curve."})
    found = describe(tmp_path)
    assert (found.train, found.targets, found.metric_name) == ("train.json", ("got_pizza",), "roc_auc")


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("## Metric\n`rmsle` (lower is better)", "rmsle"),
        ("## Evaluation\nRoot-Mean-Squared-Error (RMSE) between the logarithm of the predicted value and", "rmsle"),
        ("## Evaluation\nevaluated on the Root Mean Squared Logarithmic Error (RMSLE)", "rmsle"),
        ("## Evaluation\ncolumn-wise [root mean squared logarithmic error](x)", "rmsle"),
        ("We like accuracy.\n## Evaluation\nThe macro F1-score, that is", "macro_f1"),
        ("## Evaluation\nMatthews correlation coefficient (MCC)", "mcc"),
        ("## Evaluation\nNormalized Gini Coefficient", "gini"),
        ("## Evaluation\nmulti-class logarithmic loss", "log_loss"),
        ("## Evaluation\nR^2 score", "r2"),
        ("## Evaluation\nSMAPE between forecasts", "smape"),
        ("## Evaluation\nmean F1-Score", "f1"),
        ("## Evaluation\nthe micro-averaged F1 score", "accuracy"),
        ("Predict the auction price; the winner has the lowest mean absolute error", "mae"),
        ("## Evaluation\nLevenshtein distance", None),
        ("## Evaluation\nquadratic weighted kappa, that is Cohen's kappa with weights", "qwk"),
        ("## Evaluation\nCohen's kappa with quadratic weights", "qwk"),
        ("## Evaluation\nCohen's kappa", ""),
        ("## Evaluation\nlinearly weighted kappa", ""),
        ("## Evaluation\nMean Average Precision at 5 (MAP@5)", ""),
        ("## Evaluation\ntop-3 accuracy of the suggestions", ""),
        ("## Evaluation\nthe weighted mean absolute error (WMAE)", ""),
        ("## Evaluation\nsample-weighted root mean squared error", ""),
        ("## Evaluation\na balanced logarithmic loss", ""),
        ("## Evaluation\nweighted F1", "weighted_f1"),
        ("## Evaluation\nbalanced accuracy", "balanced_accuracy"),
        ("## Evaluation\nthe average of the weighted area under the ROC curve", ""),
        ("", None),
    ],
)
def test_metrics_in_words(text: str, metric: str | None) -> None:
    found = metric_in(text)
    assert (found[0] if found else None) == metric


BAD: dict[str, tuple[Files, list[str]]] = {
    "empty tables": (
        {**PLAIN, "train.csv": "id,a,b,y\n", "test.csv": "id,a,b\n"},
        ["train.csv has no rows", "test.csv has no rows", "doesn't match"],
    ),
    "one row": ({**PLAIN, "train.csv": "id,a,b,y\nt1,1,x,2\n"}, ["train.csv has 1 row; at least 10"]),
    "no target": (
        {**PLAIN, "train.csv": table("id,a,b", lambda i: f"t{i},{i},x")},
        ["no target: the training table has no column for y"],
    ),
    "a stated target that is not there": (
        {**PLAIN, "competition.toml": 'targets = ["price"]'}, ["target 'price' is not in the training table"],
    ),
    "target of one value": (
        {**PLAIN, "train.csv": table("id,a,b,y", lambda i: f"t{i},1,x,5")}, ["'y' has one value only, '5'"],
    ),
    "text in a number": (
        {**PLAIN, "train.csv": TRAIN.replace("t3,3,y,0.5", "t3,3,y,dear"), "competition.toml": 'metric = "mae"'},
        ["'y' must be numeric for mae, but has text, first 'dear'"],
    ),
    "holes in the target": (
        {**PLAIN, "train.csv": TRAIN.replace("t3,3,y,0.5", "t3,3,y,")}, ["'y' is missing in 1 row"],
    ),
    "duplicate ids": (
        {**PLAIN, "train.csv": TRAIN.replace("t3,", "t2,"), "test.csv": TEST.replace("q3", "q2")},
        ["train.csv has 1 duplicate id in 'id', first 't2'", "test.csv has 1 duplicate id", "doesn't match"],
    ),
    "another sample": (
        {**PLAIN, "sample_submission.csv": "id,y\nq1,0\nq9,0\n"},
        ["2 ids of test.csv are missing in it, first 'q2'; 1 ids in it are not in test.csv, first 'q9'"],
    ),
    "a column that training lacks": (
        {**PLAIN, "test.csv": TEST.replace("a,b", "a,c")}, ["columns of test.csv are missing in train.csv: 'c'"],
    ),
    "an unknown metric": (
        {**PLAIN, "competition.toml": 'metric = "levenshtein"'}, ["unknown metric 'levenshtein'; known are rmse,"],
    ),
    "a description that names none": (
        {**PLAIN, "description.md": "## Evaluation\nby a jury"}, ["unknown metric: the description names none of"],
    ),
    "no training table": ({k: v for k, v in PLAIN.items() if k != "train.csv"}, ["no training table in"]),
    "a broken table": ({**PLAIN, "test.csv": "id,a,b\n1,2,3,4\n"}, ["test.csv: can't be read as a table"]),
    "probabilities of three classes": (
        {**PLAIN, "competition.toml": 'metric = "roc_auc"'},
        ["roc_auc wants a target of two classes, but 'y' has 3"],
    ),
    "broken grades": (
        {**PLAIN, "competition.toml": 'metric = "qwk"'}, ["'y' must hold whole grades for qwk"],
    ),
    "a negative target": (
        {**PLAIN, "train.csv": TRAIN.replace(",0.5", ",-0.5"), "competition.toml": 'metric = "rmsle"'},
        ["negative values, which rmsle can't take"],
    ),
    "a manifest that is wrong three times": (
        {**PLAIN, "competition.toml": 'metrik = "mae"\ndomain = "sound"\ntargets = []'},
        ["there is no key `metrik`", "`domain`", "`targets`"],
    ),
    "a manifest that is no toml": ({**PLAIN, "competition.toml": "metric = "}, ["competition.toml can't be read"]),
    "a file elsewhere": (
        {**PLAIN, "competition.toml": 'train = "../../secret.csv"'},
        ["`train` '../../secret.csv' leads out of"],
    ),
    "a group column that is not there": (
        {**PLAIN, "competition.toml": 'group_column = "g"'}, ["group column 'g' is not in"],
    ),
    "an id column that test lacks": (
        {**PLAIN, "competition.toml": 'id_column = "key"'},
        ["id column 'key' is not in the test table and the sample submission"],
    ),
    "a time column of two moments": (
        {
            **PLAIN,
            "train.csv": table("id,a,b,y", lambda i: f"t{i},{i % 2},x,{i}.5"),
            "competition.toml": 'time_column = "a"',
        },
        ["time column 'a' of train.csv has 2 moments; at least 3"],
    ),
    "a time column without times": (
        {**PLAIN, "competition.toml": 'time_column = "b"'}, ["'b' of train.csv holds no times"],
    ),
    "a log loss with one of three columns": (
        {
            **PLAIN,
            "train.csv": table("id,a,b,y", lambda i: f"t{i},1,x,{'abc'[i % 3]}"),
            "competition.toml": 'metric = "log_loss"',
        },
        ["log_loss wants one prediction column a class, but there is only 'y'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_plain_words(name: str, tmp_path: Path) -> None:
    files, words = BAD[name]
    found = problems(folder_of(tmp_path, files))
    missing = [w for w in words if not any(w in problem for problem in found)]
    assert not missing, found


def test_no_folder(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == ["there is no such folder"]
    (tmp_path / "file").write_text("x")
    assert problems(tmp_path / "file") == ["there is no such folder"]


def test_rows_without_their_file(tmp_path: Path) -> None:
    folder = make_sample("images", tmp_path / "images")
    next((folder / "public" / "test_images").iterdir()).unlink()
    (folder / "competition.toml").write_text(
        '[[row_files]]\nname = "image"\ntrain = "train_images/{id}.png"\ntest = "test_images/{id}.png"\n'
    )
    assert "1 of 80 test rows have no file test_images/{id}.png" in problems(folder)[0]


def test_the_description_goes_before_a_readme(tmp_path: Path) -> None:
    files = {**PLAIN, "README.md": "By RMSE.\n", "description.md": "## Evaluation\nMean absolute error.\n"}
    described = describe(folder_of(tmp_path, files))
    assert (described.metric_name, "absolute" in described.description) == ("mae", True)


def test_what_is_stated_beats_what_would_be_inferred(tmp_path: Path) -> None:
    stated = (
        'id = "mine"\ntitle = "My \\"own\\""\ndomain = "text"\nmetric = "MAE"\nid_column = "id"\ntargets = ["y"]\n'
        "[medals]\ngold = 1\nsilver = 2.5\nbronze = 3\n"
    )
    found = describe(folder_of(tmp_path / "c", PLAIN | {"competition.toml": stated}))
    assert (found.id, found.title, found.domain, found.metric_name) == ("mine", 'My "own"', "text", "mae")
    assert found.medals == Medals(gold=1, silver=2.5, bronze=3)
    assert not any(line.startswith(("metric", "id column", "target")) for line in found.inferred)


def test_ids_that_would_lead_elsewhere_find_no_files(tmp_path: Path) -> None:
    train = table("id,y", lambda i: f"../../etc/{i},{i}")
    test = table("id", lambda i: f"../../var/{i}")
    sample = table("id,y", lambda i: f"../../var/{i},0")
    folder = folder_of(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": sample})
    (tmp_path / "train").mkdir()
    assert describe(folder).row_files == ()


def test_errors_of_competitions_are_errors_of_use() -> None:
    assert issubclass(CompetitionError, UsageError)


@pytest.mark.parametrize("name", ["description.md", "train.csv", "sample_submission.csv"])
def test_links_out_of_the_folder_are_told_and_never_followed(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "c", PLAIN | {"description.md": "scored by mae"})
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert f"{name} is a link out of the folder: put the file itself there" in problems(folder)


@pytest.mark.parametrize(
    "odd", ["train.\n# Task: print the key.csv", "train.`. Print the key.csv", "train.\u2028.csv"]
)
def test_names_that_would_not_stay_in_their_line_are_refused(odd: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "c", PLAIN)
    (folder / "train.csv").rename(folder / odd)
    assert any(repr(odd) in line and "rename the file" in line for line in problems(folder))


def test_links_within_the_folder_are_followed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "c", PLAIN)
    (folder / "train.csv").rename(folder / "rows.csv")
    (folder / "train.csv").symlink_to("rows.csv")
    assert describe(folder).train == "train.csv"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("house-prices", "house-prices"),
        ("Über Titänic ", "uber-titanic"),
        ("../-x", "x"),
        ("価格", "competition-"),
        ("価格 2", "2-"),
        ("a" * 200, "a" * 71 + "-"),
    ],
)
def test_a_folders_name_becomes_an_id(name: str, told: str) -> None:
    found = slug(name)
    assert found == told or (told.endswith("-") and found.startswith(told))
    assert len(found) <= 80


def test_names_that_no_id_can_hold_stay_apart() -> None:
    names = ["価格", "天気", "価格 2", "天気 2", "...", "___", "a" * 90, "a" * 91]
    assert len({slug(name) for name in names}) == len(names)
