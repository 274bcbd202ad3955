"""Roughly what fitting a model once takes on one core: constants are measured, growth is that of its algorithm."""

from haste.engineers.offline.outcome import shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.columns import columns_of
from haste.engineers.offline.tabular.models import CATBOOST_TREES, NETWORK_STARTS, SVM_FOLDS

INNER_SHARE = 0.8
"""The share of a view's rows that an inner fold leaves to fit on."""
STOPPED = 0.6
"""The share of CatBoost's trees that it grows before rows held out stop it, on most tables."""
EPOCHS = 30
"""What a small network takes until its own held-out rows stop it, on most tables."""


def catboost_seconds(problem: Problem) -> float:
    """So much a tree and column, and so much a value it looks at. A category is several columns to it."""
    profile = problem.profile
    columns = len(profile.columns) + 3 * int(profile.traits.get("categorical_columns", 0))
    outputs = max(1.0, 0.7 * len(profile.classes)) if len(profile.classes) > 2 else 1.0
    return _targets(problem) * STOPPED * CATBOOST_TREES * outputs * columns * (1.6e-4 + 1.1e-8 * profile.rows)


def svm_seconds(problem: Problem) -> float:
    """The kernel is rows × rows, of so many columns."""
    rows, columns = INNER_SHARE * problem.profile.rows, len(problem.profile.columns)
    fits = SVM_FOLDS + 1 if problem.profile.classes else 1
    return _targets(problem) * fits * rows**2 * (1e-8 + 1e-9 * columns)


def gaussian_process_seconds(problem: Problem) -> float:
    """A matrix of rows × rows is taken apart at every step, for each class where there are several."""
    classes = len(problem.profile.classes)
    each = (classes if classes > 2 else 1) * 6e-9 * (INNER_SHARE * problem.profile.rows) ** 3
    return _targets(problem) * each


def network_seconds(problem: Problem) -> float:
    """Every epoch takes each row through the first layer, which is as wide as the table."""
    each = NETWORK_STARTS * EPOCHS * INNER_SHARE * problem.profile.rows * (4e-6 + 1.5e-8 * _width(problem))
    return _targets(problem) * each


def neighbours_seconds(problem: Problem) -> float:
    """Every row that is asked for is held against every row that is known."""
    known = INNER_SHARE * problem.profile.rows
    asked = problem.profile.test_rows + (1.0 - INNER_SHARE) * problem.profile.rows
    return _targets(problem) * known * asked * (2e-9 + 7e-11 * _width(problem))


def _targets(problem: Problem) -> int:
    """How many targets are fitted, each by itself."""
    return len(problem.competition.targets) if shape_of(problem).many else 1


def _width(problem: Problem) -> int:
    """The columns of the table once each frequent level of a category has one of its own."""
    columns, most = columns_of(problem), max(1, problem.profile.rows // 10)
    levels = {c.name: min(c.unique, most) for c in problem.profile.columns}
    return len(columns.numeric) + sum(levels[name] for name in columns.categorical)
