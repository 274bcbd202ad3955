"""The profile of a competition: columns, task, validation, traits and remarks. No model is run."""

import numpy as np

from haste.adapters.competitions.columns import Floats, skew
from haste.adapters.competitions.looking import look
from haste.adapters.competitions.planning import choose_plan
from haste.adapters.competitions.remarks import remarks_on, repeated_rows
from haste.adapters.competitions.rowfiles import kind_of
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.truth import BY_CLASS, Truth, classes_of, task_of, truth
from haste.core.competition import ColumnKind, ColumnProfile, Competition, Profile
from haste.core.metric import PredictionKind
from haste.settings import Settings

Traits = dict[str, float | bool | str]


def make_profile(competition: Competition, source: Source, settings: Settings) -> Profile:
    """Look at the data. The same data and settings give the same profile."""
    classes = classes_of(competition, source.train)
    actual = truth(competition, classes, source.train)
    columns = look(competition, source)
    task = task_of(competition, classes)
    shares = _shares(competition, classes, actual)
    low, high, lean = _target(competition, actual)
    traits = _size(source, columns) | _kinds(columns) | _targets(competition, actual, classes, shares, lean)
    traits |= {"task": task.value, "metric": competition.metric_name, "is_series": bool(competition.time_column)}
    traits |= _files(competition, source)
    repeats = repeated_rows(competition, source)
    traits |= {"duplicates": repeats[0], "test_repeats": repeats[1]}
    traits["domain"] = _domain(columns, traits)
    return Profile(
        rows=source.train.rows,
        test_rows=source.test.rows,
        task=task,
        columns=columns,
        classes=classes,
        class_shares=shares,
        target_skew=lean,
        target_min=low,
        target_max=high,
        folds=choose_plan(competition, source, actual, settings),
        traits=traits,
        remarks=remarks_on(competition, source, columns, classes, actual, repeats),
    )


def _shares(competition: Competition, classes: tuple[str, ...], actual: Truth) -> tuple[float, ...]:
    if competition.metric.kind in BY_CLASS:
        tally = np.bincount(actual.astype(np.int64), minlength=len(classes)) / len(actual)
    elif competition.metric.kind is PredictionKind.PROBABILITY:
        positive = actual.mean(axis=0)
        tally = np.array([1 - positive[0], positive[0]]) if len(positive) == 1 else positive
    else:
        return ()
    return tuple(round(float(share), 6) for share in tally)


def _target(competition: Competition, actual: Truth) -> tuple[float | None, float | None, float]:
    if competition.metric.kind is not PredictionKind.VALUE:
        return None, None, 0.0
    leans: list[float] = [skew(actual[:, i].astype(np.float64)) for i in range(actual.shape[1])]
    strongest: float = max(leans, key=abs)
    return float(actual.min()), float(actual.max()), round(strongest, 4)


def _size(source: Source, columns: tuple[ColumnProfile, ...]) -> Traits:
    features = [c for c in columns if c.kind is not ColumnKind.IDENTIFIER]
    absent = [c.missing for c in features]
    return {
        "rows": float(source.train.rows),
        "test_rows": float(source.test.rows),
        "columns": float(len(features)),
        "rows_per_column": round(source.train.rows / max(1, len(features)), 2),
        "missing_share": round(float(np.mean(absent)), 6) if absent else 0.0,
        "missing_columns": float(sum(share > 0 for share in absent)),
    }


def _kinds(columns: tuple[ColumnProfile, ...]) -> Traits:
    by_kind = {kind: [c for c in columns if c.kind is kind] for kind in ColumnKind}
    words = [c.mean_words for c in by_kind[ColumnKind.TEXT]]
    return {
        "numeric_columns": float(len(by_kind[ColumnKind.NUMERIC])),
        "categorical_columns": float(len(by_kind[ColumnKind.CATEGORICAL])),
        "boolean_columns": float(len(by_kind[ColumnKind.BOOLEAN])),
        "text_columns": float(len(by_kind[ColumnKind.TEXT])),
        "date_columns": float(len(by_kind[ColumnKind.DATE])),
        "constant_columns": float(len(by_kind[ColumnKind.CONSTANT])),
        "max_cardinality": float(max((c.unique for c in by_kind[ColumnKind.CATEGORICAL]), default=0)),
        "max_unseen": float(max((c.unseen for c in by_kind[ColumnKind.CATEGORICAL]), default=0.0)),
        "max_skew": float(max((abs(c.skew) for c in by_kind[ColumnKind.NUMERIC]), default=0.0)),
        "mean_words": float(max(words, default=0.0)),
    }


def _targets(
    competition: Competition, actual: Truth, classes: tuple[str, ...], shares: tuple[float, ...], lean: float
) -> Traits:
    traits: Traits = {"targets": float(len(competition.targets)), "class_count": float(len(classes))}
    if shares:
        present = [share for share in shares if share > 0]
        return traits | {"minority_share": min(present), "majority_share": max(present)}
    values: Floats = actual.astype(np.float64)
    return traits | {
        "target_skew": lean,
        "target_is_integer": bool(np.all(values % 1 == 0)),
        "target_positive": bool(np.all(values > 0)),
        "target_unique": float(max(len(np.unique(values[:, i])) for i in range(values.shape[1]))),
        "target_at_limit": round(float(max((values == values.max()).mean(), (values == values.min()).mean())), 6),
    }


def _files(competition: Competition, source: Source) -> Traits:
    if not competition.row_files:
        return {"has_row_files": False}
    return {"has_row_files": True, "row_file_kind": kind_of(competition, source)}


def _domain(columns: tuple[ColumnProfile, ...], traits: Traits) -> str:
    features = [c for c in columns if c.kind not in (ColumnKind.IDENTIFIER, ColumnKind.CONSTANT)]
    plain = [c for c in features if c.kind is not ColumnKind.TEXT]
    if traits.get("row_file_kind") == "image" and len(features) <= 3:
        return "image"
    words = float(traits["mean_words"])
    if words >= 20.0 or (words >= 5.0 and len(plain) <= 3):
        return "text"
    return "tabular" if features else "general"
