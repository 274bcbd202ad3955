"""What the stages and the orchestrator need from outside, as Protocols.

Adapters stand behind these; `haste.bootstrap` chooses them. Every fake ships in `haste.adapters.fakes` and
passes the same contract suite as the real adapter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from haste.core.commits import Commit
from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Blend, Collected, Outcome, Task, View
from haste.core.events import AnyEvent, Event, Member, Recorded
from haste.core.knowledge import Context
from haste.core.learning import Learning, Verdict
from haste.core.messages import Answer, Question, Trouble
from haste.core.run import RunState
from haste.core.skill import Evidence, LoadedSkill, Skill
from haste.core.solution import Failure, FileRef
from haste.core.stream import Problem
from haste.settings import Settings


class Clock(Protocol):
    """Time, and nothing else that changes by itself."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...


class EventLog(Protocol):
    """Append-only streams of events, each with files beside it. A stream's name is `<folder>/<id>`."""

    def read(self, stream: str) -> list[Recorded]:
        """Every event of a stream, in order; `[]` for one that doesn't exist. Raises LogError for a broken one."""
        ...

    def iterate(self, stream: str) -> Iterator[Recorded]:
        """What `read` gives, one at a time."""
        ...

    def append(self, stream: str, event: Event, *, expected: int) -> Recorded:
        """Add an event at position `expected` and sync it to disk. Raises LogConflict if that is taken."""
        ...

    def mend(self, stream: str) -> None:
        """Bring in order what a crash left of a last line: restored from what was published, or cut off."""
        ...

    def put(self, stream: str, name: str, data: bytes) -> FileRef:
        """Write a file beside the stream and sync it; the same bytes under the same name are written once."""
        ...

    def get(self, stream: str, ref: FileRef) -> bytes:
        """A file beside the stream; raises LogError where it is missing or its bytes are not those of `ref`."""
        ...

    def streams(self) -> list[str]:
        """The names of all streams, sorted."""
        ...

    def export(self, stream: str) -> dict[str, bytes]:
        """A stream's lines and every file it names, by their paths in the repository; `{}` for no stream."""
        ...

    def verify(self, stream: str) -> list[Problem]:
        """Everything wrong with a stream and the files that it names; `[]` for a sound one."""
        ...

    def close(self, stream: str | None = None) -> None:
        """Let go of one stream's lock, or of all, so that another process may write. Safe to call twice."""
        ...


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


class SkillStore(Protocol):
    """Skills as they stand in the committed tree."""

    def head(self) -> str:
        """The commit that skills are read from."""
        ...

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:
        """The skills of a commit (default: head) under these folders (default: all), sorted by path.

        A broken one is left out and told by lint.
        """
        ...


class Repository(Protocol):
    """The workspace's git repository, written without touching what the user has checked out."""

    def head(self) -> str:
        """The commit that the workspace stands on."""
        ...

    def branch(self) -> str:
        """The branch that the workspace stands on. Raises GitError on a detached head."""
        ...

    def tip(self, branch: str) -> str | None:
        """The newest commit of a branch; None where there is no such branch."""
        ...

    def branches(self, prefix: str) -> dict[str, str]:
        """Name and tip of every branch whose name starts with `prefix`, sorted by name."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file as it stands in a commit; None where it isn't there."""
        ...

    def paths(self, commit: str, folder: str) -> tuple[str, ...]:
        """The paths of all files under a folder of a commit."""
        ...

    def changed(self, old: str, new: str, folder: str = "") -> tuple[str, ...]:
        """The paths under a folder that differ between two commits."""
        ...

    def containing(self, commit: str, text: str, folder: str) -> tuple[str, ...]:
        """The paths of the files under a folder of a commit that hold this text."""
        ...

    def publish(
        self,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        base: str | None = None,
        seen: str | None = None,
    ) -> str:
        """One commit with these paths (None removes one) on a branch of its own, made from `base` if it is new.

        `seen` is the commit from which the caller read what it now changes: where one of the paths was changed
        since, BranchMoved is raised; other movements of the branch are followed.
        """
        ...

    def merge(self, source: str, message: str, *, only: Sequence[str] = ()) -> str:
        """A merge commit of a branch or commit into the workspace's branch; its id, or the head's if it is in it.

        `only` limits what comes in to these top folders. Raises GitError where both sides changed the same skill,
        and where a touched file has uncommitted changes: nothing is changed then.
        """
        ...

    def history(
        self, tip: str, *, since: str | None = None, path: str | None = None, says: str = "", limit: int = 0
    ) -> list[Commit]:
        """Commits reachable from `tip` and not from `since`, newest first, with the paths they touched.

        `path` keeps those that touched it, `says` those whose message has this text.
        """
        ...

    def diff(self, old: str, new: str, path: str = "") -> str:
        """The change between two commits as a patch."""
        ...

    def delete_branch(self, branch: str, *, expected: str) -> None:
        """Remove a branch that still stands at `expected`."""
        ...

    def fetch(self, source: str, branch: str | None = None) -> str:
        """Bring the commits of another repository (a path or a URL) in; returns the tip of its branch."""
        ...

    def push(self, branch: str, *, remote: str) -> None:
        """Send a branch to a remote of the workspace."""
        ...


