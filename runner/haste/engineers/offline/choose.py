"""Which move comes next: what it is worth here, for what it costs, at the level that escalation asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from haste.core.finalists import decision_rows, fold_rounds, margin
from haste.core.knowledge import Knowledge
from haste.core.run import RunState
from haste.core.solution import Reason
from haste.engineers.offline.evidence import Belief, believe
from haste.engineers.offline.move import FEATURES, MODELS, TUNING, Move
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import Problem

PREFERENCE = {
    0: {TUNING: 1.0, FEATURES: 1.0, MODELS: 1.0},
    1: {TUNING: 0.6, FEATURES: 1.5, MODELS: 1.2},
    2: {TUNING: 0.4, FEATURES: 1.0, MODELS: 2.0},
}
"""How much an escalation level likes a move's level: features, then models, where small changes don't help."""
PATIENCE = 0.04
"""The share of the time left that a try may take before its cost begins to matter much."""
NOT_WORTH = 0.0002
"""Expected improvement below which a move isn't worth a try."""


@dataclass(frozen=True)
class Choice:
    """A move, the plan it makes, and why it was chosen."""

    move: Move
    plan: Plan
    reason: Reason


@dataclass(frozen=True)
class Question:
    """What is to be improved: the parent's plan, the seconds one view of it takes, and the escalation level."""

    parent: Plan
    seconds: float
    escalation: int


def choose(
    moves: Sequence[Move], question: Question, problem: Problem, knowledge: Knowledge, state: RunState
) -> Choice | None:
    """The best next move on the parent; None when none is left that fits the time and is worth it."""
    tried = [c.solution.plan for c in state.candidates.values()]
    ranked: list[tuple[float, Move, Belief]] = []
    for move in moves:
        price = search_seconds(state, question.seconds * move.cost)
        if not move.fits(question.parent.domain, problem) or price > affordable(state):
            continue
        belief = believe(move, problem, knowledge, state)
        if belief.worth >= NOT_WORTH:
            liking = PREFERENCE[question.escalation][move.level]
            ranked.append((belief.worth * liking / (price + PATIENCE * max(1.0, state.time_left)), move, belief))
    for _, move, belief in sorted(ranked, key=lambda one: (-one[0], one[1].name)):
        plan = move.apply(question.parent, problem)
        if plan is not None and plan.dump() not in tried:
            return Choice(move=move, plan=plan, reason=_reason(move, belief))
    return None


def search_seconds(state: RunState, seconds: float) -> float:
    """What scoring a script on every fold of the search takes, at `seconds` a view."""
    return seconds * fold_rounds(state, len(state.search_folds))


def affordable(state: RunState) -> float:
    """The most that the search may spend on one script: what is kept must also be run on some fresh folds."""
    free = state.time_left - margin(state)
    return free / 1.5 if decision_rows(state) == "fresh folds" else free


def _reason(move: Move, belief: Belief) -> Reason:
    text = f"{move.why} Expected to remove {100 * belief.gain:.2g} ± {100 * belief.spread:.2g} % of the error"
    text += f"; a catalogue prior of {100 * move.gain:.2g} %"
    if belief.skills:
        text += f", moved by {', '.join(belief.skills)}"
    if belief.seen:
        text += f", and tried {belief.seen} time{'s' if belief.seen > 1 else ''} before in this run"
    return Reason(prior=move.gain, expected=belief.gain, skills=belief.skills, text=text + ".")
