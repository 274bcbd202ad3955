"""One run, told from its events: stages, proposals with why they were made and what became of them, costs."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import Field

from haste.core import events as e
from haste.core.evolve import evolve
from haste.core.learning import Learning
from haste.core.model import Frozen
from haste.core.run import Candidate, RunState
from haste.core.solution import Failure
from haste.projections.judged import Judged
from haste.projections.summary import STAGES, Summary, summary_of


class StageRow(Frozen):
    """One stage: how long it took and what happened in it."""

    stage: str
    seconds: float = 0.0
    proposals: int = 0
    kept: int = 0
    reverted: int = 0
    failures: int = 0
    usd: float = 0.0
    reason: str = ""
    """Why it ended; '' while it hasn't."""


class ProposalRow(Frozen):
    """One proposal: why it was made, and what became of it."""

    position: int
    solution: str
    parent: str | None
    mends: str | None
    track: int | None
    stage: str
    move: str
    summary: str
    approach: str
    level: int
    diagnosis: str | None
    prior: float
    expected: float
    skills: tuple[str, ...]
    why: str
    outcome: str
    """`prototype`, `kept`, `reverted`, `failed`, or `open` while it wasn't decided."""
    decided: str = ""
    """The reason of the decision."""
    score: float | None = None
    error: float | None = None
    folds: int = 0
    stopped_early: bool = False
    gain: float | None = None
    gain_error: float | None = None
    seconds: float = 0.0
    failure: Failure | None = None


class CostRow(Frozen):
    """What the questions of one purpose cost."""

    purpose: str
    asked: int = 0
    refused: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0


class BestPoint(Frozen):
    """The score of one solution, and the best so far after it, in the order of proposal."""

    solution: str
    move: str
    score: float
    best: float
    outcome: str


class SkillRow(Frozen):
    """A loaded skill and what became of the changes that cited it."""

    name: str
    scope: str
    version: str
    cited: int = 0
    kept: int = 0
    reverted: int = 0
    gain: float | None = None
    """Mean relative gain of the decided changes that cited it."""


class RunReport(Frozen):
    """Everything that `runs show` and the report's page say about a run."""

    summary: Summary
    started: str
    ended: str
    stages: tuple[StageRow, ...]
    proposals: tuple[ProposalRow, ...]
    rejected: tuple[str, ...]
    """Where the engineer had no proposal, and why."""
    costs: tuple[CostRow, ...]
    evaluation_seconds: float
    saved_seconds: float
    """What evaluations would have taken more, had nothing been kept of what earlier solutions fitted."""
    curve: tuple[BestPoint, ...]
    skills: tuple[SkillRow, ...]
    learnings: tuple[Learning, ...]
    remarks: tuple[str, ...]
    environment: dict[str, str] = Field(default_factory=dict)
    head: str = ""
    """Hash of the last line that was read."""

    @property
    def failures(self) -> tuple[ProposalRow, ...]:
        """The proposals that could not be scored."""
        return tuple(row for row in self.proposals if row.failure is not None)


def report_of(recorded: Iterable[e.Recorded], known: Judged | None = None) -> RunReport:
    """The report of a run's stream; `known` says what was judged of it."""
    state = RunState()
    notes = _Notes()
    for one in recorded:
        before, state = state, evolve(state, one)
        notes.take(one, before, state)
    loaded = state.loaded
    return RunReport(
        summary=summary_of(state, known),
        started=notes.started,
        ended=state.last_at.isoformat() if state.last_at else "",
        stages=tuple(notes.stages.values()),
        proposals=tuple(_finished(row, state, notes) for row in notes.proposals),
        rejected=tuple(notes.rejected),
        costs=tuple(sorted(notes.costs.values(), key=lambda row: row.purpose)),
        evaluation_seconds=notes.evaluation_seconds,
        saved_seconds=notes.saved_seconds,
        curve=tuple(_curve(state)),
        skills=tuple(_skill(ref, state) for ref in (loaded.skills if loaded else ())),
        learnings=state.learnings,
        remarks=state.profile.remarks if state.profile else (),
        environment=state.environment,
        head=notes.head,
    )


def _curve(state: RunState) -> Iterator[BestPoint]:
    """What every whole score did to the best one; what was stopped early has no whole score."""
    best: float | None = None
    for candidate in state.candidates.values():
        score = candidate.score
        if score is None or candidate.stopped_early or state.competition is None:
            continue
        best = score if best is None or state.competition.metric.better(score, best) else best
        solution = candidate.solution
        yield BestPoint(
            solution=solution.id, move=solution.change.move, score=score, best=best, outcome=_outcome(candidate)
        )


