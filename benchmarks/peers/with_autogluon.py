"""AutoGluon's TabularPredictor, with its own metric where it has the competition's, else with one made here."""

import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from autogluon.core.metrics import make_scorer
from autogluon.tabular import TabularPredictor
from tables import Answer, Problem, rmsle

OWN = {
    "rmse": "root_mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "smape": "symmetric_mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "r2": "r2",
    "roc_auc": "roc_auc",
    "gini": "roc_auc",
    "average_precision": "average_precision",
    "binary_log_loss": "log_loss",
    "log_loss": "log_loss",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "f1": "f1",
    "macro_f1": "f1_macro",
    "weighted_f1": "f1_weighted",
    "mcc": "mcc",
    "qwk": "quadratic_kappa",
}
TARGET = "__target__"


def metric_of(name: str) -> Any:
    """What AutoGluon is to optimize."""
    if name == "rmsle":
        return make_scorer("rmsle", rmsle, optimum=0, greater_is_better=False)
    if name == "brier":
        return make_scorer("brier", _brier, optimum=0, greater_is_better=False, needs_proba=True)
    return OWN[name]


def _brier(truth: Answer, found: Answer) -> float:
    return float(np.mean((np.asarray(truth, dtype=float) - np.asarray(found, dtype=float)) ** 2))


def fit(problem: Problem) -> Callable[[pd.DataFrame], Answer]:
    """Fit with the preset and the time that were given."""
    task = "regression" if not problem.labels else "binary" if len(problem.labels) == 2 else "multiclass"
    predictor = TabularPredictor(
        label=TARGET,
        problem_type=task,
        eval_metric=metric_of(problem.metric),
        path=tempfile.mkdtemp(dir="."),
        verbosity=2,
        learner_kwargs={"random_state": problem.seed},
    )
    table = problem.train.assign(**{TARGET: problem.truth})
    predictor.fit(table, time_limit=problem.seconds, presets=problem.preset, num_cpus=problem.cores, num_gpus=0)
    print(predictor.leaderboard(silent=True).to_string())

    def predict(test: pd.DataFrame) -> Answer:
        if not problem.wants_probabilities:
            return np.asarray(predictor.predict(test))
        found = predictor.predict_proba(test)
        return np.asarray(found.reindex(columns=range(len(problem.labels)), fill_value=0.0))

    return predict
