"""Writing a submission in the form of the sample, and the plainest one. It imports nothing heavy: it is quick."""

import hashlib
from collections.abc import Sequence

import numpy as np

from haste.adapters.competitions.places import Places, write_whole
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import BY_CLASS, HARD, truth
from haste.adapters.competitions.validity import expected_of, match_rows, validate
from haste.core.competition import Competition, Profile
from haste.errors import SubmissionError


def write_submission(
    places: Places,
    run: str,
    competition: Competition,
    profile: Profile,
    source: Source,
    cells: Sequence[Sequence[str]],
) -> tuple[str, str, int]:
    """The path of the submission in the workspace, the SHA-256 of its bytes, and its number of rows."""
    table = _filled(competition, profile, source, cells)
    data = table.as_csv().bytes()
    path = places.submission(competition.id, run)
    write_whole(path, data)
    name = path.relative_to(places.workspace).as_posix()
    return name, hashlib.sha256(data).hexdigest(), table.rows


def averages(competition: Competition, profile: Profile, source: Source) -> list[list[str]]:
    """The same for every test row: the mean of each target, each class's share, or the most frequent class."""
    actual = truth(competition, profile.classes, source.train)
    if competition.metric.kind in BY_CLASS:
        counts = np.bincount(actual[actual >= 0].astype(np.int64), minlength=len(profile.classes))
        if competition.metric.kind in HARD:
            return [[profile.classes[int(counts.argmax())]] * source.test.rows]
        means = counts / counts.sum()
    else:
        means = np.nanmean(actual, axis=0)
    return [[repr(float(mean))] * source.test.rows for mean in means]


def _filled(competition: Competition, profile: Profile, source: Source, cells: Sequence[Sequence[str]]) -> Table:
    """The sample submission with the predictions in it, in its own order; checked like any other submission."""
    sample, column = source.sample, competition.id_column
    expected = expected_of(competition, profile.classes, sample.text(column), sample)
    rows = match_rows(source.test, expected)
    if isinstance(rows, list):
        raise SubmissionError(competition.id, [p.text for p in rows])
    table = sample
    for name, values in zip(competition.prediction_columns, cells, strict=True):
        table = table.replaced(name, [values[i] for i in rows])
    found = validate(table, expected)
    if isinstance(found, list):
        raise SubmissionError(competition.id, [p.text for p in found])
    return table
