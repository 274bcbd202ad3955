"""Which columns of a table are texts, and how their words are told apart."""

import re

from haste.core.competition import UNPARTED, ColumnKind
from haste.engineers.offline.problem import Problem


def texts_of(problem: Problem) -> tuple[str, ...]:
    """The columns to be read, in the table's order (an id that is a text itself is one of them).

    Where none counts as text, it is the wordiest of the others.
    """
    columns = [c for c in problem.profile.columns if c.name not in problem.competition.targets]
    found = tuple(c.name for c in columns if c.kind is ColumnKind.TEXT)
    if found:
        return found
    others = [c for c in columns if c.kind is ColumnKind.CATEGORICAL]
    wordiest = max(others, key=lambda c: (c.mean_words, c.unique), default=None)
    return (wordiest.name,) if wordiest else ()


def has_unparted(problem: Problem) -> bool:
    """Whether most texts are of a language that parts no words by blanks."""
    names = set(texts_of(problem))
    examples = [e for c in problem.profile.columns if c.name in names for e in c.examples]
    return sum(bool(re.search(f"[{UNPARTED}]", e)) for e in examples) > len(examples) / 2


def volume(problem: Problem) -> float:
    """How many words there are to read, roughly: what n-grams cost grows with it."""
    names = set(texts_of(problem))
    words = sum(max(c.mean_words, 1.0) for c in problem.profile.columns if c.name in names)
    return (problem.profile.rows + problem.profile.test_rows) * words
