"""Constructors of the models as source text: the defaults that hold up across tables, and what a plan overrides."""

from collections.abc import Mapping
from typing import Any

from haste.engineers.offline.outcome import Shape
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.script import literal
from haste.engineers.offline.tabular.columns import columns_of
from haste.engineers.offline.tabular.plan import Model

Parameters = dict[str, Any]
SMALL_CELLS = 200_000
ROWS_FOR_LEVELS = 15_000
"""Rows below which a level of a category has too few for LightGBM's own hundred on either side of a cut.

Boosted drafts over five folds: 2.9 % less error on house-prices, 1.8 % on spaceship-titanic, no difference on
titanic and dc-characters.
"""
FEW_ROWS = 2000
"""Rows below which every row may be a leaf of a forest."""
CATBOOST_TREES = 800
NETWORK_STARTS = 2
"""Networks that are averaged."""
INNER_VIEW = 0.64
"""The share of the rows that an inner fit of a view is made on."""
SVM_FOLDS = 3
"""Folds on which the values of a support vector machine are made probabilities."""


def call(name: str, parameters: Mapping[str, Any], *rest: str) -> str:
    """`name(a=1, b=2)`, broken over lines where it would be too long for one."""
    parts = [f"{key}={literal(value)}" for key, value in parameters.items()] + list(rest)
    flat = f"{name}({', '.join(parts)})"
    if len(flat) <= 96:
        return flat
    return f"{name}(\n" + "".join(f"        {part},\n" for part in parts) + "    )"


def lightgbm(model: Model, shape: Shape, problem: Problem) -> dict[str, Any]:
    """LightGBM's parameters, the most rounds there may be, and its patience."""
    rows = problem.profile.rows
    objective = "regression_l1" if shape.absolute else "regression"
    if shape.binary:
        objective = "binary"
    elif shape.multiclass:
        objective = "multiclass"
    parameters: Parameters = {"objective": objective}
    if shape.multiclass:
        parameters["num_class"] = len(problem.profile.classes)
    parameters |= {
        "learning_rate": 0.05,
        "num_leaves": 31 if rows > 3000 else 15,
        "min_data_in_leaf": 20 if rows > 3000 else 10,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 1.0,
    }
    if columns_of(problem).categorical and rows < ROWS_FOR_LEVELS:
        parameters |= {"min_data_per_group": 10, "cat_smooth": 5.0}
    own = dict(model.parameters)
    rounds, patience = own.pop("rounds", 3000), own.pop("patience", 80)
    return {"parameters": parameters | own, "rounds": rounds, "patience": patience, "alone": is_small(problem)}


def is_small(problem: Problem) -> bool:
    """Whether a tree is grown so quickly that threads lose more time waiting for each other than they save."""
    return problem.profile.rows * len(problem.profile.columns) < SMALL_CELLS


def catboost(model: Model, shape: Shape) -> Parameters:
    """CatBoost's own defaults are good; plain boosting and single categories keep its time in bounds."""
    parameters: Parameters = {"iterations": CATBOOST_TREES, "learning_rate": 0.07, "depth": 6}
    parameters |= {"boosting_type": "Plain", "max_ctr_complexity": 1}
    if shape.absolute:
        parameters["loss_function"] = "MAE"
    if shape.multiclass:
        parameters["loss_function"] = "MultiClass"
    return parameters | dict(model.parameters)


def xgboost(model: Model, shape: Shape) -> Parameters:
    """XGBoost, deep rather than leafy, so that it differs from LightGBM."""
    parameters: Parameters = {
        "n_estimators": 1500,
        "learning_rate": 0.05,
        "max_depth": 6,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "min_child_weight": 3,
    }
    if shape.absolute:
        parameters["objective"] = "reg:absoluteerror"
    return parameters | dict(model.parameters)


