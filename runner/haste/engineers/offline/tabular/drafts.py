"""Three different first plans for a table; the first is the strongest that is still quick."""

from haste.core.competition import ColumnKind
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.columns import (
    column,
    columns_of,
    has_letters_and_digits,
    has_titles,
    separator_of,
)
from haste.engineers.offline.tabular.facts import facts_of
from haste.engineers.offline.tabular.plan import Model, Step, TabularPlan


def draft(problem: Problem, number: int, seed: int) -> TabularPlan | None:
    """The plan of prototype `number`: boosting, then a linear model, then a forest."""
    start = TabularPlan(
        approach="boosting",
        seed=seed,
        steps=plain_steps(problem),
        models=(Model(kind="lightgbm"),),
        inner=5 if problem.profile.rows < 5000 else 0,
        target="log1p" if problem.metric.name == "rmsle" else "plain",
        decode="tuned" if facts_of(problem).labels and problem.metric.name != "accuracy" else "plain",
    )
    if number == 0:
        return start
    if number == 1:
        return start.model_copy(update={"approach": "linear", "models": (Model(kind="linear"),)})
    if number == 2:
        return start.model_copy(update={"approach": "forest", "models": (Model(kind="extra-trees"),)})
    return None


def plain_steps(problem: Problem) -> tuple[Step, ...]:
    """What anybody would do first: take dates, marks and names apart, count what is too wide, read prose."""
    columns, steps = columns_of(problem), []
    if columns.dates:
        steps.append(Step(kind="date-parts", columns=columns.dates))
    if len(columns.dates) > 1:
        steps.append(Step(kind="date-differences", columns=columns.dates[:4]))
    marks = []
    for name in (*columns.wide, *columns.text):
        profile = column(problem, name)
        assert profile is not None
        if has_titles(profile):
            steps.append(Step(kind="titles", columns=(name,)))
        elif parts := separator_of(profile):
            steps.append(Step(kind="split-strings", columns=(name,), parts=(parts[0], *parts[1])))
        elif profile.kind is not ColumnKind.TEXT and has_letters_and_digits(profile):
            marks.append(name)
    if marks:
        steps.append(Step(kind="letters-and-digits", columns=tuple(marks)))
    if columns.wide:
        steps.append(Step(kind="counts", columns=columns.wide))
    prose = tuple(name for name in columns.text if not any(s.columns == (name,) for s in steps))
    if prose:
        steps.append(Step(kind="text-components", columns=prose, size=16, parts=("characters",)))
    return tuple(steps)
