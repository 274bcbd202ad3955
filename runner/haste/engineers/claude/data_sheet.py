"""A competition and its data as prompts show them: what is known without a model, and what a view will hold."""

from collections.abc import Sequence
from typing import Any

from haste.core.competition import ColumnKind, ColumnProfile, Competition, Profile
from haste.core.metric import PredictionKind
from haste.core.run import RunState
from haste.engineers.claude.briefing import cut
from haste.engineers.claude.plain import one_line

_DESCRIPTION = (9_000, 3_000, 800)
_COLUMNS = (60, 25, 10)

_PREDICTION = {
    PredictionKind.VALUE: "a real number",
    PredictionKind.PROBABILITY: "the probability of the positive class, between 0 and 1",
    PredictionKind.CLASS_PROBABILITIES: "one probability a class; every row sums to 1",
    PredictionKind.LABEL: "a class label, spelled as in the training table",
    PredictionKind.ORDINAL: "an integer grade whose order matters",
}


def competition_facts(state: RunState, detail: int) -> dict[str, Any]:
    """The competition and its profile, with a preview of what a view holds."""
    competition, profile = state.competition, state.profile
    assert competition is not None and profile is not None
    folds = profile.folds
    held = profile.rows * (1 - folds.lockbox_share)
    lockbox = profile.rows - held
    test = profile.test_rows + lockbox + held / max(1, folds.folds)
    if folds.kind == "forward":
        block = held / (folds.folds + 1)
        train = f"{block:.0f} to {block * folds.folds:.0f} (growing with time)"
        test = profile.test_rows + block
    else:
        train = f"{held * (1 - 1 / max(1, folds.folds)):.0f}"
    reason = f" ({one_line(folds.reason, 160)})" if folds.reason else ""
    return {
        "id": competition.id,
        "domain": state.domain or "not chosen yet",
        "metric": f"{competition.metric.title} ({competition.metric_name})",
        "direction": competition.metric.direction,
        "prediction": _PREDICTION[competition.metric.kind],
        "task": profile.task.value,
        "classes": _classes(profile),
        "train": competition.train,
        "test": competition.test,
        "sample": competition.sample,
        "row_files": [{"train": f.train, "test": f.test} for f in competition.row_files],
        "id_column": one_line(competition.id_column, 80),
        "targets": competition.targets,
        "prediction_columns": _some(competition.prediction_columns, 40),
        "validation": f"{folds.folds} {folds.kind} folds{reason}.",
        "view_train": train,
        "view_test": f"{test:.0f}",
        "group_column": one_line(competition.group_column or folds.column or "", 80)
        if folds.kind == "grouped"
        else "",
        "time_column": one_line(competition.time_column or "", 80) if folds.kind == "forward" else "",
        "rows": profile.rows,
        "test_rows": profile.test_rows,
        "target": _target(profile),
        "columns": "\n".join(column_lines(profile, competition, _COLUMNS[detail])),
        "remarks": "\n".join(f"- {one_line(r, 300)}" for r in profile.remarks),
        "description": cut(competition.description or "(none)", _DESCRIPTION[detail]),
    }


def column_lines(profile: Profile, competition: Competition, limit: int) -> list[str]:
    """One line a column: name, kind, what is missing, values, examples; then a count of those not shown."""
    special = {competition.id_column, *competition.targets}
    columns = [c for c in profile.columns if c.name not in special]
    lines = [_column(c) for c in columns[:limit]]
    rest: dict[str, int] = {}
    for column in columns[limit:]:
        rest[column.kind.value] = rest.get(column.kind.value, 0) + 1
    if rest:
        lines.append("and " + ", ".join(f"{n} more {kind} columns" for kind, n in sorted(rest.items())))
    return lines or ["no columns besides the id and the target"]


def _column(column: ColumnProfile) -> str:
    parts = [one_line(column.name, 60), column.kind.value, f"{column.unique} values"]
    if column.missing:
        parts.append(f"{100 * column.missing:.1f} % missing")
    if column.kind is ColumnKind.NUMERIC and column.skew:
        parts.append(f"skew {column.skew:.1f}")
    if column.mean_words > 1:
        parts.append(f"{column.mean_words:.0f} words on average")
    if column.unseen:
        parts.append(f"{100 * column.unseen:.1f} % of test rows have values unseen in training")
    if column.examples:
        parts.append("e.g. " + "; ".join(one_line(e, 60) for e in column.examples[:3]))
    return " | ".join(parts)


def _classes(profile: Profile) -> str:
    shares = profile.class_shares
    if shares and len(shares) == len(profile.classes):
        pairs = [f"{c} ({100 * s:.1f} %)" for c, s in zip(profile.classes, shares, strict=True)]
    else:
        pairs = list(profile.classes)
    return ", ".join(_some(pairs, 20))


def _some(values: Sequence[str], limit: int) -> tuple[str, ...]:
    more = (f"… {len(values) - limit} more",) if len(values) > limit else ()
    return (*values[:limit], *more)


def _target(profile: Profile) -> str:
    if profile.target_min is None or profile.target_max is None:
        return ""
    return f"from {profile.target_min:.6g} to {profile.target_max:.6g}, skew {profile.target_skew:.2f}"
