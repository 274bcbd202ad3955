"""The labelled set is sound, and the offline judgement is good enough on the third that it wasn't tuned by."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner

from haste.cli.evaluate import evaluate
from haste.engineers.offline.judging import judge
from haste.orchestration.judgements import DECISIONS, Report, evaluate_judge, load_labelled


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate_judge(lambda one, skills, others: list(judge(one, skills, others))[-1], load_labelled())


def test_the_labelled_set_is_large_varied_and_split_by_rule() -> None:
    labelled = load_labelled()
    written = [case for case in labelled.cases if case.split != "field"]
    counts = Counter(case.answer for case in written)
    assert len(written) >= 60
    assert set(counts) == set(DECISIONS)
    assert min(counts.values()) >= 12
    assert len({case.id for case in labelled.cases}) == len(labelled.cases)
    for case in written:
        number = int(case.id.rpartition("-")[2])
        assert (case.split == "held-out") is (number % 3 == 0)
    names = {one.skill.name for one in labelled.skills}
    assert all(set(case.skills) <= names for case in labelled.cases)


@pytest.mark.parametrize("split", ["tune", "held-out"])
def test_nine_of_ten_judgements_are_right(report: Report, split: str) -> None:
    part = report.only(split)  # type: ignore[arg-type]
    assert part.accuracy >= 0.9
    recall = part.recall("conflict")
    assert recall is not None
    assert recall >= 0.8


def test_counts_of_the_report_add_up(report: Report) -> None:
    confusion = report.confusion
    assert sum(sum(row.values()) for row in confusion.values()) == len(report.judged)
    assert sum(confusion[d][d] for d in DECISIONS) == sum(j.right for j in report.judged)
    assert (Report(()).accuracy, Report(()).recall("skip"), Report(()).precision("skip")) == (0.0, None, None)


def test_the_command_prints_a_table_and_json() -> None:
    told = CliRunner().invoke(evaluate, ["judgements", "--wrong"])
    assert told.exit_code == 0
    assert "offline, held-out" in told.output
    told = CliRunner().invoke(evaluate, ["judgements", "--json"])
    data = json.loads(told.output)
    assert set(data["splits"]) == {"tune", "held-out", "field"}
    assert len(data["verdicts"]) == len(load_labelled().cases)
