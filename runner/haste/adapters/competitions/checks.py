"""Everything that can be wrong with a competition's tables, all of it at once."""

from collections.abc import Iterator

import numpy as np

from haste.adapters.competitions.columns import (
    Strings,
    all_numbers,
    codes,
    counts,
    label_keys,
    mean_words,
    missing,
    numbers,
)
from haste.adapters.competitions.ordering import parts_of, times
from haste.adapters.competitions.rowfiles import lacking
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import match_columns
from haste.core.competition import Competition
from haste.core.metric import PredictionKind

MIN_ROWS = 10
LEAST_MOMENTS = 3
"""Different times below which there are no two folds, each with something before it."""


def problems_of(competition: Competition, source: Source) -> list[str]:
    """One line for each problem; `[]` for a competition that can be worked on."""
    checks = (_rows, _ids, _sample, _columns, _targets, _structure)
    found = [line for check in checks for line in check(competition, source)]
    return found if found else lacking(competition, source)


def content_ids(table: Table, column: str) -> bool:
    """Whether the id column is content itself, e.g. a comment: such ids may stand twice."""
    return mean_words(table.some(column)) >= 2.0


def _rows(competition: Competition, source: Source) -> Iterator[str]:
    for name, table, least in (
        (competition.train, source.train, MIN_ROWS),
        (competition.test, source.test, 1),
        (competition.sample, source.sample, 1),
    ):
        if table.rows == 0:
            yield f"{name} has no rows"
        elif table.rows < least:
            yield f"{name} has {_count(table.rows, 'row')}; at least {least} are needed to hold some out"


def _ids(competition: Competition, source: Source) -> Iterator[str]:
    column = competition.id_column
    for name, table in (
        (competition.train, source.train),
        (competition.test, source.test),
        (competition.sample, source.sample),
    ):
        if column not in table.columns:
            if table is not source.train:
                yield f"{name} has no id column {column!r}"
            continue
        values = table.text(column)
        empty = int((values == "").sum())
        if empty:
            yield f"{name} has {_count(empty, 'row')} without an id in {column!r}"
        tally = counts(values)
        twice = [v for v, n in tally.items() if n > 1 and v != ""]
        if twice and not content_ids(table, column):
            yield f"{name} has {_count(len(twice), 'duplicate id')} in {column!r}, first {twice[0]!r}"


def _sample(competition: Competition, source: Source) -> Iterator[str]:
    column, sample, test = competition.id_column, source.sample, source.test
    absent = [c for c in competition.prediction_columns if c not in sample.columns]
    if absent:
        yield f"{competition.sample} lacks the prediction columns {', '.join(map(repr, absent[:5]))}"
    if column not in sample.columns or column not in test.columns:
        return
    wanted, given = counts(test.text(column)), counts(sample.text(column))
    if wanted == given:
        return
    short = [i for i in wanted if given.get(i, 0) < wanted[i]]
    extra = [i for i in given if wanted.get(i, 0) < given[i]]
    parts = [f"{len(short)} ids of {competition.test} are missing in it, first {short[0]!r}"] if short else []
    parts += [f"{len(extra)} ids in it are not in {competition.test}, first {extra[0]!r}"] if extra else []
    yield f"{competition.sample} doesn't match {competition.test}: {'; '.join(parts)}"


def _columns(competition: Competition, source: Source) -> Iterator[str]:
    train, test = source.train.columns, source.test.columns
    absent = [c for c in test if c not in train and c != competition.id_column]
    if absent:
        shown = ", ".join(map(repr, absent[:5]))
        yield f"columns of {competition.test} are missing in {competition.train}: {shown}"
    given = [t for t in competition.targets if t in test]
    if given:
        yield f"{competition.test} holds the target {', '.join(map(repr, given))}"


