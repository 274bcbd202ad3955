"""What a table's columns are for: numbers, categories, dates, prose, and strings with a structure inside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from haste.core.competition import ColumnKind, ColumnProfile, Profile
from haste.engineers.offline.outcome import is_grouped
from haste.engineers.offline.problem import Problem

SEPARATORS = "/_|-:;"
WIDE = 0.3
"""A category that takes more values than this share of the rows says too little as it is."""
LATITUDE = re.compile(r"(^|_)(lat|latitude|y_?coord)($|_)", re.IGNORECASE)
LONGITUDE = re.compile(r"(^|_)(lon|lng|long|longitude|x_?coord)($|_)", re.IGNORECASE)
SHORT_DATE = re.compile(r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})[-/.]\d{2}(\d{2})?(?!\d)")
HASH = re.compile(r"[0-9a-fA-F-]+|[A-Za-z]{0,4}[-_]?[0-9]+")
LONG_MARK = 8
"""Letters that a string has at least, on average, if it is to be made of something."""
FEW_LETTERS = 6
"""The letters of a sequence: four bases, with marks for what isn't known."""
AMOUNT = re.compile(
    r"[-(]?(?P<before>[^\w\s.,()-]*) ?-?(?P<number>\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r" ?(?P<after>[^\W\d_]{0,4}|[^\w\s.,()-])\)?"
)
"""A number with the marks of money, shares, thousands or a unit."""
TITLE = re.compile(r",\s*[A-Z][A-Za-z]*\.")
GRADES: tuple[tuple[str, ...], ...] = (
    ("Po", "Fa", "TA", "Gd", "Ex"),
    ("poor", "fair", "average", "good", "excellent"),
    ("very low", "low", "medium", "high", "very high"),
    ("none", "mild", "moderate", "severe"),
    ("small", "medium", "large"),
)
"""Grades in words, from the worst to the best."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table by what a script does with them; constants, groups and mere keys are in none."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    wide: tuple[str, ...]
    """Categories of so many values that they are counted and taken apart rather than used as they are."""
    dates: tuple[str, ...]
    text: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    """Numbers that are written with marks, and that some category may hold as well."""
    telling: tuple[str, ...] = ()
    """Strings without blanks, another in nearly every row, whose letters say something: formulas, addresses."""


def columns_of(problem: Problem) -> Columns:
    """The features of a problem's table."""
    profile, competition = problem.profile, problem.competition
    skip = {competition.id_column, *competition.targets}
    if is_grouped(problem):
        skip.add(profile.folds.column or "")  # a group that no test row has is learned by heart for nothing
    kinds: dict[ColumnKind, list[ColumnProfile]] = {kind: [] for kind in ColumnKind}
    for column in profile.columns:
        if column.name not in skip:
            kinds[column.kind].append(column)
    levels = [*kinds[ColumnKind.CATEGORICAL], *kinds[ColumnKind.BOOLEAN]]
    written = (ColumnKind.CATEGORICAL, ColumnKind.IDENTIFIER, ColumnKind.TEXT)
    amounts = [c.name for kind in written for c in kinds[kind] if amounts_in(c)]
    wide = [c.name for c in levels if is_wide(c, profile)]
    return Columns(
        numeric=tuple(c.name for c in kinds[ColumnKind.NUMERIC]),
        categorical=tuple(c.name for c in levels if c.name not in wide),
        wide=tuple(name for name in wide if name not in amounts),
        dates=tuple(c.name for c in kinds[ColumnKind.DATE]),
        text=tuple(c.name for c in kinds[ColumnKind.TEXT] if c.name not in amounts),
        amounts=tuple(amounts),
        telling=tuple(c.name for c in kinds[ColumnKind.IDENTIFIER] if is_telling(c) and c.name not in amounts),
    )


def is_wide(column: ColumnProfile, profile: Profile) -> bool:
    """Whether a category takes too many values to be used as it is."""
    return column.unique > max(50, WIDE * profile.rows) or (
        column.unique > 30 and column.unique > 0.1 * profile.rows
    )


def is_telling(column: ColumnProfile) -> bool:
    """Whether strings that hardly ever recur are made of something: not all of one length, or of few letters.

    A number, a hash or a key says nothing.
    """
    examples = [e for e in column.examples if e]
    if len(examples) < 6 or sum(map(len, examples)) < LONG_MARK * len(examples):
        return False
    if all(HASH.fullmatch(e) for e in examples):
        return False
    return len({len(e) for e in examples}) > 2 or len(set("".join(examples))) <= FEW_LETTERS


def column(problem: Problem, name: str) -> ColumnProfile | None:
    """The profile of a column."""
    return next((c for c in problem.profile.columns if c.name == name), None)


