"""What every `Messages` does: the real SDK against the loopback server, and the fake that needs no network."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from haste.adapters.anthropic_api import AnthropicMessages
from haste.adapters.messages_server.bad_days import BAD_DAYS
from haste.adapters.messages_server.in_memory import InMemoryMessages
from haste.adapters.messages_server.server import MessagesServer
from haste.adapters.messages_server.wire import Answerer, Reply, Request, Script
from haste.core.messages import Answer, Block, Question, Trouble, TroubleKind, Turn
from haste.ports import Messages

Make = Callable[[Answerer], Messages]
KEY = {"ANTHROPIC_API_KEY": "sk-ant-loopback-only"}


def question(text: str = "hello", **more: object) -> Question:
    turns = (Turn(role="user", blocks=(Block(text="prefix " * 1500, cached=True), Block(text=text))),)
    values = {"model": "claude-sonnet-4-6", "max_tokens": 16_000, "seconds": 20.0, "turns": turns}
    return Question.model_validate(values | {"system": (Block(text="rules"),)} | more)


@pytest.fixture(params=["live", "in memory"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    with ExitStack() as stack:

        def live(answer: Answerer) -> Messages:
            server = stack.enter_context(MessagesServer(answer))
            messages = AnthropicMessages(KEY, base_url=server.base_url, silence_seconds=2.0)
            stack.callback(messages.close)
            return messages

        yield live if request.param == "live" else InMemoryMessages


def test_an_answer_has_text_usage_and_a_reason(make: Make) -> None:
    answer = make(Script(Reply("forty-two")))
    reply = answer.ask(question())
    assert isinstance(reply, Answer)
    assert (reply.text, reply.stop_reason, reply.usage.output_tokens) == ("forty-two", "end_turn", 3)
    assert reply.usage.cache_creation_input_tokens == 2627
    again = answer.ask(question("something else"))
    assert isinstance(again, Answer)
    assert again.usage.cache_read_input_tokens == 2627


def test_the_whole_conversation_arrives(make: Make) -> None:
    seen: list[Request] = []

    def listen(request: Request) -> Reply:
        seen.append(request)
        return Reply("ok")

    said = Turn(role="assistant", blocks=(Block(text="No."),)), Turn(role="user", blocks=(Block(text="Yes."),))
    make(listen).ask(question(turns=(*question().turns, *said)))
    assert [role for role, _ in seen[0].turns] == ["user", "assistant", "user"]
    assert seen[0].system == "rules"
    assert seen[0].turns[-1][1] == "Yes."


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rate limited", TroubleKind.RATE_LIMITED),
        ("overloaded", TroubleKind.OVERLOADED),
        ("server error", TroubleKind.SERVER_ERROR),
        ("gateway timeout", TroubleKind.TIMED_OUT),
        ("hung up", TroubleKind.NO_CONNECTION),
        ("torn stream", TroubleKind.STREAM_BROKE),
        ("error in the stream", TroubleKind.OVERLOADED),
        ("prompt too long", TroubleKind.TOO_LONG),
        ("request too large", TroubleKind.TOO_LONG),
        ("too many tokens", TroubleKind.TOO_MANY_TOKENS),
        ("tier limit", TroubleKind.SPEND_LIMIT),
        ("own limit", TroubleKind.SPEND_LIMIT),
        ("no credit", TroubleKind.SPEND_LIMIT),
        ("unknown model", TroubleKind.UNKNOWN_MODEL),
        ("retired model", TroubleKind.UNKNOWN_MODEL),
        ("wrong key", TroubleKind.WRONG_KEY),
        ("no permission", TroubleKind.NO_PERMISSION),
        ("on hold", TroubleKind.NO_PERMISSION),
        ("redirected", TroubleKind.WRONG_ADDRESS),
        ("no such path", TroubleKind.WRONG_ADDRESS),
    ],
)
def test_each_bad_day_has_its_kind(make: Make, name: str, kind: TroubleKind) -> None:
    trouble = make(Script(BAD_DAYS[name])).ask(question())
    assert isinstance(trouble, Trouble)
    assert trouble.kind is kind
    assert trouble.message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("refusal", "refusal"),
        ("max_tokens", "max_tokens"),
        ("context window full", "model_context_window_exceeded"),
        ("cut stream", None),
    ],
)
def test_each_way_to_stop_is_told(make: Make, name: str, reason: str | None) -> None:
    answer = make(Script(BAD_DAYS[name])).ask(question())
    assert isinstance(answer, Answer)
    assert answer.stop_reason == reason


def test_what_a_server_asks_and_allows_is_read(make: Make) -> None:
    asked = make(Script(BAD_DAYS["rate limited"])).ask(question())
    allowed = make(Script(BAD_DAYS["too many tokens"])).ask(question())
    assert isinstance(asked, Trouble)
    assert isinstance(allowed, Trouble)
    assert (asked.retry_after, allowed.limit) == (0.0, 8192)