class History(Protocol):
    """What earlier runs recorded, for evidence and reports."""

    def runs(self) -> Iterable[tuple[str, Sequence[Recorded]]]:
        """Every run stream there is, with its events; broken ones are left out."""
        ...

    def evidence(self, skills: Iterable[Skill]) -> dict[str, Evidence]:
        """Evidence by `name@version`."""
        ...


class Engineer(Protocol):
    """Who proposes. Every answer is events: the last one is the answer, those before it are how it came about."""

    @property
    def name(self) -> str:
        """`offline` or `claude`, with the model where there is one."""
        ...

    def draft(self, state: RunState, context: Context, *, number: int) -> Iterator[Event]:
        """A prototype unlike those before it: ends in SolutionProposed or SolutionRejected."""
        ...

    def improve(
        self, state: RunState, context: Context, *, parent: str, track: int, escalation: int
    ) -> Iterator[Event]:
        """A change of `parent`: ends in SolutionProposed or SolutionRejected."""
        ...

    def debug(self, state: RunState, context: Context, *, solution: str, track: int | None) -> Iterator[Event]:
        """A mend of a failed solution: ends in SolutionProposed (`mends`) or SolutionRejected."""
        ...

    def distil(self, state: RunState, context: Context) -> Iterator[Event]:
        """What the run found out: 2 to 5 LearningRecorded."""
        ...

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",
    ) -> Iterator[AnyEvent | Verdict]:
        """A verdict on a learning, last; `others` are learnings of other runs that speak of the same move.

        `stream` is where the events before it will be recorded: an engineer that keeps files puts them there.
        """
        ...


class Messages(Protocol):
    """A server with the Messages API: live, recorded or scripted. One question is one attempt, never retried."""

    def ask(self, question: Question) -> Answer | Trouble:
        """Put one question, within its own time limit. Raises nothing for what a service can do wrong."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait before the next attempt; only a live server costs real time."""
        ...


class CurationPorts(Protocol):
    """What the orchestrator needs between runs."""

    @property
    def log(self) -> EventLog:
        """Streams and the files beside them."""
        ...

    @property
    def skills(self) -> SkillStore:
        """The committed skills."""
        ...

    @property
    def history(self) -> History:
        """Earlier runs."""
        ...

    @property
    def engineer(self) -> Engineer:
        """Who proposes and judges."""
        ...


class Ports(CurationPorts, Protocol):
    """Everything a stage may use."""

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def files(self) -> CompetitionFiles:
        """Tables, views and predictions."""
        ...

    @property
    def sandbox(self) -> Sandbox:
        """Where scripts run."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Machine, packages and versions, for the log and for engineers."""
        ...


class RunPool(Protocol):
    """Works on several runs at once: in processes of this machine, or on a cluster."""

    def work(self, runs: Mapping[str, str], settings: Settings, *, parallel: int) -> None:
        """Begin or go on with each run (run name → competition's folder) until every one has ended.

        How a run ended is in its log; one that could not even begin has an empty log.
        """
        ...

    def close(self) -> None:
        """Stop every run that is still going. Safe to call twice."""
        ...
