"""Which metric a description names."""

import re

from haste.core.metric import METRICS, find_metric

_HEADING = re.compile(r"^#+\s*(evaluation|metric|scoring|evaluation metric)s?\b.*$", re.IGNORECASE | re.MULTILINE)

_OTHERS = (
    r"mean average precision|\bmap ?@|\bmap\d|top[- ]?\d+ (\w+ )?accuracy|accuracy ?@",
    r"partial (area|roc|auc)|\bpauc\b|linear(ly)?[- ]weighted[- ]kappa|cohen.{0,3} kappa(?!.{0,80}quadratic)",
    r"weighted[- ]([a-z]+[- ]){0,2}?(mean[- ](absolute|squared)|root[- ]mean|mae\b|r?mse\b|rmsle\b)",
    r"weighted[- ]([a-z]+[- ]){0,2}?(accuracy|roc|auc|area under)",
    r"(weighted|balanced)[- ]([a-z]+[- ]){0,2}?(log|cross)",
)
"""Metrics that HASTE does not compute, and whose names hold that of one it does."""

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("rmsle", r"root[- ]mean[- ]squared?[- ](logarithmic|log)[- ]error|\brmsle\b|mcrmsle"),
    ("rmsle", r"(rmse|root[- ]mean[- ]squared?[- ]error)\W{0,4}(\(rmse\)\W*)?between the (natural )?log"),
    ("qwk", r"quadratic(ally)?[- ]weighted[- ]kappa|\bqwk\b|kappa"),
    ("log_loss", r"multi-?\s?class(ification)? (logarithmic loss|log[- ]?loss)|\bmlogloss\b"),
    ("log_loss", r"log(arithmic)?[- ]?loss|cross[- ]?entropy"),
    ("average_precision", r"average precision|area under the (precision|pr\b)|\bpr[- ]?auc\b|\bauprc\b"),
    ("gini", r"\bgini\b"),
    ("roc_auc", r"area under (the )?(receiver|roc)|roc[- ]?auc|\bauc\b|\broc\b"),
    ("balanced_accuracy", r"balanced[- ]accuracy"),
    # One label a row: what is right in all classes together is the accuracy.
    ("accuracy", r"micro[- ]?(averaged? )?f1|f1[- _]?(score )?\(?micro|\bmicro f-?score"),
    ("macro_f1", r"macro[- ](averaged? )?f1|f1[- _]?(score )?\(?macro|\bmacro f-?score"),
    ("weighted_f1", r"weighted (mean |averaged? )?f1|f1[- _]weighted"),
    ("f1", r"\bf-?1\b|\bf1[- ]score\b"),
    ("mcc", r"matthews"),
    ("mape", r"mean absolute percentage error|(?<!s)\bmape\b"),
    ("smape", r"symmetric mean absolute percentage error|\bsmape\b"),
    ("mae", r"mean absolute error|\bmae\b"),
    ("rmse", r"root[- ]mean[- ]squared?[- ]error|\brmse\b|\bmcrmse\b"),
    ("mse", r"mean[- ]squared?[- ]error|\bmse\b"),
    ("r2", r"\br2\b|\br\^2\b|\br²|coefficient of determination"),
    ("brier", r"brier"),
    ("accuracy", r"(classification|categori[sz]ation) accuracy|\baccuracy\b|percentage of .{0,40}correct"),
)


def metric_in(description: str) -> tuple[str, str] | None:
    """The metric's name and the words that name it; None when no metric is named that HASTE has heard of.

    The name is "" for a metric that HASTE does not compute.
    """
    section = _section(description)
    for text in (section, description) if section else (description,):
        for quoted in re.findall(r"`([A-Za-z0-9_ -]{2,40})`", text if section else ""):
            metric = find_metric(quoted)
            if metric is not None:
                return metric.name, quoted
        found = _first(text)
        if found:
            return found
    return None


def _section(description: str) -> str:
    heading = _HEADING.search(description)
    if heading is None:
        return ""
    return description[heading.start() : heading.end() + 1500]


def _first(text: str) -> tuple[str, str] | None:
    flat = " ".join(text.split())
    found_others = [found for pattern in _OTHERS if (found := re.search(pattern, flat, re.IGNORECASE))]
    hits = [(found.start(), -1, "", found.group(0)) for found in found_others]
    for order, (name, pattern) in enumerate(_PATTERNS):
        found = re.search(pattern, flat, re.IGNORECASE)
        if found and name in METRICS:
            hits.append((found.start(), order, name, found.group(0)))
    if not hits:
        return None
    first = min(hits)
    # A longer name often holds a shorter one: `root mean squared log error` also reads as an error of another kind.
    near = [hit for hit in hits if hit[0] <= first[0] + len(first[3])]
    _, _, name, words = min(near, key=lambda hit: hit[1])
    return name, words
