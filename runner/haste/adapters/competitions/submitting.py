"""From members' test predictions to a submission: averaged, decoded, and written in the sample's form."""

from collections.abc import Mapping, Sequence

import numpy as np

from haste.adapters.competitions.columns import Floats, Integers
from haste.adapters.competitions.decoding import Decoder, fit_decoder, plain_decoder
from haste.adapters.competitions.filling import write_submission
from haste.adapters.competitions.folds import split
from haste.adapters.competitions.mixing import bagged, comparable, mixed
from haste.adapters.competitions.places import Places
from haste.adapters.competitions.predictions import recall
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.truth import HARD, truth
from haste.core.competition import Competition, Fold, Profile
from haste.core.events import Member
from haste.core.metric import Metric, PredictionKind


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
    values = _test_predictions(places, run, competition, profile, members, folds)
    if competition.metric.kind in HARD:
        decoder = _decoder(places, run, competition, profile, source, members, folds)
        cells = [[profile.classes[i] for i in decoder.labels(values)]]
    else:
        cells = [[repr(float(v)) for v in values[:, i]] for i in range(values.shape[1])]
    return write_submission(places, run, competition, profile, source, cells)


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
        kept = {fold: recall(places, run, member.solution, fold).test for fold in folds[member.solution]}
        each.append(comparable(metric, _of_member(metric, kept, forward=profile.folds.kind == "forward")))
    values = mixed(metric, each, [m.weight for m in members])
    if metric.kind is PredictionKind.CLASS_PROBABILITIES:
        values = values / values.sum(axis=1, keepdims=True)
    if metric.kind in (PredictionKind.PROBABILITY, PredictionKind.CLASS_PROBABILITIES):
        values = values.clip(0.0, 1.0)
    return values


def _of_member(metric: Metric, kept: Mapping[Fold, Floats], *, forward: bool) -> Floats:
    """A member's views averaged, and what was fitted on every row as much again.

    Forward in time that one stands alone: a script that has seen the latest rows beats those that stop earlier.
    """
    full = [values for fold, values in kept.items() if fold.full]
    views = [values for fold, values in kept.items() if not fold.full]
    if full and (forward or not views):
        return bagged(metric, full)
    return bagged(metric, [bagged(metric, views), *full])


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
