"""Moves that give the models other features."""

from haste.core.competition import ColumnKind
from haste.core.condition import Condition
from haste.engineers.offline.move import FEATURES, Move
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.changing import at_least, at_most, with_step, without_step
from haste.engineers.offline.tabular.columns import column, columns_of, coordinates, grades_of
from haste.engineers.offline.tabular.plan import Step, TabularPlan

Made = TabularPlan | None


def _interactions(plan: TabularPlan, problem: Problem) -> Made:
    numeric = columns_of(problem).numeric
    return with_step(plan, "interactions", numeric, size=min(6, len(numeric))) if len(numeric) > 1 else None


def _group_statistics(plan: TabularPlan, problem: Problem) -> Made:
    columns = columns_of(problem)
    groups = sorted(columns.categorical, key=lambda name: -_unique(problem, name))[:3]
    return with_step(plan, "group-statistics", columns.numeric[:6], parts=tuple(groups)) if groups else None


def _unique(problem: Problem, name: str) -> int:
    found = column(problem, name)
    return found.unique if found else 0


def _target_means(plan: TabularPlan, problem: Problem) -> Made:
    columns = columns_of(problem)
    if len(problem.profile.classes) > 8:
        return None
    wide = [c for c in columns.categorical if _unique(problem, c) >= 8]
    return with_step(plan, "target-means", (*wide, *columns.wide)[:8])


def _category_pairs(plan: TabularPlan, problem: Problem) -> Made:
    columns = columns_of(problem)
    levels = sorted((c for c in columns.categorical if _unique(problem, c) >= 3), key=lambda c: _unique(problem, c))
    pairs = tuple(levels[-4:])
    return with_step(plan, "category-pairs", pairs) if len(pairs) > 1 else None


def _counts(plan: TabularPlan, problem: Problem) -> Made:
    columns = columns_of(problem)
    wanted = (*columns.wide, *columns.categorical)
    kept = tuple(s for s in plan.steps if s.kind != "counts")
    if not wanted or Step(kind="counts", columns=wanted) in plan.steps:
        return None
    return plan.model_copy(update={"steps": (*kept, Step(kind="counts", columns=wanted))})


def _missing(plan: TabularPlan, problem: Problem) -> Made:
    gaps = [
        c.name for c in problem.profile.columns if c.missing > 0.005 and c.name not in problem.competition.targets
    ]
    return with_step(plan, "missing-indicators", gaps)


def _rare(plan: TabularPlan, problem: Problem) -> Made:
    columns = columns_of(problem)
    size = 5 if problem.profile.rows < 3000 else 20
    return with_step(plan, "rare-levels", columns.categorical, size=size)


def _grades(plan: TabularPlan, problem: Problem) -> Made:
    graded: dict[tuple[str, ...], list[str]] = {}
    for name in columns_of(problem).categorical:
        found = column(problem, name)
        if found and (scale := grades_of(found)):
            graded.setdefault(scale, []).append(name)
    if not graded:
        return None
    scale, names = max(graded.items(), key=lambda one: len(one[1]))
    return with_step(plan, "quality-grades", names, parts=scale)


def _totals(plan: TabularPlan, problem: Problem) -> Made:
    skewed = [c.name for c in problem.profile.columns if c.kind is ColumnKind.NUMERIC and c.skew > 2.0]
    numeric = [c for c in columns_of(problem).numeric if c in skewed]
    return with_step(plan, "totals", numeric) if len(numeric) >= 3 else None


def _spatial(plan: TabularPlan, problem: Problem) -> Made:
    places = coordinates(problem)
    if not places:
        return None
    others = [c for c in columns_of(problem).numeric if c not in places[0]][:8]
    return with_step(plan, "spatial", places[0], parts=tuple(others), size=12)


def _distances(plan: TabularPlan, problem: Problem) -> Made:
    places = coordinates(problem)
    return with_step(plan, "distances", (*places[0], *places[1])) if len(places) > 1 else None


def _neighbour_targets(plan: TabularPlan, problem: Problem) -> Made:
    places = coordinates(problem)
    if not places or len(problem.profile.classes) > 5:
        return None
    return with_step(plan, "neighbour-targets", places[0], parts=("5", "20"))


def _similar_rows(plan: TabularPlan, problem: Problem) -> Made:
    if coordinates(problem) or len(problem.profile.classes) > 5:
        return None
    numeric = columns_of(problem).numeric
    return with_step(plan, "neighbour-targets", numeric[:30], parts=("10", "30")) if len(numeric) > 2 else None


