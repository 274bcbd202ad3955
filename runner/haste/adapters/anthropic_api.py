"""The Anthropic SDK's only door: the port `Messages` over the live service, or any server with the Messages API."""

import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import anthropic  # noqa: TID251  (this is the door)
import httpx2
from anthropic.types import Message  # noqa: TID251

from haste.adapters.anthropic_stream import Received, category_of, usage_of
from haste.adapters.anthropic_trouble import trouble_of
from haste.adapters.redact import Redactor
from haste.core.events import Usage
from haste.core.messages import Answer, Block, Feature, Question, Trouble, TroubleKind
from haste.errors import EngineerError

CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 120.0
"""Longest silence on an open stream: the service sends pings far more often."""
OLD_API_VERSION = "2023-06-01"
_HOUR = {"type": "ephemeral", "ttl": "1h"}
_UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, IndexError, anthropic.APIResponseValidationError)


def live_messages(environment: Mapping[str, str] | None = None) -> "AnthropicMessages":
    """The server that the environment names: `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN`, `ANTHROPIC_BASE_URL`."""
    return AnthropicMessages(os.environ if environment is None else environment)


class AnthropicMessages:
    """One attempt a question, streamed, within its time limit. Keys go out in headers and nowhere else."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        base_url: str | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """Raises EngineerError where the service needs a key and there is none."""
        self.base_url = base_url or environment.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
        self._redact = Redactor(environment)
        self._silence = silence_seconds
        self._client = _client(environment, self.base_url)

    def ask(self, question: Question) -> Answer | Trouble:
        """Put one question. What the service does wrong comes back as Trouble."""
        start = time.monotonic()
        received = Received()
        notes: list[str] = []
        reply: Answer | Trouble
        try:
            with _noting(notes):
                reply = self._attempt(self._clean(question), received)
        except anthropic.APITimeoutError:
            reply = received.trouble(TroubleKind.TIMED_OUT, f"no answer within {question.seconds:.0f} s")
        except anthropic.APIConnectionError as error:
            reply = received.trouble(TroubleKind.NO_CONNECTION, f"{self._host}: {_root_of(error)}")
        except anthropic.APIStatusError as error:
            reply = self._of_status(error, received, question.model)
        except httpx2.TimeoutException:
            reply = received.trouble(TroubleKind.TIMED_OUT, f"the stream was silent for {self._silence:.0f} s")
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            reply = received.broken(question.seconds, f"{type(error).__name__}: {error}")
        except _UNREADABLE as error:
            reply = received.trouble(TroubleKind.UNREADABLE, f"{type(error).__name__}: {error}")
        return self._finished(reply, time.monotonic() - start, notes)

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def count_tokens(self, question: Question) -> int | None:
        """Input tokens as the server counts them; None where it can't."""
        body = _body(self._clean(question))
        wanted = {k: body[k] for k in ("model", "messages", "system") if k in body}
        try:
            return self._client.messages.count_tokens(**wanted, timeout=CONNECT_SECONDS).input_tokens
        except (anthropic.AnthropicError, httpx2.HTTPError, *_UNREADABLE):
            return None

    def models(self) -> tuple[str, ...]:
        """What the server offers; () where it doesn't say."""
        try:
            page = self._client.models.list(limit=50, timeout=CONNECT_SECONDS)
            return tuple(self._redact.text(str(model.id)) for model in page.data)
        except (anthropic.AnthropicError, httpx2.HTTPError, *_UNREADABLE):
            return ()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def address(self) -> str:
        """Where it asks, without what may be secret in a URL: a login, a query."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{self._host}{parts.path}".rstrip("/")

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _host(self) -> str:
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    def _clean(self, question: Question) -> Question:
        return Question.model_validate(self._redact.value(question.model_dump(mode="json")))

    def _attempt(self, question: Question, received: "Received") -> Answer | Trouble:
        limit = httpx2.Timeout(question.seconds, connect=CONNECT_SECONDS, read=min(self._silence, question.seconds))
        headers = {"anthropic-version": OLD_API_VERSION} if Feature.API_VERSION in question.without else {}
        body = _body(question)
        if Feature.STREAMING in question.without:
            whole = httpx2.Timeout(question.seconds, connect=CONNECT_SECONDS)
            message = self._client.messages.create(**body, timeout=whole, extra_headers=headers)
            if not isinstance(message, Message):
                return received.trouble(TroubleKind.UNREADABLE, f"not a message: {str(message)[:200]}")
            return _whole(message)
        with (
            closing(
                self._client.messages.create(**body, stream=True, timeout=limit, extra_headers=headers)
            ) as stream,
            received.until(question.seconds, stream.close),
        ):
            received.request_id = stream.response.headers.get("request-id", "")
            kind = stream.response.headers.get("content-type", "")
            if "text/event-stream" not in kind:
                return received.trouble(TroubleKind.UNREADABLE, f"a stream was asked for, {kind or 'nothing'} came")
            for event in stream:
                received.take(event)
        return received.late(question.seconds) or received.answer()

    def _of_status(self, error: anthropic.APIStatusError, received: "Received", model: str) -> Trouble:
        trouble = trouble_of(error.status_code, error.response.headers, error.body, error.message)
        offered = self.models() if trouble.kind is TroubleKind.UNKNOWN_MODEL else ()
        known = {"usage": received.usage, "text": received.text, "models": tuple(m for m in offered if m != model)}
        return trouble.model_copy(update=known)

    def _finished(self, reply: Answer | Trouble, seconds: float, notes: list[str]) -> Answer | Trouble:
        """The reply with its time and notes, and without secrets wherever they might have come from."""
        update: dict[str, Any] = {"seconds": round(seconds, 3)}
        if isinstance(reply, Answer):
            update["notes"] = (*reply.notes, *notes)
        plain = self._redact.value(reply.model_copy(update=update).model_dump(mode="json"))
        return type(reply).model_validate(plain)


def _client(environment: Mapping[str, str], base_url: str) -> anthropic.Anthropic:
    """The SDK's client: one attempt a call, no redirects with a key; other servers get the key in both headers."""
    key, token = environment.get("ANTHROPIC_API_KEY"), environment.get("ANTHROPIC_AUTH_TOKEN")
    host = urlsplit(base_url).hostname or ""
    own = host == "anthropic.com" or host.endswith(".anthropic.com")
    credentials: dict[str, str] = {"api_key": key} if key else {"auth_token": token} if token else {}
    if not credentials and not own:
        credentials = {"api_key": "none"}
    try:
        client = anthropic.Anthropic(
            **credentials,  # type: ignore[arg-type]
            base_url=base_url,
            max_retries=0,
            default_headers={"X-Api-Key": key} if key and not own else None,
            http_client=anthropic.DefaultHttpxClient(follow_redirects=False),
        )
    except anthropic.CredentialsError as error:
        raise _no_key(f": {error}") from None
    except (anthropic.AnthropicError, ValueError, TypeError, httpx2.InvalidURL) as error:
        raise EngineerError(
            f"Claude can't be asked: {error}", hint="check ANTHROPIC_BASE_URL and the key"
        ) from None
    if client.api_key is None and client.auth_token is None and client.credentials is None:
        raise _no_key("")
    return client


