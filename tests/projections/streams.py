"""Streams of runs, told event by event through a log, so that envelopes are real."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from haste.adapters.fakes import EPOCH, FixedClock, MemoryLog
from haste.core import events as e
from haste.core.competition import Competition, Fold, FoldPlan, Profile, TaskKind
from haste.core.solution import Change, FileRef, Reason, Solution
from haste.settings import Settings

CODE = FileRef(name="s.py", sha256="0" * 64)


def competition(name: str, metric: str = "roc_auc") -> Competition:
    """A competition without files."""
    return Competition(
        id=name, root=name, train="train.csv", test="test.csv", sample="sample.csv", metric_name=metric,
        id_column="id", targets=("y",), prediction_columns=("y",),
    )  # fmt: skip


def started(name: str = "churn", *, engineer: str = "offline", metric: str = "roc_auc") -> e.RunStarted:
    """The start of a run."""
    return e.RunStarted(
        competition=competition(name, metric), settings=Settings(), engineer=engineer, arm="tiered", commit="c",
        environment={}, data={},
    )  # fmt: skip


def profiled(folds: int = 2, **traits: float | bool | str) -> e.CompetitionProfiled:
    """The profile of a tiny table."""
    plan = FoldPlan(kind="plain", folds=folds)
    profile = Profile(rows=10, test_rows=5, task=TaskKind.BINARY, columns=(), folds=plan, traits=traits)
    return e.CompetitionProfiled(profile=profile)


def loaded(*skills: str) -> e.SkillsLoaded:
    """Skills that were loaded, as `name@version`."""
    refs = [e.LoadedRef(name=s.split("@")[0], scope="domain", version=s.split("@")[1]) for s in skills]
    return e.SkillsLoaded(arm="tiered", commit="c", skills=tuple(refs), characters=0, tokens=0, knowledge=CODE)


def proposed(
    number: int,
    *,
    cites: Sequence[str] = (),
    move: str = "rank-gauss",
    mends: int = 0,
    track: int | None = 0,
    parent: int = 1,
) -> e.SolutionProposed:
    """A proposal; the first has no parent."""
    solution = Solution(
        id=f"s{number}",
        parent=f"s{parent}" if number > 1 else None,
        change=Change(move=move, summary=move),
        code=CODE,
        reason=Reason(skills=tuple(cites)),
        mends=f"s{mends}" if mends else None,
    )
    return e.SolutionProposed(solution=solution, track=track if number > 1 else None)


def scored(number: int, score: float = 0.8, folds: int = 5) -> e.SolutionScored:
    """All folds of a solution are in."""
    return e.SolutionScored(solution=f"s{number}", score=score, error=0.01, folds=folds)


def kept(number: int, gain: float = 0.01, *, error: float | None = 0.002) -> e.ChangeKept:
    """The change was kept; the parent missed a fifth of what there is."""
    return e.ChangeKept(
        solution=f"s{number}", parent="s1", track=0, gain=gain, error=error, relative_gain=gain / 0.2, reason="r"
    )


def reverted(number: int, gain: float | None = -0.01, *, error: float | None = 0.002) -> e.ChangeReverted:
    """The change was reverted; without a gain it never ran."""
    relative = None if gain is None else gain / 0.2
    return e.ChangeReverted(
        solution=f"s{number}", parent="s1", track=0, gain=gain, error=error, relative_gain=relative, reason="r"
    )


def prototypes_done() -> e.StageFinished:
    """Refinement begins."""
    return e.StageFinished(stage="prototypes", reason="r")


def fold(number: int, k: int, score: float = 0.8, seconds: float = 2.0) -> e.FoldScored:
    """One fold of a solution."""
    return e.FoldScored(solution=f"s{number}", fold=Fold(number=k), score=score, seconds=seconds, predictions="d")


def stream(name: str, events: Iterable[e.Event], *, step: float = 1.0) -> tuple[str, list[e.Recorded]]:
    """A stream of these events, `step` seconds apart."""
    clock = FixedClock()
    log = MemoryLog(clock)
    for position, event in enumerate(events):
        log.append(name, event, expected=position)
        clock.advance(step)
    return name, log.read(name)


def later(one: tuple[str, list[e.Recorded]], hours: float) -> tuple[str, list[e.Recorded]]:
    """The same stream some hours later."""
    name, recorded = one
    at = (EPOCH + timedelta(hours=hours)).isoformat(timespec="microseconds")
    moved = [r.model_copy(update={"envelope": r.envelope.model_copy(update={"at": at})}) for r in recorded]
    return name, moved
