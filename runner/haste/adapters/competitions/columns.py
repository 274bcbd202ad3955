"""What a column of text holds: numbers, dates, categories, missing values. One of pandas' doors."""

import re
import warnings
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from haste.core.competition import UNPARTED

Strings = NDArray[np.object_]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Predictions = NDArray[Any]
"""Rows × columns of numbers, or one class position a row for labels and grades."""
Flags = NDArray[np.bool_]

MISSING = frozenset(
    {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"}
    | {"NULL", "NaN", "None", "n/a", "nan", "null"}
)
"""What pandas reads as missing unless told otherwise: what a script will see as missing."""

_MISSING = pa.array(sorted(MISSING), type=pa.large_string())

TRUE, FALSE = frozenset({"true", "yes", "y", "t"}), frozenset({"false", "no", "n", "f"})

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}( \d{1,2}:.*)?"
    r"|\d{1,2}[-/]\d{1,2}[-/]\d{2}( \d{1,2}:.*)?|[A-Z][a-z]{2,8} \d{1,2},? \d{4}.*"
)

_UNPARTED = re.compile(f"[{UNPARTED}]")


def missing(values: Strings) -> Flags:
    """Where nothing stands."""
    return cast(Flags, pc.is_in(_arrow(values), value_set=_MISSING).to_numpy(zero_copy_only=False))


def numbers(values: Strings) -> Floats:
    """The values as numbers; NaN where there is none."""
    return parsed(values)[0]


def all_numbers(values: Strings) -> bool:
    """Whether every value that is not missing is a number, and there is one."""
    return parsed(values)[1]


def parsed(values: Strings) -> tuple[Floats, bool]:
    """The values as numbers, NaN where there is none, and whether all that is not missing is one."""
    array = _arrow(values)
    present = pc.if_else(pc.is_in(array, value_set=_MISSING), pa.scalar(None, pa.large_string()), array)
    if present.null_count == len(present):
        return np.full(len(present), np.nan), False
    try:
        found = pc.cast(present, pa.float64())
        return cast(Floats, found.to_numpy(zero_copy_only=False)), True
    except pa.ArrowInvalid:
        series = pd.to_numeric(pd.Series(present.to_pandas(), dtype=object), errors="coerce")
        floats = series.to_numpy(dtype=np.float64)
    return floats, not bool(np.isnan(floats[~pc.is_null(present).to_numpy(zero_copy_only=False)]).any())


def codes(values: Strings) -> tuple[Integers, Strings]:
    """Each value's number in the order of first appearance, and the values by that number."""
    encoded = pc.dictionary_encode(_arrow(values))
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_numpy(zero_copy_only=False).astype(
        object
    )


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
                # In nanoseconds the years before 1677 have no place.
                seconds = (parsed - pd.Timestamp(0, tz="UTC").as_unit("s")).dt.total_seconds()
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
    """Mean number of words of the values that are not missing, over at most 2,000 of them evenly spread.

    Where words are not parted by blanks, two characters count as one.
    """
    present = values[~missing(values)]
    if len(present) == 0:
        return 0.0
    sample = present[:: max(1, len(present) // 2000)]
    return float(np.mean([_words(str(v)) for v in sample]))


def _words(value: str) -> int:
    return len(value.split()) if value.isascii() else max(len(value.split()), len(_UNPARTED.findall(value)) // 2)


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


def _arrow(values: Any) -> Any:  # noqa: ANN401  (arrow arrays have no useful type)
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
