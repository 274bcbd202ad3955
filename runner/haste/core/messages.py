"""What is asked of a model and what comes back, whatever server stands behind it."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from haste.core.events import Usage
from haste.core.model import Frozen

Effort = Literal["low", "medium", "high"]


class Feature(StrEnum):
    """What a question may use beyond plain text; a server that lacks one is asked again without it."""

    CACHING = "caching"
    SCHEMA = "schema"
    THINKING = "thinking"
    EFFORT = "effort"
    STREAMING = "streaming"
    API_VERSION = "api-version"


class Block(Frozen):
    """A piece of a prompt. After a `cached` one stands a cache break-point."""

    text: str
    cached: bool = False


class Turn(Frozen):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    blocks: tuple[Block, ...]


class Question(Frozen):
    """One question, whole: what is kept beside the log, and what an adapter makes a request of."""

    model: str
    max_tokens: int
    seconds: float
    """How long the whole answer may take."""
    system: tuple[Block, ...]
    turns: tuple[Turn, ...]
    answer_schema: dict[str, Any] | None = None
    effort: Effort | None = None
    thinking: bool = False
    without: tuple[Feature, ...] = ()
    """Features that this server was found not to have."""

    @property
    def characters(self) -> int:
        """Length of everything in it, in UTF-8 bytes."""
        blocks = [*self.system, *(block for turn in self.turns for block in turn.blocks)]
        schema = len(str(self.answer_schema)) if self.answer_schema else 0
        return sum(len(block.text.encode("utf-8", "replace")) for block in blocks) + schema


class Answer(Frozen):
    """What a model said, and why it stopped. A `stop_reason` of None is a stream that was cut."""

    text: str
    stop_reason: str | None
    usage: Usage = Usage()
    model: str = ""
    request_id: str = ""
    detail: str = ""
    """The category of a refusal."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


class TroubleKind(StrEnum):
    """Every way in which a question can go unanswered; each has its path in `haste.engineers.claude.bad_days`."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    TIMED_OUT = "timed_out"
    NO_CONNECTION = "no_connection"
    STREAM_BROKE = "stream_broke"
    SPEND_LIMIT = "spend_limit"
    WRONG_KEY = "wrong_key"
    NO_PERMISSION = "no_permission"
    UNKNOWN_MODEL = "unknown_model"
    WRONG_ADDRESS = "wrong_address"
    TOO_LONG = "too_long"
    TOO_MANY_TOKENS = "too_many_tokens"
    BAD_REQUEST = "bad_request"
    UNREADABLE = "unreadable"


class Trouble(Frozen):
    """Why there is no answer. `usage` is what is known to have been used all the same."""

    kind: TroubleKind
    message: str
    status: int | None = None
    retry_after: float | None = None
    usage: Usage = Usage()
    text: str = ""
    """What had arrived before it broke."""
    request_id: str = ""
    limit: int | None = None
    """The most tokens that the server allows, where it said so."""
    models: tuple[str, ...] = Field(default=())
    """What the server offers instead, where it was asked."""
    seconds: float = 0.0
