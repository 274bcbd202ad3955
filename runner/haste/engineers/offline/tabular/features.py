"""The feature steps that a problem's table has columns for, added to a plan; None where there is nothing to add."""

from haste.core.competition import ColumnKind
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.changing import with_step, without_step
from haste.engineers.offline.tabular.columns import column, columns_of, coordinates, grades_of
from haste.engineers.offline.tabular.plan import Step, TabularPlan

Made = TabularPlan | None

ALONE = 0.9
"""The share of rows with a time of their own from which on it is one thing that is measured."""
LIKE = 2.0
"""How many times more or fewer values a column may take than there are rows at a time, and tell things apart."""


def interactions(plan: TabularPlan, problem: Problem) -> Made:
    """Ratios, differences and products of the strongest numbers."""
    numeric = columns_of(problem).numeric
    return with_step(plan, "interactions", numeric, size=min(6, len(numeric))) if len(numeric) > 1 else None


def group_statistics(plan: TabularPlan, problem: Problem) -> Made:
    """Numbers against the mean of their group."""
    columns = columns_of(problem)
    groups = sorted(columns.categorical, key=lambda name: -_unique(problem, name))[:3]
    return with_step(plan, "group-statistics", columns.numeric[:6], parts=tuple(groups)) if groups else None


def _unique(problem: Problem, name: str) -> int:
    found = column(problem, name)
    return found.unique if found else 0


def target_means(plan: TabularPlan, problem: Problem) -> Made:
    """Cross-fitted target means of wide categories."""
    columns = columns_of(problem)
    if len(problem.profile.classes) > 8:
        return None
    wide = [c for c in columns.categorical if _unique(problem, c) >= 8]
    return with_step(plan, "target-means", (*wide, *columns.wide)[:8])


def category_pairs(plan: TabularPlan, problem: Problem) -> Made:
    """Pairs of the widest categories that are still narrow."""
    columns = columns_of(problem)
    levels = sorted((c for c in columns.categorical if _unique(problem, c) >= 3), key=lambda c: _unique(problem, c))
    pairs = tuple(levels[-4:])
    return with_step(plan, "category-pairs", pairs) if len(pairs) > 1 else None


def counts(plan: TabularPlan, problem: Problem) -> Made:
    """Counts of every category's levels."""
    columns = columns_of(problem)
    wanted = (*columns.wide, *columns.categorical)
    kept = tuple(s for s in plan.steps if s.kind != "counts")
    if not wanted or Step(kind="counts", columns=wanted) in plan.steps:
        return None
    return plan.model_copy(update={"steps": (*kept, Step(kind="counts", columns=wanted))})


def missing(plan: TabularPlan, problem: Problem) -> Made:
    """Which values are missing."""
    gaps = [
        c.name for c in problem.profile.columns if c.missing > 0.005 and c.name not in problem.competition.targets
    ]
    return with_step(plan, "missing-indicators", gaps)


def rare(plan: TabularPlan, problem: Problem) -> Made:
    """Rare levels as one."""
    columns = columns_of(problem)
    size = 5 if problem.profile.rows < 3000 else 20
    return with_step(plan, "rare-levels", columns.categorical, size=size)


def grades(plan: TabularPlan, problem: Problem) -> Made:
    """Grades in words as numbers, those of the scale that most columns share."""
    graded: dict[tuple[str, ...], list[str]] = {}
    for name in columns_of(problem).categorical:
        found = column(problem, name)
        if found and (scale := grades_of(found)):
            graded.setdefault(scale, []).append(name)
    if not graded:
        return None
    scale, names = max(graded.items(), key=lambda one: len(one[1]))
    return with_step(plan, "quality-grades", names, parts=scale)


def totals(plan: TabularPlan, problem: Problem) -> Made:
    """Totals of skewed amounts."""
    skewed = [c.name for c in problem.profile.columns if c.kind is ColumnKind.NUMERIC and c.skew > 2.0]
    numeric = [c for c in columns_of(problem).numeric if c in skewed]
    return with_step(plan, "totals", numeric) if len(numeric) >= 3 else None


def spatial(plan: TabularPlan, problem: Problem) -> Made:
    """What coordinates tell."""
    places = coordinates(problem)
    if not places:
        return None
    others = [c for c in columns_of(problem).numeric if c not in places[0]][:8]
    return with_step(plan, "spatial", places[0], parts=tuple(others), size=12)


def distances(plan: TabularPlan, problem: Problem) -> Made:
    """The distance between two places of a row."""
    places = coordinates(problem)
    return with_step(plan, "distances", (*places[0], *places[1])) if len(places) > 1 else None