def _clusters(plan: TabularPlan, problem: Problem) -> Made:
    numeric = columns_of(problem).numeric
    return with_step(plan, "clusters", numeric, size=8) if len(numeric) >= 3 else None


def _components(plan: TabularPlan, problem: Problem) -> Made:
    numeric = columns_of(problem).numeric
    return with_step(plan, "components", numeric, size=min(10, len(numeric) - 1)) if len(numeric) >= 12 else None


def _date_parts(plan: TabularPlan, problem: Problem) -> Made:
    return with_step(plan, "date-parts", columns_of(problem).dates)


def _cyclic(plan: TabularPlan, problem: Problem) -> Made:
    periods = {"hour": 24, "month": 12, "weekday": 7, "day": 31, "minute": 60}
    found = {n: periods[n.lower()] for n in columns_of(problem).numeric if n.lower() in periods}
    for step in plan.steps:
        if step.kind == "date-parts":
            found |= {f"{c} {part}": periods[part] for c in step.columns for part in ("hour", "month", "weekday")}
    return with_step(plan, "cyclic-parts", tuple(found), parts=tuple(map(str, found.values())))


def _rolling(plan: TabularPlan, problem: Problem) -> Made:
    if problem.profile.folds.kind != "forward":
        return None
    numeric = [
        n for n in columns_of(problem).numeric if n.lower() not in ("year", "month", "day", "hour", "minute")
    ]
    return with_step(plan, "rolling", numeric[:10], parts=("3", "12", "24", "72"))


def _codes(plan: TabularPlan, problem: Problem) -> Made:
    few = [
        c.name
        for c in problem.profile.columns
        if c.kind is ColumnKind.NUMERIC and 3 <= c.unique <= 20 and c.name in columns_of(problem).numeric
    ]
    return with_step(plan, "numbers-as-categories", few)


def _text_components(plan: TabularPlan, problem: Problem) -> Made:
    text = columns_of(problem).text
    better = Step(kind="text-components", columns=text, size=48)
    if not text or better in plan.steps:
        return None
    kept = tuple(s for s in plan.steps if s.kind != "text-components")
    return plan.model_copy(update={"steps": (*kept, better)})


def _atoms(plan: TabularPlan, problem: Problem) -> Made:
    files = problem.competition.row_files
    if plan.has("atoms") or not files or not files[0].train.endswith(".xyz"):
        return None
    return plan.model_copy(update={"steps": (*plan.steps, Step(kind="atoms"))})


def _no_wide_counts(plan: TabularPlan, problem: Problem) -> Made:
    return without_step(plan, "counts") if columns_of(problem).wide else None


def _tab(name: str, title: str, why: str, apply: object, **more: object) -> Move:
    return Move(name=name, domains=("tabular",), level=FEATURES, title=title, why=why, apply=apply, **more)  # type: ignore[arg-type]


