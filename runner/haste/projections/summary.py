"""What a run reached, in one value: for the last screen, for lists, for `--json`."""

from typing import Literal

from haste.core.events import Member
from haste.core.model import Frozen
from haste.core.run import RunState
from haste.projections.judged import Judged

Status = Literal["going on", "finished", "failed", "paused", "did not begin"]

STAGES = ("profile", "prototypes", "refinement", "ensemble", "learnings")


class Summary(Frozen):
    """One run on one line. `score` is the one the run reports; `rows` says what it was made on."""

    run: str
    competition: str
    title: str
    metric: str
    direction: str
    domain: str | None
    engineer: str
    arm: str
    seed: int
    status: Status
    stage: str
    score: float | None
    error: float | None
    rows: str | None
    members: tuple[Member, ...]
    solutions: int
    kept: int
    reverted: int
    failures: int
    skills: int
    learnings: tuple[str, ...]
    submission: str | None
    submission_rows: int | None
    graded: float | None
    medal: str | None
    seconds: float
    usd: float
    output_tokens: int
    reason: str | None
    """Why it failed, was paused or did not begin."""
    unjudged: bool = False
    """It is finished, and its learnings were not all judged yet: `resume` goes on with that."""

    @property
    def standing(self) -> str:
        """The status in words."""
        return f"{self.status}, not yet judged" if self.unjudged else self.status


def stage_of(state: RunState) -> str:
    """The stage that a run is in; `done` after the last."""
    if state.finished:
        return "done"
    return next((stage for stage in STAGES if stage not in state.finished_stages), "learnings")


def status_of(state: RunState) -> Status:
    """Whether a run is over, and how."""
    if state.failed is not None:
        return "failed"
    if state.paused is not None:
        return "paused"
    if state.position == 0:
        return "did not begin"
    return "finished" if state.done else "going on"


def reached(state: RunState) -> tuple[float | None, float | None, str | None]:
    """Score, standard error, and the rows they were made on: the last choice's, or the search's best so far."""
    built = state.ensemble
    if built is not None and state.ensemble_kept is not None:
        return *state.reported, built.rows
    if state.best is None:
        return None, None, None
    best = state.candidates[state.best]
    return best.score, best.error, "search folds"


def summary_of(state: RunState, known: Judged | None = None) -> Summary:
    """The summary of a run, wherever it stands. A stream without a `RunStarted` gives an empty one.

    `known` says what was judged; without it nobody asks.
    """
    competition = state.competition
    score, error, rows = reached(state)
    verdicts = [candidate.verdict for candidate in state.candidates.values()]
    submission, graded = state.submission, state.graded
    return Summary(
        run=state.run,
        competition=competition.id if competition else "",
        title=competition.title if competition else "",
        metric=competition.metric_name if competition else "",
        direction=competition.metric.direction if competition else "",
        domain=state.domain,
        engineer=state.engineer,
        arm=state.settings.arm,
        seed=state.settings.seed,
        status=status_of(state),
        stage=stage_of(state),
        score=score,
        error=error,
        rows=rows,
        members=state.final_members,
        solutions=len(state.candidates),
        kept=verdicts.count("kept"),
        reverted=verdicts.count("reverted"),
        failures=sum(candidate.failure is not None for candidate in state.candidates.values()),
        skills=len(state.loaded.skills) if state.loaded else 0,
        learnings=tuple(learning.title for learning in state.learnings),
        submission=submission.path if submission else None,
        submission_rows=submission.rows if submission else None,
        graded=graded.score if graded else None,
        medal=graded.medal if graded else None,
        seconds=round(state.seconds, 3),
        usd=state.usd,
        output_tokens=state.output_tokens,
        reason=state.failed or state.paused,
        unjudged=known is not None and known.waits(state),
    )
