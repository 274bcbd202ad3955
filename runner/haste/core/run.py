"""The state of a run: a pure fold of its events. No clock, no chance, no files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from haste.core import events as e
from haste.core.competition import Competition, Domain, Fold, Profile
from haste.core.learning import Learning
from haste.core.model import replace
from haste.core.solution import Failure, Solution
from haste.core.statistics import mean, paired_gains, standard_error
from haste.settings import Settings

WINNER, RUNNER_UP = 0, 1


@dataclass(frozen=True)
class Candidate:
    """A solution and what is known of it."""

    solution: Solution
    track: int | None = None
    escalation: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    """Score by fold key, in the order of evaluation."""
    seconds: dict[str, float] = field(default_factory=dict)
    predictions: dict[str, str] = field(default_factory=dict)
    """Digest of the kept predictions by fold key."""
    outputs: dict[str, str] = field(default_factory=dict)
    memory_bytes: int = 0
    failure: Failure | None = None
    scored: bool = False
    score: float | None = None
    error: float | None = None
    score_folds: int = 0
    """How many folds stand behind `score`."""
    stopped_early: bool = False
    verdict: str | None = None
    """`kept` or `reverted` once it was decided, None before."""
    gain: float | None = None
    relative_gain: float | None = None
    shown_at: tuple[int, ...] = ()
    """Positions of the events that scored it and decided about it."""

    @property
    def mean_seconds(self) -> float:
        """Mean wall time of one fold; 0.0 before the first."""
        return mean(list(self.seconds.values()))


@dataclass(frozen=True)
class Track:
    """One line of refinement: its current best, how many changes it has seen, and how many misses in a row."""

    start: str
    """The prototype it began with."""
    best: str
    iterations: int = 0
    misses: int = 0
    exhausted: bool = False
    finished: str | None = None

    def escalation(self, after: int) -> int:
        """0 while changes help; one level more for every `after` misses in a row, at most 2."""
        return min(2, self.misses // after)


@dataclass(frozen=True)
class RunState:
    """Everything a decision may depend on. `position` is that of the next event."""

    run: str = ""
    position: int = 0
    seconds: float = 0.0
    """Time the run has been active, by its own log; what lies before a `RunResumed` doesn't count."""
    last_at: datetime | None = None
    competition: Competition | None = None
    settings: Settings = field(default_factory=Settings)
    engineer: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    profile: Profile | None = None
    domain: Domain | None = None
    loaded: e.SkillsLoaded | None = None
    candidates: dict[str, Candidate] = field(default_factory=dict)
    drafts: tuple[str, ...] = ()
    drafts_rejected: int = 0
    pending: str | None = None
    """The solution that was proposed and is not yet decided about."""
    tracks: tuple[Track, ...] = ()
    finished_stages: tuple[str, ...] = ()
    debug_attempts: int = 0
    debug_given_up: bool = False
    exhausted: dict[str, str] = field(default_factory=dict)
    ensemble: e.EnsembleBuilt | None = None
    ensemble_kept: bool | None = None
    submission: e.SubmissionWritten | None = None
    interim_for: tuple[str, ...] = ()
    """Members of the last interim submission."""
    learnings: tuple[Learning, ...] = ()
    asked: e.ModelAsked | None = None
    """A question without an answer: it went out before a crash, or is out now."""
    answers: tuple[tuple[e.ModelAsked, e.ModelAnswered], ...] = ()
    """Answers since the last proposal, so that a crash in between costs no second call."""
    without: tuple[str, ...] = ()
    """What the model's server was found not to have, since the run last began: caching, schemas, …"""
    usd: float = 0.0
    output_tokens: int = 0
    noise: tuple[float, ...] = ()
    """Standard deviations of paired gains of the changes decided so far."""
    failed: str | None = None
    paused: str | None = None
    done: bool = False
    graded: e.SubmissionGraded | None = None

    @property
    def finished(self) -> bool:
        """Whether the loop has nothing more to do: done, failed, or paused for money."""
        return self.done or self.failed is not None or self.paused is not None

    @property
    def time_left(self) -> float:
        """Seconds left of the run's time limit."""
        return self.settings.time_limit - self.seconds

    @property
    def search_folds(self) -> tuple[Fold, ...]:
        """The folds that refinement decides by."""
        if self.profile is None:
            return ()
        return tuple(Fold(number=k) for k in range(self.profile.folds.folds))

    @property
    def final_members(self) -> tuple[e.Member, ...]:
        """Who makes the submission: the ensemble where it was kept, else the best single solution."""
        if self.ensemble is not None:
            if self.ensemble_kept:
                return self.ensemble.members
            return (e.Member(solution=self.ensemble.single, weight=1.0),)
        best = self.best
        return (e.Member(solution=best, weight=1.0),) if best else ()

    @property
    def best(self) -> str | None:
        """The best solution so far: most folds first (a full score beats a glance), then the score.

        What was reverted is none, though its score may be higher: that was within the noise.
        """
        metric = self.competition.metric if self.competition else None
        best: Candidate | None = None
        for candidate in self.candidates.values():
            if metric is None or candidate.score is None or candidate.failure or candidate.verdict == "reverted":
                continue
            if best is None or best.score is None:
                best = candidate
                continue
            more, fewer = len(candidate.scores), len(best.scores)
            if more > fewer or (more == fewer and metric.better(candidate.score, best.score)):
                best = candidate
        return best.solution.id if best else None

    def usual_noise(self) -> float | None:
        """The median standard deviation of paired gains so far; None before three changes were decided."""
        if len(self.noise) < 3:
            return None
        return sorted(self.noise)[len(self.noise) // 2]

    def search_scores(self, solution: str) -> list[float]:
        """The scores of a solution on the search folds it has, in the order of the folds."""
        scores = self.candidates[solution].scores
        return [scores[fold.key] for fold in self.search_folds if fold.key in scores]

    def gains_over(self, solution: str, rival: str) -> list[float]:
        """Paired gains of a solution over a rival on the folds that both have a score for."""
        if self.competition is None:
            return []
        new, old = self.candidates[solution].scores, self.candidates[rival].scores
        shared = [key for key in new if key in old]
        return paired_gains(self.competition.metric, [new[k] for k in shared], [old[k] for k in shared])


def evolve(state: RunState, recorded: e.Recorded) -> RunState:
    """The state after one more event. Pure; an event of another kind of stream changes nothing but the position."""
    at = datetime.fromisoformat(recorded.envelope.at)
    event = recorded.event
    spent = 0.0
    if state.last_at is not None and not isinstance(event, e.RunResumed) and not state.done:
        spent = max(0.0, (at - state.last_at).total_seconds())
    state = replace(
        state,
        run=recorded.envelope.run,
        position=recorded.envelope.position + 1,
        seconds=state.seconds + spent,
        last_at=at,
    )
    apply = _APPLY.get(type(event))
    return apply(state, event) if apply else state


def rebuild(recorded: Iterable[e.Recorded]) -> RunState:
    """The state of a whole stream."""
    state = RunState()
    for one in recorded:
        state = evolve(state, one)
    return state


def _started(state: RunState, event: e.RunStarted) -> RunState:
    return replace(
        state,
        competition=event.competition,
        settings=event.settings,
        engineer=event.engineer,
        environment=event.environment,
    )


_BUDGET_OF = {"time_limit": "time", "max_usd": "usd", "max_tokens": "tokens"}


def _resumed(state: RunState, event: e.RunResumed) -> RunState:
    settings = state.settings.model_copy(update=event.raised)
    lifted = {_BUDGET_OF.get(name, name) for name in event.raised}
    kept = {k: v for k, v in state.exhausted.items() if k not in lifted}
    return replace(state, settings=settings, environment=event.environment, paused=None, exhausted=kept, without=())


def _exhausted(state: RunState, event: e.BudgetExhausted) -> RunState:
    paused = event.detail if event.budget in ("usd", "tokens") else state.paused
    return replace(state, exhausted={**state.exhausted, event.budget: event.detail}, paused=paused)


def _stage_finished(state: RunState, event: e.StageFinished) -> RunState:
    if event.stage == "refinement" and event.track is not None:
        tracks = list(state.tracks)
        tracks[event.track] = replace(tracks[event.track], finished=event.reason)
        return replace(state, tracks=tuple(tracks))
    state = replace(state, finished_stages=(*state.finished_stages, event.stage))
    if event.stage == "prototypes":
        ranked = ranking(state, state.drafts)
        state = replace(state, pending=None, tracks=tuple(Track(start=s, best=s) for s in ranked[:2]))
    return state


def ranking(state: RunState, solutions: Iterable[str]) -> list[str]:
    """Solutions that have a score, best first; equal scores in the order of proposal."""
    if state.competition is None:
        return []
    sign = -1.0 if state.competition.metric.direction == "maximize" else 1.0
    scored = [(sign * c.score, s) for s in solutions if (c := state.candidates[s]).score is not None]
    return [s for _, s in sorted(scored)]


def _proposed(state: RunState, event: e.SolutionProposed) -> RunState:
    solution = event.solution
    candidate = Candidate(solution=solution, track=event.track, escalation=event.escalation)
    state = replace(state, candidates={**state.candidates, solution.id: candidate}, pending=solution.id)
    state = replace(state, asked=None, answers=())
    if solution.mends is not None:
        return replace(
            state,
            debug_attempts=state.debug_attempts + 1,
            drafts=tuple(solution.id if d == solution.mends else d for d in state.drafts),
        )
    state = replace(state, debug_attempts=0, debug_given_up=False)
    if event.track is None:
        return replace(state, drafts=(*state.drafts, solution.id))
    return _with_track(state, event.track, iterations=state.tracks[event.track].iterations + 1)


def _rejected(state: RunState, event: e.SolutionRejected) -> RunState:
    state = replace(state, asked=None, answers=())
    if event.purpose == "draft":
        return replace(state, drafts_rejected=state.drafts_rejected + 1)
    if event.purpose == "debug":
        return replace(state, debug_given_up=True)
    if event.track is None:
        return state
    track = state.tracks[event.track]
    return _with_track(
        state,
        event.track,
        iterations=track.iterations + (0 if event.exhausted else 1),
        misses=track.misses + 1,
        exhausted=event.exhausted,
    )


def _with_track(state: RunState, number: int, **changes: object) -> RunState:
    tracks = list(state.tracks)
    tracks[number] = replace(tracks[number], **changes)
    return replace(state, tracks=tuple(tracks))


def _shown(state: RunState, solution: str) -> tuple[int, ...]:
    return (*state.candidates[solution].shown_at, state.position - 1)


def _with_candidate(state: RunState, solution: str, **changes: object) -> RunState:
    candidate = replace(state.candidates[solution], **changes)
    return replace(state, candidates={**state.candidates, solution: candidate})


def _fold_scored(state: RunState, event: e.FoldScored) -> RunState:
    candidate = state.candidates[event.solution]
    key = event.fold.key
    scores = candidate.scores if event.score is None else {**candidate.scores, key: event.score}
    return _with_candidate(
        state,
        event.solution,
        scores=scores,
        seconds={**candidate.seconds, key: event.seconds},
        predictions={**candidate.predictions, key: event.predictions},
        outputs={**candidate.outputs, key: event.output},
        memory_bytes=max(candidate.memory_bytes, event.memory_bytes),
    )


def _evaluation_failed(state: RunState, event: e.EvaluationFailed) -> RunState:
    return _with_candidate(state, event.solution, failure=event.failure)


def _scored(state: RunState, event: e.SolutionScored) -> RunState:
    state = _with_candidate(
        state,
        event.solution,
        scored=True,
        score=event.score,
        error=event.error,
        score_folds=event.folds,
        stopped_early=event.stopped_early,
        shown_at=_shown(state, event.solution),
    )
    in_prototypes = "prototypes" not in state.finished_stages
    return replace(state, pending=None) if in_prototypes and event.solution == state.pending else state


def _kept(state: RunState, event: e.ChangeKept) -> RunState:
    state = _decided(state, event, "kept")
    return _with_track(state, event.track, best=event.solution, misses=0)


def _reverted(state: RunState, event: e.ChangeReverted) -> RunState:
    state = _decided(state, event, "reverted")
    return _with_track(state, event.track, misses=state.tracks[event.track].misses + 1)


def _decided(state: RunState, event: e.ChangeKept | e.ChangeReverted, verdict: str) -> RunState:
    gains = state.gains_over(event.solution, event.parent)
    error = standard_error(gains)
    noise = state.noise if error is None else (*state.noise, error * len(gains) ** 0.5)
    state = _with_candidate(
        state,
        event.solution,
        verdict=verdict,
        gain=event.gain,
        relative_gain=event.relative_gain,
        shown_at=_shown(state, event.solution),
    )
    return replace(state, pending=None, noise=noise)


def _submitted(state: RunState, event: e.SubmissionWritten) -> RunState:
    members = tuple(m.solution for m in event.members)
    return replace(state, submission=event, interim_for=members)


def _answered(state: RunState, event: e.ModelAnswered) -> RunState:
    asked = state.asked
    answers = (*state.answers, (asked, event)) if asked else state.answers
    return replace(
        state,
        asked=None,
        answers=answers,
        usd=state.usd + event.usd,
        output_tokens=state.output_tokens + event.usage.output_tokens,
    )


def _refused(state: RunState, event: e.ModelRefused) -> RunState:
    lacking = (event.message,) if event.kind == "unsupported" else ()
    return replace(
        state,
        asked=None,
        without=(*state.without, *lacking),
        usd=state.usd + event.usd,
        output_tokens=state.output_tokens + event.usage.output_tokens,
    )


def _learned(state: RunState, event: e.LearningRecorded) -> RunState:
    return replace(state, learnings=(*state.learnings, event.learning), asked=None)


_APPLY: dict[type, Callable[[RunState, Any], RunState]] = {
    e.RunStarted: _started,
    e.RunResumed: _resumed,
    e.BudgetExhausted: _exhausted,
    e.CompetitionProfiled: lambda s, ev: replace(s, profile=ev.profile),
    e.DomainChosen: lambda s, ev: replace(s, domain=ev.domain),
    e.SkillsLoaded: lambda s, ev: replace(s, loaded=ev),
    e.StageFinished: _stage_finished,
    e.ModelAsked: lambda s, ev: replace(s, asked=ev),
    e.ModelAnswered: _answered,
    e.ModelRefused: _refused,
    e.SolutionProposed: _proposed,
    e.SolutionRejected: _rejected,
    e.FoldScored: _fold_scored,
    e.EvaluationFailed: _evaluation_failed,
    e.SolutionScored: _scored,
    e.ChangeKept: _kept,
    e.ChangeReverted: _reverted,
    e.EnsembleBuilt: lambda s, ev: replace(s, ensemble=ev),
    e.EnsembleKept: lambda s, _: replace(s, ensemble_kept=True),
    e.EnsembleDropped: lambda s, _: replace(s, ensemble_kept=False),
    e.SubmissionWritten: _submitted,
    e.SubmissionGraded: lambda s, ev: replace(s, graded=ev),
    e.LearningRecorded: _learned,
    e.RunFinished: lambda s, _: replace(s, done=True),
    e.RunFailed: lambda s, ev: replace(s, failed=ev.reason),
}