MOVES: tuple[Move, ...] = (
    _tab(
        "numeric-interactions",
        "add ratios, differences and products of the strongest columns",
        "Trees split one column at a time and can't divide; ratios of quantities often carry the signal.",
        _interactions,
        gain=0.015,
        spread=0.015,
        cost=1.5,
        conditions=(at_least("numeric_columns", 2),),
    ),
    _tab(
        "group-statistics",
        "set numbers against the mean of their group",
        "A value means more next to what is usual in its category.",
        _group_statistics,
        gain=0.004,
        spread=0.012,
        cost=1.4,
        conditions=(at_least("categorical_columns", 1), at_least("numeric_columns", 1)),
    ),
    _tab(
        "ordered-target-encoding",
        "encode wide categories by the cross-fitted mean target",
        "A category of many levels gives trees nothing to split; its mean target, from other rows, does.",
        _target_means,
        gain=0.008,
        spread=0.015,
        cost=1.2,
        conditions=(at_least("max_cardinality", 8),),
    ),
    _tab(
        "category-pairs",
        "join pairs of categories into one",
        "Some levels mean something only together: from and to, brand and model.",
        _category_pairs,
        gain=0.003,
        spread=0.012,
        cost=1.4,
        conditions=(at_least("categorical_columns", 2),),
    ),
    _tab(
        "count-encoding",
        "add how often each level occurs",
        "Frequency tells the usual from the odd, and says something of levels seen once.",
        _counts,
        gain=0.003,
        spread=0.008,
        conditions=(at_least("categorical_columns", 1),),
    ),
    _tab(
        "missing-indicators",
        "say which values are missing, and how many",
        "Values are seldom missing at random.",
        _missing,
        gain=0.002,
        spread=0.006,
        conditions=(at_least("missing_share", 0.005),),
    ),
    _tab(
        "rare-level-merging",
        "merge rare levels into one",
        "A level with a handful of rows is learned by heart.",
        _rare,
        gain=0.002,
        spread=0.006,
        conditions=(at_least("max_cardinality", 5),),
    ),
    _tab(
        "ordinal-grades",
        "read grades in words as numbers in their order",
        "Poor to excellent is an order that codes in alphabetical order destroy.",
        _grades,
        gain=0.008,
        spread=0.012,
        conditions=(at_least("categorical_columns", 1),),
    ),
    _tab(
        "row-totals",
        "add the total of skewed amounts, and how many are above zero",
        "Amounts of one kind add up; trees see sums only in many splits.",
        _totals,
        gain=0.006,
        spread=0.012,
        cost=1.1,
        conditions=(at_least("numeric_columns", 3),),
    ),
    _tab(
        "spatial-features",
        "add rotated coordinates, distances to centres and what lies around",
        "Coordinates alone let trees cut along two axes; places are near or far.",
        _spatial,
        gain=0.03,
        spread=0.02,
        cost=1.8,
    ),
    _tab(
        "trip-distance",
        "add the great-circle distance between two places",
        "The distance of a trip explains most of what it costs or takes.",
        _distances,
        gain=0.05,
        spread=0.03,
    ),
    _tab(
        "neighbour-target-mean",
        "add the mean target of the nearest places",
        "What lies next to each other is alike beyond what its columns say.",
        _neighbour_targets,
        gain=0.02,
        spread=0.02,
        cost=1.5,
    ),
    _tab(
        "similar-rows-target-mean",
        "add the mean target of the most similar rows",
        "Neighbours smooth where trees cut, and the two together see more.",
        _similar_rows,
        gain=0.003,
        spread=0.01,
        cost=1.6,
        conditions=(at_least("numeric_columns", 3), at_most("rows", 30000)),
    ),
    _tab(
        "cluster-distances",
        "add distances to cluster centres",
        "Kinds of rows that no single column names.",
        _clusters,
        gain=0.002,
        spread=0.007,
        cost=1.3,
        conditions=(at_least("numeric_columns", 3),),
    ),
    _tab(
        "principal-components",
        "add principal components",
        "Correlated columns share what each tells with noise.",
        _components,
        gain=0.003,
        spread=0.01,
        cost=1.3,
        conditions=(at_least("numeric_columns", 12),),
    ),
    _tab(
        "date-parts",
        "take dates apart into calendar parts",
        "Hour, weekday and season repeat; a timestamp doesn't.",
        _date_parts,
        gain=0.03,
        spread=0.03,
        conditions=(at_least("date_columns", 1),),
    ),
    _tab(
        "cyclic-parts",
        "put calendar parts on a circle",
        "23 h is next to 0 h: linear models, neighbours and networks can't know.",
        _cyclic,
        gain=0.003,
        spread=0.01,
    ),
    _tab(
        "lags-and-rolling-means",
        "add changes and running means of what is measured",
        "In a series the way to a value tells more than the value.",
        _rolling,
        gain=0.03,
        spread=0.03,
        cost=1.8,
    ),
    _tab(
        "numbers-as-categories",
        "give numbers of few values as categories too",
        "Codes stored as numbers have no order worth keeping.",
        _codes,
        gain=0.003,
        spread=0.012,
        cost=1.3,
        conditions=(at_least("numeric_columns", 1),),
    ),
    _tab(
        "text-svd",
        "give prose as more directions of its words",
        "A few words decide what a name or a remark means.",
        _text_components,
        gain=0.006,
        spread=0.015,
        cost=1.6,
        conditions=(at_least("text_columns", 1),),
    ),
    _tab(
        "crystal-neighbours",
        "read the atoms' places and add how near which elements lie",
        "Bond lengths and coordination decide a crystal's energies; the cell's shape only hints at them.",
        _atoms,
        gain=0.04,
        spread=0.03,
        cost=3.0,
        conditions=(Condition(trait="has_row_files", equals=True),),
    ),
    _tab(
        "dropping-counts",
        "leave the counts of wide categories out",
        "On few rows a count can be an identifier in disguise.",
        _no_wide_counts,
        gain=0.0,
        spread=0.006,
        conditions=(at_most("rows", 5000),),
    ),
)
"""The feature moves."""
