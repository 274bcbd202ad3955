"""Evaluation: a script runs once per view, and the runner makes scores out of what it wrote."""

from collections.abc import Iterator
from contextlib import closing

from haste.core import actions as a
from haste.core.competition import Fold
from haste.core.evaluation import Outcome, Task
from haste.core.events import EvaluationFailed, EvaluationStarted, Event, FoldScored, SolutionScored
from haste.core.finalists import margin
from haste.core.run import RunState
from haste.core.solution import Failure, FailureKind, Limits
from haste.core.statistics import clearly_worse, mean, standard_error
from haste.ports import Ports

FIRST_SECONDS = 30.0
"""What an evaluation may take at least while no solution has a score, however little time is left."""
OUTPUT_KEPT = 600
"""Characters of a successful script's output that stay in the log."""


def evaluate(action: a.Evaluate, state: RunState, ports: Ports) -> Iterator[Event]:
    """Run a solution on views, in the order of the folds; stop early once it has clearly lost against its rival."""
    scores = dict(state.candidates[action.solution].scores)
    lost = _has_lost(action, state, scores)
    if action.folds and not lost:
        yield EvaluationStarted(
            solution=action.solution,
            folds=action.folds,
            purpose=action.purpose,
            sandbox=ports.sandbox.level,
        )
        began, left = ports.clock.monotonic(), state.time_left - margin(state)
        for event in run_views(action.solution, action.folds, state, ports):
            late = action.purpose == "confirm" and ports.clock.monotonic() - began >= left
            if late and isinstance(event, EvaluationFailed) and event.failure.kind is FailureKind.TIMED_OUT:
                break  # the run's clock ended it: that says nothing against the solution
            yield event
            if isinstance(event, EvaluationFailed):
                return
            if isinstance(event, FoldScored) and event.score is not None:
                scores[event.fold.key] = event.score
                lost = _has_lost(action, state, scores)
            if isinstance(event, FoldScored) and event.fold.tenth:
                yield from _too_long(event, state)
            if lost or late:
                break  # late: what is kept back for the submission is not spent on a surer choice
    if action.purpose == "look":
        return
    search = [scores[fold.key] for fold in state.search_folds if fold.key in scores]
    if action.purpose == "score" or len(search) > state.candidates[action.solution].score_folds:
        yield SolutionScored(
            solution=action.solution,
            score=mean(search),
            error=standard_error(search),
            folds=len(search),
            stopped_early=lost and len(search) < len(state.search_folds),
        )


def _too_long(look: FoldScored, state: RunState) -> Iterator[Event]:
    """A failure before the whole is run, where a tenth says that it would not fit."""
    whole, allowed = 10.0 * look.seconds, limits(state).seconds
    if whole > allowed:
        message = f"a tenth of the rows took {look.seconds:.0f} s, so all would take about {whole:.0f} s; "
        failure = Failure(kind=FailureKind.TIMED_OUT, message=f"{message}{allowed:.0f} s are allowed")
        yield EvaluationFailed(solution=look.solution, fold=look.fold, failure=failure, seconds=look.seconds)


def _has_lost(action: a.Evaluate, state: RunState, scores: dict[str, float]) -> bool:
    if action.rival is None or state.competition is None:
        return False
    rival = state.candidates[action.rival].scores
    gains = [state.competition.metric.gain(s, rival[k]) for k, s in scores.items() if k in rival]
    return clearly_worse(gains, usual=state.usual_noise())


def run_views(solution: str, folds: tuple[Fold, ...], state: RunState, ports: Ports) -> Iterator[Event]:
    """FoldScored for each fold in order, or one EvaluationFailed and nothing after it."""
    competition, profile = state.competition, state.profile
    assert competition is not None and profile is not None
    code = ports.log.get(state.run, state.candidates[solution].solution.code).decode()
    tasks = [
        Task(
            code=code,
            view=ports.files.view(state.run, competition, profile, fold),
            work=ports.files.work_folder(state.run, solution, fold),
            limits=limits(state),
            imports=_heavy_imports(code),
        )
        for fold in folds
    ]
    with closing(ports.sandbox.run(tasks, jobs=max(1, state.settings.jobs))) as outcomes:  # type: ignore[type-var]
        for fold, task, outcome in zip(folds, tasks, outcomes, strict=True):
            failure = outcome.failure
            if failure is None:
                collected = ports.files.collect(state.run, competition, profile, fold, solution, task.work)
                if not isinstance(collected, Failure):
                    yield _fold_scored(solution, fold, outcome, collected.score, collected.predictions)
                    continue
                failure = collected.model_copy(update={"output": outcome.output[-4000:]})
            yield EvaluationFailed(solution=solution, fold=fold, failure=failure, seconds=outcome.seconds)
            return


def _fold_scored(solution: str, fold: Fold, outcome: Outcome, score: float | None, predictions: str) -> FoldScored:
    return FoldScored(
        solution=solution,
        fold=fold,
        score=score,
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        memory_bytes=outcome.memory_bytes,
        predictions=predictions,
        output=outcome.output[-OUTPUT_KEPT:],
    )


def _heavy_imports(code: str) -> tuple[str, ...]:
    return tuple(name for name in ("torch",) if f"import {name}" in code or f"from {name}" in code)


def limits(state: RunState) -> Limits:
    """What one evaluation may use: a share of the time limit, never what is kept for the end; a share of memory."""
    settings = state.settings
    share = settings.evaluation_seconds or max(30.0, 0.25 * settings.time_limit)
    # A run that has nothing yet may be late: without one solution there is nothing to submit.
    least = FIRST_SECONDS if state.best is None else 1.0
    seconds = max(least, min(share, state.time_left - margin(state)))
    jobs = max(1, settings.jobs)
    machine = int(state.environment.get("memory_bytes", 4 * 2**30))
    memory = int(settings.memory_gib * 2**30) or int(0.7 * machine / jobs)
    cores = int(state.environment.get("cores", "1"))
    # A prototype runs on one view alone, so it has every core; afterwards views run side by side.
    alone = "prototypes" not in state.finished_stages
    threads = cores if alone else max(1, cores // jobs)
    return Limits(seconds=seconds, memory_bytes=memory, threads=threads)
