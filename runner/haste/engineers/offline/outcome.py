"""What a script begins and ends with, whatever its domain: reading tables, the target, the submission's files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from haste.core.competition import Competition, TaskKind
from haste.core.metric import PredictionKind
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.script import literal

TUNABLE = frozenset({"balanced_accuracy", "f1", "macro_f1", "weighted_f1", "mcc"})
"""Metrics of labels that the likeliest class doesn't serve best."""

SORTS: dict[str, str] = {
    "os": "import os",
    "Memory": "from joblib import",
    "re": "import re",
    "Path": "from pathlib import",
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "GroupKFold": "from sklearn.model_selection import",
    "KFold": "from sklearn.model_selection import",
    "StratifiedKFold": "from sklearn.model_selection import",
    "cross_val_predict": "from sklearn.model_selection import",
    "train_test_split": "from sklearn.model_selection import",
}
"""Imports that any script may need, by the name they bring."""


@dataclass(frozen=True)
class Shape:
    """The distinctions between tasks that change a script."""

    binary: bool
    """The target is one of two classes, and models give the probability of the second."""
    multiclass: bool
    ordinal: bool
    labels: bool
    """The metric wants labels, and soft predictions are written beside them."""
    many: bool
    """More than one target column; each is fitted by itself."""
    one_hot: bool
    """Several target columns that are one class together."""
    absolute: bool
    """The metric counts absolute rather than squared errors."""
    rare: bool
    """Some class has so few rows that a part of them may lack it."""

    @property
    def classifier(self) -> bool:
        """Whether models give probabilities."""
        return self.binary or self.multiclass


def shape_of(problem: Problem) -> Shape:
    """The shape of a problem's task."""
    profile, kind = problem.profile, problem.metric.kind
    several = len(problem.competition.targets) > 1
    multiclass = profile.task is TaskKind.MULTICLASS
    least = min(profile.class_shares, default=1.0) * profile.rows
    return Shape(
        binary=profile.task in (TaskKind.BINARY, TaskKind.MULTILABEL),
        multiclass=multiclass,
        ordinal=profile.task is TaskKind.ORDINAL,
        labels=kind in (PredictionKind.LABEL, PredictionKind.ORDINAL),
        many=several and not multiclass,
        one_hot=several and multiclass,
        absolute=problem.metric.name in ("mae", "mape", "smape"),
        rare=least < 30,
    )


def counts_ratios(problem: Problem) -> bool:
    """Whether the metric counts how many times a value is off, which is a difference of logarithms."""
    low = problem.profile.target_min
    relative = problem.metric.name in ("mape", "smape") and low is not None and low >= 0
    return relative or problem.metric.name == "rmsle"


def outcome_context(problem: Problem, *, inner: int, held_out: bool) -> dict[str, Any]:
    """What the templates of the beginning and the end ask for; `held_out`: whether decisions may be tuned."""
    competition, shape = problem.competition, shape_of(problem)
    return {
        **shape.__dict__,
        "classifier": shape.classifier,
        "id": competition.id_column,
        "targets": list(competition.targets),
        "predicted": list(competition.prediction_columns),
        "answer": answer_of(competition),
        "classes": list(problem.profile.classes) if shape.classifier and not shape.many else [],
        "grades": [int(float(c)) for c in problem.profile.classes] if shape.ordinal else [],
        "read_train": as_read(competition.train, [competition.id_column, *labels_of(problem, shape)]),
        "read_test": as_read(competition.test, [competition.id_column]),
        "splits": splits(problem, shape, inner),
        "grouped": is_grouped(problem),
        "groups": groups(problem) if is_grouped(problem) else "",
        "finish": partial(finished, problem),
        "metric": problem.metric.name,
        "tuned": held_out and is_tunable(problem),
    }


class Finishing(Protocol):
    """What a plan of any domain says about the values that it predicts."""

    @property
    def target(self) -> str:
        """What a value is fitted as: `plain`, `log1p`, `sqrt`."""
        ...

    @property
    def clip(self) -> bool:
        """Whether predictions are kept within what was seen."""
        ...


def finished(problem: Problem, plan: Finishing, expression: str) -> str:
    """Source that makes the values that were asked for of what a model says; rmsle takes none below zero."""
    if plan.target == "sqrt":
        return f"np.square(np.clip({expression}, 0, None))"
    values = f"np.expm1({expression})" if plan.target == "log1p" else expression
    return f"np.clip({values}, 0, None)" if problem.metric.name == "rmsle" and not plan.clip else values


