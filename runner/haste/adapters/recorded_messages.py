"""The port `Messages` over what a log has recorded: the same question gets the same answer, any other none."""

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from haste.adapters.redact import Redactor
from haste.core.events import Event, ModelAnswered, ModelAsked, ModelRefused, Recorded
from haste.core.messages import Answer, Question, Trouble
from haste.core.solution import FileRef
from haste.core.stream import canonical
from haste.errors import EngineerError, LogError
from haste.ports import EventLog


@dataclass(frozen=True)
class Exchange:
    """One recorded question; `outcome` is None where the run was cut off before an answer came."""

    position: int
    asked: ModelAsked
    outcome: FileRef | None


class RecordedMessages:
    """Answers from the files beside a stream, in the order of its log. It never asks anybody."""

    def __init__(self, log: EventLog, stream: str, *, redactor: Redactor | None = None) -> None:
        self._log = log
        self._stream = stream
        self._redactor = redactor or Redactor(os.environ)
        self.exchanges = exchanges(log, stream)
        self._next = 0
        self.waited = 0.0

    def ask(self, question: Question) -> Answer | Trouble:
        """The recorded answer. Raises EngineerError where another question, or none, was asked at this point."""
        if self._next >= len(self.exchanges):
            raise EngineerError(
                f"{self._stream} holds {len(self.exchanges)} questions and today's code asks one more",
                hint="the code decides otherwise than the recorded run did; nothing was asked live",
            )
        exchange = self.exchanges[self._next]
        self._next += 1
        self._compare(question, exchange)
        if exchange.outcome is None:
            raise EngineerError(
                f"{self._stream}: the question at position {exchange.position} was cut off before its answer",
                hint="the run went on from there after it was resumed",
            )
        data = self._log.get(self._stream, exchange.outcome)
        kind: type[Answer] | type[Trouble] = Trouble if exchange.outcome.name.endswith(".trouble.json") else Answer
        return kind.model_validate_json(data)

    def wait(self, seconds: float) -> None:
        """Count the seconds that the recorded run waited, and go on."""
        self.waited += seconds

    def skip_to(self, position: int) -> None:
        """Go on with the first question at or after this position: where a resumed run began again."""
        later = (i for i, one in enumerate(self.exchanges) if one.position >= position)
        self._next = next(later, len(self.exchanges))

    def _compare(self, question: Question, exchange: Exchange) -> None:
        data = self._redactor.data(canonical(question.model_dump(mode="json")))
        if sha256(data).hexdigest() != exchange.asked.request.sha256:
            recorded = json.loads(self._log.get(self._stream, exchange.asked.request))
            what = first_difference(recorded, json.loads(data))
            raise EngineerError(
                f"{self._stream}: today's code asks something else than the question at position "
                f"{exchange.position}: {what}",
                hint="replay it with the version that recorded it, or take it for a new run",
            )


def exchanges(log: EventLog, stream: str) -> list[Exchange]:
    """Every question that a stream has recorded, with the file that holds its outcome."""
    found: list[Exchange] = []
    for recorded in log.read(stream):
        event = recorded.event
        if isinstance(event, ModelAsked):
            found.append(Exchange(recorded.envelope.position, event, None))
        elif isinstance(event, ModelAnswered | ModelRefused) and event.answer is not None and found:
            found[-1] = Exchange(found[-1].position, found[-1].asked, event.answer)
    return found


def first_difference(old: Any, new: Any, where: str = "") -> str:  # noqa: ANN401  (any JSON values)
    """The first place where two JSON values differ, and what stands there in each."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                return first_difference(old.get(key), new.get(key), f"{where}.{key}" if where else key)
    if isinstance(old, list) and isinstance(new, list):
        for at, (one, other) in enumerate(zip(old, new, strict=False)):
            if one != other:
                return first_difference(one, other, f"{where}[{at}]")
        return f"{where} has {len(new)} parts instead of {len(old)}"
    if isinstance(old, str) and isinstance(new, str):
        for number, (one, other) in enumerate(zip(old.split("\n"), new.split("\n"), strict=False), 1):
            if one != other:
                return f"{where} line {number}: {other[:120]!r} instead of {one[:120]!r}"
        return f"{where} has {len(new)} characters instead of {len(old)}"
    return f"{where}: {new!r} instead of {old!r}"


class UnwrittenLog:
    """A log that is read and never written: what would be put beside a stream is only named."""

    def __init__(self, log: EventLog, *, redactor: Redactor | None = None) -> None:
        self._log = log
        self._redactor = redactor or Redactor(os.environ)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever else the log can do)
        return getattr(self._log, name)

    def append(self, stream: str, event: Event, *, expected: int) -> Recorded:
        """Nothing is appended. Raises LogError."""
        raise LogError(f"a replay of {stream} would have appended {type(event).__name__} at {expected}")

    def put(self, stream: str, name: str, data: bytes) -> FileRef:  # noqa: ARG002  (the port's shape)
        """Name and digest of what would have been written."""
        return FileRef(name=name, sha256=sha256(self._redactor.data(data)).hexdigest())
