"""A rehearsal: everything a run needs, without data, processes or learning, so that the runner itself can be tried.

Its scripts are JSON instead of Python: `{"scores": [...], "fresh": [...], "seconds": 1.0, "fails_on": 2}` says what
each fold will score, what the fresh folds will, how long a fold takes (one number, or one for each fold, then for
each fresh one), and on which fold the script crashes (`"full"`: on the last fit on every row). `"starting": 5.0`
passes before every view.
"""

import hashlib
import json
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from haste.adapters.fakes import FixedClock
from haste.core.competition import Competition, Fold, FoldPlan, Profile, TaskKind
from haste.core.evaluation import Blend, Collected, Outcome, Task, View, cut
from haste.core.events import Member, Recorded
from haste.core.skill import Evidence, Skill
from haste.core.solution import Failure, FailureKind
from haste.core.statistics import mean, paired_gains, standard_error
from haste.ports import Clock, Engineer, EventLog, Sandbox
from haste.settings import Settings


def rehearsal_competition(metric: str = "roc_auc") -> Competition:
    """A competition that has no files."""
    return Competition(
        id="rehearsal",
        domain="tabular",
        root="rehearsal",
        train="train.csv",
        test="test.csv",
        sample="sample_submission.csv",
        metric_name=metric,
        id_column="id",
        targets=("y",),
        prediction_columns=("y",),
    )


def script(scores: Sequence[float], **more: object) -> str:
    """A rehearsal's script: what each of its folds will score."""
    return json.dumps({"scores": list(scores), **more})


class RehearsalSandbox:
    """Does what the script's JSON says; time passes on the clock alone."""

    def __init__(self, clock: FixedClock | None = None) -> None:
        self._clock = clock
        self.closed = False

    @property
    def level(self) -> str:
        """`rehearsal`."""
        return "rehearsal"

    def run(
        self,
        tasks: Sequence[Task],
        *,
        jobs: int,
        within: float | None = None,
    ) -> Iterator[Outcome]:
        """One outcome a task, in order."""
        left = math.inf if within is None else within
        for task in tasks:
            plan = json.loads(task.code)
            wanted, starting = _seconds(plan, task.view.fold), float(plan.get("starting", 0.0))
            seconds = min(wanted, task.limits.seconds)
            passed = max(0.0, min(starting + seconds, left))
            left -= passed
            if self._clock is not None:
                self._clock.advance(passed)
            if passed < starting + seconds:
                yield cut(passed)
                continue
            if wanted > seconds:
                message = f"still running after {seconds:g} s, the limit"
                yield Outcome(failure=Failure(kind=FailureKind.TIMED_OUT, message=message), seconds=seconds)
                continue
            if plan.get("fails_on") == ("full" if task.view.fold.full else task.view.fold.number):
                failure = Failure(kind=FailureKind.CRASHED, message="ValueError: planted", output="Traceback")
                yield Outcome(failure=failure, seconds=seconds)
                continue
            (task.work / "submission.csv").write_text(task.code)
            yield Outcome(failure=None, seconds=seconds, output="fitted")

    def close(self) -> None:
        """Nothing runs, so nothing is stopped."""
        self.closed = True


