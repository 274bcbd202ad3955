"""Three different first plans for texts; the first is the strongest that is still quick."""

from collections.abc import Callable

from haste.engineers.offline.outcome import shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.columns import columns_of
from haste.engineers.offline.text.plan import FAMILY, Block, Member, TextPlan, Vocabulary
from haste.engineers.offline.text.texts import texts_of, volume

MANY_WORDS = 4e6
"""Beyond so many words n-grams are counted sparingly."""
KERNEL_ROWS = 8000
"""Above this many rows a kernel machine takes too long."""
TOO_MANY_WORDS = 12e6
"""Beyond so many words n-grams of characters would take longer than everything else together."""


def draft(problem: Problem, number: int, seed: int) -> TextPlan | None:
    """The plan of prototype `number`: a linear model, then naive Bayes or a kernel machine, then boosting."""
    if not texts_of(problem):
        return None
    members: dict[int, Callable[[Problem], Member | None]] = {0: _linear, 1: _second, 2: _boosting}
    if number not in members:
        return None
    member = members[number](problem)
    if member is None:
        return None
    relative = problem.metric.name == "rmsle"
    return TextPlan(
        approach=FAMILY[member.kind], seed=seed, members=(member,), target="log1p" if relative else "plain"
    )


def words(problem: Problem, highest: int = 2, *, lowercase: bool = True, rare: int = 2) -> Vocabulary:
    """N-grams of words, as many as the amount of text allows."""
    much = volume(problem) > MANY_WORDS
    return Vocabulary(
        unit="words",
        highest=min(highest, 2) if much else highest,
        lowercase=lowercase,
        rare=5 if much else rare,
        most=300_000 if much else 0,
    )


def characters(
    problem: Problem, lowest: int = 2, highest: int = 5, *, lowercase: bool = True, rare: int = 3
) -> Vocabulary:
    """N-grams of characters, as many as the amount of text allows."""
    much = volume(problem) > MANY_WORDS / 2
    return Vocabulary(
        unit="characters",
        lowest=lowest,
        highest=min(highest, 4) if much else highest,
        lowercase=lowercase,
        rare=10 if much else rare,
        most=200_000 if much else 0,
    )


def affords_characters(problem: Problem) -> bool:
    """Whether there is little enough text for n-grams of characters."""
    return volume(problem) <= TOO_MANY_WORDS


def other_columns(problem: Problem) -> tuple[Block, ...]:
    """The block of the table's other columns, where there are any."""
    columns = columns_of(problem)
    others = set(columns.numeric + columns.categorical) - set(texts_of(problem))
    return ("columns",) if others else ()


def _linear(problem: Problem) -> Member:
    kind = "logistic" if shape_of(problem).classifier else "ridge"
    return Member(kind=kind, reads=(words(problem),), dense=other_columns(problem))


def _second(problem: Problem) -> Member | None:
    if shape_of(problem).classifier:
        return Member(kind="bayes", reads=(words(problem, rare=1),))
    if problem.profile.rows > KERNEL_ROWS:
        return Member(kind="network", reads=(words(problem),)) if "torch" in problem.packages else None
    return Member(kind="kernel", dense=("components", "surface", *other_columns(problem)))


def _boosting(problem: Problem) -> Member:
    return Member(kind="boosting", dense=("components", "surface", *other_columns(problem)))
