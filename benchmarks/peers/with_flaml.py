"""FLAML's AutoML, with its own metric where it has the competition's, else with one made here."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from flaml import AutoML
from sklearn import metrics
from tables import Answer, Problem, kappa, rmsle, smape

OWN = {
    "rmse": "rmse",
    "mae": "mae",
    "mape": "mape",
    "mse": "mse",
    "r2": "r2",
    "roc_auc": "roc_auc",
    "gini": "roc_auc",
    "average_precision": "ap",
    "binary_log_loss": "log_loss",
    "brier": "log_loss",
    "log_loss": "log_loss",
    "accuracy": "accuracy",
    "f1": "f1",
    "macro_f1": "macro_f1",
}
LOSSES: dict[str, Callable[[Answer, Answer], float]] = {
    "rmsle": rmsle,
    "smape": smape,
    "qwk": lambda truth, found: 1.0 - kappa(truth, found),
    "balanced_accuracy": lambda truth, found: 1.0 - metrics.balanced_accuracy_score(truth, found),
    "weighted_f1": lambda truth, found: 1.0 - metrics.f1_score(truth, found, average="weighted"),
    "mcc": lambda truth, found: 1.0 - metrics.matthews_corrcoef(truth, found),
}


def metric_of(name: str) -> Any:
    """What FLAML is to optimize."""
    if name in OWN:
        return OWN[name]
    loss = LOSSES[name]

    def measured(
        x_val: Any,
        y_val: Answer,
        estimator: Any,
        *_: Any,
        **__: Any,
    ) -> tuple[float, dict[str, float]]:
        value = loss(y_val, estimator.predict(x_val))
        return value, {"val_loss": value}

    return measured


def fit(problem: Problem) -> Callable[[pd.DataFrame], Answer]:
    """Search for the time that was given."""
    automl = AutoML()
    automl.fit(
        X_train=problem.train,
        y_train=problem.truth,
        task="classification" if problem.labels else "regression",
        metric=metric_of(problem.metric),
        time_budget=problem.seconds,
        seed=problem.seed,
        n_jobs=problem.cores,
        verbose=1,
        log_file_name="",
    )
    print(automl.best_estimator, automl.best_loss)

    def predict(test: pd.DataFrame) -> Answer:
        if not problem.wants_probabilities:
            return np.asarray(automl.predict(test))
        found = pd.DataFrame(automl.predict_proba(test), columns=automl.classes_)
        return np.asarray(found.reindex(columns=range(len(problem.labels)), fill_value=0.0))

    return predict