def blending_context(problem: Problem, members: int, *, inner: int, blend: str, tuned: bool) -> dict[str, Any]:
    """Pieces of source about how the members' answers become one."""
    shape = shape_of(problem)
    summary = "The model fitted on every row answers for the test rows."
    if members > 1:
        summary = "Every member answers for the test rows; their answers are averaged."
    if blend != "mean":
        summary = (
            "Members answer for rows held out of their fitting, then for the test rows; the stack makes one answer."
        )
    elif tuned and is_tunable(problem):
        summary = "Answers for rows held out of the fitting, and for the test rows."
    folded = "StratifiedKFold" if is_stratified(problem, shape, inner) else "KFold"
    return {
        "summary": summary,
        "objective": _objective(shape),
        "stack_cv": f"{folded}(FOLDS, shuffle=True, random_state=SEED)",
        "fitted": lambda x: _answer("model", x, shape),
        "grown": lambda x: _answer("trees", x, shape),
    }


def is_tunable(problem: Problem) -> bool:
    """Whether labels can be decided better than by the likeliest class or by the grades' shares."""
    shape = shape_of(problem)
    return not shape.many and (shape.ordinal or (shape.labels and problem.metric.name in TUNABLE))


def splits(problem: Problem, shape: Shape, inner: int) -> str:
    """The inner folds as source: they keep together or in order what the outer ones do."""
    if is_grouped(problem):
        return f"GroupKFold(FOLDS).split(y, y, {groups(problem)})"
    if problem.profile.folds.kind == "forward":
        return "KFold(FOLDS).split(y)"
    if is_stratified(problem, shape, inner):
        return "StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(y, y)"
    return "KFold(FOLDS, shuffle=True, random_state=SEED).split(y)"


def is_stratified(problem: Problem, shape: Shape, inner: int) -> bool:
    """Whether inner folds have the classes' shares, which takes a class with a row of each view for every fold."""
    if shape.many or not (shape.multiclass or shape.ordinal):
        return shape.classifier
    most = round(max(problem.profile.class_shares) * problem.profile.rows)
    return most - -(-most // problem.profile.folds.folds) >= inner


def is_grouped(problem: Problem) -> bool:
    """Whether folds keep rows of one group together."""
    return problem.profile.folds.kind == "grouped" and bool(problem.profile.folds.column)


def groups(problem: Problem) -> str:
    """The training rows' groups: a column, or (`column|_`) what stands before the last `_` in it."""
    spec = problem.profile.folds.column or ""
    names = {c.name for c in problem.profile.columns}
    if spec in names or "|" not in spec:
        return f"train[{literal(spec)}].astype(str)"
    name, mark = spec.rsplit("|", 1)
    return f"train[{literal(name)}].astype(str).str.rsplit({literal(mark)}, n=1).str[0]"


def answer_of(competition: Competition) -> str:
    """The name of the one column that is answered in, as source."""
    predicted = competition.prediction_columns
    return "TARGET" if predicted == competition.targets else literal(predicted[0])


def labels_of(problem: Problem, shape: Shape) -> list[str]:
    """The target, where it holds classes, which are read as they are written."""
    return [problem.competition.targets[0]] if shape.classifier and not (shape.many or shape.one_hot) else []


def as_read(name: str, as_text: Sequence[str]) -> str:
    """A table as pandas reads it, these columns as they are written."""
    path = literal(f"input/{name}")
    kinds = "{" + ", ".join(f"{literal(column)}: str" for column in as_text) + "}" if as_text else ""
    if ".parquet" in name:
        return f"pd.read_parquet({path})" + (f".astype({kinds})" if kinds else "")
    options = f", dtype={kinds}" if kinds else ""
    if ".json" in name:
        return f"pd.read_json({path}{options}{', lines=True' if '.jsonl' in name else ''})"
    separator = ', sep="\\t"' if ".tsv" in name else ""
    return f"pd.read_csv({path}{separator}{options})"


def _objective(shape: Shape) -> str:
    if shape.multiclass:
        return "multiclass"
    return "binary" if shape.binary else "regression_l1" if shape.absolute else "regression"


def _answer(model: str, x: str, shape: Shape) -> str:
    if shape.binary:
        return f"{model}.fit(known, y).predict_proba({x})[:, 1]"
    if shape.multiclass and shape.rare:
        return f"spread({model}.fit(known, y), {x})"
    return (
        f"{model}.fit(known, y).predict_proba({x})" if shape.multiclass else f"{model}.fit(known, y).predict({x})"
    )
