"""The last choice is made on some rows and scored on others."""

from pathlib import Path

import numpy as np
import pytest

from competitions.conftest import Sample
from competitions.players import Game, start
from haste.adapters.competitions.samples import make_sample
from haste.core.competition import Fold
from haste.core.evaluation import Blend
from haste.core.metric import PredictionKind
from haste.errors import HasteError, UsageError

KINDS = [
    "binary",
    "regression",
    "multiclass",
    "labels",
    "ordinal",
    "multi_target",
    "multilabel",
    "grouped",
    "forward",
    "truths",
]


def played(game: Game, noises: dict[str, float], folds: list[Fold]) -> dict[str, list[Fold]]:
    for number, (solution, noise) in enumerate(noises.items()):
        for fold in folds:
            game.play(solution, noise, fold, seed=number)
    return dict.fromkeys(noises, folds)


def blended(game: Game, folds: dict[str, list[Fold]], rows: str = "search folds", limit: int = 3) -> Blend:
    return game.files.blend(game.run, game.competition, game.profile, list(folds), folds, rows=rows, limit=limit)


@pytest.mark.parametrize("kind", KINDS)
def test_independent_errors_cancel(kind: str, tmp_path: Path) -> None:
    """Three equally good solutions with errors of their own: their blend is better than any."""
    game = start(make_sample(kind, tmp_path / "c", rows=400), tmp_path)
    folds = played(game, {"s001": 0.8, "s002": 0.8, "s003": 0.8}, game.folds)
    found = blended(game, folds)
    assert len(found.members) > 1
    assert found.gain > 0
    assert found.gain == pytest.approx(game.competition.metric.gain(found.score, found.single_score))
    assert sum(m.weight for m in found.members) == pytest.approx(1.0, abs=1e-5)
    assert found.method == ("rank_average" if game.competition.metric.ranking else "uniform") or (
        found.method == "weighted"
    )
    assert found.error is not None and found.gain_error is not None


@pytest.mark.parametrize("kind", ["binary", "regression", "labels", "ordinal"])
def test_the_best_single_is_found_and_bad_ones_are_left_out(kind: str, sample: Sample, tmp_path: Path) -> None:
    game = start(sample(kind), tmp_path)
    folds = played(game, {"s001": 3.0, "s002": 0.1, "s003": 3.0}, game.folds)
    found = blended(game, folds)
    assert found.single == "s002"
    weight = {m.solution: m.weight for m in found.members}
    assert weight["s002"] == max(weight.values())


def test_one_candidate_is_the_blend(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    found = blended(game, played(game, {"s001": 0.5}, game.folds))
    assert [m.solution for m in found.members] == ["s001"]
    assert (found.single, found.gain) == ("s001", 0.0)
    assert found.score == found.single_score


def test_at_most_so_many_members(tmp_path: Path) -> None:
    game = start(make_sample("regression", tmp_path / "c", rows=200), tmp_path)
    folds = played(game, {f"s{i:03}": 0.8 for i in range(5)}, game.folds)
    assert len(blended(game, folds, limit=2).members) <= 2
    assert len(blended(game, folds, limit=1).members) == 1


def test_fresh_folds(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("binary"), tmp_path)
    fresh = [Fold(repeat=1, number=f.number) for f in game.folds]
    found = blended(game, played(game, {"s001": 0.5, "s002": 0.5}, fresh), rows="fresh folds")
    assert found.error is not None


def test_the_lockbox(tmp_path: Path) -> None:
    game = start(make_sample("binary", tmp_path / "c", rows=600), tmp_path)
    plan = game.profile.folds.model_copy(update={"lockbox_share": 0.25})
    game.profile = game.profile.model_copy(update={"folds": plan})
    folds = played(game, {"s001": 2.0, "s002": 2.0}, game.folds[:2])
    found = blended(game, folds, rows="lockbox")
    assert found.error is not None
    assert 0.5 < found.single_score < 1.0
    with pytest.raises(UsageError, match="no lockbox"):
        blended(start(make_sample("binary", tmp_path / "d"), tmp_path / "w"), {"s001": game.folds}, rows="lockbox")


def test_only_shared_folds_are_compared(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("regression"), tmp_path)
    one = played(game, {"s001": 0.3}, game.folds)
    other = played(game, {"s002": 0.3}, game.folds[:2])
    assert blended(game, one | other).error is not None
    apart = {"s001": game.folds[2:], "s002": game.folds[:2]}
    with pytest.raises(UsageError, match="no fold in common"):
        blended(game, apart)


def test_a_single_fold_is_cut_into_parts(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("regression"), tmp_path)
    found = blended(game, played(game, {"s001": 0.5, "s002": 0.6}, game.folds[:1]))
    assert found.error is not None


def test_lost_predictions_are_told(sample: Sample, tmp_path: Path) -> None:
    game = start(sample("regression"), tmp_path)
    folds = played(game, {"s001": 0.5}, game.folds)
    with pytest.raises(HasteError, match="gone or broken"):
        blended(game, folds | {"s009": game.folds})


@pytest.mark.slow
def test_many_candidates_of_pure_noise_do_not_flatter_themselves(tmp_path: Path) -> None:
    """Eight candidates that know nothing: chosen and scored on the same rows they would look good."""
    scores, flattered = [], []
    for seed in range(4):
        folder, workspace = tmp_path / f"c{seed}", tmp_path / f"w{seed}"
        game = start(make_sample("binary", folder, rows=200, seed=seed), workspace)
        folds = played(game, dict.fromkeys([f"s{i:03}" for i in range(8)], 50.0), game.folds)
        found = blended(game, folds)
        scores.append(found.score)
        flattered.append(_in_sample(game, found, folds))
    assert game.competition.metric.kind is PredictionKind.PROBABILITY
    assert np.mean(scores) < np.mean(flattered) - 0.02
    assert abs(np.mean(scores) - 0.5) < 0.05


def _in_sample(game: Game, found: Blend, folds: dict[str, list[Fold]]) -> float:
    from haste.adapters.competitions.places import Places
    from haste.adapters.competitions.pooling import Reader, parts_of
    from haste.adapters.competitions.selection import Chooser
    from haste.adapters.competitions.source import load

    reader = Reader(Places(game.workspace), game.run, game.competition, game.profile, load(game.competition))
    parts = parts_of(reader, list(folds), folds, "search folds")
    chooser = Chooser(game.competition.metric, game.profile.classes, 3)
    weights = {m.solution: m.weight for m in found.members}
    return float(np.mean([chooser.value(part, weights, None) for part in parts]))
