"""A streamed answer as it arrives: text, usage and why it stopped, whatever order a server sends them in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from haste.core.events import Usage
from haste.core.messages import Answer, Trouble, TroubleKind


class Received:
    """What has arrived of a streamed answer."""

    def __init__(self) -> None:
        self.text = ""
        self.usage = Usage()
        self.model = ""
        self.request_id = ""
        self.stop_reason: str | None = None
        self.detail = ""
        self._closed_late = threading.Event()

    @contextmanager
    def until(self, seconds: float, close: Any) -> Iterator[None]:  # noqa: ANN401  (what closes the stream)
        """Close the stream at the deadline: a server that drips bytes for ever never lets a read time out."""

        def late() -> None:
            self._closed_late.set()
            close()

        timer = threading.Timer(seconds, late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def take(self, event: Any) -> None:  # noqa: ANN401  (any event of any server's stream)
        """Add one event of the stream; unknown ones are passed over."""
        kind = getattr(event, "type", "")
        if kind == "message_start":
            self.model = str(getattr(event.message, "model", "") or "")
            self.usage = usage_of(getattr(event.message, "usage", None), Usage())
        elif kind == "content_block_start" and getattr(event.content_block, "type", "") == "text":
            self.text += getattr(event.content_block, "text", "") or ""
        elif kind == "content_block_delta" and getattr(event.delta, "type", "") == "text_delta":
            self.text += event.delta.text
        elif kind == "message_delta":
            self.stop_reason = getattr(event.delta, "stop_reason", None) or self.stop_reason
            self.detail = category_of(getattr(event.delta, "stop_details", None))
            self.usage = usage_of(getattr(event, "usage", None), self.usage)

    def answer(self) -> Answer:
        """Everything that came; a stop reason of None says that it was cut."""
        return Answer(
            text=self.text,
            stop_reason=self.stop_reason,
            usage=self.usage,
            model=self.model,
            request_id=self.request_id,
            detail=self.detail,
        )

    def trouble(self, kind: TroubleKind, message: str) -> Trouble:
        """What went wrong, with what had come before."""
        said = " ".join(message.split())[:1_000]
        return Trouble(kind=kind, message=said, usage=self.usage, text=self.text, request_id=self.request_id)

    def late(self, seconds: float) -> Trouble | None:
        """The trouble of an answer that took too long; None for one that ended by itself."""
        if self._closed_late.is_set() and self.stop_reason is None:
            return self.trouble(TroubleKind.TIMED_OUT, f"the answer was not complete after {seconds:.0f} s")
        return None

    def broken(self, seconds: float, message: str) -> Trouble:
        """The trouble of a connection that broke: at our own deadline, in the answer, or before it."""
        begun = bool(self.model or self.text)
        kind = TroubleKind.STREAM_BROKE if begun else TroubleKind.NO_CONNECTION
        return self.late(seconds) or self.trouble(kind, message)


def usage_of(raw: Any, before: Usage) -> Usage:  # noqa: ANN401  (the SDK's, or a part of it)
    """Counts as they stand now: a later event's are totals, and what it leaves out stays."""
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    counts = {name: value for name in names if isinstance(value := getattr(raw, name, None), int)}
    thinking = getattr(getattr(raw, "output_tokens_details", None), "thinking_tokens", None)
    if isinstance(thinking, int):
        counts["thinking_tokens"] = thinking
    return before.model_copy(update=counts)


def category_of(details: Any) -> str:  # noqa: ANN401  (the SDK's, or None)
    """The category of a refusal; '' where there is none."""
    return str(getattr(details, "category", None) or "")
