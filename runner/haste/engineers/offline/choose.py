"""Which move comes next: what it is worth here, for what it costs, at the level that escalation asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from haste.core.knowledge import Knowledge
from haste.core.run import RunState
from haste.core.solution import KNOWN_MOVES, Change, FailureMode, Reason
from haste.engineers.offline.evidence import Belief, believe
from haste.engineers.offline.move import FEATURES, MODELS, TUNING, Move
from haste.engineers.offline.odds import LIKELY, Option, hopes_here, is_likely, noise_here
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.price import (
    Done,
    Price,
    is_affordable,
    priced,
    search_seconds,
    seconds_by_model,
    view_seconds,
)
from haste.engineers.offline.problem import Problem

PREFERENCE = {
    0: {TUNING: 1.0, FEATURES: 1.0, MODELS: 1.0},
    1: {TUNING: 0.6, FEATURES: 1.5, MODELS: 1.2},
    2: {TUNING: 0.4, FEATURES: 1.0, MODELS: 2.0},
}
"""How much an escalation level likes a move's level: features, then models, where small changes don't help."""
PATIENCE = 0.12
"""The share of the time left that a try may take before its cost begins to matter much."""
LATER = 2.0
"""Tries that come after a change is kept, each as much dearer as the change made the script slower."""
NOT_WORTH = 0.0002
"""Expected improvement below which a move isn't worth a try."""
EXPERIENCED = 5
"""Competitions that skills rest on from which any move must be likely to be kept: the rest was tried elsewhere."""
CHEAP = 0.005
"""The share of the time left that a script may take which an experienced search tries though it isn't likely.

What was fitted before counts as well: if the change is kept, all that comes after it is as dear.

In four warm runs where nothing likely was kept, two of the 31 changes that were tried all the same were: that is
worth next to nothing.
"""
SURE = 0.75
"""The chance to help from which a move is made along with others, before any is tried by itself."""
SHARE_OF_TIME = 0.35
"""The share of the time left that all known moves together may take."""


@dataclass(frozen=True)
class Choice:
    """A changed plan, what changed it, what it answers, and why it was chosen."""

    plan: Plan
    change: Change
    diagnosis: FailureMode
    reason: Reason


@dataclass(frozen=True)
class Question:
    """What is to be improved: the parent's plan, the seconds one view of it takes, and the escalation level."""

    parent: Plan
    seconds: float
    escalation: int
    done: tuple[Done, ...] = ()
    """What the solutions so far have fitted."""
    on_prototype: bool = True
    """Whether nothing was changed in the parent before."""


@dataclass(frozen=True)
class Offer:
    """A change that may come next: the plan it leads to, what it is worth, and what trying it takes."""

    option: Option
    plan: Plan
    worth: float
    price: Price
    burden: float
    """The seconds that it would add to the tries after it."""


def choose(
    moves: Sequence[Move], question: Question, problem: Problem, knowledge: Knowledge, state: RunState
) -> Choice | None:
    """The best next change of the parent; None when none is left that fits the time and is worth it.

    What skills tell of most surely is done first and at once: what helped elsewhere needn't be found out step by
    step again. If that doesn't help here, it is reverted like any change, and moves are tried one by one. With
    experience, only what is likely to be kept; where nothing is, this data is unlike what was seen, and one other
    is tried if that costs next to nothing.
    """
    places = {seen.competition for skill in knowledge.skills for seen in skill.evidence.without}
    fitting = [move for move in moves if move.fits(question.parent.domain, problem)]
    begun = question.on_prototype
    options = [Option(move, believe(move, problem, knowledge, state, on_prototype=begun)) for move in fitting]
    hopes = hopes_here(state, on_prototype=begun) if len(places) >= EXPERIENCED else None
    if not any(c.solution.change.move == KNOWN_MOVES for c in state.candidates.values()):
        sure = _known(options, state, hopes)
        together = _together(sure, question, problem, state)
        if together is not None and together.plan.dump() not in _tried(state):
            return together
    offers = _offers(options, question, problem, state, hopes)
    if not offers and hopes is not None and not _has_decided(state):
        unlikely = _offers(options, question, problem, state, None)
        offers = [offer for offer in unlikely if offer.price.work <= CHEAP * state.time_left]
    best = _best(offers, state)
    return _single(best.option, best.plan) if best else None


def _best(offers: Sequence[Offer], state: RunState) -> Offer | None:
    """The most gain for its price; but what is worth most is done while there is still time for it.

    So cheap changes come before dear ones, which make everything after them dear too, and never in their place.
    """
    if not offers:
        return None
    patience = PATIENCE * max(1.0, state.time_left)
    best = max(offers, key=lambda o: (o.worth / (o.price.seconds + o.burden + patience), o.option.move.name))
    dearest = max(offers, key=lambda o: (o.worth, -o.price.seconds))
    return best if is_affordable(state, dearest.price, spent=best.price.seconds) else dearest


