"""What a server's error means: status, headers and body in, one kind of trouble out. It knows no SDK."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from haste.core.messages import Trouble, TroubleKind

_SPENT_CODES = frozenset(
    {
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
        "linked_organization_billing_unavailable",
    }
)
_SPENT_WORDS = (
    "credit balance is too low",
    "api usage limits",
    "spend limit",
    "spending limit",
    "insufficient_quota",
)
_LONG_WORDS = ("prompt is too long", "context length", "context window", "context limit", "maximum context")
_MODEL_WORDS = re.compile(
    r"\bmodel\b.{0,80}(?:not found|does not exist|not exist|unknown|retired|end-of-life)|invalid model"
)
_FROM_TYPE = {
    "authentication_error": TroubleKind.WRONG_KEY,
    "billing_error": TroubleKind.SPEND_LIMIT,
    "permission_error": TroubleKind.NO_PERMISSION,
    "rate_limit_error": TroubleKind.RATE_LIMITED,
    "overloaded_error": TroubleKind.OVERLOADED,
    "api_error": TroubleKind.SERVER_ERROR,
    "timeout_error": TroubleKind.TIMED_OUT,
    "request_too_large": TroubleKind.TOO_LONG,
    "conflict_error": TroubleKind.SERVER_ERROR,
}
_FROM_STATUS = {
    401: TroubleKind.WRONG_KEY,
    402: TroubleKind.SPEND_LIMIT,
    403: TroubleKind.NO_PERMISSION,
    405: TroubleKind.WRONG_ADDRESS,
    408: TroubleKind.TIMED_OUT,
    409: TroubleKind.SERVER_ERROR,
    413: TroubleKind.TOO_LONG,
    429: TroubleKind.RATE_LIMITED,
    529: TroubleKind.OVERLOADED,
}


@dataclass(frozen=True)
class Said:
    """The parts of an error body, whoever wrote it."""

    type: str
    code: str
    message: str


def said_in(body: object, fallback: str) -> Said:
    """Type, code and message of an error body; servers that aren't Anthropic's put them in other places."""
    found: Any = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(found, Mapping):
        return Said("", "", str(found or fallback))
    details = found.get("details")
    code = details.get("error_code", "") if isinstance(details, Mapping) else ""
    message = found.get("message") or found.get("detail") or fallback
    return Said(str(found.get("type") or ""), str(code or found.get("code") or ""), str(message))


def trouble_of(status: int, headers: Mapping[str, str], body: object, fallback: str) -> Trouble:
    """The trouble that an error response means; status 200 is an error inside a stream."""
    said = said_in(body, fallback)
    kind, limit = _kind(status, said)
    message = " ".join(said.message.split())[:2_000]
    if kind is TroubleKind.WRONG_ADDRESS and 300 <= status < 400:
        message = f"it sends on to {headers.get('location', 'another address')}, which is not followed with a key"
    return Trouble(
        kind=kind,
        message=message,
        status=status,
        retry_after=retry_after(headers),
        request_id=headers.get("request-id", ""),
        limit=limit,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, in whichever way it says so; None where it doesn't."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * scale)
        except (KeyError, ValueError):
            continue
    try:
        later, now = (parsedate_to_datetime(headers[name]) for name in ("retry-after", "date"))
        return max(0.0, (later - now).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None


def _kind(status: int, said: Said) -> tuple[TroubleKind, int | None]:
    words = said.message.lower()
    if (
        said.code in _SPENT_CODES
        or said.type in ("billing_error", "insufficient_quota")
        or _has(words, _SPENT_WORDS)
    ):
        return TroubleKind.SPEND_LIMIT, None
    if said.code == "organization_on_hold":
        return TroubleKind.NO_PERMISSION, None
    if 300 <= status < 400:
        return TroubleKind.WRONG_ADDRESS, None
    if status == 404 or said.type == "not_found_error" or (status in (400, 410) and _MODEL_WORDS.search(words)):
        return (TroubleKind.UNKNOWN_MODEL if "model" in words else TroubleKind.WRONG_ADDRESS), None
    if said.type in _FROM_TYPE:
        return _FROM_TYPE[said.type], None
    if status in _FROM_STATUS:
        return _FROM_STATUS[status], None
    if status >= 500:
        return TroubleKind.SERVER_ERROR, None
    if status == 200 and said.type != "invalid_request_error":
        return TroubleKind.STREAM_BROKE, None
    return _of_request(words)


def _of_request(words: str) -> tuple[TroubleKind, int | None]:
    """What is wrong with the request: its length, the length of the answer it asks for, or its form."""
    numbers = re.search(r"(\d+) \+ (\d+) > (\d+)", words)
    if numbers and "max_tokens" in words:
        room = int(numbers[3]) - int(numbers[1])
        return (TroubleKind.TOO_MANY_TOKENS, room) if room >= 1_000 else (TroubleKind.TOO_LONG, None)
    if _has(words, _LONG_WORDS):
        return TroubleKind.TOO_LONG, None
    if "max_tokens" in words:
        most = re.search(r"max_tokens\D{0,20}\d+\s*>\s*(\d+)|(?:most|maximum|up to|at most|<=)\D{0,40}(\d+)", words)
        return TroubleKind.TOO_MANY_TOKENS, int(most[1] or most[2]) if most else None
    return TroubleKind.BAD_REQUEST, None


def _has(words: str, wanted: tuple[str, ...]) -> bool:
    return any(one in words for one in wanted)