def _no_key(why: str) -> EngineerError:
    return EngineerError(
        f"no key for Claude was found{why}",
        hint="set ANTHROPIC_API_KEY (console.anthropic.com gives one), or ANTHROPIC_BASE_URL for another server; "
        "or go on without: --engineer offline",
    )


def _body(question: Question) -> dict[str, Any]:
    """The request's body, without the features that the server lacks."""
    caching = Feature.CACHING not in question.without
    body: dict[str, Any] = {
        "model": question.model,
        "max_tokens": question.max_tokens,
        "messages": [
            {"role": turn.role, "content": [_block(b, caching) for b in turn.blocks]} for turn in question.turns
        ],
    }
    if question.system:
        body["system"] = [_block(b, caching) for b in question.system]
    output: dict[str, Any] = {}
    if question.effort is not None and Feature.EFFORT not in question.without:
        output["effort"] = question.effort
    if question.answer_schema is not None and Feature.SCHEMA not in question.without:
        output["format"] = {"type": "json_schema", "schema": anthropic.transform_schema(question.answer_schema)}
    if output:
        body["output_config"] = output
    if question.thinking and Feature.THINKING not in question.without:
        body["thinking"] = {"type": "adaptive"}
    return body


def _block(block: Block, caching: bool) -> dict[str, Any]:
    plain = {"type": "text", "text": block.text}
    return plain | {"cache_control": _HOUR} if block.cached and caching else plain


def _whole(message: Message) -> Answer:
    text = "".join(block.text for block in message.content if block.type == "text")
    return Answer(
        text=text,
        stop_reason=message.stop_reason,
        usage=usage_of(message.usage, Usage()),
        model=str(message.model or ""),
        request_id=getattr(message, "_request_id", None) or "",
        detail=category_of(message.stop_details),
    )


def _root_of(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"


@contextmanager
def _noting(notes: list[str]) -> Iterator[None]:
    """Warnings of the SDK (a model near its end of life) become notes of the answer."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            notes += [" ".join(str(one.message).split())[:300] for one in caught]
