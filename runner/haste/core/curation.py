"""The state of a curation: a pure fold of its stream, and what is to be done next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from haste.core import events as e
from haste.core.learning import Learning
from haste.core.model import Frozen

Change = e.SkillPromoted | e.SkillAmended | e.ConflictAnnotated | e.SkillRetired


class Judge(Frozen):
    """Judge this learning."""

    learning: Learning


class CarryOut(Frozen):
    """Make the change that a judgement asks for."""

    judged: e.LearningJudged


class Annotate(Frozen):
    """Write into the contradicted skill that `other` says the opposite."""

    judged: e.LearningJudged
    other: str


class Close(Frozen):
    """Take out the skills that had their chance, merge the branch or leave it for its review, close the stream."""


Step = Judge | CarryOut | Annotate | Close


@dataclass(frozen=True)
class CurationState:
    """Everything that the next step may depend on. `position` is that of the next event."""

    stream: str = ""
    position: int = 0
    runs: tuple[str, ...] = ()
    branch: str = ""
    base: str = ""
    tip: str = ""
    """The commit that the last change made: the inventory that the next judgement is made against."""
    review: Literal["auto", "pull-request"] = "auto"
    judged: tuple[e.LearningJudged, ...] = ()
    places: tuple[int, ...] = ()
    """The position of each judgement in the stream."""
    changes: tuple[Change, ...] = ()
    open: tuple[Change, ...] = field(default=())
    """The changes made for the last judgement."""
    finished: e.CurationFinished | None = None


def learning_key(learning: Learning) -> str:
    """What tells a learning from all others: its run and its id there."""
    return f"{learning.run}#{learning.id.rpartition('#')[2]}"


def evolve_curation(state: CurationState, recorded: e.Recorded) -> CurationState:
    """The state after one more event."""
    event = recorded.event
    position = recorded.envelope.position
    state = replace(state, stream=recorded.envelope.run, position=position + 1)
    if isinstance(event, e.CurationStarted):
        return replace(
            state,
            runs=event.runs,
            branch=event.branch,
            base=event.commit,
            tip=event.commit,
            review=event.review,
        )
    if isinstance(event, e.LearningJudged):
        return replace(state, judged=(*state.judged, event), places=(*state.places, position), open=())
    if isinstance(event, Change):
        changes, opened = (*state.changes, event), (*state.open, event)
        return replace(state, changes=changes, open=opened, tip=event.commit)
    if isinstance(event, e.CurationFinished):
        return replace(state, finished=event)
    return state


def rebuild_curation(recorded: Iterable[e.Recorded]) -> CurationState:
    """The state of a whole stream."""
    state = CurationState()
    for one in recorded:
        state = evolve_curation(state, one)
    return state


def decide(state: CurationState, learnings: Sequence[Learning]) -> Step:
    """What is to be done next: finish what the last judgement asks for, judge the next learning, or close."""
    if state.judged:
        last = state.judged[-1]
        made = next((c for c in state.open if not isinstance(c, e.ConflictAnnotated)), None)
        if last.change != "none" and made is None:
            return CarryOut(judged=last)
        annotated = any(isinstance(c, e.ConflictAnnotated) for c in state.open)
        if last.verdict.decision == "conflict" and made is not None and not annotated:
            return Annotate(judged=last, other=made.skill)
    done = {learning_key(judged.learning) for judged in state.judged}
    waiting = next((one for one in learnings if learning_key(one) not in done), None)
    return Judge(learning=waiting) if waiting else Close()
