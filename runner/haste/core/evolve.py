"""How events make the state of a run: a pure fold. No clock, no chance, no files."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from haste.core import events as e
from haste.core.model import replace
from haste.core.run import Candidate, RunState, Track, ranking
from haste.core.statistics import standard_error


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
        writing=max(state.writing, spent) if _is_blended(event) else state.writing,
    )
    apply = _APPLY.get(type(event))
    return apply(state, event) if apply else state


def _is_blended(event: e.AnyEvent) -> bool:
    """Whether this is a submission made of predictions; plain averages cost next to nothing."""
    return isinstance(event, e.SubmissionWritten) and bool(event.members)


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


def _proposed(state: RunState, event: e.SolutionProposed) -> RunState:
    solution = event.solution
    candidate = Candidate(solution=solution, track=event.track, escalation=event.escalation)
    state = replace(state, candidates={**state.candidates, solution.id: candidate}, pending=solution.id)
    state = replace(state, asked=None, answers=())
    if solution.mends is not None:
        return replace(
            state,
            drafts=tuple(solution.id if d == solution.mends else d for d in state.drafts),
        )
    if event.track is None:
        return replace(state, drafts=(*state.drafts, solution.id))
    return _with_track(state, event.track, iterations=state.tracks[event.track].iterations + 1)


def _rejected(state: RunState, event: e.SolutionRejected) -> RunState:
    state = replace(state, asked=None, answers=())
    if event.purpose == "draft":
        return replace(state, drafts_rejected=state.drafts_rejected + 1)
    if event.purpose == "debug":
        return _given_up(state, event.track)
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


def _given_up(state: RunState, track: int | None) -> RunState:
    pending = state.candidates.get(state.pending or "")
    if pending is not None and pending.failure is not None:
        return replace(state, given_up=(*state.given_up, state.failed_first(pending.solution.id)))
    if track is None:
        return state
    return replace(state, given_up=(*state.given_up, state.failed_first(state.tracks[track].best)))


def _with_track(state: RunState, number: int, **changes: Any) -> RunState:  # noqa: ANN401  (fields of a dataclass)
    tracks = list(state.tracks)
    tracks[number] = replace(tracks[number], **changes)
    return replace(state, tracks=tuple(tracks))


def _shown(state: RunState, solution: str) -> tuple[int, ...]:
    return (*state.candidates[solution].shown_at, state.position - 1)


def _with_candidate(state: RunState, solution: str, **changes: Any) -> RunState:  # noqa: ANN401  (fields of a dataclass)
    candidate = replace(state.candidates[solution], **changes)
    return replace(state, candidates={**state.candidates, solution: candidate})


def _fold_scored(state: RunState, event: e.FoldScored) -> RunState:
    candidate = state.candidates[event.solution]
    if event.fold.tenth:
        return _with_candidate(state, event.solution, look_seconds=event.seconds, look=event.predictions)
    key = event.fold.key
    scores = candidate.scores if event.score is None else {**candidate.scores, key: event.score}
    return _with_candidate(
        state,
        event.solution,
        scores=scores,
        seconds={**candidate.seconds, key: event.seconds + event.saved_seconds},
        saved={**candidate.saved, key: event.saved_seconds},
        predictions={**candidate.predictions, key: event.predictions},
        outputs={**candidate.outputs, key: event.output},
        memory_bytes=max(candidate.memory_bytes, event.memory_bytes),
    )


def _evaluation_failed(state: RunState, event: e.EvaluationFailed) -> RunState:
    if event.fold.full:
        # A last fit only adds to what the folds have shown: without it the solution stands as it did.
        return _with_candidate(state, event.solution, refit_failure=event.failure)
    if event.fold.key in state.candidates[event.solution].predictions:
        return state  # it was run again for predictions that were lost: what they scored still holds
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
