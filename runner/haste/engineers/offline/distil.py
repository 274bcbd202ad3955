"""What a run found out: the best plan, the moves that helped, and those that hurt, each with its interval."""

from collections.abc import Iterator

from haste.core.condition import Condition
from haste.core.knowledge import Context
from haste.core.learning import Effect, Learning, Recipe
from haste.core.metric import Metric
from haste.core.run import Candidate, RunState
from haste.core.scope import Scope
from haste.core.solution import REMEMBERED_PLAN
from haste.core.statistics import error_left, relative_gain, standard_error
from haste.engineers.offline.catalogue import find_move
from haste.engineers.offline.move import TUNING, Move

MOST = 5
CLEAR = 2.0
"""Standard errors of a paired gain from which an effect counts as seen."""


def distil(state: RunState, context: Context) -> Iterator[Learning]:
    """At most five learnings: the best plan first, then the clearest effects of either sign.

    What isn't clear here is told too, as far as there is room: with what other runs saw of it, it may become clear.
    """
    told = [learning for learning in (_best_plan(state, context),) if learning is not None]
    effects = sorted(_effects(state), key=lambda one: (-abs(one.gain) / one.error, one.candidate.solution.id))
    for number, effect in enumerate(effects[: MOST - len(told)], start=1):
        told.append(_of_effect(effect, state, context, number))
    yield from told


class _Effect:
    """One decided change, with its relative gain, the standard error of that, and the folds that both rest on."""

    def __init__(self, candidate: Candidate, move: Move, gain: float, error: float, folds: int) -> None:
        self.candidate, self.move, self.gain, self.error, self.folds = candidate, move, gain, error, folds


def _effects(state: RunState) -> Iterator[_Effect]:
    assert state.domain is not None and state.competition is not None
    seen: set[str] = set()
    for candidate in state.candidates.values():
        parent = state.candidates.get(candidate.solution.parent or "")
        move = find_move(candidate.solution.change.move, state.domain)
        if candidate.relative_gain is None or parent is None or move is None or move.name in seen:
            continue
        error = relative_error(state, candidate, parent)
        if error is not None:
            seen.add(move.name)
            # With fresh folds, where both were finalists: a change was kept for what the search's alone showed.
            gain = _gain_between(state.competition.metric, candidate, parent)
            yield _Effect(candidate, move, gain, error, len(_shared(candidate, parent)))


def relative_error(state: RunState, candidate: Candidate, parent: Candidate) -> float | None:
    """The standard error of a change's relative gain, from its paired folds; None for fewer than two."""
    assert state.competition is not None
    gains = state.gains_over(candidate.solution.id, parent.solution.id)
    error, level = standard_error(gains), error_left(state.competition.metric, parent.score or 0.0)
    if error is None or level == 0.0:
        return None
    return max(error / level, 1e-5)


def _best_plan(state: RunState, context: Context) -> Learning | None:
    chosen = state.ensemble.single if state.ensemble else state.best
    best = state.candidates.get(chosen or "")
    if best is None or best.solution.plan is None or state.competition is None or best.score is None:
        return None
    path = _path(state, best)
    moves = [c.solution.change.move for c in path[1:]]
    start = state.candidates[path[0].solution.id]
    # Fresh folds may speak against a step that the search kept: the plan is then as good as its start, no better.
    gain = max(0.0, _gain_between(state.competition.metric, best, start))
    how = (
        f"reached from the {path[0].solution.approach} prototype by {', '.join(moves)}" if moves else "a prototype"
    )
    score = f"{best.score:.5g}" + (f" ± {best.error:.2g}" if best.error is not None else "")
    text = (
        f"The best single solution of this run is a {best.solution.approach} pipeline, {how}. It scored {score} "
        f"({state.competition.metric.name}, {_folds(best.score_folds)}, {best.mean_seconds:.1f} s each). "
        "Start there."
    )
    trials = len(_shared(best, start))
    recipe = Recipe(move=REMEMBERED_PLAN, gain=gain, trials=trials, plan=best.solution.plan)
    return _learning(
        state, context, 0, f"Start {state.competition.id} from the best plan so far", text, recipe, [best]
    )


def _folds(number: int) -> str:
    return f"{number} fold{'' if number == 1 else 's'}"


def _gain_between(metric: Metric, best: Candidate, start: Candidate) -> float:
    shared = _shared(best, start)
    if not shared or best is start:
        return 0.0
    new, old = (sum(c.scores[k] for k in shared) / len(shared) for c in (best, start))
    return relative_gain(metric, new, old)


def _shared(one: Candidate, other: Candidate) -> list[str]:
    return [fold for fold in one.scores if fold in other.scores]


def _path(state: RunState, candidate: Candidate) -> list[Candidate]:
    path = [candidate]
    while (parent := path[0].solution.parent) is not None and parent in state.candidates:
        path.insert(0, state.candidates[parent])
    return path


def _of_effect(effect: _Effect, state: RunState, context: Context, number: int) -> Learning:
    move, gain, error = effect.move, effect.gain, effect.error
    clear = abs(gain) >= CLEAR * error
    verdict: Effect = "neutral" if not clear else "helps" if gain > 0 else "hurts"
    claim = {"helps": "helps", "hurts": "hurts", "neutral": "makes no clear difference"}[verdict]
    metric = state.competition.metric.name if state.competition else ""
    sign = "removed" if gain >= 0 else "added"
    text = (
        f"To {move.title}: {sign} {100 * abs(gain):.2g} ± {100 * error:.2g} % of the error left "
        f"({metric}, paired over {_folds(effect.folds)}). {move.why}"
    )
    recipe = Recipe(
        move=move.name,
        effect=verdict,
        gain=gain,
        error=error,
        trials=effect.folds,
        conditions=(*move.conditions, *_seen_under(state, move)),
    )
    return _learning(state, context, number, f"{move.name} {claim}", text, recipe, [effect.candidate])


def _seen_under(state: RunState, move: Move) -> tuple[Condition, ...]:
    """Bounds on size around what was seen: a factor of ten either way; and for what tunes, the kind of task."""
    assert state.profile is not None
    rows = float(state.profile.rows)
    size = Condition(trait="rows", at_least=_round(rows / 10), at_most=_round(rows * 10))
    if move.level != TUNING:
        return (size,)
    return (size, Condition(trait="task", equals=state.profile.task.value))


def _round(value: float) -> float:
    return float(f"{value:.1g}")


def _learning(
    state: RunState,
    context: Context,
    number: int,
    title: str,
    text: str,
    recipe: Recipe,
    candidates: list[Candidate],
) -> Learning:
    assert state.competition is not None and state.domain is not None
    skills = sorted({s for c in candidates for s in c.solution.reason.skills})
    clear = recipe.error is not None and abs(recipe.gain) >= CLEAR * recipe.error
    return Learning(
        id=f"{context.run}#{number}",
        title=title,
        text=text,
        recipe=recipe,
        tier=Scope.DOMAIN if clear and recipe.plan is None else Scope.COMPETITION,
        competition=state.competition.id,
        domain=state.domain,
        metric=state.competition.metric_name,
        engineer="offline",
        run=context.run,
        positions=tuple(sorted(p for c in candidates for p in c.shown_at)),
        skills=tuple(skills),
    )
