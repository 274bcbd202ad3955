"""The rows that the last choice is made on, in parts, with every candidate's predictions for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haste.adapters.competitions.columns import Floats, Integers
from haste.adapters.competitions.folds import lockbox, lockbox_parts, split
from haste.adapters.competitions.mixing import bagged, comparable
from haste.adapters.competitions.places import Places
from haste.adapters.competitions.predictions import recall
from haste.adapters.competitions.source import Source
from haste.adapters.competitions.truth import Truth, truth
from haste.core.competition import Competition, Fold, Profile
from haste.errors import UsageError

PARTS = 5
"""Parts that a lockbox, or a single fold, is cut into."""


@dataclass(frozen=True)
class Part:
    """Some rows: what is true of them, and what each candidate predicts, on one scale."""

    actual: Truth
    scaled: dict[str, Floats]


@dataclass(frozen=True)
class Reader:
    """Where a run's predictions are read from."""

    places: Places
    run: str
    competition: Competition
    profile: Profile
    source: Source

    @property
    def actual(self) -> Truth:
        """The truth of every training row."""
        return truth(self.competition, self.profile.classes, self.source.train)


def parts_of(
    reader: Reader, candidates: Sequence[str], folds: Mapping[str, Sequence[Fold]], rows: str
) -> list[Part]:
    """The parts that choices are cross-fitted over: the folds, or five parts of the lockbox."""
    parts = _of_lockbox(reader, candidates, folds) if rows == "lockbox" else _of_folds(reader, candidates, folds)
    if len(parts) == 1:
        return _cut(reader, parts[0])
    return parts


def _of_folds(reader: Reader, candidates: Sequence[str], folds: Mapping[str, Sequence[Fold]]) -> list[Part]:
    shared = set.intersection(*({f for f in folds[c] if not f.full} for c in candidates))
    if not shared:
        raise UsageError(f"{', '.join(candidates)} have no fold in common to be compared on")
    actual, plan, metric = reader.actual, reader.profile.folds, reader.competition.metric
    parts = []
    for fold in sorted(shared, key=lambda f: (f.repeat, f.number)):
        held = split(plan, fold, reader.source.train, actual).held
        scaled = {c: comparable(metric, recall(reader.places, reader.run, c, fold).oof) for c in candidates}
        parts.append(Part(actual=actual[held], scaled=scaled))
    return parts


def _of_lockbox(reader: Reader, candidates: Sequence[str], folds: Mapping[str, Sequence[Fold]]) -> list[Part]:
    plan, train, actual = reader.profile.folds, reader.source.train, reader.actual
    rows, metric = lockbox(plan, train, actual), reader.competition.metric
    if len(rows) == 0:
        raise UsageError(f"run {reader.run} has no lockbox")
    predicted = {}
    for c in candidates:
        kept = [recall(reader.places, reader.run, c, f).lockbox for f in folds[c] if not f.full]
        if not kept:
            raise UsageError(f"{c} has no predictions for the lockbox")
        predicted[c] = bagged(metric, kept)
    number = lockbox_parts(plan, train, actual, PARTS)
    return [_picked(reader, actual[rows], predicted, number == part) for part in np.unique(number)]


def _picked(reader: Reader, actual: Truth, predicted: dict[str, Floats], here: Integers) -> Part:
    metric = reader.competition.metric
    return Part(actual=actual[here], scaled={c: comparable(metric, p[here]) for c, p in predicted.items()})


def _cut(reader: Reader, part: Part) -> list[Part]:
    chance = np.random.default_rng((reader.profile.folds.seed, PARTS))
    number = chance.permutation(np.arange(len(part.actual)) % PARTS)
    return [
        Part(actual=part.actual[number == n], scaled={c: p[number == n] for c, p in part.scaled.items()})
        for n in range(PARTS)
    ]
