"""Writing a submission: members' test predictions averaged, decoded, checked and put in the sample's form."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from haste.adapters.competitions.columns import Floats, Integers
from haste.adapters.competitions.decoding import Decoder, fit_decoder, plain_decoder
from haste.adapters.competitions.folds import split
from haste.adapters.competitions.mixing import bagged, comparable, mixed
from haste.adapters.competitions.places import Places, write_whole
from haste.adapters.competitions.predictions import recall
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import BY_CLASS, HARD, truth
from haste.adapters.competitions.validity import expected_of, match_rows, validate
from haste.core.competition import Competition, Fold, Profile
from haste.core.events import Member
from haste.core.metric import PredictionKind
from haste.errors import SubmissionError


def submit(
    places: Places,
    run: str,
    competition: Competition,
    profile: Profile,
    source: Source,
    members: Sequence[Member],
    folds: Mapping[str, Sequence[Fold]],
) -> tuple[str, str, int]:
    """The path of the submission in the workspace, the SHA-256 of its bytes, and its number of rows."""
    if not members:
        cells = _averages(competition, profile, source)
    elif competition.metric.kind in HARD:
        values = _test_predictions(places, run, competition, profile, members, folds)
        decoder = _decoder(places, run, competition, profile, source, members, folds)
        cells = [[profile.classes[i] for i in decoder.labels(values)]]
    else:
        values = _test_predictions(places, run, competition, profile, members, folds)
        cells = [[repr(float(v)) for v in values[:, i]] for i in range(values.shape[1])]
    table = _filled(competition, profile, source, cells)
    data = table.as_csv().bytes()
    path = places.submission(competition.id, run)
    write_whole(path, data)
    name = path.relative_to(places.workspace).as_posix()
    return name, hashlib.sha256(data).hexdigest(), table.rows


def _averages(competition: Competition, profile: Profile, source: Source) -> list[list[str]]:
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


def _test_predictions(
    places: Places,
    run: str,
    competition: Competition,
    profile: Profile,
    members: Sequence[Member],
    folds: Mapping[str, Sequence[Fold]],
) -> Floats:
    metric, each = competition.metric, []
    for member in members:
        used = list(folds[member.solution])
        if profile.folds.kind == "forward":
            # A script that has seen the latest rows beats those that stop earlier.
            used = [fold for fold in used if fold.full] or used
        kept = [recall(places, run, member.solution, fold).test for fold in used]
        each.append(comparable(metric, bagged(metric, kept)))
    values = mixed(metric, each, [m.weight for m in members])
    if metric.kind is PredictionKind.CLASS_PROBABILITIES:
        values = values / values.sum(axis=1, keepdims=True)
    if metric.kind in (PredictionKind.PROBABILITY, PredictionKind.CLASS_PROBABILITIES):
        values = values.clip(0.0, 1.0)
    return values


def _decoder(
    places: Places,
    run: str,
    competition: Competition,
    profile: Profile,
    source: Source,
    members: Sequence[Member],
    folds: Mapping[str, Sequence[Fold]],
) -> Decoder:
    """A decoder chosen on the out-of-fold rows that every member predicted."""
    actual = truth(competition, profile.classes, source.train).astype(np.int64)
    shared = set.intersection(*({f for f in folds[m.solution] if not f.full} for m in members))
    if not shared:
        search = [Fold(number=k) for k in range(profile.folds.folds)]
        shared = {f for f in search if all(places.predictions(run, m.solution, f).is_file() for m in members)}
    rows, values, parts = [], [], []
    for number, fold in enumerate(sorted(shared, key=lambda f: f.key)):
        held = split(profile.folds, fold, source.train, actual).held
        each = [recall(places, run, m.solution, fold).oof for m in members]
        rows.append(held)
        values.append(mixed(competition.metric, each, [m.weight for m in members]))
        parts.append(np.full(len(held), number, dtype=np.int64))
    if not rows:
        return plain_decoder(competition.metric, profile.classes)
    at: Integers = actual[np.concatenate(rows)]
    return fit_decoder(competition.metric, profile.classes, at, np.concatenate(values), np.concatenate(parts))


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
