"""Evaluation: a script runs once per view, and the runner makes scores out of what it wrote."""

from collections.abc import Iterator
from contextlib import closing
from math import inf

from haste.core import actions as a
from haste.core.competition import Fold
from haste.core.evaluation import Outcome, Task
from haste.core.events import (
    BudgetExhausted,
    EvaluationFailed,
    EvaluationStarted,
    Event,
    FoldScored,
    SolutionScored,
)
from haste.core.finalists import margin
from haste.core.run import RunState
from haste.core.solution import Failure, FailureKind, Limits
from haste.core.statistics import clearly_worse, mean, standard_error
from haste.ports import Ports

LEAST_SECONDS = 2.0
"""What an evaluation is worth beginning with, while that much is left."""
OUTPUT_KEPT = 600
"""Characters of a successful script's output that stay in the log."""


def evaluate(action: a.Evaluate, state: RunState, ports: Ports) -> Iterator[Event]:
    """Run a solution on views, in the order of the folds; stop early once it has clearly lost against its rival."""
    scores = dict(state.candidates[action.solution].scores)
    lost, cut = _has_lost(action, state, scores), False
    if action.folds and not lost:
        until = ports.clock.monotonic() + state.time_left - margin(state)
        yield EvaluationStarted(
            solution=action.solution,
            folds=action.folds,
            purpose=action.purpose,
            sandbox=ports.sandbox.level,
        )
        for event in run_views(action.solution, action.folds, state, ports, until):
            yield event
            if isinstance(event, EvaluationFailed):
                return
            cut = isinstance(event, BudgetExhausted)
            if isinstance(event, FoldScored) and event.score is not None:
                scores[event.fold.key] = event.score
                lost = _has_lost(action, state, scores)
            if isinstance(event, FoldScored) and event.fold.tenth:
                yield from _too_long(event, state)
            if lost:
                break
    search = [scores[fold.key] for fold in state.search_folds if fold.key in scores]
    more = len(search) > state.candidates[action.solution].score_folds
    # A change that was cut is left undecided: on fewer folds than its rival's it would win or lose by chance.
    complete = action.purpose == "score" and not cut
    if action.purpose != "look" and (complete or (more and action.rival is None)):
        yield SolutionScored(
            solution=action.solution,
            score=mean(search),
            error=standard_error(search),
            folds=len(search),
            stopped_early=lost and len(search) < len(state.search_folds),
        )


def _too_long(look: FoldScored, state: RunState) -> Iterator[Event]:
    """A failure before the whole is run, where a tenth says that it would not fit."""
    whole, allowed = 10.0 * look.seconds, limits(state, look.fold).seconds
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


def run_views(
    solution: str, folds: tuple[Fold, ...], state: RunState, ports: Ports, until: float = inf, least: float = 0.0
) -> Iterator[Event]:
    """FoldScored for each fold in order, or one EvaluationFailed and nothing after it.

    `until` is the moment, by the clock, at which all must be there: BudgetExhausted ends them then. Each may take
    `least` seconds, whatever the time limit says.
    """
    competition, profile = state.competition, state.profile
    assert competition is not None and profile is not None
    tasks = _tasks(solution, folds, state, ports, least)
    within = None if until == inf else until - ports.clock.monotonic()
    with closing(ports.sandbox.run(tasks, jobs=max(1, state.settings.jobs), within=within)) as outcomes:  # type: ignore[type-var]
        for fold, task, outcome in zip(folds, tasks, outcomes, strict=True):
            if outcome.cut:
                yield _cut(solution, fold, outcome)
                return
            failure = outcome.failure
            if failure is None:
                collected = ports.files.collect(state.run, competition, profile, fold, solution, task.work)
                if not isinstance(collected, Failure):
                    yield _fold_scored(solution, fold, outcome, collected.score, collected.predictions)
                    continue
                failure = collected.model_copy(update={"output": outcome.output[-4000:]})
            yield EvaluationFailed(solution=solution, fold=fold, failure=failure, seconds=outcome.seconds)
            return


def _tasks(solution: str, folds: tuple[Fold, ...], state: RunState, ports: Ports, least: float) -> list[Task]:
    competition, profile = state.competition, state.profile
    assert competition is not None and profile is not None
    code = ports.log.get(state.run, state.candidates[solution].solution.code).decode()
    return [
        Task(
            code=code,
            view=ports.files.view(state.run, competition, profile, fold),
            work=ports.files.work_folder(state.run, solution, fold),
            limits=limits(state, fold, least),
            imports=_heavy_imports(code),
        )
        for fold in folds
    ]


def _cut(solution: str, fold: Fold, outcome: Outcome) -> BudgetExhausted:
    """The run's own clock ended it: that says nothing against the solution."""
    detail = f"{solution} was cut on fold {fold.key} after {outcome.seconds:.1f} s: the rest is kept for the end"
    return BudgetExhausted(budget="time", detail=detail)


def _fold_scored(solution: str, fold: Fold, outcome: Outcome, score: float | None, predictions: str) -> FoldScored:
    return FoldScored(
        solution=solution,
        fold=fold,
        score=score,
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        memory_bytes=outcome.memory_bytes,
        saved_seconds=outcome.saved_seconds,
        predictions=predictions,
        output=outcome.output[-OUTPUT_KEPT:],
    )


def _heavy_imports(code: str) -> tuple[str, ...]:
    return tuple(name for name in ("torch",) if f"import {name}" in code or f"from {name}" in code)


def limits(state: RunState, fold: Fold, least: float = 0.0) -> Limits:
    """What one evaluation may use: a share of the time limit, never what is kept for the end; a share of memory."""
    settings = state.settings
    left = max(0.0, state.time_left - margin(state))
    share = settings.evaluation_seconds or max(10.0, 0.25 * settings.time_limit)
    if state.best is None:
        # Without one solution there is nothing to submit: half is left for a mend, or another approach.
        share = min(share, left / 2.0)
    machine = int(state.environment.get("memory_bytes", 4 * 2**30))
    memory = int(settings.memory_gib * 2**30) or int(0.7 * machine / max(1, settings.jobs))
    seconds = min(left, max(share, LEAST_SECONDS))
    return Limits(seconds=max(0.1, least, seconds), memory_bytes=memory, threads=_threads(state, fold))


def _threads(state: RunState, fold: Fold) -> int:
    """What runs alone has every core: a prototype, a look, and a last fit on every row."""
    cores = int(state.environment.get("cores", "1"))
    if "prototypes" not in state.finished_stages or fold.full or state.profile is None:
        return cores
    return threads(fold.number, state.profile.folds.folds, jobs=state.settings.jobs, cores=cores)


def threads(number: int, folds: int, *, jobs: int, cores: int) -> int:
    """The threads of one of several views: its share of the cores in the round that it runs in.

    A rule of its number alone, so that an evaluation that is resumed gives it the same. Where one view is left over
    for the last round, it has every core.
    """
    beside = min(max(1, jobs), folds)
    over = folds % beside
    return max(1, cores // (over if number >= folds - over else beside))