@dataclass
class RehearsalFiles:
    """Scores are what the scripts say; a submission is the list of its members."""

    root: Path
    folds: int = 5
    lockbox_share: float = 0.0
    kind: str = "stratified"
    rows: int = 1000

    def describe(self, folder: Path) -> Competition:
        """The rehearsal's competition."""
        return rehearsal_competition()

    def digests(self, competition: Competition) -> dict[str, str]:
        """There are no tables."""
        return {}

    def profile(self, competition: Competition, settings: Settings) -> Profile:
        """As many rows as said, no columns."""
        plan = FoldPlan.model_validate(
            {"kind": self.kind, "folds": self.folds, "seed": settings.seed, "lockbox_share": self.lockbox_share}
        )
        return Profile(rows=self.rows, test_rows=400, task=TaskKind.BINARY, columns=(), folds=plan)

    def view(self, run: str, competition: Competition, profile: Profile, fold: Fold) -> View:
        """An empty folder."""
        return View(fold=fold, folder=self._folder(run, "views", fold.key))

    def work_folder(self, run: str, solution: str, fold: Fold) -> Path:
        """An empty folder."""
        folder = self._folder(run, "work", f"{solution}-{fold.key}")
        (folder / "submission.csv").unlink(missing_ok=True)
        return folder

    def collect(
        self, run: str, competition: Competition, profile: Profile, fold: Fold, solution: str, work: Path
    ) -> Collected | Failure:
        """The score that the script promised for this fold."""
        text = (work / "submission.csv").read_text()
        plan = json.loads(text)
        kept = self._folder(run, "predictions", solution) / f"{fold.key}.json"
        kept.write_text(text)
        score = None if fold.full else _promised(plan, fold)
        return Collected(score=score, predictions=_digest(text + fold.key))

    def has_predictions(self, run: str, solution: str, fold: Fold, digest: str) -> bool:
        """Whether the kept text is there and unchanged."""
        kept = self._folder(run, "predictions", solution) / f"{fold.key}.json"
        return kept.exists() and _digest(kept.read_text() + fold.key) == digest

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
        """Scores a blend of two or more one thousandth better than its best member, as far as the rules go."""
        scores = {s: [_promised(self._kept(run, s, f), f) for f in folds[s]] for s in candidates}
        ranked = sorted(candidates, key=lambda s: (-mean(scores[s]), s))
        best, members = ranked[0], ranked[:limit]
        better = [v + (0.001 if len(members) > 1 else 0.0) for v in scores[best]]
        gains = paired_gains(competition.metric, better, scores[best])
        return Blend(
            members=tuple(Member(solution=s, weight=1 / len(members)) for s in members),
            method="uniform",
            score=mean(better),
            error=standard_error(better),
            single=best,
            single_score=mean(scores[best]),
            single_error=standard_error(scores[best]),
            gain=mean(gains),
            gain_error=standard_error(gains),
        )

    def submit(
        self,
        run: str,
        competition: Competition,
        profile: Profile,
        members: Sequence[Member],
        folds: Mapping[str, Sequence[Fold]],
    ) -> tuple[str, str, int]:
        """A line for each member and fold that it averages."""
        lines = [f"{m.solution},{m.weight},{f.key}" for m in members for f in folds[m.solution]]
        text = "\n".join([*lines, ""])
        path = self._folder(run, "submissions") / "submission.csv"
        path.write_text(text)
        return str(path.relative_to(self.root)), _digest(text), len(lines)

    def grade(self, competition: Competition, submission: Path) -> float:
        """There are no answers."""
        return 0.0

    def release(self, run: str) -> None:
        """Views and work folders go."""
        for name in ("views", "work"):
            shutil.rmtree(self.root / run / name, ignore_errors=True)

    def _kept(self, run: str, solution: str, fold: Fold) -> dict[str, Any]:
        text = (self._folder(run, "predictions", solution) / f"{fold.key}.json").read_text()
        plan: dict[str, Any] = json.loads(text)
        return plan

    def _folder(self, run: str, *parts: str) -> Path:
        folder = self.root.joinpath(run, *parts)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _promised(plan: Mapping[str, Any], fold: Fold) -> float:
    scores = plan.get("fresh", plan["scores"]) if fold.repeat else plan["scores"]
    return float(scores[fold.number])


def _seconds(plan: Mapping[str, Any], fold: Fold) -> float:
    seconds = plan.get("seconds", 1.0)
    if isinstance(seconds, list):
        return float(seconds[(fold.number + fold.repeat * len(plan["scores"])) % len(seconds)])
    return float(seconds)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class NoSkills:
    """A tree without skills."""

    def head(self) -> str:
        """A commit of zeros."""
        return "0" * 40

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:
        """None."""
        return ()


class NoHistory:
    """Nothing was ever run."""

    def runs(self) -> Iterable[tuple[str, Sequence[Recorded]]]:
        """None."""
        return ()

    def evidence(self, skills: Iterable[Skill]) -> dict[str, Evidence]:
        """None."""
        return {}


@dataclass
class RehearsalPorts:
    """Ports whose outside things are all rehearsed but the log and the engineer."""

    clock: Clock
    log: EventLog
    engineer: Engineer
    files: RehearsalFiles
    sandbox: Sandbox
    skills: NoSkills = field(default_factory=NoSkills)
    history: NoHistory = field(default_factory=NoHistory)
    environment: Mapping[str, str] = field(default_factory=lambda: {"cores": "2", "memory_bytes": str(2**33)})
