"""Every bad day that a service can have, by name, as answers that the server plays."""

from haste.adapters.messages_server.wire import Fault, Reply

_HALF = "Half of this answer is all that ever comes. " * 20

BAD_DAYS: dict[str, Reply | Fault] = {
    "rate limited": Fault(
        429, "rate_limit_error", "This request would exceed your rate limit", headers={"retry-after": "0"}
    ),
    "overloaded": Fault(529, "overloaded_error", "Overloaded"),
    "server error": Fault(500, "api_error", "Internal server error"),
    "gateway timeout": Fault(504, "timeout_error", "The request timed out"),
    "hung up": Fault(0),
    "silence": Fault(500, "api_error", "too late", hang=30.0),
    "cut stream": Reply(_HALF, then="cut"),
    "torn stream": Reply(_HALF, then="torn"),
    "silent stream": Reply(_HALF, then="hang"),
    "dripping stream": Reply(_HALF, then="drip"),
    "error in the stream": Reply(_HALF, then="error"),
    "refusal": Reply("", stop_reason="refusal", category="frontier_llm"),
    "max_tokens": Reply(_HALF, stop_reason="max_tokens"),
    "context window full": Reply(_HALF, stop_reason="model_context_window_exceeded"),
    "prompt too long": Fault(400, "invalid_request_error", "prompt is too long: 1200000 tokens > 1000000 maximum"),
    "request too large": Fault(413, "request_too_large", "Request exceeds the maximum size"),
    "too many tokens": Fault(
        400,
        "invalid_request_error",
        "max_tokens: 16000 > 8192, which is the maximum allowed number of output tokens",
    ),
    "tier limit": Fault(
        429,
        "rate_limit_error",
        "Your organization has reached its monthly limit",
        code="enforced_spend_limit_reached",
    ),
    "own limit": Fault(
        400,
        "invalid_request_error",
        "You have reached your specified API usage limits. Access resumes on 2026-12-01.",
    ),
    "no credit": Fault(402, "billing_error", "There is an issue with your billing or payment information"),
    "unknown model": Fault(404, "not_found_error", "model: claude-sonnet-9"),
    "retired model": Fault(404, "not_found_error", "model: claude-3-opus was retired on January 5th, 2026"),
    "wrong key": Fault(401, "authentication_error", "invalid x-api-key"),
    "no permission": Fault(403, "permission_error", "Your API key does not have permission to use this model"),
    "on hold": Fault(
        400, "invalid_request_error", "This organization has been disabled", code="organization_on_hold"
    ),
    "redirected": Fault(307, "api_error", "moved", headers={"location": "https://elsewhere.example/v1/messages"}),
    "not the API": Fault(200, raw="<html><body>It works!</body></html>"),
    "no such path": Fault(404, raw="<html><body>Not Found</body></html>"),
}
"""What each is played with. `rate limited` asks for no wait, so that tests don't."""
