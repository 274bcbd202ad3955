"""Moves that bring in other models, average more of them, or put them in the place of what is there."""

from collections.abc import Callable

from haste.engineers.offline.move import MODELS, Move
from haste.engineers.offline.outcome import shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.changing import at_least, at_most, with_model, with_models
from haste.engineers.offline.tabular.models import NETWORK_STARTS, can_calibrate
from haste.engineers.offline.tabular.plan import Model, ModelKind, TabularPlan
from haste.engineers.offline.tabular.seconds import (
    catboost_seconds,
    gaussian_process_seconds,
    neighbours_seconds,
    network_seconds,
    svm_seconds,
)

Made = TabularPlan | None


SVM_ROWS = 4000
"""Rows up to which a support vector machine is quick enough for a portfolio."""


def _portfolio_seconds(problem: Problem) -> float:
    return svm_seconds(problem) if problem.profile.rows <= SVM_ROWS else 0.0


def _adding(model: Model) -> Callable[[TabularPlan, Problem], Made]:
    return lambda plan, problem: with_model(plan, model, problem.profile.rows)


def _inner(plan: TabularPlan, problem: Problem) -> Made:
    more = 5 if plan.inner < 5 else 8 if problem.profile.rows < 5000 else 5
    return plan.model_copy(update={"inner": more}) if more != plan.inner else None


def _portfolio(plan: TabularPlan, problem: Problem) -> Made:
    """Every family that is quick on so many rows."""
    rows, many = problem.profile.rows, len(problem.profile.classes) > 8
    wanted: list[ModelKind] = ["extra-trees", "linear"]
    if rows <= SVM_ROWS and can_calibrate(problem):
        wanted.append("svm")
    if not many:
        wanted.insert(0, "lightgbm")
    there = {m.kind for m in plan.models}
    added = tuple(Model(kind=kind) for kind in wanted if kind not in there)
    if len(added) < 2:
        return None
    return with_models(plan, added, rows)


def _fitted(plan: TabularPlan, _: Problem) -> Made:
    if len(plan.models) < 2 or plan.blend == "fitted":
        return None
    return plan.model_copy(update={"blend": "fitted", "inner": max(plan.inner, 5)})


def _discriminant(plan: TabularPlan, problem: Problem) -> Made:
    return _adding(Model(kind="discriminant"))(plan, problem) if shape_of(problem).multiclass else None


def _kernel(plan: TabularPlan, problem: Problem) -> Made:
    return _adding(Model(kind="svm"))(plan, problem) if can_calibrate(problem) else None


def _refit(plan: TabularPlan, _: Problem) -> Made:
    with_it = plan.model_copy(update={"refit": True})
    return with_it if with_it.refitted and not plan.refit else None


def _seeds(plan: TabularPlan, _: Problem) -> Made:
    models = tuple(
        m.model_copy(update={"seeds": 3}) if m.kind == "lightgbm" and m.seeds == 1 else m for m in plan.models
    )
    return plan.model_copy(update={"models": models}) if models != plan.models else None


def _move(name: str, title: str, why: str, apply: object, **more: object) -> Move:
    return Move(name=name, domains=("tabular",), level=MODELS, title=title, why=why, apply=apply, **more)  # type: ignore[arg-type]


MOVES: tuple[Move, ...] = (
    _move(
        "model-portfolio",
        "blend boosting, extra trees, a linear model and, on few rows, a kernel machine",
        "Families that err differently correct each other: the surest gain there is once features stand.",
        _portfolio,
        adds=_portfolio_seconds,
        gain=0.025,
        spread=0.02,
        cost=2.5,
    ),
    _move(
        "extra-trees-blend",
        "add extra trees",
        "Random cuts err unlike boosted ones, so the average errs less than either.",
        _adding(Model(kind="extra-trees")),
        gain=0.005,
        spread=0.015,
        cost=2.0,
    ),
    _move(
        "catboost-blend",
        "add CatBoost",
        "Symmetric trees with ordered boosting are the strongest single model on many tables.",
        _adding(Model(kind="catboost")),
        adds=catboost_seconds,
        gain=0.025,
        spread=0.02,
        cost=1.2,
        packages=("catboost",),
    ),
    _move(
        "xgboost-blend",
        "add XGBoost",
        "A second booster with other rules takes some of the first one's noise away.",
        _adding(Model(kind="xgboost")),
        gain=0.006,
        spread=0.008,
        cost=2.5,
        packages=("xgboost",),
    ),
    _move(
        "linear-blend",
        "add a linear model",
        "A linear model extrapolates and smooths where trees make steps.",
        _adding(Model(kind="linear")),
        gain=0.008,
        spread=0.015,
        cost=1.3,
    ),
    _move(
        "kernel-blend",
        "add a support vector machine",
        "On small tables a Gaussian kernel is smooth where trees are rough.",
        _kernel,
        adds=svm_seconds,
        gain=0.004,
        spread=0.015,
        cost=1.6,
        conditions=(at_most("rows", 6000),),
    ),
    _move(
        "network-blend",
        "add a small network",
        "A network errs unlike any tree; averaged, the two beat both.",
        _adding(Model(kind="network", seeds=NETWORK_STARTS)),
        adds=network_seconds,
        gain=0.01,
        spread=0.015,
        cost=1.2,
        conditions=(at_least("rows", 800),),
    ),
    _move(
        "neighbours-blend",
        "add nearest neighbours",
        "Where alike rows have alike targets, neighbours know it without a model.",
        _adding(Model(kind="neighbours")),
        adds=neighbours_seconds,
        gain=0.001,
        spread=0.01,
        cost=1.1,
        conditions=(at_most("columns", 60),),
    ),
    _move(
        "gaussian-process-blend",
        "add a Gaussian process",
        "On a few hundred rows it finds its own smoothness and knows its noise.",
        _adding(Model(kind="gaussian-process")),
        adds=gaussian_process_seconds,
        gain=0.0,
        spread=0.015,
        cost=4.0,
        conditions=(at_most("rows", 1500),),
    ),
    _move(
        "discriminant-blend",
        "add linear discriminants",
        "With few rows a class and many columns, a shrunken covariance is what the data can carry.",
        _discriminant,
        gain=0.002,
        spread=0.015,
        cost=1.2,
        conditions=(at_least("class_count", 3),),
    ),
    _move(
        "random-forest-blend",
        "add a random forest",
        "Bootstrap trees are one more opinion.",
        _adding(Model(kind="random-forest")),
        gain=0.003,
        spread=0.007,
        cost=2.5,
    ),
    _move(
        "inner-bagging",
        "fit on inner folds and average their models",
        "Each model stops where rows it never saw stop improving, and their average has less variance.",
        _inner,
        gain=0.005,
        spread=0.01,
        cost=3.5,
    ),
    _move(
        "fitted-blend-weights",
        "weigh the models by what they say of rows held out",
        "The mean gives a weak model the vote of a strong one.",
        _fitted,
        gain=0.006,
        spread=0.008,
        cost=1.5,
    ),
    _move(
        "refit-on-every-row",
        "fit once more on every row what needs no held-out rows",
        "Inner folds cost a fifth of the rows; where there are few of a kind, each of them tells.",
        _refit,
        gain=0.006,
        spread=0.012,
        cost=1.2,
        conditions=(at_most("rows", 5000),),
    ),
    _move(
        "seed-averaging",
        "average boosted trees over seeds",
        "Much of a booster's error on small tables is chance in its own sampling.",
        _seeds,
        gain=0.004,
        spread=0.004,
        cost=2.5,
    ),
)
"""The model moves."""
