"""What was asked, what was answered, and the solutions that came of it."""

from typing import Literal

from haste.core.events.event import Event
from haste.core.model import Frozen
from haste.core.solution import FileRef, Solution

Purpose = Literal["domain", "draft", "improve", "debug", "distil", "judge"]


class Usage(Frozen):
    """Tokens of one answer, as the Messages API counts them."""

    input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0


class ModelAsked(Event):
    """A question goes out. Recorded before the call, with what was reserved for it."""

    type: Literal["ModelAsked"] = "ModelAsked"
    purpose: Purpose
    model: str
    request: FileRef
    prompt: str
    """Digest of the prompt's templates."""
    attempt: int = 1
    reserved_usd: float = 0.0
    reserved_tokens: int = 0


class ModelAnswered(Event):
    """The answer, what it used and what it cost."""

    type: Literal["ModelAnswered"] = "ModelAnswered"
    purpose: Purpose
    model: str
    answer: FileRef
    usage: Usage
    usd: float
    stop_reason: str | None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


class ModelRefused(Event):
    """No usable answer: the service's error, a refusal, or a reply that can't be read. `final` ends the asking."""

    type: Literal["ModelRefused"] = "ModelRefused"
    purpose: Purpose
    model: str
    kind: str
    message: str
    usage: Usage = Usage()
    usd: float = 0.0
    answer: FileRef | None = None
    final: bool = False


class SolutionProposed(Event):
    """A script to evaluate: its parent, the change, the diagnosis behind it and the skills it cites."""

    type: Literal["SolutionProposed"] = "SolutionProposed"
    solution: Solution
    track: int | None = None
    escalation: int = 0


class SolutionRejected(Event):
    """The engineer has no proposal. `exhausted` says that asking again in this place is no use."""

    type: Literal["SolutionRejected"] = "SolutionRejected"
    purpose: Literal["draft", "improve", "debug"]
    track: int | None = None
    reason: str
    exhausted: bool = False