def _skill(ref: e.LoadedRef, state: RunState) -> SkillRow:
    citing = [c for c in state.candidates.values() if ref.name in c.solution.reason.skills]
    gains = [c.relative_gain for c in citing if c.relative_gain is not None]
    return SkillRow(
        name=ref.name,
        scope=ref.scope,
        version=ref.version,
        cited=len(citing),
        kept=sum(c.verdict == "kept" for c in citing),
        reverted=sum(c.verdict == "reverted" for c in citing),
        gain=sum(gains) / len(gains) if gains else None,
    )


class _Notes:
    """What is noted while a stream goes by."""

    def __init__(self) -> None:
        self.started = ""
        self.head = ""
        self.stages = {stage: StageRow(stage=stage) for stage in STAGES}
        self.proposals: list[ProposalRow] = []
        self.rejected: list[str] = []
        self.costs: dict[str, CostRow] = {}
        self.decisions: dict[str, e.ChangeKept | e.ChangeReverted] = {}
        self.evaluation_seconds = 0.0
        self.saved_seconds = 0.0

    def take(self, one: e.Recorded, before: RunState, after: RunState) -> None:
        """Note one event."""
        event = one.event
        self.head = one.envelope.hash
        stage = next((s for s in STAGES if s not in before.finished_stages), "learnings")
        self._add(stage, seconds=after.seconds - before.seconds)
        match event:
            case e.RunStarted():
                self.started = datetime.fromisoformat(one.envelope.at).isoformat()
            case e.StageFinished(track=None):
                self.stages[event.stage] = self.stages[event.stage].model_copy(update={"reason": event.reason})
            case e.SolutionProposed():
                self._add(stage, proposals=1)
                self.proposals.append(_proposal(event, stage, one.envelope.position))
            case e.SolutionRejected():
                self.rejected.append(f"{event.purpose}: {event.reason}")
            case e.FoldScored() | e.EvaluationFailed():
                self.evaluation_seconds += event.seconds
                self.saved_seconds += event.saved_seconds if isinstance(event, e.FoldScored) else 0.0
                self._add(stage, failures=int(isinstance(event, e.EvaluationFailed)))
            case e.ChangeKept() | e.ChangeReverted():
                self.decisions[event.solution] = event
                kept = isinstance(event, e.ChangeKept)
                self._add(stage, kept=int(kept), reverted=int(not kept))
            case e.ModelAnswered() | e.ModelRefused():
                self._add(stage, usd=event.usd)
                self._cost(event)
            case _:
                pass

    def _add(self, stage: str, **more: float) -> None:
        row = self.stages[stage]
        self.stages[stage] = row.model_copy(update={k: getattr(row, k) + v for k, v in more.items()})

    def _cost(self, event: e.ModelAnswered | e.ModelRefused) -> None:
        row = self.costs.get(event.purpose, CostRow(purpose=event.purpose))
        usage = event.usage
        read = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
        self.costs[event.purpose] = row.model_copy(
            update={
                "asked": row.asked + 1,
                "refused": row.refused + int(isinstance(event, e.ModelRefused)),
                "input_tokens": row.input_tokens + read,
                "output_tokens": row.output_tokens + usage.output_tokens,
                "usd": row.usd + event.usd,
                "seconds": row.seconds + (event.seconds if isinstance(event, e.ModelAnswered) else 0.0),
            }
        )


def _proposal(event: e.SolutionProposed, stage: str, position: int) -> ProposalRow:
    solution = event.solution
    return ProposalRow(
        position=position,
        solution=solution.id,
        parent=solution.parent,
        mends=solution.mends,
        track=event.track,
        stage=stage,
        move=solution.change.move,
        summary=solution.change.summary,
        approach=solution.approach,
        level=solution.change.level,
        diagnosis=solution.diagnosis.value if solution.diagnosis else None,
        prior=solution.reason.prior,
        expected=solution.reason.expected,
        skills=solution.reason.skills,
        why=solution.reason.text,
        outcome="open",
    )


def _finished(row: ProposalRow, state: RunState, notes: _Notes) -> ProposalRow:
    """A proposal with what became of it."""
    candidate = state.candidates[row.solution]
    decision = notes.decisions.get(row.solution)
    return row.model_copy(
        update={
            "outcome": _outcome(candidate),
            "decided": decision.reason if decision else "",
            "score": candidate.score,
            "error": candidate.error,
            "folds": candidate.score_folds,
            "stopped_early": candidate.stopped_early,
            "gain": decision.gain if decision else None,
            "gain_error": decision.error if decision else None,
            "seconds": round(sum(candidate.seconds.values()) - sum(candidate.saved.values()), 3),
            "failure": candidate.failure,
        }
    )


def _outcome(candidate: Candidate) -> str:
    if candidate.failure is not None:
        return "failed"
    if candidate.verdict is not None:
        return candidate.verdict
    return "prototype" if candidate.track is None and candidate.scored else "open"
