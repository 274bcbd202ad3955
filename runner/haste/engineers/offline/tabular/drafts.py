"""Three different first plans for a table; the first is the strongest that is still quick."""

from typing import Literal

from haste.core.competition import ColumnKind
from haste.core.metric import PredictionKind
from haste.engineers.offline.outcome import counts_ratios, shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.columns import (
    atom_count,
    calendar_columns,
    cell_columns,
    column,
    columns_of,
    coordinates,
    has_decimal_comma,
    has_letters_and_digits,
    has_titles,
    id_groups,
    separator_of,
)
from haste.engineers.offline.tabular.features import rolling_step
from haste.engineers.offline.tabular.models import can_calibrate
from haste.engineers.offline.tabular.plan import BOUND, Model, Step, TabularPlan

QUICK = 3_000_000
"""Rows × columns × classes up to which boosting is quick enough to come first."""
SHARE = 0.03
"""The share of a run's time that fitting the first model once may take."""
QUICK_STEPS: dict[str, bool | int | float | str] = {"learning_rate": 0.1, "patience": 40}
FEW_A_CLASS = 60
"""Rows a class below which none is given up to inner folds."""
MANY_RANKS = 2000
LONG_TAIL = 3.0
"""The skew of a column from which numbers are scaled by their ranks."""
PROSE_WORDS = 3.0
"""Mean words from which on a column of free text is read as prose."""


def draft(problem: Problem, number: int, seed: int) -> TabularPlan | None:
    """The plan of prototype `number`: boosting, a linear model and a forest; None where no column says anything.

    Boosting is left out where it is slow. It is fitted on inner folds where that leaves time for other things.
    """
    profile, shape, columns = problem.profile, shape_of(problem), columns_of(problem)
    steps = plain_steps(problem)
    if not (columns.numeric or columns.categorical or steps):
        return None
    order = ["boosting", "linear", "forest"]
    if profile.rows * len(profile.columns) * max(1, len(profile.classes)) > QUICK and shape.multiclass:
        order = ["linear", "forest", "kernel"]
    if number >= len(order):
        return None
    by_class = problem.metric.kind is PredictionKind.CLASS_PROBABILITIES
    tuned = shape.labels and problem.metric.name != "accuracy"
    inner = 5 if profile.rows < 5000 or ((tuned or by_class) and profile.rows < 20000) else 0
    model, scale = _model(order[number], problem), _scale(problem)
    if model.kind == "lightgbm" and boosting_seconds(problem, model, inner) > SHARE * problem.seconds:
        model, inner = model.model_copy(update={"parameters": QUICK_STEPS}), min(inner, 3) if tuned else 0
    return TabularPlan(
        approach=order[number],
        seed=seed,
        steps=(*steps, *(() if order[number] == "forest" else _series_steps(problem))),
        models=(model,),
        inner=inner,
        refit=shape.multiclass and profile.rows < FEW_A_CLASS * len(profile.classes),
        target="log1p" if counts_ratios(problem) else "plain",
        scale=scale,
        bound=0.0 if scale == "standard" else BOUND,
        decode="tuned" if tuned else "plain",
        sharpen=by_class,
    )


def _scale(problem: Problem) -> Literal["standard", "quantile", "power"]:
    """Long tails are drawn in: by ranks where there are rows enough to tell one rank from the next."""
    if float(problem.profile.traits.get("max_skew", 0.0)) <= LONG_TAIL:
        return "standard"
    return "quantile" if problem.profile.rows >= MANY_RANKS else "power"


def boosting_seconds(problem: Problem, model: Model, inner: int) -> float:
    """Roughly what fitting boosted trees takes on one core: so much a tree, and so much a value it looks at."""
    profile = problem.profile
    outputs = len(profile.classes) if shape_of(problem).multiclass else len(problem.competition.targets)
    rounds = (150 if outputs > 2 else 400) * 0.05 / float(model.parameters.get("learning_rate", 0.05))
    cells = profile.rows * min(60, len(profile.columns))
    return outputs * rounds * (inner or 2) * (1e-4 + 7e-9 * cells)


def _model(approach: str, problem: Problem) -> Model:
    if approach == "linear":
        return Model(kind="linear")
    if approach == "forest":
        return Model(kind="extra-trees")
    if approach == "kernel":
        return Model(kind="svm" if can_calibrate(problem) else "neighbours")
    return Model(kind="lightgbm", parameters=QUICK_STEPS if problem.profile.rows > 8000 else {})


def plain_steps(problem: Problem) -> tuple[Step, ...]:
    """What anybody would do first: take dates, places, marks and names apart, count what is wide, read prose."""
    return (*_time_steps(problem), *_place_steps(problem), *_string_steps(problem))


def _time_steps(problem: Problem) -> list[Step]:
    dates, steps = columns_of(problem).dates, []
    if dates:
        steps.append(Step(kind="date-parts", columns=dates))
    if len(dates) > 1:
        steps.append(Step(kind="date-differences", columns=dates[:4]))
    if calendar := calendar_columns(problem):
        steps.append(Step(kind="calendar", columns=calendar))
    return steps


def _series_steps(problem: Problem) -> list[Step]:
    """In a series the way to a value tells more than the value; a forest is too slow on so many columns."""
    step = rolling_step(problem)
    return [step] if step else []


def _place_steps(problem: Problem) -> list[Step]:
    steps, places = [], coordinates(problem)
    if places:
        others = [c for c in columns_of(problem).numeric if c not in places[0]][:8]
        steps.append(Step(kind="spatial", columns=places[0], parts=tuple(others), size=12))
    if len(places) > 1:
        steps.append(Step(kind="distances", columns=(*places[0], *places[1])))
    if cell := cell_columns(problem):
        steps.append(Step(kind="unit-cell", columns=cell, parts=atom_count(problem)))
    return steps


def _string_steps(problem: Problem) -> list[Step]:
    columns, steps = columns_of(problem), []
    if sign := id_groups(problem):
        steps.append(Step(kind="id-groups", columns=(problem.competition.id_column,), parts=(sign,)))
    for comma in (False, True):
        if names := [n for n in columns.amounts if (p := column(problem, n)) and has_decimal_comma(p) == comma]:
            steps.append(Step(kind="amounts", columns=tuple(names), parts=("," if comma else ".",)))
    plain = []
    for name in (*columns.wide, *columns.text):
        profile = column(problem, name)
        assert profile is not None
        if has_titles(profile):
            steps.append(Step(kind="titles", columns=(name,)))
        elif parts := separator_of(profile):
            steps.append(Step(kind="split-strings", columns=(name,), parts=(parts[0], *parts[1])))
        else:
            plain.append(profile)
    marks = tuple(p.name for p in plain if p.kind is not ColumnKind.TEXT and has_letters_and_digits(p))
    # A name of two words says nothing through its letters; prose does.
    prose = tuple(p.name for p in plain if p.kind is ColumnKind.TEXT and p.mean_words >= PROSE_WORDS)
    if marks:
        steps.append(Step(kind="letters-and-digits", columns=marks))
    if columns.wide:
        steps.append(Step(kind="counts", columns=columns.wide))
    if read := (*columns.telling, *prose):
        steps.append(Step(kind="text-components", columns=read, size=16, parts=("characters",)))
    return steps
