"""Moves that tune: targets and predictions, capacity, regularization, encodings and scales."""

from collections.abc import Callable

from haste.core.metric import PredictionKind
from haste.core.solution import FailureMode
from haste.engineers.offline.move import TUNING, Move
from haste.engineers.offline.outcome import shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular import models
from haste.engineers.offline.tabular.changing import at_least, with_parameters
from haste.engineers.offline.tabular.plan import BOUND, ON_SCALED, ModelKind, TabularPlan

Made = TabularPlan | None
Apply = Callable[[TabularPlan, Problem], Made]


def _target(kind: str) -> Apply:
    def apply(plan: TabularPlan, problem: Problem) -> Made:
        low = problem.profile.target_min
        if problem.metric.kind is not PredictionKind.VALUE or low is None or low < 0 or plan.target == kind:
            return None
        return plan.model_copy(update={"target": kind})

    return apply


def _thresholds(plan: TabularPlan, problem: Problem) -> Made:
    """Nothing for accuracy: under it the likeliest label is the best one, and cut points fit noise."""
    done = plan.decode == "tuned" and plan.inner
    if not shape_of(problem).labels or problem.metric.name == "accuracy" or done:
        return None
    return plan.model_copy(update={"decode": "tuned", "inner": max(plan.inner, 5)})


def _sharpen(plan: TabularPlan, problem: Problem) -> Made:
    if problem.metric.kind is not PredictionKind.CLASS_PROBABILITIES or (plan.sharpen and plan.inner):
        return None
    return plan.model_copy(update={"sharpen": True, "inner": max(plan.inner, 5)})


def _clip(plan: TabularPlan, problem: Problem) -> Made:
    if problem.metric.kind is not PredictionKind.VALUE or plan.clip:
        return None
    return plan.model_copy(update={"clip": True})


def _bounded(plan: TabularPlan, _: Problem) -> Made:
    if not ON_SCALED & {m.kind for m in plan.models}:
        return None
    return plan.model_copy(update={"bound": 0.0 if plan.bound else BOUND})


def _scale(kind: str) -> Apply:
    def apply(plan: TabularPlan, _: Problem) -> Made:
        if plan.scale == kind or not ON_SCALED & {m.kind for m in plan.models}:
            return None
        return plan.model_copy(update={"scale": kind})

    return apply


def _parameters(kind: ModelKind, **parameters: object) -> Apply:
    return lambda plan, _: with_parameters(plan, kind, **parameters)


def _regularized(plan: TabularPlan, problem: Problem) -> Made:
    trees = with_parameters(
        plan, "lightgbm", num_leaves=8, min_data_in_leaf=30, lambda_l2=10.0, feature_fraction=0.5
    )
    linear = with_parameters(trees or plan, "linear", C=0.1) if shape_of(problem).classifier else None
    return linear or trees


def _penalty(factor: float) -> Apply:
    def apply(plan: TabularPlan, problem: Problem) -> Made:
        if not shape_of(problem).classifier:
            return None
        linear = next((m for m in plan.models if m.kind == "linear"), None)
        return (
            with_parameters(plan, "linear", C=float(linear.parameters.get("C", 1.0)) * factor) if linear else None
        )

    return apply


def _smaller_leaves(plan: TabularPlan, problem: Problem) -> Made:
    """One row is enough; two where a log loss punishes what is too sure."""
    if not shape_of(problem).classifier and problem.profile.rows < models.FEW_ROWS:
        return None
    sure = problem.metric.kind is PredictionKind.CLASS_PROBABILITIES or problem.metric.name == "log_loss"
    return with_parameters(plan, "extra-trees", min_samples_leaf=2 if sure else 1)


def _half_the_columns(plan: TabularPlan, problem: Problem) -> Made:
    return with_parameters(plan, "extra-trees", max_features=0.5) if shape_of(problem).classifier else None


def _move(name: str, title: str, why: str, apply: Apply, **more: object) -> Move:
    return Move(name=name, domains=("tabular",), level=TUNING, title=title, why=why, apply=apply, **more)  # type: ignore[arg-type]


