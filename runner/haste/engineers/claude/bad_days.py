"""The service's bad days: each kind of trouble has one path, and none of them loses the run."""

from enum import StrEnum
from hashlib import sha256

from haste.core.messages import Feature, Question, Trouble, TroubleKind
from haste.errors import EngineerError

MOST_WAITS = 6
"""Attempts at one question that may fail for the service's sake."""
LONGEST_WAIT = 60.0
"""Seconds between attempts where the service doesn't say how long to wait."""
MOST_PATIENCE = 900.0
"""Seconds of waiting for one question before the run stops, to be resumed when the service is well again."""


class Path(StrEnum):
    """What is done about a kind of trouble."""

    WAIT = "wait"
    """Ask the same again after a while, a few times; then stop the run where it is, resumable."""
    PAUSE = "pause"
    """A budget that is not ours is spent: pause, as with our own."""
    STOP = "stop"
    """Only a person can mend it: stop the run where it is, resumable, and say what to do."""
    SHORTEN = "shorten"
    """Ask with a shorter prompt."""
    FIT = "fit"
    """Ask for a shorter answer, as long as the server allows."""
    WITHOUT = "without"
    """Ask without the feature that the server doesn't know; with none left to leave out, stop."""


PATHS: dict[TroubleKind, Path] = {
    TroubleKind.RATE_LIMITED: Path.WAIT,
    TroubleKind.OVERLOADED: Path.WAIT,
    TroubleKind.SERVER_ERROR: Path.WAIT,
    TroubleKind.TIMED_OUT: Path.WAIT,
    TroubleKind.NO_CONNECTION: Path.WAIT,
    TroubleKind.STREAM_BROKE: Path.WAIT,
    TroubleKind.SPEND_LIMIT: Path.PAUSE,
    TroubleKind.WRONG_KEY: Path.STOP,
    TroubleKind.NO_PERMISSION: Path.STOP,
    TroubleKind.UNKNOWN_MODEL: Path.STOP,
    TroubleKind.WRONG_ADDRESS: Path.STOP,
    TroubleKind.TOO_LONG: Path.SHORTEN,
    TroubleKind.TOO_MANY_TOKENS: Path.FIT,
    TroubleKind.BAD_REQUEST: Path.WITHOUT,
    TroubleKind.UNREADABLE: Path.WITHOUT,
}

_SAID: dict[TroubleKind, tuple[str, str]] = {
    TroubleKind.WRONG_KEY: (
        "the server does not accept the key",
        "check ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN); --engineer offline needs none",
    ),
    TroubleKind.NO_PERMISSION: (
        "the key may not do this",
        "check the key's workspace and its access to the model; --engineer offline needs none",
    ),
    TroubleKind.UNKNOWN_MODEL: ("the server does not offer the model", "choose another with --model"),
    TroubleKind.WRONG_ADDRESS: (
        "what answers there does not speak the Messages API",
        "check ANTHROPIC_BASE_URL: the address without /v1",
    ),
    TroubleKind.NO_CONNECTION: ("the server can't be reached", "check the network and ANTHROPIC_BASE_URL"),
    TroubleKind.RATE_LIMITED: ("the server limits the rate and asks for patience", ""),
    TroubleKind.OVERLOADED: ("the service is overloaded", ""),
    TroubleKind.SERVER_ERROR: ("the service has an error of its own", ""),
    TroubleKind.TIMED_OUT: ("no answer came in time", ""),
    TroubleKind.STREAM_BROKE: ("the answer broke off", ""),
    TroubleKind.BAD_REQUEST: ("the server refuses the request", ""),
    TroubleKind.UNREADABLE: ("the server's answer can't be read", "check ANTHROPIC_BASE_URL"),
    TroubleKind.TOO_LONG: ("even the shortest prompt is too long for the model", "choose another with --model"),
    TroubleKind.TOO_MANY_TOKENS: ("the server refuses the length of the answer", "choose another with --model"),
}
_WORDS: tuple[tuple[Feature, tuple[str, ...]], ...] = (
    (Feature.CACHING, ("cache_control", "cache control", "ephemeral")),
    (Feature.EFFORT, ("effort",)),
    (Feature.THINKING, ("thinking",)),
    (Feature.SCHEMA, ("output_config", "output_format", "json_schema", "schema", "structured output")),
    (Feature.API_VERSION, ("anthropic-version", "api version")),
    (Feature.STREAMING, ("stream",)),
)
_ORDER = (Feature.SCHEMA, Feature.EFFORT, Feature.THINKING, Feature.CACHING, Feature.API_VERSION, Feature.STREAMING)


def pause_before(trouble: Trouble, failures: int, seed: str) -> float:
    """Seconds before the next attempt: what the service says, else twice as long each time, spread a bit."""
    if trouble.retry_after is not None:
        return max(0.0, trouble.retry_after)
    spread = int(sha256(f"{seed}:{failures}".encode()).hexdigest()[:4], 16) / 0xFFFF
    return float(min(LONGEST_WAIT, 2.0**failures)) * (0.75 + 0.25 * spread)


def features_in(question: Question) -> list[Feature]:
    """The features that a question uses and that could be left out."""
    blocks = [*question.system, *(b for t in question.turns for b in t.blocks)]
    used = {Feature.API_VERSION, Feature.STREAMING}
    used |= {Feature.CACHING} if any(b.cached for b in blocks) else set()
    used |= {Feature.SCHEMA} if question.answer_schema is not None else set()
    used |= {Feature.THINKING} if question.thinking else set()
    used |= {Feature.EFFORT} if question.effort is not None else set()
    return [f for f in _ORDER if f in used and f not in question.without]


def feature_to_leave_out(question: Question, trouble: Trouble) -> Feature | None:
    """The feature that a refusal speaks of, else the next that is left; None when there is none."""
    left = features_in(question)
    if trouble.kind is TroubleKind.UNREADABLE:
        return Feature.STREAMING if Feature.STREAMING in left else None
    said = trouble.message.lower()
    named = [f for f, words in _WORDS if f in left and any(word in said for word in words)]
    return named[0] if named else next(iter(left), None)


def stopped(trouble: Trouble, model: str, run: str, tried: int) -> EngineerError:
    """The error that stops a run for a person to mend; what was done so far stays in its log."""
    what, hint = _SAID.get(trouble.kind, (trouble.kind.value, ""))
    if trouble.kind is TroubleKind.UNKNOWN_MODEL:
        what += f" {model}"
        hint += f"; it has {', '.join(trouble.models[:8])}" if trouble.models else ""
    times = f" {tried} times" if tried > 1 else ""
    said = f": {trouble.message}" if trouble.message else ""
    go_on = f"nothing is lost: haste-run resume {run}" if run else ""
    return EngineerError(f"{what}{times}{said}", hint="; ".join(part for part in (hint, go_on) if part))