def separator_of(column: ColumnProfile) -> tuple[str, tuple[str, ...]] | None:
    """The sign that takes a column's strings apart, and what each part holds: `text` or `number`."""
    examples = [e for e in column.examples if e]
    if len(examples) < 3:
        return None
    for sign in SEPARATORS:
        pieces = [e.split(sign) for e in examples]
        size = len(pieces[0])
        if 2 <= size <= 5 and sum(len(p) == size for p in pieces) >= 0.9 * len(pieces):
            whole = [p for p in pieces if len(p) == size]
            if any(len(part) > 12 for p in whole for part in p):
                continue
            return sign, tuple(
                "number" if all(p[i].strip().isdigit() for p in whole) else "text" for i in range(size)
            )
    return None


def day_first(problem: Problem, names: Sequence[str]) -> bool:
    """Whether dates of these columns begin with the day: parted by points, or with a first part above 12."""
    found = (column(problem, name) for name in names)
    parts = [m for one in found if one for e in one.examples if (m := SHORT_DATE.match(e.strip()))]
    later = any(int(m["second"]) > 12 for m in parts)
    return bool(parts) and not later and any(int(m["first"]) > 12 or m["mark"] == "." for m in parts)


def amounts_in(column: ColumnProfile) -> list[str]:
    """The examples as numbers, where all have the same marks; a few may be words. [] where they are no amounts."""
    found = [m for e in column.examples if (m := AMOUNT.fullmatch(e.strip()))]
    others = [e for e in column.examples if not AMOUNT.fullmatch(e.strip())]
    if len(found) < max(3, 4 * len(others)) or any(re.search(r"\d", e) for e in others):
        return []
    return [m["number"] for m in found] if len({(m["before"], m["after"]) for m in found}) == 1 else []


def has_decimal_comma(column: ColumnProfile) -> bool:
    """Whether commas part fractions, and points thousands: told from all examples together."""
    numbers = amounts_in(column)
    if any(re.search(r"^(0|\d{4,}),|,(\d{1,2}|\d{4,})$|\..*[.,]", n) for n in numbers):
        return True
    pointed = [n for n in numbers if "." in n]
    in_threes = all(re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", n) for n in pointed)
    return in_threes and 0 < len(pointed) < len(numbers)


def has_letters_and_digits(column: ColumnProfile) -> bool:
    """Whether strings mix letters and digits, as tickets, cabins and model names do."""
    mixed = [e for e in column.examples if re.search(r"\d", e)]
    return (
        column.kind is not ColumnKind.DATE
        and len(column.examples) >= 3
        and len(mixed) >= 0.5 * len(column.examples)
    )


def has_titles(column: ColumnProfile) -> bool:
    """Whether strings are names with a title: `Smith, Mrs. Anna`."""
    titled = [e for e in column.examples if TITLE.search(e)]
    return len(column.examples) >= 3 and len(titled) >= 0.8 * len(column.examples)


def grades_of(column: ColumnProfile) -> tuple[str, ...]:
    """The scale of grades that a column's values stand on, worst first; () for none."""
    values = {e.strip().lower() for e in column.examples}
    for scale in GRADES:
        if (
            len(values) >= 2
            and values <= {g.lower() for g in scale} | {"none", "na"}
            and len(values) <= len(scale) + 1
        ):
            return scale
    return ()


def id_groups(problem: Problem) -> str | None:
    """The sign after which an id counts within a group (`4408_01`); None where ids are single."""
    found = column(problem, problem.competition.id_column)
    pieces = [e.rsplit("_", 1) for e in found.examples] if found else []
    if len(pieces) < 6 or any(len(p) != 2 or not p[1].isdigit() or len(p[1]) > 3 for p in pieces):
        return None
    return "_" if len({p[1] for p in pieces}) <= len(pieces) / 2 else None


def calendar_columns(problem: Problem) -> tuple[str, ...]:
    """Year, month and day in columns of their own; () without them."""
    by_name = {n.lower(): n for n in columns_of(problem).numeric}
    return tuple(by_name[p] for p in ("year", "month", "day")) if {"year", "month", "day"} <= by_name.keys() else ()


def cell_columns(problem: Problem) -> tuple[str, ...]:
    """Three lengths and three angles of a crystal's cell; () without them."""
    names = columns_of(problem).numeric
    lengths = [n for n in names if re.search(r"lattice_?(vector|constant|length)|^[abc]$", n, re.IGNORECASE)]
    angles = [n for n in names if re.search(r"lattice_?angle|^(alpha|beta|gamma)$", n, re.IGNORECASE)]
    return (*lengths, *angles) if len(lengths) == len(angles) == 3 else ()


def atom_count(problem: Problem) -> tuple[str, ...]:
    """The column with the number of atoms in a cell, where there is one."""
    return tuple(n for n in columns_of(problem).numeric if re.search(r"number.*atoms|natoms", n, re.IGNORECASE))[:1]


def coordinates(problem: Problem) -> tuple[tuple[str, str], ...]:
    """Pairs of (latitude, longitude) columns, in the order of the table."""
    names = columns_of(problem).numeric
    latitudes = [n for n in names if LATITUDE.search(n)]
    longitudes = [n for n in names if LONGITUDE.search(n)]
    return tuple(zip(latitudes, longitudes, strict=False))
