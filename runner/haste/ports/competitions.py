"""A competition as it is worked on: tables and views, and the place where scripts run."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Blend, Collected, Outcome, Task, View
from haste.core.events import Member
from haste.core.solution import Failure
from haste.settings import Settings


class Sandbox(Protocol):
    """Runs scripts that nobody has read."""

    @property
    def level(self) -> str:
        """What holds the scripts: `bubblewrap`, `landlock`, or `none`."""
        ...

    def run(self, tasks: Sequence[Task], *, jobs: int, within: float | None = None) -> Iterator[Outcome]:
        """Outcomes in the order of the tasks, up to `jobs` at once. Closing the iterator stops what is running.

        `within` these seconds the last one is there: what then still runs, or hasn't begun, has an outcome that
        says `cut`.
        """
        ...

    def close(self) -> None:
        """Stop every warm process. Safe to call twice."""
        ...


class CompetitionFiles(Protocol):
    """The tables, the views made of them, and the predictions that come back."""

    def describe(self, folder: Path) -> Competition:
        """Read or infer what a folder holds. Raises CompetitionError with every problem at once."""
        ...

    def digests(self, competition: Competition) -> dict[str, str]:
        """SHA-256 of each public table, by file name."""
        ...

    def profile(self, competition: Competition, settings: Settings) -> Profile:
        """Look at the data: columns, task, validation, traits, remarks. Runs no model."""
        ...

    def view(self, run: str, competition: Competition, profile: Profile, fold: Fold) -> View:
        """The view of a fold, made on first use. Raises CompetitionError when the data has changed."""
        ...

    def work_folder(self, run: str, solution: str, fold: Fold) -> Path:
        """An empty folder for one evaluation."""
        ...

    def collect(
        self, run: str, competition: Competition, profile: Profile, fold: Fold, solution: str, work: Path
    ) -> Collected | Failure:
        """Check a script's submission, score it on the fold's rows, keep the predictions; the folder is emptied."""
        ...

    def has_predictions(self, run: str, solution: str, fold: Fold, digest: str) -> bool:
        """Whether the kept predictions are there and are the ones with this digest."""
        ...

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
        """Choose members and weights on `rows` (`lockbox`, `fresh folds`, `search folds`), cross-fitted.

        `folds` names the folds whose predictions each candidate has on those rows; at most `limit` members.
        """
        ...

    def submit(
        self,
        run: str,
        competition: Competition,
        profile: Profile,
        members: Sequence[Member],
        folds: Mapping[str, Sequence[Fold]],
    ) -> tuple[str, str, int]:
        """Average the members' test predictions over their folds, decode, check and write the submission.

        Without any member it holds plain averages of the training table: valid, and better than none.
        Returns its path relative to the workspace, the SHA-256 of its bytes and its number of rows.
        """
        ...

    def grade(self, competition: Competition, submission: Path) -> float:
        """The score on the answers. Raises SubmissionError, with every problem, for an invalid submission."""
        ...

    def release(self, run: str) -> None:
        """Remove the views and work folders of a run; predictions and submission stay."""
        ...