def forest(model: Model, shape: Shape, problem: Problem, *, averaged: bool) -> str:
    """Extra trees or a random forest; `averaged` over inner folds, whose trees add up, each needs fewer."""
    rows = problem.profile.rows
    kind = "ExtraTrees" if model.kind == "extra-trees" else "RandomForest"
    leaf = 1 if rows < FEW_ROWS and not shape.binary else 2 if rows < 10000 else 4
    parameters: Parameters = {
        "n_estimators": 60 if averaged else 300 if rows < 10000 else 150,
        "min_samples_leaf": max(leaf, 3) if shape.classifier else leaf,
        "max_features": 0.5,
    }
    if shape.classifier:
        parameters["max_features"] = "sqrt"
    name = kind + ("Classifier" if shape.classifier else "Regressor")
    return call(name, parameters | dict(model.parameters), "n_jobs=THREADS", "random_state=seed")


def linear(model: Model, shape: Shape) -> str:
    """Logistic regression, or ridge with its penalty chosen by leave-one-out."""
    if shape.classifier:
        parameters: Parameters = {"C": 1.0, "max_iter": 1000}
        return call("LogisticRegression", parameters | dict(model.parameters))
    return call("RidgeCV", dict(model.parameters), "alphas=np.logspace(-2, 4, 25)")


def can_calibrate(problem: Problem) -> bool:
    """Whether every class has a row for each fold on which distances are made probabilities."""
    least = min(problem.profile.class_shares, default=1.0) * problem.profile.rows
    return INNER_VIEW * least > SVM_FOLDS


def svm(model: Model, shape: Shape) -> str:
    """A support vector machine whose values are made probabilities, or one on a standardized target."""
    if shape.classifier:
        inside = call("SVC", {"C": 2.0, "gamma": "scale"} | dict(model.parameters))
        return f"CalibratedClassifierCV({inside}, cv={SVM_FOLDS}, ensemble=False)"
    inside = call("SVR", {"C": 3.0, "epsilon": 0.05, "gamma": "scale"} | dict(model.parameters))
    return f"TransformedTargetRegressor({inside}, transformer=StandardScaler())"


def gaussian_process(shape: Shape) -> str:
    """A Gaussian process with a smooth kernel and noise."""
    if shape.classifier:
        return "GaussianProcessClassifier(1.0 * RBF(10.0), random_state=seed)"
    kernel = "1.0 * Matern(10.0, nu=1.5) + WhiteKernel(0.1)"
    return f"GaussianProcessRegressor({kernel}, normalize_y=True, random_state=seed)"


def discriminant(model: Model) -> str:
    """Linear discriminant analysis."""
    return call("LinearDiscriminantAnalysis", {"solver": "lsqr", "shrinkage": "auto"} | dict(model.parameters))


def neighbours(model: Model, shape: Shape) -> str:
    """Nearest neighbours."""
    name = "KNeighborsClassifier" if shape.classifier else "KNeighborsRegressor"
    return call(name, {"n_neighbors": 15, "weights": "distance"} | dict(model.parameters), "n_jobs=THREADS")


def network(model: Model, shape: Shape, problem: Problem) -> str:
    """A multilayer perceptron that stops on rows of its own, where these hold every class."""
    own = dict(model.parameters)
    width = int(own.pop("width", 96))
    parameters: Parameters = {"alpha": 1e-3, "learning_rate_init": 2e-3, "batch_size": 128}
    few = shape.rare or INNER_VIEW * problem.profile.rows / 10 < 2 * len(problem.profile.classes)
    if shape.classifier and few:
        parameters["max_iter"] = 40
    else:
        parameters |= {"max_iter": 120, "early_stopping": True, "n_iter_no_change": 12}
    name = "MLPClassifier" if shape.classifier else "MLPRegressor"
    made = call(name, parameters | own, f"hidden_layer_sizes=({width}, {width // 2})", "random_state=seed")
    if shape.classifier:
        return made
    return f"TransformedTargetRegressor(\n        {made},\n        transformer=StandardScaler(),\n    )"
