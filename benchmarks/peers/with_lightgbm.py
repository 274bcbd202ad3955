"""LightGBM as it comes, text columns as categories."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from tables import Answer, Problem


def fit(problem: Problem) -> Callable[[pd.DataFrame], Answer]:
    """Fit the defaults."""
    kinds = {c: _categories(problem.train[c]) for c in map(str, problem.train) if not _is_number(problem.train[c])}
    options = {"random_state": problem.seed, "n_jobs": problem.cores, "verbose": -1}
    model = LGBMClassifier(**options) if problem.labels else LGBMRegressor(**options)
    model.fit(_prepared(problem.train, kinds), problem.truth)

    def predict(test: pd.DataFrame) -> Answer:
        table = _prepared(test, kinds)
        if not problem.wants_probabilities:
            return np.asarray(model.predict(table))
        found = pd.DataFrame(model.predict_proba(table), columns=model.classes_)
        return np.asarray(found.reindex(columns=range(len(problem.labels)), fill_value=0.0))

    return predict


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _categories(column: pd.Series) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(sorted(column.dropna().astype(str).unique()))


def _prepared(table: pd.DataFrame, kinds: dict[str, pd.CategoricalDtype]) -> pd.DataFrame:
    """Numbers as they are, text as categories; names without what LightGBM refuses."""
    made = {c: table[c].where(table[c].isna(), table[c].astype(str)).astype(kinds[c]) for c in kinds}
    found = table.assign(**made)
    found.columns = [f"f{number}" for number in range(found.shape[1])]
    return found
