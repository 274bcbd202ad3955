"""What a peer is told and what it writes: every kind of prediction, graded by HASTE."""

# ruff: noqa: ANN401  (the peers' module has no types here)
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measured.contest import graded, public_copy
from measured.systems import Match, spec_for

from haste.adapters.competitions import FolderCompetitions

PEERS = Path(__file__).resolve().parents[2] / "benchmarks" / "peers"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module as a peer's own interpreter finds it."""
    monkeypatch.syspath_prepend(PEERS)
    import tables  # type: ignore[import-not-found, unused-ignore]

    yield tables
    sys.modules.pop("tables", None)


def _perfect(problem: Any) -> Callable[[Any], Any]:
    """A peer that knows: the target is the row's feature."""

    def predict(test: Any) -> Any:
        found = test["x"].to_numpy()
        if not problem.labels:
            return found.astype(float)
        if not problem.wants_probabilities:
            return found.astype(int)
        return np.eye(len(problem.labels))[found.astype(int)]

    return predict


CASES: dict[str, tuple[list[str], list[str], Callable[[int], list[str]]]] = {
    "rmse": (["y"], ["y"], lambda n: [str(n)]),
    "rmsle": (["y", "z"], ["y", "z"], lambda n: [str(n), str(n)]),
    "roc_auc": (["y"], ["y"], lambda n: [["no", "yes"][n]]),
    "accuracy": (["y"], ["y"], lambda n: [["False", "True"][n]]),
    "log_loss": (["y"], ["ant", "bee", "cat"], lambda n: [["ant", "bee", "cat"][n]]),
    "macro_f1": (["y"], ["y"], lambda n: [["Neutral", "Bad", "Good"][n]]),
    "qwk": (["y"], ["y"], lambda n: [str(3 + n)]),
}


def _make(folder: Path, metric: str) -> None:
    targets, columns, told = CASES[metric]
    classes = 2 if metric in ("roc_auc", "accuracy") else 3
    order = {"macro_f1": [1, 2, 0]}.get(metric, list(range(classes)))
    rows = [(f"r{i}", i % classes) for i in range(30)]
    as_x = {n: order.index(n) for n in range(classes)}
    (folder / "public").mkdir(parents=True)
    (folder / "private").mkdir()
    lines = [f"{name},{as_x[n]},{','.join(told(n))}" for name, n in rows]
    (folder / "public" / "train.csv").write_text("\n".join([f"id,x,{','.join(targets)}", *lines]), "utf-8")
    tests = [f"t{name},{as_x[n]}" for name, n in rows]
    (folder / "public" / "test.csv").write_text("\n".join(["id,x", *tests]), "utf-8")
    blank = ",".join("0.3" if len(columns) > 1 else told(0)[0] for _ in columns)
    sample = [f"id,{','.join(columns)}", *(f"t{name},{blank}" for name, _ in rows)]
    (folder / "public" / "sample_submission.csv").write_text("\n".join(sample), "utf-8")
    answers = [f"id,{','.join(targets)}", *(f"t{name},{','.join(told(n))}" for name, n in rows)]
    (folder / "private" / "answers.csv").write_text("\n".join(answers), "utf-8")
    (folder / "competition.toml").write_text(f'metric = "{metric}"\nanswers = "private/answers.csv"\n', "utf-8")


@pytest.mark.parametrize("metric", CASES)
def test_a_peer_that_knows_has_the_perfect_score(tmp_path: Path, tables: Any, metric: str) -> None:
    folder, out = tmp_path / "toy", tmp_path / "submission.csv"
    _make(folder, metric)
    competition = FolderCompetitions(tmp_path).describe(folder)
    copied = public_copy(competition, folder, tmp_path / "copy")
    assert "answers" not in (copied / "competition.toml").read_text("utf-8")
    assert not [path for path in copied.rglob("*") if "private" in str(path.relative_to(copied))]
    spec = spec_for(Match(folder, "flaml", "", 10.0, 0, 2), competition, copied)
    tables.run(spec, _perfect, out)
    score, error = graded(competition, out)
    assert not error
    perfect = 0.0 if competition.metric.direction == "minimize" else 1.0
    assert score == pytest.approx(perfect, abs=1e-6)


def test_the_time_is_shared_by_the_targets(tmp_path: Path, tables: Any) -> None:
    folder = tmp_path / "toy"
    _make(folder, "rmsle")
    competition = FolderCompetitions(tmp_path).describe(folder)
    spec = spec_for(Match(folder, "flaml", "", 10.0, 0, 2), competition, folder / "public")
    seconds: list[float] = []

    def fit(problem: Any) -> Callable[[Any], Any]:
        seconds.append(problem.seconds)
        return _perfect(problem)

    tables.run(spec, fit, tmp_path / "submission.csv")
    assert seconds == [5.0, 5.0]


def test_metrics_that_peers_lack(tables: Any) -> None:
    assert tables.kappa(np.array([0, 1, 2]), np.array([0, 1, 2])) == pytest.approx(1.0)
    assert tables.kappa(np.array([0, 1, 2]), np.array([2, 1, 0])) == pytest.approx(-1.0)
    assert tables.rmsle(np.array([0.0, 1.0]), np.array([-5.0, 1.0])) == 0.0
    assert tables.smape(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.0
