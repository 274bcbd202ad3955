"""Time and groups: whether the test rows follow the training rows, or come from groups that training never saw."""

import numpy as np

from haste.adapters.competitions.columns import all_numbers, looks_like_date, missing, numbers
from haste.adapters.competitions.ordering import CALENDAR, groups, times
from haste.adapters.competitions.source import Source
from haste.core.competition import Competition

_TIME_NAMES = frozenset(
    {"timestamp", "time", "date", "datetime", "unixtime", "unix_timestamp", "year", "week", "date_id", "time_id"}
    | {"day_id", "week_id", "month_id", "date_block_num", "time_step", "step", "period", "epoch", "yearmonth"}
)


def find_time(competition: Competition, source: Source) -> tuple[str, str] | None:
    """What orders rows in time, where the whole test period follows the whole training period."""
    shared = [c for c in source.test.columns if c in source.train.columns and c != competition.id_column]
    for spec in (*_calendar(shared), *(c for c in shared if _may_be_time(source, c))):
        train, test = times(source.train, spec), times(source.test, spec)
        if train is None or test is None or np.isnan(train).any() or np.isnan(test).any():
            continue
        if len(np.unique(train)) >= 10 and test.min() >= train.max():
            return spec, "every test row comes after the last training row: folds go forward in time"
    return None


def find_group(competition: Competition, source: Source) -> tuple[str, str] | None:
    """A column whose values repeat in the training table and never stand in both tables."""
    for spec in _group_specs(competition, source):
        train, test = groups(source.train, spec), groups(source.test, spec)
        assert train is not None
        assert test is not None
        found = (len(set(train)), len(set(test)))
        if found[0] < 20 or found[1] < 5 or len(train) < (1.2 if "|" in spec else 2.0) * found[0]:
            continue
        if set(train).isdisjoint(test):
            return spec, (
                f"{found[0]} groups in the training rows, {found[1]} in the test rows and none in both: "
                "folds keep groups together"
            )
    return None


def spanning_prefix(competition: Competition, source: Source) -> str | None:
    """A prefix of the id that groups rows although its groups stand in both tables: a feature, not a fold."""
    spec = _id_prefix(competition, source)
    if spec is None:
        return None
    train, test = groups(source.train, spec), groups(source.test, spec)
    assert train is not None
    assert test is not None
    return None if set(train).isdisjoint(test) else spec


def _calendar(shared: list[str]) -> list[str]:
    by_name = {c.lower(): c for c in shared}
    found: list[str] = []
    for part in CALENDAR:
        if part not in by_name:
            break
        found.append(by_name[part])
    return ["+".join(found)] if len(found) >= 2 else []


def _may_be_time(source: Source, column: str) -> bool:
    if column.lower() in _TIME_NAMES and source.train.is_numeric(column):
        return True
    return looks_like_date(source.train.some(column))


def _group_specs(competition: Competition, source: Source) -> list[str]:
    prefix = _id_prefix(competition, source)
    shared = [c for c in source.test.columns if c in source.train.columns and c != competition.id_column]
    return ([prefix] if prefix else []) + [c for c in shared if _may_group(source, c)]


def _may_group(source: Source, column: str) -> bool:
    few = source.train.some(column, 1000)
    if missing(few).any() or (all_numbers(few) and bool(np.any(numbers(few) % 1 != 0))):
        return False
    if not 20 <= source.train.distinct(column) <= source.train.rows / 2:
        return False
    return not source.train.missing(column).any()


def _id_prefix(competition: Competition, source: Source) -> str | None:
    if competition.id_column not in source.train.columns:
        return None
    ids = source.train.text(competition.id_column)
    if not all("_" in str(i) and " " not in str(i) for i in ids[:200]):
        return None
    spec = f"{competition.id_column}|_"
    found = groups(source.train, spec)
    assert found is not None
    distinct = len(set(found))
    return spec if distinct >= 20 and 1.2 * distinct <= len(ids) else None
