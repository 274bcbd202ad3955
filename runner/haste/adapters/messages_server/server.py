"""The server itself: HTTP on 127.0.0.1, streaming and not, answered by a script or a function."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlsplit

from haste.adapters.messages_server.counting import MOST_BREAKPOINTS, PromptCache, breakpoints, tokens_of
from haste.adapters.messages_server.wire import Answerer, Fault, Reply, Request, events, message
from haste.core.messages import Feature

MODELS = ("claude-sonnet-4-6", "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5")
COUNTING = "counting"
"""Named in `lacks`, the server counts no tokens, in advance or in its answers."""


@dataclass(frozen=True)
class Exchange:
    """One question and what it was answered with."""

    request: Request
    answer: Reply | Fault
    usage: Mapping[str, int] = field(default_factory=dict)


class MessagesServer:
    """Serves from `with` to its end. `base_url` is what ANTHROPIC_BASE_URL is set to."""

    def __init__(
        self,
        answer: Answerer,
        *,
        lacks: Iterable[str] = (),
        keys: Iterable[str] | None = None,
        models: Iterable[str] | None = MODELS,
        shortest_prefix: int = 2_048,
        monotonic: Callable[[], float] = time.monotonic,
        port: int = 0,
    ) -> None:
        """`lacks` names features that it refuses; `keys` those it accepts (None: any); `models` likewise."""
        self.answer = answer
        self.lacks = frozenset(str(one) for one in lacks)
        self.keys = None if keys is None else frozenset(keys)
        self.models = None if models is None else tuple(models)
        self.exchanges: list[Exchange] = []
        self.cache = PromptCache(monotonic, shortest=shortest_prefix)
        self.closing = threading.Event()
        self._http = _Http(("127.0.0.1", port), _Door)
        self._http.owner = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def base_url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> "MessagesServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def refusal(self, request: Request) -> Fault | None:
        """Why a request isn't even answered: its key, its model, or a feature that this server lacks."""
        if self.keys is not None and _key(request.headers) not in self.keys:
            return Fault(401, "authentication_error", "invalid x-api-key")
        if self.models is not None and request.model not in self.models:
            return Fault(404, "not_found_error", f"model: {request.model}")
        if breakpoints(request.body) > MOST_BREAKPOINTS:
            return Fault(400, "invalid_request_error", "A maximum of 4 blocks with cache_control may be provided")
        if request.turns and request.turns[-1][0] == "assistant":
            return Fault(400, "invalid_request_error", "prefill is not supported")
        said = next((why for feature, why in _used(request) if feature in self.lacks), None)
        return Fault(400, "invalid_request_error", said) if said else None

    def usage(self, request: Request, reply: Reply) -> dict[str, int]:
        """What an answer used, by this server's count."""
        if reply.usage is not None:
            return dict(reply.usage)
        if COUNTING in self.lacks:
            return {"input_tokens": 0, "output_tokens": 0}
        return self.cache.usage(request.body) | {"output_tokens": tokens_of(reply.text)}


def _key(headers: Mapping[str, str]) -> str:
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")


def _used(request: Request) -> list[tuple[str, str]]:
    """Each optional feature that a request uses, and what a server says that doesn't know it."""
    body = request.body
    output = body.get("output_config") or {}
    found = [
        (Feature.CACHING, breakpoints(body) > 0, "cache_control: Extra inputs are not permitted"),
        (Feature.SCHEMA, "format" in output, "output_config.format: Extra inputs are not permitted"),
        (Feature.EFFORT, "effort" in output, "output_config.effort: Extra inputs are not permitted"),
        (Feature.THINKING, "thinking" in body, "thinking: Extra inputs are not permitted"),
        (Feature.STREAMING, bool(body.get("stream")), "stream is not supported"),
        (
            Feature.API_VERSION,
            request.headers.get("anthropic-version") != "2023-06-01",
            "anthropic-version: unknown version",
        ),
    ]
    return [(feature.value, why) for feature, used, why in found if used]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    owner: MessagesServer

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  (the library's signature)
        """A client that hangs up is no news."""


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def owner(self) -> MessagesServer:
        return cast("_Http", self.server).owner

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  (the library's signature)
        """Nothing on stderr."""

    def do_GET(self) -> None:
        """The list of models, or one of them."""
        path = urlsplit(self.path).path
        models = self.owner.models or ()
        if path == "/v1/models":
            rows = [_model(name) for name in models]
            self._json(200, {"data": rows, "has_more": False, "first_id": None, "last_id": None})
        elif path.removeprefix("/v1/models/") in models:
            self._json(200, _model(path.removeprefix("/v1/models/")))
        else:
            self._fault(Fault(404, "not_found_error", "Not found"))

    def do_POST(self) -> None:
        """A question, or a count of its tokens."""
        data = self.rfile.read(int(self.headers.get("content-length", "0")))
        request = Request(body=json.loads(data), headers={k.lower(): v for k, v in self.headers.items()})
        path = urlsplit(self.path).path
        if path == "/v1/messages/count_tokens":
            self._count(request)
        elif path != "/v1/messages":
            self._fault(Fault(404, "not_found_error", "Not found"))
        else:
            self._answer(request)

    def _count(self, request: Request) -> None:
        if COUNTING in self.owner.lacks:
            self._fault(Fault(404, "not_found_error", "Not found"))
        else:
            self._json(200, {"input_tokens": tokens_of(request.text)})

    def _answer(self, request: Request) -> None:
        owner = self.owner
        answer = owner.refusal(request) or owner.answer(request)
        if isinstance(answer, Fault):
            owner.exchanges.append(Exchange(request, answer))
            owner.closing.wait(answer.hang)
            self._fault(answer)
            return
        usage = owner.usage(request, answer)
        owner.exchanges.append(Exchange(request, answer, usage))
        if request.body.get("stream"):
            self._stream(answer, request.model, usage)
        else:
            self._json(200, message(answer, request.model, usage))

    def _stream(self, reply: Reply, model: str, usage: Mapping[str, int]) -> None:
        chunked = reply.then == "torn"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("request-id", "req_fake")
        self.send_header("transfer-encoding" if chunked else "connection", "chunked" if chunked else "close")
        self.end_headers()
        for name, data in events(reply, model, usage):
            line = f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line) if chunked else line)
            self.wfile.flush()
        if reply.then == "hang":
            self.owner.closing.wait(60)
        while reply.then == "drip" and not self.owner.closing.wait(0.05):
            self.wfile.write(b":")
            self.wfile.flush()
        self.close_connection = True

    def _json(self, status: int, value: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(value).encode(), "application/json", {})

    def _fault(self, fault: Fault) -> None:
        if fault.status == 0:
            self.close_connection = True
            return
        kind = "text/html" if fault.raw is not None else "application/json"
        self._send(fault.status, fault.data(), kind, fault.headers)

    def _send(self, status: int, data: bytes, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.send_header("request-id", "req_fake")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _model(name: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
    }
