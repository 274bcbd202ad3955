"""The metric of a competition: as stated, as the description names it, or as the shape of the data suggests."""

import numpy as np

from haste.adapters.competitions.columns import all_numbers, counts, label_key, label_keys, missing, numbers
from haste.adapters.competitions.metric_text import metric_in
from haste.adapters.competitions.tables import Table
from haste.core.metric import METRICS, Metric, find_metric


def choose_metric(
    stated: str | None,
    description: str,
    targets: tuple[str, ...],
    columns: tuple[str, ...],
    train: Table,
    reasons: list[str],
    problems: list[str],
) -> Metric | None:
    """The metric; what was inferred goes to `reasons`, and why there is none to `problems`."""
    if stated is not None:
        metric = find_metric(stated)
        if metric is None:
            problems.append(f"unknown metric {stated!r}; known are {', '.join(METRICS)}")
            return None
        return _fitted(metric, targets, columns, train, reasons)
    named = metric_in(description)
    if named is not None and not named[0]:
        known = ", ".join(METRICS)
        problems.append(f"unknown metric: the description says {named[1]!r}; known are {known}: state `metric`")
        return None
    if named is not None:
        reasons.append(f"metric: {named[0]} (the description says {named[1]!r})")
        return _fitted(METRICS[named[0]], targets, columns, train, reasons)
    if description.strip():
        problems.append(f"unknown metric: the description names none of {', '.join(METRICS)}; state `metric`")
        return None
    name, why = _guess(targets, columns, train)
    reasons.append(f"metric: {name} (a guess: there is no description; {why})")
    return METRICS[name]


def is_one_hot(train: Table, targets: tuple[str, ...]) -> bool:
    """Whether each row has a 1 in exactly one of these columns and 0 in the others."""
    if len(targets) < 2 or not all(_is_binary(train, t) for t in targets):
        return False
    values = np.column_stack([numbers(train.text(t)) for t in targets])
    return bool(np.all(values.sum(axis=1) == 1.0))


def _fitted(
    metric: Metric, targets: tuple[str, ...], columns: tuple[str, ...], train: Table, reasons: list[str]
) -> Metric:
    other = _other(metric, targets, columns, train)
    if other is None or other == metric.name:
        return metric
    reasons.append(f"metric: {other} rather than {metric.name} (by the number of columns and classes)")
    return METRICS[other]


def _other(metric: Metric, targets: tuple[str, ...], columns: tuple[str, ...], train: Table) -> str | None:
    if metric.name == "log_loss":
        if len(targets) > 1 and not is_one_hot(train, targets):
            return "binary_log_loss"
        if len(columns) == 1 and _classes(train, targets[0]) == 2:
            return "binary_log_loss"
    if metric.name == "binary_log_loss" and len(targets) == 1 and len(columns) > 1:
        return "log_loss"
    if metric.name == "f1" and len(targets) == 1 and _classes(train, targets[0]) > 2:
        return "macro_f1"
    return None


def _guess(targets: tuple[str, ...], columns: tuple[str, ...], train: Table) -> tuple[str, str]:
    if len(columns) > len(targets):
        return "log_loss", "one column a class"
    if len(targets) > 1:
        if all(_is_binary(train, t) for t in targets):
            return ("log_loss" if is_one_hot(train, targets) else "roc_auc"), "several targets of 0 and 1"
        return "rmse", "several numeric targets"
    target = targets[0]
    if not all_numbers(train.text(target)) or _classes(train, target) <= 2:
        return "accuracy", "the target is a label"
    values = numbers(train.text(target))
    whole = bool(np.all(values[np.isfinite(values)] % 1 == 0))
    return ("accuracy", "few whole numbers") if whole and _classes(train, target) <= 20 else ("rmse", "numbers")


def _is_binary(train: Table, target: str) -> bool:
    return {label_key(v) for v in counts(train.text(target))} <= {"0", "1", "True", "False"}


def _classes(train: Table, target: str) -> int:
    values = train.text(target)
    return len(counts(label_keys(values[~missing(values)])))
