"""What a Messages server reads and says: requests, replies, faults, and how they look on the wire."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """A question as the server got it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))

    @property
    def system(self) -> str:
        """The system prompt."""
        return _text_of(self.body.get("system", ""))

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Role and text of every turn."""
        return [(str(m["role"]), _text_of(m["content"])) for m in self.body.get("messages", [])]

    @property
    def text(self) -> str:
        """Everything that was said, the system prompt first."""
        return "\n".join([self.system, *(text for _, text in self.turns)])


@dataclass(frozen=True)
class Reply:
    """An answer to give. `usage` replaces what the server counts."""

    text: str
    stop_reason: str | None = "end_turn"
    category: str | None = None
    """Category of a refusal."""
    usage: Mapping[str, int] | None = None
    then: str = "end"
    """How a stream goes on after half of the text: `end`, `cut` (a clean end too early), `torn`, `hang`, `drip`,
    or `error` (an event of type error)."""


@dataclass(frozen=True)
class Fault:
    """An error response. Status 0 is none at all: the server hangs up."""

    status: int
    type: str = "api_error"
    message: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None
    """The body as it is, for what is no Messages API at all."""
    hang: float = 0.0
    """Seconds of silence before it."""

    def data(self) -> bytes:
        """The body."""
        if self.raw is not None:
            return self.raw.encode()
        error: dict[str, Any] = {"type": self.type, "message": self.message or self.type}
        if self.code:
            error["details"] = {"error_code": self.code}
        return json.dumps({"type": "error", "error": error, "request_id": "req_fake"}).encode()


Answerer = Callable[[Request], Reply | Fault]


class Script:
    """Answers in order; then whatever `after` says, or the last one again."""

    def __init__(self, *answers: Reply | Fault, after: Answerer | None = None) -> None:
        self._answers = list(answers)
        self._after = after

    def __call__(self, request: Request) -> Reply | Fault:
        """The next answer."""
        if len(self._answers) > 1 or (self._answers and self._after is not None):
            return self._answers.pop(0)
        if self._after is not None:
            return self._after(request)
        return self._answers[0]


def message(reply: Reply, model: str, usage: Mapping[str, int]) -> dict[str, Any]:
    """An answer as one JSON message."""
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": reply.text}] if reply.text else [],
        "stop_reason": reply.stop_reason,
        "stop_sequence": None,
        "stop_details": _details(reply),
        "usage": dict(usage),
    }


def events(reply: Reply, model: str, usage: Mapping[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """An answer as the events of a stream, up to the place where it breaks."""
    start = message(reply, model, {**usage, "output_tokens": 1}) | {
        "content": [],
        "stop_reason": None,
        "stop_details": None,
    }
    yield "message_start", {"type": "message_start", "message": start}
    yield "ping", {"type": "ping"}
    block = {"type": "text", "text": ""}
    yield "content_block_start", {"type": "content_block_start", "index": 0, "content_block": block}
    whole = reply.then == "end"
    shown = reply.text if whole else reply.text[: max(1, len(reply.text) // 2)]
    for at in range(0, len(shown), 400):
        delta = {"type": "text_delta", "text": shown[at : at + 400]}
        yield "content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta}
    if reply.then == "error":
        error = {"type": "overloaded_error", "message": "Overloaded"}
        yield "error", {"type": "error", "error": error}
    if not whole:
        return
    yield "content_block_stop", {"type": "content_block_stop", "index": 0}
    last: dict[str, Any] = {
        "stop_reason": reply.stop_reason,
        "stop_sequence": None,
        "stop_details": _details(reply),
    }
    yield (
        "message_delta",
        {"type": "message_delta", "delta": last, "usage": {"output_tokens": usage["output_tokens"]}},
    )
    yield "message_stop", {"type": "message_stop"}


def _details(reply: Reply) -> dict[str, Any] | None:
    if reply.stop_reason != "refusal":
        return None
    return {"type": "refusal", "category": reply.category, "explanation": None}


def _text_of(content: Any) -> str:  # noqa: ANN401  (JSON)
    if isinstance(content, str):
        return content
    return "".join(str(block.get("text", "")) for block in content)
