"""What the runs of a workspace say together: ranks, costs, groups."""

import json
from pathlib import Path

import pytest

from cli.conftest import Haste
from log.story import FAILED, PLAIN, RUN


def test_graded_runs_lead_their_competition(told: Path, haste: Haste) -> None:
    rows = [line.split() for line in haste("runs", "leaderboard").out.splitlines()]
    assert [(row[1], row[2]) for row in rows] == [("rank", "run"), ("1", RUN), ("2", PLAIN), ("–", FAILED)]
    board = json.loads(haste("runs", "leaderboard", "--json").out)
    assert [(one["rank"], one["run"]["run"]) for one in board["toy-prices"]] == [(1, RUN), (2, PLAIN)]


def test_costs_of_all_are_the_sum_of_each(told: Path, haste: Haste) -> None:
    names = (RUN, PLAIN, FAILED)
    each = [json.loads(haste("runs", "costs", name, "--json").out)["stages"] for name in names]
    together = json.loads(haste("runs", "costs", "--json").out)
    for stage, cost in together["stages"].items():
        of_each = [stages[stage] for stages in each if stage in stages]
        for what in ("evaluations", "failures", "kept", "usd"):
            assert cost[what] == pytest.approx(sum(one[what] for one in of_each))
    kept = sum(cost["kept"] for cost in together["stages"].values())
    seconds = sum(cost["seconds"] for cost in together["stages"].values())
    assert together["each_kept_change"]["seconds"] == pytest.approx(seconds / kept)
    out = haste("runs", "costs").out
    assert out.splitlines()[-2].startswith("together")
    assert out.splitlines()[-1].startswith("for each change that was kept: ")


def test_groups_of_runs_are_compared(told: Path, haste: Haste) -> None:
    rows = json.loads(haste("runs", "compare", "--json").out)
    assert sum(row["to_best"]["runs"] for row in rows) == 2
    by_engineer = haste("runs", "compare", "--by", "engineer").out.splitlines()
    assert by_engineer[0].split()[:2] == ["engineer", "runs"]
    assert haste("runs", "compare", "--by", "mood").code == 2


def test_a_broken_run_counts_nowhere_and_is_told(told: Path, haste: Haste) -> None:
    path = told / "events" / f"{PLAIN}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"boosting", b"bo0sting", 1))
    for words in (("runs", "leaderboard"), ("runs", "costs"), ("runs", "compare")):
        said = haste(*words)
        assert said.code == 0
        assert PLAIN not in said.out
        assert f"left out: stream {PLAIN} is broken at line" in said.err


@pytest.mark.parametrize("command", ["leaderboard", "costs", "compare"])
def test_without_runs_it_says_so(command: str, workspace: Path, haste: Haste) -> None:
    said = haste("runs", command)
    assert (said.code, said.out) == (0, "")
    assert "no run" in said.err
