"""Labels out of soft predictions: tuned where that helps on rows it was not tuned on, and only there."""

import numpy as np
import pytest

from haste.adapters.competitions.decoding import fit_decoder, matching_decoder, plain_decoder
from haste.adapters.competitions.scoring import score
from haste.core.metric import METRICS

GRADES = ("3", "4", "5", "6", "7")


def ordinal(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Grades, and a regression's timid guess at them: shrunk towards the middle."""
    chance = np.random.default_rng(seed)
    actual = chance.choice(5, rows, p=[0.05, 0.2, 0.4, 0.25, 0.1])
    return actual, (5.0 + 0.4 * (actual - 2.0) + chance.normal(scale=0.35, size=rows))[:, None]


def skewed(rows: int, seed: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Classes of unlike size, and honest probabilities of them."""
    chance = np.random.default_rng(seed)
    prior = np.array([0.75, 0.17, 0.08])[:classes]
    actual = chance.choice(classes, rows, p=prior / prior.sum())
    scores = 1.2 * np.eye(classes)[actual] + chance.normal(size=(rows, classes)) + np.log(prior)
    shares = np.exp(scores)
    return actual, shares / shares.sum(axis=1, keepdims=True)


def parts(rows: int) -> np.ndarray:
    return np.arange(rows) % 5


def test_cuts_fitted_to_kappa_help_on_other_rows() -> None:
    metric = METRICS["qwk"]
    (actual, values), (fresh, unseen) = ordinal(1500, 0), ordinal(1500, 1)
    tuned = fit_decoder(metric, GRADES, actual, values, parts(1500))
    plain = plain_decoder(metric, GRADES)
    matching = matching_decoder(metric, GRADES, actual, values)
    scores = [score(metric, fresh, d.labels(unseen), GRADES) for d in (plain, matching, tuned)]
    assert scores[2] > scores[0] + 0.05
    assert scores[2] >= scores[1] - 0.01


@pytest.mark.parametrize("name", ["macro_f1", "balanced_accuracy", "mcc", "weighted_f1"])
def test_class_weights_help_where_classes_are_unlike(name: str) -> None:
    metric, labels = METRICS[name], ("a", "b", "c")
    (actual, values), (fresh, unseen) = skewed(3000, 0), skewed(3000, 1)
    tuned = fit_decoder(metric, labels, actual, values, parts(3000))
    plain = plain_decoder(metric, labels)
    old, new = (score(metric, fresh, d.labels(unseen), labels) for d in (plain, tuned))
    assert new >= old - 0.002
    if name in ("macro_f1", "balanced_accuracy"):
        assert new > old + 0.02


def test_a_threshold_is_found_for_f1() -> None:
    metric, labels = METRICS["f1"], ("no", "yes")
    (actual, values), (fresh, unseen) = skewed(3000, 0, 2), skewed(3000, 1, 2)
    tuned = fit_decoder(metric, labels, actual, values, parts(3000))
    old, new = (score(metric, fresh, d.labels(unseen), labels) for d in (plain_decoder(metric, labels), tuned))
    assert new > old


def test_the_tuned_decoder_is_the_best_on_its_grid() -> None:
    """Coordinate ascent over biases against brute force on two classes."""
    metric, labels = METRICS["f1"], ("no", "yes")
    actual, values = skewed(400, 5, 2)
    tuned = fit_decoder(metric, labels, actual, values, parts(400))
    found = score(metric, actual, tuned.labels(values), labels)
    logs = np.log(values)
    brute = max(
        score(metric, actual, (logs + np.array([0.0, bias])).argmax(axis=1), labels)
        for bias in np.linspace(-2, 2, 41)
    )
    assert found >= brute - 1e-9


def test_accuracy_is_never_tuned_and_one_part_tunes_nothing() -> None:
    actual, values = skewed(300, 0)
    labels = ("a", "b", "c")
    assert fit_decoder(METRICS["accuracy"], labels, actual, values, parts(300)) == plain_decoder(
        METRICS["accuracy"], labels
    )
    alone = np.zeros(300, dtype=np.int64)
    assert fit_decoder(METRICS["macro_f1"], labels, actual, values, alone) == plain_decoder(
        METRICS["macro_f1"], labels
    )


def test_noise_is_not_tuned_to() -> None:
    """With nothing to find, tuning must not cost anything on fresh rows."""
    metric, labels = METRICS["accuracy"], ("a", "b", "c")
    chance = np.random.default_rng(0)
    actual, values = chance.integers(0, 3, 300), chance.dirichlet(np.ones(3), 300)
    tuned = fit_decoder(METRICS["mcc"], labels, actual, values, parts(300))
    assert score(metric, actual, tuned.labels(values), labels) > 0.25


def test_grades_that_nobody_has_do_no_harm() -> None:
    actual = np.array([0, 0, 1, 1, 4, 4] * 10)
    values = (actual + 3.0)[:, None].astype(float)
    tuned = fit_decoder(METRICS["qwk"], GRADES, actual, values, parts(60))
    assert np.array_equal(tuned.labels(values), actual)
