"""Competitions as folders: tables, the views made of them, and the predictions that come back.

The modules behind this class are imported on first use, so that naming it costs nothing.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from haste.adapters.competitions.places import Places, emptied, write_whole
from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Blend, Collected, View
from haste.core.events import Member
from haste.core.solution import Failure
from haste.errors import CompetitionError
from haste.settings import Settings

if TYPE_CHECKING:
    from haste.adapters.competitions.source import Source

__all__ = ["FolderCompetitions"]


class FolderCompetitions:
    """The `CompetitionFiles` port over a workspace: views and predictions in `.haste/`, submissions beside it."""

    def __init__(self, workspace: Path) -> None:
        self._places = Places(workspace)
        self._unchanged: set[str] = set()
        self._scoring: list[Thread] = []

    def describe(self, folder: Path) -> Competition:
        """Read or infer what a folder holds. Raises CompetitionError with every problem at once."""
        from haste.adapters.competitions.inference import describe

        return describe(folder)

    def digests(self, competition: Competition) -> dict[str, str]:
        """SHA-256 of each public table, by file name."""
        root = Path(competition.root)
        found = {}
        for name in (competition.train, competition.test, competition.sample):
            if (root / name).is_file():
                with (root / name).open("rb") as stream:
                    found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        return found

    def profile(self, competition: Competition, settings: Settings) -> Profile:
        """Look at the data. Runs no model."""
        from haste.adapters.competitions.profiling import make_profile

        return make_profile(competition, _source(competition), settings)

    def view(self, run: str, competition: Competition, profile: Profile, fold: Fold) -> View:
        """The view of a fold, made on first use. Raises CompetitionError when the data has changed."""
        from haste.adapters.competitions.views import make_view

        if not self._scoring:
            # Scores are wanted when the first script is done; scikit-learn takes seconds on a busy machine.
            self._scoring.append(Thread(target=import_module, args=(f"{__name__}.collecting",)))
            self._scoring[0].start()
        self._check_unchanged(run, competition)
        folder = make_view(self._places, run, competition, profile, _source(competition), fold)
        return View(fold=fold, folder=folder)

    def work_folder(self, run: str, solution: str, fold: Fold) -> Path:
        """An empty folder for one evaluation."""
        return emptied(self._places.work(run, solution, fold))

    def collect(
        self, run: str, competition: Competition, profile: Profile, fold: Fold, solution: str, work: Path
    ) -> Collected | Failure:
        """Check a script's submission, score it on the fold's rows, keep the predictions; the folder is removed."""
        from haste.adapters.competitions.collecting import collect
        from haste.adapters.sandbox.results import remove_tree

        try:
            return collect(self._places, run, competition, profile, _source(competition), fold, solution, work)
        finally:
            remove_tree(work)

    def has_predictions(self, run: str, solution: str, fold: Fold, digest: str) -> bool:
        """Whether the kept predictions are there and are the ones with this digest."""
        from haste.adapters.competitions.predictions import is_kept

        return is_kept(self._places, run, solution, fold, digest)

    def blend(
        self,
        run: str,
        competition: Competition,
        profile: Profile,
        candidates: Sequence[str],
        folds: Mapping[str, Sequence[Fold]],
        *,
        rows: str,
        limit: int,
    ) -> Blend:
        """Choose members and weights on `rows`, cross-fitted, and score them on rows they were not chosen on."""
        from haste.adapters.competitions.blending import blend

        return blend(
            self._places, run, competition, profile, _source(competition), candidates, folds, rows=rows, limit=limit
        )

    def submit(
        self,
        run: str,
        competition: Competition,
        profile: Profile,
        members: Sequence[Member],
        folds: Mapping[str, Sequence[Fold]],
    ) -> tuple[str, str, int]:
        """Average the members' test predictions, decode, check and write: path in the workspace, SHA-256, rows."""
        if not members:
            from haste.adapters.competitions.filling import averages, write_submission

            source = _source(competition)
            cells = averages(competition, profile, source)
            return write_submission(self._places, run, competition, profile, source, cells)
        from haste.adapters.competitions.submitting import submit

        return submit(self._places, run, competition, profile, _source(competition), members, folds)

    def grade(self, competition: Competition, submission: Path) -> float:
        """The score on the answers. Raises SubmissionError, with every problem, for an invalid submission."""
        from haste.adapters.competitions.grading import grade

        return grade(competition, _source(competition), submission)

    def release(self, run: str) -> None:
        """Remove the views and work folders of a run; predictions and submission stay."""
        for name in ("views", "work", "keys"):
            shutil.rmtree(self._places.run(run) / name, ignore_errors=True)
        self._unchanged.discard(run)

    def _check_unchanged(self, run: str, competition: Competition) -> None:
        if run in self._unchanged:
            return
        now, path = self.digests(competition), self._places.digests(run)
        if path.is_file():
            before = json.loads(path.read_text(encoding="utf-8"))
            changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
            if changed:
                raise CompetitionError(
                    competition.id,
                    [f"{name} has changed since the run began" for name in changed],
                    hint="put the files back, or start a new run",
                )
        else:
            write_whole(path, json.dumps(now).encode())
        self._unchanged.add(run)


def _source(competition: Competition) -> "Source":
    from haste.adapters.competitions.source import load
    from haste.adapters.competitions.tables import TableError

    try:
        return load(competition)
    except TableError as error:
        raise CompetitionError(competition.id, [error.message]) from error
