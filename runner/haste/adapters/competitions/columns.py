"""What a column of text holds: numbers, dates, categories, missing values. The other of pandas' two doors."""

import re
import warnings
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from haste.adapters.competitions.tables import Strings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MISSING = frozenset(
    {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"}
    | {"NULL", "NaN", "None", "n/a", "nan", "null"}
)
"""What pandas reads as missing unless told otherwise: what a script will see as missing."""

TRUE, FALSE = frozenset({"true", "yes", "y", "t"}), frozenset({"false", "no", "n", "f"})

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}( \d{1,2}:.*)?"
    r"|\d{1,2}[-/]\d{1,2}[-/]\d{2}( \d{1,2}:.*)?|[A-Z][a-z]{2,8} \d{1,2},? \d{4}.*"
)


def missing(values: Strings) -> Flags:
    """Where nothing stands."""
    return cast(Flags, pd.Series(values, dtype=object).isin(MISSING).to_numpy())


def numbers(values: Strings) -> Floats:
    """The values as numbers; NaN where there is none."""
    parsed = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")
    return cast(Floats, parsed.to_numpy(dtype=np.float64))


def all_numbers(values: Strings) -> bool:
    """Whether every value that is not missing is a number, and there is one."""
    present = values[~missing(values)]
    if len(present) == 0 or np.isnan(numbers(present[:100])).any():
        return False
    return not bool(np.isnan(numbers(present)).any())


def codes(values: Strings) -> tuple[Integers, Strings]:
    """Each value's number in the order of first appearance, and the values by that number."""
    found, uniques = pd.factorize(pd.Series(values, dtype=object))
    return found.astype(np.int64), np.asarray(uniques, dtype=object)


def counts(values: Strings) -> dict[str, int]:
    """How often each value stands, most frequent first; ties in the order of first appearance."""
    found, uniques = codes(values)
    tally = np.bincount(found, minlength=len(uniques)) if len(uniques) else np.array([], dtype=np.int64)
    order = np.argsort(-tally, kind="stable")
    return {str(uniques[i]): int(tally[i]) for i in order}


def looks_like_date(values: Strings) -> bool:
    """Whether nearly all values that are not missing are written like dates."""
    present = values[~missing(values)][:400]
    if len(present) == 0:
        return False
    return sum(bool(_DATE.fullmatch(str(v).strip())) for v in present) >= 0.98 * len(present)


def dates(values: Strings) -> Floats | None:
    """Seconds since 1970 by value, NaN where missing; None when these are no dates."""
    if not looks_like_date(values):
        return None
    series = pd.Series(values, dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for options in ({"format": "ISO8601"}, {}, {"dayfirst": True}):
            parsed = pd.to_datetime(series, errors="coerce", utc=True, **options)
            present = ~missing(values)
            if parsed[present].notna().mean() >= 0.98:
                seconds = (parsed - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
                return cast(Floats, seconds.to_numpy(dtype=np.float64))
    return None


def ranks(values: Floats) -> Floats:
    """Average ranks from 1; missing values have none."""
    return cast(Floats, pd.Series(values).rank().to_numpy(dtype=np.float64))


def skew(values: Floats) -> float:
    """The sample skewness of the finite values; 0.0 where there is none."""
    present = values[np.isfinite(values)]
    if len(present) < 3:
        return 0.0
    centred = present - present.mean()
    spread = float(np.sqrt((centred**2).mean()))
    if spread <= 1e-12 * max(1.0, float(np.abs(present).max())):
        return 0.0
    return float(((centred / spread) ** 3).mean())


def mean_words(values: Strings) -> float:
    """Mean number of words of the values that are not missing, over at most 2,000 of them evenly spread."""
    present = values[~missing(values)]
    if len(present) == 0:
        return 0.0
    sample = present[:: max(1, len(present) // 2000)]
    return float(np.mean([len(str(v).split()) for v in sample]))


def label_key(value: str) -> str:
    """A label's one spelling: `3.0` and `3` are the same, and so are `true` and `True`."""
    value = value.strip()
    if value.lower() in ("true", "false"):
        return value.capitalize()
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if np.isfinite(number) and number == int(number) and abs(number) < 2**53 else value


def label_keys(values: Strings) -> Strings:
    """The one spelling of each label."""
    found, uniques = codes(values)
    keys = np.array([label_key(str(u)) for u in uniques], dtype=object)
    return keys[found] if len(found) else values


def in_order(labels: list[str]) -> list[str]:
    """Labels by number where all are numbers, else no before yes, else by letter."""
    parsed = numbers(np.array(labels, dtype=object))
    if not np.isnan(parsed).any():
        return [labels[i] for i in np.argsort(parsed, kind="stable")]
    if len(labels) == 2 and {label.lower() in TRUE for label in labels} == {True, False}:
        return sorted(labels, key=lambda label: label.lower() in TRUE)
    return sorted(labels)