def neighbour_targets(plan: TabularPlan, problem: Problem) -> Made:
    """The mean target of the nearest places."""
    places = coordinates(problem)
    if not places or len(problem.profile.classes) > 5:
        return None
    return with_step(plan, "neighbour-targets", places[0], parts=("5", "20"))


def similar_rows(plan: TabularPlan, problem: Problem) -> Made:
    """The mean target of the most similar rows."""
    if coordinates(problem) or len(problem.profile.classes) > 5:
        return None
    numeric = columns_of(problem).numeric
    return with_step(plan, "neighbour-targets", numeric[:30], parts=("10", "30")) if len(numeric) > 2 else None


def clusters(plan: TabularPlan, problem: Problem) -> Made:
    """Distances to cluster centres."""
    numeric = columns_of(problem).numeric
    return with_step(plan, "clusters", numeric, size=8) if len(numeric) >= 3 else None


def components(plan: TabularPlan, problem: Problem) -> Made:
    """Principal components."""
    numeric = columns_of(problem).numeric
    return with_step(plan, "components", numeric, size=min(10, len(numeric) - 1)) if len(numeric) >= 12 else None


def date_parts(plan: TabularPlan, problem: Problem) -> Made:
    """Calendar parts of dates."""
    return with_step(plan, "date-parts", columns_of(problem).dates)


def cyclic(plan: TabularPlan, problem: Problem) -> Made:
    """Calendar parts on a circle."""
    periods = {"hour": 24, "month": 12, "weekday": 7, "day": 31, "minute": 60}
    found = {n: periods[n.lower()] for n in columns_of(problem).numeric if n.lower() in periods}
    for step in plan.steps:
        if step.kind == "date-parts":
            found |= {f"{c} {part}": periods[part] for c in step.columns for part in ("hour", "month", "weekday")}
    return with_step(plan, "cyclic-parts", tuple(found), parts=tuple(map(str, found.values())))


def rolling(plan: TabularPlan, problem: Problem) -> Made:
    """Changes and running means in a series."""
    step = rolling_step(problem)
    return with_step(plan, "rolling", step.columns, parts=step.parts, by=step.by) if step else None


def no_rolling(plan: TabularPlan, _: Problem) -> Made:
    """No changes and running means."""
    return without_step(plan, "rolling")


def rolling_step(problem: Problem) -> Step | None:
    """The step that adds changes and running means of what is measured; None where the data is no series.

    Where many things are measured at a time, each has its own past; without a column that tells them apart there is
    none.
    """
    if problem.profile.folds.kind != "forward":
        return None
    time = problem.profile.folds.column or problem.competition.time_column or ""
    things = _things(problem, time)
    if things is None:
        return None
    parts = ("year", "month", "day", "hour", "minute", time.lower(), things.lower())
    numeric = [n for n in columns_of(problem).numeric if n.lower() not in parts]
    if not numeric:
        return None
    return Step(kind="rolling", columns=tuple(numeric[:10]), parts=("3", "12", "24", "72"), by=things)


def _things(problem: Problem, time: str) -> str | None:
    """The column that tells apart what is measured at one time; '' for one thing alone, None where none does."""
    stamps, rows = column(problem, time), problem.profile.rows
    if stamps is None or stamps.unique > ALONE * rows:
        return ""
    each = rows / max(1, stamps.unique)
    columns = columns_of(problem)
    known = [c for c in problem.profile.columns if c.name in (*columns.categorical, *columns.numeric)]
    likely = [c for c in known if c.name != time and each / LIKE <= c.unique <= each * LIKE]
    return min(likely, key=lambda c: abs(c.unique - each)).name if likely else None


def codes(plan: TabularPlan, problem: Problem) -> Made:
    """Numbers of few values as categories."""
    few = [
        c.name
        for c in problem.profile.columns
        if c.kind is ColumnKind.NUMERIC and 3 <= c.unique <= 20 and c.name in columns_of(problem).numeric
    ]
    return with_step(plan, "numbers-as-categories", few)


def text_components(plan: TabularPlan, problem: Problem) -> Made:
    """More directions of prose, by words."""
    text = columns_of(problem).text
    better = Step(kind="text-components", columns=text, size=48)
    if not text or better in plan.steps:
        return None
    kept = tuple(s for s in plan.steps if s.kind != "text-components")
    return plan.model_copy(update={"steps": (*kept, better)})


def atoms(plan: TabularPlan, problem: Problem) -> Made:
    """What lies near what in a crystal."""
    files = problem.competition.row_files
    if plan.has("atoms") or not files or not files[0].train.endswith(".xyz"):
        return None
    return plan.model_copy(update={"steps": (*plan.steps, Step(kind="atoms"))})


def no_wide_counts(plan: TabularPlan, problem: Problem) -> Made:
    """No counts of wide categories."""
    return without_step(plan, "counts") if columns_of(problem).wide else None
