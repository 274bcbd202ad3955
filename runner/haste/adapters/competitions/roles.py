"""Which column names the rows, which are to be predicted, and which column of the training table tells them."""

from haste.adapters.competitions.columns import counts, mean_words
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import match_columns

Found = tuple[tuple[str, ...], str]


def choose_id(test: Table | None, sample: Table | None) -> tuple[str, str] | None:
    """The id column and why."""
    if sample is None:
        return _first_unique(test) if test is not None else None
    if test is None:
        first = sample.columns[0]
        return (first, "the first column of the sample submission") if sample.columns[1:] else None
    shared = [c for c in sample.columns if c in test.columns]
    if not shared:
        return None
    if len(shared) == 1:
        return shared[0], "the one column that the test table and the sample submission share"
    named = [c for c in shared if _named_id(c)]
    if len(named) == 1:
        return named[0], f"of the shared columns {', '.join(shared)} the one named like an id"
    best = max(shared, key=lambda c: (len(counts(test.text(c))), mean_words(test.text(c))))
    return best, f"of the shared columns {', '.join(shared)} the one with the most different values"


def choose_predictions(
    id_column: str, train: Table, test: Table | None, sample: Table | None, targets: tuple[str, ...] | None
) -> Found | None:
    """The columns to be predicted and why."""
    if sample is not None:
        seen = {id_column, *(test.columns if test is not None else ())}
        left = tuple(c for c in sample.columns if c not in seen)
        return (left, "columns of the sample submission that the test table lacks") if left else None
    if targets:
        return targets, "the targets"
    if test is None:
        return None
    left = tuple(c for c in train.columns if c not in test.columns and c != id_column)
    return (left, "the one column of the training table that the test table lacks") if len(left) == 1 else None


def choose_targets(id_column: str, columns: tuple[str, ...], train: Table, test: Table | None) -> Found | None:
    """The targets and why: columns of the same names, or the one column whose values are the columns' names."""
    if all(c in train.columns for c in columns):
        return columns, ""
    known = {id_column, *(test.columns if test is not None else ())}
    others = [c for c in train.columns if c not in known]
    if len(columns) == 1:
        if len(others) == 1:
            return (others[0],), f"the one column that the test table lacks, predicted as {columns[0]!r}"
        return None
    scored = [(_share_of_labels(train, c, columns), c) for c in others]
    best = max(scored, default=(0.0, ""))
    if best[0] > 0.5:
        return (best[1],), f"its values are the names of the {len(columns)} prediction columns"
    return None


def _share_of_labels(train: Table, column: str, columns: tuple[str, ...]) -> float:
    labels = list(counts(train.text(column)))
    if not 2 <= len(labels) <= 2 * len(columns) + 10:
        return 0.0
    return len(match_columns(labels, columns)) / len(labels)


def _named_id(name: str) -> bool:
    lowered = name.lower()
    return (
        lowered in ("id", "key", "index", "uid", "uuid")
        or lowered.endswith(("_id", "id_code"))
        or name.endswith("Id")
    )


def _first_unique(test: Table) -> tuple[str, str] | None:
    unique = [c for c in test.columns if len(counts(test.text(c))) == test.rows]
    named = [c for c in unique if _named_id(c)]
    if named:
        return named[0], "unique in the test table and named like an id"
    return None
