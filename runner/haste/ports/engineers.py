"""Who proposes and judges, and the service that some of them ask."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from haste.core.events import AnyEvent, Event
from haste.core.knowledge import Context
from haste.core.learning import Learning, Verdict
from haste.core.messages import Answer, Question, Trouble
from haste.core.run import RunState
from haste.core.skill import LoadedSkill


class Engineer(Protocol):
    """Who proposes. Every answer is events: the last one is the answer, those before it are how it came about."""

    @property
    def name(self) -> str:
        """`offline` or `claude`, with the model where there is one."""
        ...

    def draft(self, state: RunState, context: Context, *, number: int) -> Iterator[Event]:
        """A prototype unlike those before it: ends in SolutionProposed or SolutionRejected."""
        ...

    def improve(
        self, state: RunState, context: Context, *, parent: str, track: int, escalation: int
    ) -> Iterator[Event]:
        """A change of `parent`: ends in SolutionProposed or SolutionRejected."""
        ...

    def debug(self, state: RunState, context: Context, *, solution: str, track: int | None) -> Iterator[Event]:
        """A mend of a failed solution: ends in SolutionProposed (`mends`) or SolutionRejected."""
        ...

    def distil(self, state: RunState, context: Context) -> Iterator[Event]:
        """What the run found out: 2 to 5 LearningRecorded."""
        ...

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",
    ) -> Iterator[AnyEvent | Verdict]:
        """A verdict on a learning, last; `others` are learnings of other runs that speak of the same move.

        `stream` is where the events before it will be recorded: an engineer that keeps files puts them there.
        """
        ...


class Messages(Protocol):
    """A server with the Messages API: live, recorded or scripted. One question is one attempt, never retried."""

    def ask(self, question: Question) -> Answer | Trouble:
        """Put one question, within its own time limit. Raises nothing for what a service can do wrong."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait before the next attempt; only a live server costs real time."""
        ...
