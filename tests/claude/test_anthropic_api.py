"""The real SDK against the loopback server: what goes over the wire, and what must never hang or leak."""

import time
from collections.abc import Iterator

import pytest

from claude.test_messages_contract import KEY, question
from haste.adapters.anthropic_api import AnthropicMessages
from haste.adapters.anthropic_trouble import retry_after, trouble_of
from haste.adapters.messages_server.bad_days import BAD_DAYS
from haste.adapters.messages_server.server import COUNTING, MessagesServer
from haste.adapters.messages_server.trial import model_check, try_model
from haste.adapters.messages_server.wire import Fault, Reply, Script
from haste.core.messages import Answer, Feature, Trouble, TroubleKind
from haste.errors import EngineerError

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 1}},
    "required": ["n"],
    "additionalProperties": False,
}


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with MessagesServer(Script(Reply("fine"))) as running:
        yield running


def ask(server: MessagesServer, **more: object) -> Answer | Trouble:
    messages = AnthropicMessages(KEY, base_url=server.base_url, silence_seconds=1.0)
    try:
        return messages.ask(question(**more))  # type: ignore[arg-type]
    finally:
        messages.close()


def test_the_body_has_every_feature_and_no_more(server: MessagesServer) -> None:
    ask(server, answer_schema=SCHEMA, effort="medium", thinking=True)
    sent = server.exchanges[0].request.body
    assert sorted(sent) == ["max_tokens", "messages", "model", "output_config", "stream", "system", "thinking"]
    assert sent["thinking"] == {"type": "adaptive"}
    assert sent["output_config"]["effort"] == "medium"
    assert "minimum" not in sent["output_config"]["format"]["schema"]["properties"]["n"]
    assert sent["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert "cache_control" not in sent["messages"][0]["content"][1]


def test_features_that_a_server_lacks_are_left_out(server: MessagesServer) -> None:
    without = list(Feature)
    reply = ask(server, answer_schema=SCHEMA, effort="medium", thinking=True, without=without)
    sent = server.exchanges[0].request
    assert isinstance(reply, Answer)
    assert reply.text == "fine"
    assert sorted(sent.body) == ["max_tokens", "messages", "model", "system"]
    assert "cache_control" not in str(sent.body)
    assert sent.headers["anthropic-version"] == "2023-06-01"


def test_the_key_goes_out_in_both_headers_to_other_servers(server: MessagesServer) -> None:
    ask(server)
    headers = server.exchanges[0].request.headers
    assert headers["authorization"] == f"Bearer {KEY['ANTHROPIC_API_KEY']}"
    assert headers["x-api-key"] == KEY["ANTHROPIC_API_KEY"]


def test_a_server_of_ones_own_needs_no_key(server: MessagesServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    reply = AnthropicMessages({"ANTHROPIC_BASE_URL": server.base_url}).ask(question())
    assert isinstance(reply, Answer)
    assert reply.text == "fine"


def test_without_a_key_the_error_says_how_to_give_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path_factory.mktemp("empty")))
    with pytest.raises(EngineerError, match="no key for Claude") as caught:
        AnthropicMessages({})
    assert "ANTHROPIC_API_KEY" in caught.value.hint
    assert "--engineer offline" in caught.value.hint


@pytest.mark.parametrize("name", ["silence", "silent stream"])
def test_silence_ends_after_its_limit(name: str) -> None:
    with MessagesServer(Script(BAD_DAYS[name])) as server:
        start = time.monotonic()
        reply = ask(server)
    assert isinstance(reply, Trouble)
    assert reply.kind is TroubleKind.TIMED_OUT
    assert time.monotonic() - start < 10


def test_a_stream_that_drips_for_ever_ends_at_the_deadline() -> None:
    with MessagesServer(Script(BAD_DAYS["dripping stream"])) as server:
        start = time.monotonic()
        reply = ask(server, seconds=1.5)
    assert isinstance(reply, Trouble)
    assert reply.kind is TroubleKind.TIMED_OUT
    assert reply.text.startswith("Half of this")
    assert reply.usage.cache_creation_input_tokens > 0
    assert time.monotonic() - start < 10


def test_nobody_there() -> None:
    messages = AnthropicMessages(KEY, base_url="http://127.0.0.1:9")
    reply = messages.ask(question())
    assert isinstance(reply, Trouble)
    assert reply.kind is TroubleKind.NO_CONNECTION
    assert "127.0.0.1:9" in reply.message


def test_a_page_instead_of_an_answer_can_not_be_read() -> None:
    with MessagesServer(Script(BAD_DAYS["not the API"])) as server:
        streamed = ask(server)
        whole = ask(server, without=[Feature.STREAMING])
    assert isinstance(streamed, Trouble)
    assert isinstance(whole, Trouble)
    assert streamed.kind is whole.kind is TroubleKind.UNREADABLE