def _targets(competition: Competition, source: Source) -> Iterator[str]:
    kind = competition.metric.kind
    for target in competition.targets:
        if target not in source.train.columns:
            yield f"target {target!r} is not in {competition.train}"
            continue
        values = source.train.text(target)
        empty = int(missing(values).sum())
        if empty == len(values):
            yield f"target {target!r} is empty"
            continue
        if empty:
            yield f"target {target!r} is missing in {_count(empty, 'row')} of {competition.train}{_said(values)}"
        present = values[~missing(values)]
        if kind in (PredictionKind.VALUE, PredictionKind.ORDINAL):
            yield from _number_target(competition, target, present)
        if len(present) > 1 and len(codes(label_keys(present))[1]) == 1:
            yield f"target {target!r} has one value only, {present[0]!r}"
    if kind is not PredictionKind.VALUE and all(t in source.train.columns for t in competition.targets):
        yield from _label_targets(competition, source)


def _said(values: Strings) -> str:
    """What to do where a class has a name that reads as missing."""
    written = next((str(v) for v in values[missing(values)] if v != ""), "")
    if not written or all_numbers(values):
        return ""
    return f", which say {written!r}: if that is a class, give it another name in every table"


def _number_target(competition: Competition, target: str, present: Strings) -> Iterator[str]:
    if not all_numbers(present):
        text = next(str(v) for v in present if np.isnan(numbers(np.array([v], dtype=object))[0]))
        yield f"target {target!r} must be numeric for {competition.metric.name}, but has text, first {text!r}"
        return
    values = numbers(present)
    if not np.isfinite(values).all():
        yield f"target {target!r} has infinite values"
    elif competition.metric.kind is PredictionKind.ORDINAL and np.any(values % 1 != 0):
        yield f"target {target!r} must hold whole grades for {competition.metric.name}"
    elif competition.metric.name == "rmsle" and np.any(values < 0):
        yield f"target {target!r} has negative values, which rmsle can't take"


def _label_targets(competition: Competition, source: Source) -> Iterator[str]:
    metric, targets, columns = competition.metric, competition.targets, competition.prediction_columns
    labels = [counts(label_keys(source.train.text(t))) for t in targets]
    if metric.kind is PredictionKind.CLASS_PROBABILITIES:
        if len(columns) < 2:
            yield f"{metric.name} wants one prediction column a class, but there is only {columns[0]!r}"
        elif len(targets) == 1:
            unmatched = [v for v in labels[0] if v not in match_columns(list(labels[0]), columns).values()]
            if unmatched:
                yield (
                    f"{_count(len(unmatched), 'label')} of {targets[0]!r} have no prediction column, "
                    f"first {unmatched[0]!r}"
                )
        return
    if len(columns) != len(targets):
        yield f"{metric.name} wants {_count(len(targets), 'prediction column')}, but there are {len(columns)}"
    if metric.kind is not PredictionKind.PROBABILITY and len(targets) > 1:
        yield f"{metric.name} takes one target, but there are {len(targets)}"
    wants_two = metric.kind is PredictionKind.PROBABILITY or metric.name == "f1"
    for target, found in zip(targets, labels, strict=True):
        if wants_two and len(found) > 2:
            yield f"{metric.name} wants a target of two classes, but {target!r} has {len(found)}"
        elif metric.kind is PredictionKind.LABEL and len(found) > max(1000, source.train.rows // 2):
            yield f"target {target!r} has {len(found)} different labels in {source.train.rows} rows"


def _structure(competition: Competition, source: Source) -> Iterator[str]:
    for what, spec in (("group", competition.group_column), ("time", competition.time_column)):
        if spec is not None and parts_of(spec, source.train.columns) is None:
            yield f"{what} column {spec!r} is not in {competition.train}"
        elif spec is not None and what == "time":
            yield from _moments(competition, source, spec)


def _moments(competition: Competition, source: Source, spec: str) -> Iterator[str]:
    when = times(source.train, spec)
    if when is None or np.isnan(when).all():
        yield f"time column {spec!r} of {competition.train} holds no times: neither numbers nor dates"
    elif len(found := np.unique(when[~np.isnan(when)])) < LEAST_MOMENTS:
        yield (
            f"time column {spec!r} of {competition.train} has {_count(len(found), 'moment')}; "
            f"at least {LEAST_MOMENTS} are needed to validate forward in time"
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