def _offers(
    options: Sequence[Option], question: Question, problem: Problem, state: RunState, hopes: float | None
) -> list[Offer]:
    """What is likely, worth it, fits the time and wasn't tried.

    `hopes` as `hopes_here` counts them; None without experience.
    """
    noise = noise_here(state)
    tried, known = _tried(state), seconds_by_model(state)
    offers = []
    for option in options:
        if not is_likely(option, noise, state, hopes) or option.belief.worth < NOT_WORTH:
            continue
        plan = option.move.apply(question.parent, problem)
        if plan is None or plan.dump() in tried:
            continue
        view = view_seconds(option.move, question.parent, plan, question.seconds, problem, known)
        price = priced(state, plan, view, question.done)
        if is_affordable(state, price):
            worth = option.belief.worth * PREFERENCE[question.escalation][option.move.level]
            burden = LATER * max(0.0, price.work - search_seconds(state, question.seconds))
            offers.append(Offer(option, plan, worth, price, burden))
    return offers


def _has_decided(state: RunState) -> bool:
    return any(candidate.verdict is not None for candidate in state.candidates.values())


def _tried(state: RunState) -> list[dict[str, Any] | None]:
    return [c.solution.plan for c in state.candidates.values()]


def _single(option: Option, plan: Plan) -> Choice:
    move = option.move
    change = Change(move=move.name, summary=move.title, level=move.level)
    return Choice(plan=plan, change=change, diagnosis=move.diagnosis, reason=_reason(move, option.belief))


def _together(options: Sequence[Option], question: Question, problem: Problem, state: RunState) -> Choice | None:
    """Every one of these moves, as far as it fits the plan and the time; None where none does."""
    made: list[Option] = []
    plan, seconds, known = question.parent, question.seconds, seconds_by_model(state)
    for option in options:
        changed = option.move.apply(plan, problem)
        if changed is None:
            continue
        slower = view_seconds(option.move, plan, changed, seconds, problem, known)
        price = priced(state, changed, slower, question.done)
        if is_affordable(state, price) and price.seconds <= SHARE_OF_TIME * state.time_left:
            made, plan, seconds = [*made, option], changed, slower
    if len(made) < 2:
        return _single(made[0], plan) if made else None
    titles = "; ".join(option.move.title for option in made)
    change = Change(
        move=KNOWN_MOVES,
        summary=f"at once, what is known to help: {titles}",
        parameters={"moves": [option.move.name for option in made]},
        level=max(option.move.level for option in made),
    )
    skills = tuple(dict.fromkeys(s for option in made for s in option.belief.skills))
    gain = sum(option.belief.gain for option in made)
    text = (
        f"Skills tell of each of these moves that it helps on such data, together {100 * gain:.2g} % of the error."
    )
    reason = Reason(prior=sum(o.move.gain for o in made), expected=gain, skills=skills, text=text)
    return Choice(plan=plan, change=change, diagnosis=made[0].move.diagnosis, reason=reason)


def _known(options: Sequence[Option], state: RunState, hopes: float | None) -> list[Option]:
    """Moves that a skill tells of and that surely help, the largest gain first.

    With experience, what no competition like this one has tried yet is no more than a claim.
    """
    told = [o for o in options if o.belief.skills]
    if hopes is None:
        sure = [o for o in told if o.belief.chance() >= SURE]
    else:
        noise, errors = noise_here(state), state.settings.keep_errors
        seen = [o for o in told if o.belief.elsewhere.tried >= 1.0]
        sure = [o for o in seen if o.belief.chance(noise, errors, hopes) >= LIKELY]
    return sorted(sure, key=lambda o: (-o.belief.gain, o.move.name))


def _reason(move: Move, belief: Belief) -> Reason:
    text = f"{move.why} Expected to remove {100 * belief.gain:.2g} ± {100 * belief.spread:.2g} % of the error"
    text += f"; a catalogue prior of {100 * move.gain:.2g} %"
    if belief.skills:
        text += f", moved by {', '.join(belief.skills)}"
    if (seen := belief.elsewhere).competitions:
        places = f"{seen.competitions} competition{'s' if seen.competitions > 1 else ''}"
        text += f", by {places} that tried it without {'such skills' if len(belief.skills) != 1 else 'that skill'}"
        text += f" ({100 * seen.kept / seen.tried:.0f} % kept, the more alike counting for more)"
    if belief.seen:
        text += f", and tried {belief.seen} time{'s' if belief.seen > 1 else ''} before in this run"
    return Reason(prior=move.gain, expected=belief.gain, skills=belief.skills, text=text + ".")