def test_an_unknown_model_names_those_there_are() -> None:
    with MessagesServer(Script(Reply("fine"))) as server:
        reply = ask(server, model="claude-sonnet-9")
    assert isinstance(reply, Trouble)
    assert reply.kind is TroubleKind.UNKNOWN_MODEL
    assert "claude-opus-5-5" in reply.models


def test_a_model_near_its_end_of_life_is_noted() -> None:
    with MessagesServer(Script(Reply("fine")), models=None) as server:
        reply = ask(server, model="claude-sonnet-4-5")
    assert isinstance(reply, Answer)
    assert any("end-of-life" in note for note in reply.notes)


def test_the_key_is_redacted_both_ways() -> None:
    key = KEY["ANTHROPIC_API_KEY"]
    with MessagesServer(Script(Reply(f"your key is {key}"))) as server:
        messages = AnthropicMessages(KEY | {"OTHER_TOKEN": "tok-12345678"}, base_url=server.base_url)
        reply = messages.ask(question(f"is it {key}, or tok-12345678?"))
        sent = str(server.exchanges[0].request.body)
    assert isinstance(reply, Answer)
    assert key not in reply.text
    assert key not in sent
    assert "tok-12345678" not in sent


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Wed, 01 Jul 2026 10:00:30 GMT", "date": "Wed, 01 Jul 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            404,
            {"error": {"type": "not_found_error", "message": "model 'qwen' not found"}},
            TroubleKind.UNKNOWN_MODEL,
        ),
        (404, {"object": "error", "message": "The model `x` does not exist."}, TroubleKind.UNKNOWN_MODEL),
        (400, {"error": {"message": "Invalid model name passed in model=x"}}, TroubleKind.UNKNOWN_MODEL),
        (404, {"detail": "Not Found"}, TroubleKind.WRONG_ADDRESS),
        (422, {"detail": [{"msg": "field required"}]}, TroubleKind.BAD_REQUEST),
        (503, "upstream down", TroubleKind.SERVER_ERROR),
        (400, {"error": {"message": "Your credit balance is too low"}}, TroubleKind.SPEND_LIMIT),
        (400, {"error": {"message": "maximum context length is 4096 tokens"}}, TroubleKind.TOO_LONG),
        (200, {"error": {"type": "api_error", "message": "boom"}}, TroubleKind.SERVER_ERROR),
        (418, "", TroubleKind.BAD_REQUEST),
    ],
)
def test_errors_of_other_servers(status: int, body: object, kind: TroubleKind) -> None:
    assert trouble_of(status, {}, body, "no body").kind is kind


def test_the_answer_must_leave_room_for_the_prompt() -> None:
    said = "input length and `max_tokens` exceed context limit: 190000 + 21333 > 200000, decrease one"
    trouble = trouble_of(400, {}, {"error": {"type": "invalid_request_error", "message": said}}, "")
    assert (trouble.kind, trouble.limit) == (TroubleKind.TOO_MANY_TOKENS, 10_000)


def test_trying_a_server_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    with MessagesServer(Script(Reply('{"sum": 5}')), lacks=["caching", "thinking", COUNTING]) as server:
        trial = try_model(server.base_url, "claude-sonnet-4-6", KEY)
    assert trial.works
    assert trial.said == '{"sum": 5}'
    assert trial.lacks == ("thinking", "caching", "counting")
    assert any("no prompt caching" in note for note in trial.notes)
    assert any("estimated" in note for note in trial.notes)


def test_the_doctor_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY["ANTHROPIC_API_KEY"])
    with MessagesServer(Script(Reply('{"sum": 5}')), lacks=["schema"]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url.replace("//", "//someone:secret-word@"))
        check = model_check("claude-sonnet-4-6")
        wrong = model_check("claude-sonnet-9")
    assert (check.state, wrong.state) == ("gap", "gap")
    assert "no schemas" in check.costs
    assert "it offers claude-sonnet-4-6" in wrong.found
    assert "secret-word" not in check.found + wrong.found


def test_trying_a_server_that_refuses_raises_nothing() -> None:
    with MessagesServer(Script(Reply("fine")), keys=["another"]) as server:
        wrong = try_model(server.base_url, "claude-sonnet-4-6", KEY)
    with MessagesServer(Script(Fault(500))) as server:
        broken = try_model(server.base_url, "claude-sonnet-4-6", KEY)
    nobody = try_model("http://127.0.0.1:9", "claude-sonnet-4-6", KEY)
    assert not (wrong.works or broken.works or nobody.works)
    assert "wrong key" in wrong.said
    assert "no connection" in nobody.said