MOVES: tuple[Move, ...] = (
    _move(
        "target-log1p",
        "train on log(1 + target)",
        "Errors of a skewed target grow with its size; on a logarithm they don't, and RMSLE asks for it.",
        _target("log1p"),
        gain=0.0,
        spread=0.03,
        conditions=(at_least("target_skew", 0.7),),
        cures=FailureMode.DISTRIBUTION_MISMATCH,
    ),
    _move(
        "target-sqrt",
        "train on the square root of the target",
        "Half way to the logarithm: for counts and amounts whose large values still matter most.",
        _target("sqrt"),
        gain=0.004,
        spread=0.02,
        conditions=(at_least("target_skew", 0.7),),
        cures=FailureMode.DISTRIBUTION_MISMATCH,
    ),
    _move(
        "threshold-tuning",
        "tune the cut points for the metric on held-out rows",
        "The likeliest label is not the one that scores best under kappa or F1.",
        _thresholds,
        gain=0.02,
        spread=0.02,
        cost=2.0,
    ),
    _move(
        "probability-sharpening",
        "raise probabilities to a power tuned on held-out rows",
        "Averages of models are less sure than they should be, and log loss sees it.",
        _sharpen,
        gain=0.03,
        spread=0.03,
        cost=1.2,
        cures=FailureMode.DISTRIBUTION_MISMATCH,
    ),
    _move(
        "prediction-clipping",
        "keep predictions within the range that was seen",
        "Whatever extrapolates now and then goes far out.",
        _clip,
        gain=0.001,
        spread=0.004,
    ),
    _move(
        "slow-learning",
        "learn with smaller steps and more trees",
        "Smaller steps average over more trees: slower, a little better, seldom worse.",
        _parameters("lightgbm", learning_rate=0.02, patience=150, rounds=6000),
        gain=0.006,
        spread=0.005,
        cost=2.4,
        cures=FailureMode.UNDERFITTING,
    ),
    _move(
        "more-leaves",
        "grow larger trees",
        "Interactions of many columns need deep trees, if there are rows enough.",
        _parameters("lightgbm", num_leaves=95, min_data_in_leaf=15),
        gain=-0.005,
        spread=0.015,
        cost=1.8,
        conditions=(at_least("rows", 3000),),
        cures=FailureMode.UNDERFITTING,
    ),
    _move(
        "stronger-regularization",
        "grow small trees under a strong penalty",
        "On few or noisy rows a large tree learns them by heart.",
        _regularized,
        gain=-0.005,
        spread=0.02,
    ),
    _move(
        "fewer-columns-a-tree",
        "let each tree see a third of the columns",
        "Trees that see different columns err differently, and no column drowns the others.",
        _parameters("lightgbm", feature_fraction=0.35),
        gain=0.003,
        spread=0.008,
        conditions=(at_least("columns", 10),),
    ),
    _move(
        "robust-loss",
        "fit under Huber's loss",
        "A few wild targets pull a squared loss; Huber's lets them count less.",
        _parameters("lightgbm", objective="huber"),
        gain=-0.002,
        spread=0.012,
        conditions=(at_least("target_skew", 1.0),),
    ),
    _move(
        "quantile-scaling",
        "scale numbers by their ranks",
        "Long tails squeeze the rest of a column into a corner; ranks spread it out.",
        _scale("quantile"),
        gain=-0.008,
        spread=0.015,
        cures=FailureMode.DISTRIBUTION_MISMATCH,
    ),
    _move(
        "power-scaling",
        "bring skewed numbers to a bell by a power transform",
        "Linear models want columns whose effect is even over their range.",
        _scale("power"),
        gain=0.006,
        spread=0.015,
        cures=FailureMode.DISTRIBUTION_MISMATCH,
    ),
    _move(
        "bounded-numbers",
        "keep scaled numbers within three deviations, or let them go again",
        "A row far out in one column is predicted far out; unless the target really goes that far.",
        _bounded,
        gain=0.004,
        spread=0.015,
        cures=FailureMode.DISTRIBUTION_MISMATCH,
    ),
    _move(
        "weaker-penalty",
        "let the linear model go further",
        "Clean, separable data wants large coefficients.",
        _penalty(10.0),
        gain=0.005,
        spread=0.02,
    ),
    _move(
        "stronger-penalty",
        "hold the linear model back",
        "Many columns and few rows: smaller coefficients generalize.",
        _penalty(0.1),
        gain=-0.005,
        spread=0.015,
    ),
    _move(
        "forest-larger-leaves",
        "give the forest larger leaves",
        "Noisy targets are averaged over more rows.",
        _parameters("extra-trees", min_samples_leaf=5),
        gain=-0.01,
        spread=0.02,
    ),
    _move(
        "forest-smaller-leaves",
        "let the forest's leaves be small",
        "Where a few rows tell, leaves of several blur them: the average over trees smooths enough.",
        _smaller_leaves,
        gain=0.006,
        spread=0.015,
        cost=1.2,
    ),
    _move(
        "forest-half-the-columns",
        "let each cut of the forest see half of the columns",
        "The square root of their number is few where most columns say little.",
        _half_the_columns,
        gain=0.004,
        spread=0.012,
        cost=1.3,
    ),
    _move(
        "forest-all-columns",
        "let each cut of the forest see every column",
        "Where few columns matter, cuts that miss them are wasted.",
        _parameters("extra-trees", max_features=1.0),
        gain=0.003,
        spread=0.012,
        cost=1.5,
    ),
)
"""The tuning moves."""
