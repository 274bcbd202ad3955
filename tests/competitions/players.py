"""Pretend scripts: each reads a view as a script would, and leaves its files in a work folder."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions import FolderCompetitions
from haste.adapters.competitions.grading import truth_of_answers
from haste.adapters.competitions.places import Places
from haste.adapters.competitions.source import load
from haste.adapters.competitions.tables import read_table
from haste.adapters.competitions.truth import truth
from haste.adapters.competitions.views import read_key
from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Collected
from haste.core.metric import PredictionKind
from haste.core.solution import Failure
from haste.settings import Settings

Matrix = NDArray[np.float64]


@dataclass
class Game:
    """One competition in one workspace."""

    files: FolderCompetitions
    workspace: Path
    competition: Competition
    profile: Profile
    run: str = "game/r1"

    @property
    def folds(self) -> list[Fold]:
        """The search folds."""
        return [Fold(number=k) for k in range(self.profile.folds.folds)]

    def view(self, fold: Fold) -> Path:
        """The folder of a view."""
        return self.files.view(self.run, self.competition, self.profile, fold).folder

    def ids(self, fold: Fold) -> list[str]:
        """The ids of a view's test table, as a script reads them."""
        table = read_table(self.view(fold) / self.competition.test)
        return [str(i) for i in table.text(self.competition.id_column)]

    def collect(
        self, fold: Fold, submission: str, soft: str | None = None, solution: str = "s001"
    ) -> Collected | Failure:
        """Hand in files as a script would have written them."""
        self.view(fold)
        work = self.files.work_folder(self.run, solution, fold)
        (work / "submission.csv").write_text(submission, encoding="utf-8")
        if soft is not None:
            (work / "soft.csv").write_text(soft, encoding="utf-8")
        return self.files.collect(self.run, self.competition, self.profile, fold, solution, work)

    def play(self, solution: str, noise: float, fold: Fold, *, seed: int = 0, soft: bool = True) -> Collected:
        """Hand in the truth under noise: a solution as good as one likes."""
        ids = self.ids(fold)
        values = self.noisy(fold, noise, seed)
        submission, behind = written(self, ids, values)
        found = self.collect(fold, submission, behind if soft else None, solution)
        assert isinstance(found, Collected), found
        return found

    def noisy(self, fold: Fold, noise: float, seed: int) -> Matrix:
        """For each test row of a view: targets, probabilities or class scores near the truth."""
        source = load(self.competition)
        self.view(fold)
        key = read_key(Places(self.workspace), self.run, fold)
        train = truth(self.competition, self.profile.classes, source.train)
        answers = read_table(Path(self.competition.answers or ""))
        order = {str(i): n for n, i in enumerate(answers.text(self.competition.id_column))}
        rows = [order[str(i)] for i in source.test.text(self.competition.id_column)]
        test = truth_of_answers(self.competition, self.profile.classes, answers)[rows]
        actual = np.concatenate([train, test])[key.rows]
        chance = np.random.default_rng((seed, fold.repeat, fold.number, int(fold.full)))
        return _blurred(self.competition, self.profile, actual, noise, chance)


def start(folder: Path, workspace: Path, **settings: object) -> Game:
    """A game over a competition's folder."""
    files = FolderCompetitions(workspace)
    competition = files.describe(folder)
    profile = files.profile(competition, Settings.model_validate(settings))
    return Game(files=files, workspace=workspace, competition=competition, profile=profile)


def written(game: Game, ids: Sequence[str], values: Matrix) -> tuple[str, str | None]:
    """`submission.csv` and, for labels and grades, `soft.csv`."""
    competition, classes = game.competition, game.profile.classes
    head = [competition.id_column, *competition.prediction_columns]
    if competition.metric.kind is PredictionKind.LABEL:
        labels = [[classes[i]] for i in values.argmax(axis=1)]
        return table(head, ids, labels), table([competition.id_column, *classes], ids, values.tolist())
    if competition.metric.kind is PredictionKind.ORDINAL:
        places = np.clip(np.rint(values[:, 0]), 0, len(classes) - 1).astype(int)
        grades = values * 1.0 + float(classes[0])
        return table(head, ids, [[classes[i]] for i in places]), table(
            [competition.id_column, "value"], ids, grades.tolist()
        )
    return table(head, ids, values.tolist()), None


def table(head: Sequence[str], ids: Sequence[str], cells: Sequence[Sequence[object]]) -> str:
    """A csv table as text."""
    from io import StringIO

    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([i, *row] for i, row in zip(ids, cells, strict=True))
    return stream.getvalue()


def _blurred(
    competition: Competition,
    profile: Profile,
    actual: NDArray[np.float64],
    noise: float,
    chance: np.random.Generator,
) -> Matrix:
    kind, classes = competition.metric.kind, len(profile.classes)
    blurred: Matrix
    if kind is PredictionKind.VALUE:
        spread = actual.std(axis=0, keepdims=True)
        blurred = np.abs(actual + noise * spread * chance.normal(size=actual.shape))
        return blurred
    if kind is PredictionKind.PROBABILITY:
        logits = 4.0 * (actual - 0.5) + 2.0 * noise * chance.normal(size=actual.shape)
        blurred = 1.0 / (1.0 + np.exp(-logits.clip(-30, 30)))
        return blurred
    if kind is PredictionKind.ORDINAL:
        return (actual + noise * chance.normal(size=actual.shape))[:, None]
    scores = 2.0 * np.eye(classes)[actual.astype(int)] + 2.0 * noise * chance.normal(size=(len(actual), classes))
    blurred = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return blurred
