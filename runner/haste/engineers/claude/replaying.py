"""A replay of what an engineer proposed: today's code against the recorded answers, event by event."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from haste.core import actions as a
from haste.core.events import DomainChosen, Event, LearningRecorded, Recorded, RunResumed
from haste.core.evolve import evolve
from haste.core.knowledge import Context
from haste.core.policy import decide
from haste.core.run import RunState
from haste.errors import EngineerError
from haste.ports import Engineer

ContextOf = Callable[[RunState], Context]
_ASKS = (a.ChooseDomain, a.Draft, a.Improve, a.Debug, a.Distil)


def compare_proposals(
    recorded: Sequence[Recorded],
    engineer: Engineer,
    context_of: ContextOf,
    begin: Callable[[int], None] = lambda _position: None,
) -> list[str]:
    """The first difference between what the log has and what the engineer does now, with its position; or none.

    `begin` is told the position of each question before it is put: recorded answers go on from there.
    """
    state, at = RunState(), 0
    while at < len(recorded):
        action = _asked_of(state, recorded[at])
        used = 1
        if action is not None:
            begin(at)
            difference, used = _one(action, state, engineer, context_of(state), recorded[at:])
            if difference:
                return [difference]
            used = max(1, used)
        for one in recorded[at : at + used]:
            state = evolve(state, one)
        at += used
    return []


def _asked_of(state: RunState, now: Recorded) -> a.Action | None:
    """The action, if the engineer is asked at this point of the log."""
    if state.competition is None or state.finished or isinstance(now.event, RunResumed):
        return None
    action = decide(state)
    if not isinstance(action, _ASKS):
        return None
    stated = isinstance(action, a.ChooseDomain) and isinstance(now.event, DomainChosen)
    return None if stated else action


def _one(
    action: a.Action, state: RunState, engineer: Engineer, context: Context, recorded: Sequence[Recorded]
) -> tuple[str, int]:
    """The difference at one question, if any, and how many events of the log it accounts for."""
    events = _ask(action, state, engineer, context)
    used = 0
    while used < len(recorded) and not isinstance(recorded[used].event, RunResumed):
        position = recorded[used].envelope.position
        try:
            event = next(events)
        except StopIteration:
            return "", used
        except EngineerError as error:
            return f"position {position}: {error}", used
        there = recorded[used].event
        if event != there:
            return f"position {position}: {_told(event, there)}", used
        used += 1
    return "", used


def _ask(action: a.Action, state: RunState, engineer: Engineer, context: Context) -> Iterator[Event]:
    if isinstance(action, a.Draft):
        yield from engineer.draft(state, context, number=action.number)
    elif isinstance(action, a.Improve):
        yield from engineer.improve(
            state, context, parent=action.parent, track=action.track, escalation=action.escalation
        )
    elif isinstance(action, a.Debug):
        yield from engineer.debug(state, context, solution=action.solution, track=action.track)
    elif isinstance(action, a.ChooseDomain) and (choose := getattr(engineer, "choose_domain", None)) is not None:
        yield from choose(state, context)
    elif isinstance(action, a.Distil):
        skip = len(state.learnings)
        for event in engineer.distil(state, context):
            if isinstance(event, LearningRecorded) and skip:
                skip -= 1
            else:
                yield event


def _told(now: Event, there: Event) -> str:
    """What differs between two events: their names, or the first field."""
    if type(now) is not type(there):
        return f"{type(now).__name__} now, {type(there).__name__} in the log"
    for name in type(now).model_fields:
        one, other = getattr(now, name), getattr(there, name)
        if one != other:
            return f"{type(now).__name__}.{name} is {_short(one)} now, {_short(other)} in the log"
    return "no difference"


def _short(value: Any) -> str:  # noqa: ANN401  (a field of any event)
    text = str(value)
    return text if len(text) <= 160 else f"{text[:157]}…"
