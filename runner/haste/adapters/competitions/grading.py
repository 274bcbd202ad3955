"""The score on the answers. Nothing else in HASTE reads them."""

from pathlib import Path

import numpy as np

from haste.adapters.competitions.collecting import MAX_HEADER
from haste.adapters.competitions.columns import numbers
from haste.adapters.competitions.scoring import UndefinedScore, score
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Table, TableError, read_table
from haste.adapters.competitions.truth import Truth, classes_of, truth
from haste.adapters.competitions.validity import Expected, expected_of, match_rows, validate
from haste.core.competition import Competition
from haste.core.metric import PredictionKind
from haste.errors import CompetitionError, SubmissionError

MAX_BYTES = 4 * 2**30


def grade(competition: Competition, source: Source, submission: Path) -> float:
    """The score of a submission. Raises SubmissionError with everything that makes it invalid."""
    answers = _answers(competition)
    classes = classes_of(competition, source.train)
    sample = source.sample
    expected = expected_of(competition, classes, sample.text(competition.id_column), sample)
    predicted = validate(_submission(submission), expected)
    if isinstance(predicted, list):
        raise SubmissionError(submission.name, [p.text for p in predicted])
    actual = _actual(competition, classes, answers, expected)
    try:
        return score(competition.metric, actual, predicted, classes)
    except UndefinedScore as error:
        raise CompetitionError(competition.id, [f"the answers can't be scored: {error.message}"]) from error


def _answers(competition: Competition) -> Table:
    if competition.answers is None:
        raise CompetitionError(
            competition.id, ["there are no answers to grade on"], hint="name them as `answers` in competition.toml"
        )
    try:
        return read_table(Path(competition.answers))
    except TableError as error:
        raise CompetitionError(competition.id, [f"the answers: {error.message}"]) from error


def _submission(path: Path) -> Table:
    if not path.is_file():
        raise SubmissionError(path.name, [f"there is no file {path}"])
    if path.stat().st_size > MAX_BYTES:
        raise SubmissionError(path.name, [f"it has more than {MAX_BYTES // 2**30} GiB"])
    with path.open("rb") as stream:
        if path.suffix == ".csv" and len(stream.readline(MAX_HEADER)) == MAX_HEADER:
            raise SubmissionError(path.name, [f"its first line has more than {MAX_HEADER} bytes"])
    try:
        return read_table(path)
    except TableError as error:
        raise SubmissionError(path.name, [error.message]) from error


def _actual(competition: Competition, classes: tuple[str, ...], answers: Table, expected: Expected) -> Truth:
    column = competition.id_column
    if column not in answers.columns:
        raise CompetitionError(competition.id, [f"the answers have no id column {column!r}"])
    rows = match_rows(answers, expected)
    if isinstance(rows, list):
        raise CompetitionError(competition.id, [f"the answers: {p.text}" for p in rows])
    return truth_of_answers(competition, classes, answers)[rows]


def truth_of_answers(competition: Competition, classes: tuple[str, ...], answers: Table) -> Truth:
    """The answers as the training table has its targets, or as the submission has its predictions."""
    if all(t in answers.columns for t in competition.targets):
        found = truth(competition, classes, answers)
    elif all(c in answers.columns for c in competition.prediction_columns):
        matrix = np.column_stack([numbers(answers.text(c)) for c in competition.prediction_columns])
        if competition.metric.kind is PredictionKind.CLASS_PROBABILITIES:
            return np.asarray(matrix.argmax(axis=1), dtype=np.int64)
        renamed = competition.model_copy(update={"targets": competition.prediction_columns})
        found = truth(renamed, classes, answers)
    else:
        raise CompetitionError(
            competition.id,
            [f"the answers have neither {', '.join(competition.targets)} nor the prediction columns"],
        )
    if found.ndim == 1 and (found < 0).any():
        raise CompetitionError(competition.id, ["the answers have labels that the training table has not"])
    if not np.isfinite(found).all():
        raise CompetitionError(competition.id, ["the answers have values that are no numbers"])
    return found
