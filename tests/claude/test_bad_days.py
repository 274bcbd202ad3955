"""Each of the service's bad days, through the real SDK and the loopback server: a path, events, and no lost run."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from claude.scenes import SKILLS
from claude.support import CODE, GOOD_EDIT, Desk, competition, desk, draft_answer, edit_answer, kinds, messages_of
from claude.test_messages_contract import KEY
from haste.adapters.anthropic_api import AnthropicMessages
from haste.adapters.messages_server.bad_days import BAD_DAYS
from haste.adapters.messages_server.server import COUNTING, MessagesServer
from haste.adapters.messages_server.wire import Answerer, Fault, Reply, Request, Script
from haste.core.events import (
    BudgetExhausted,
    ModelAnswered,
    ModelAsked,
    ModelRefused,
    RunResumed,
    SolutionRejected,
)
from haste.core.evolve import rebuild
from haste.core.finalists import margin
from haste.core.messages import Feature, Question, Trouble, TroubleKind
from haste.engineers.claude.bad_days import MOST_WAITS, PATHS, feature_to_leave_out, features_in, pause_before
from haste.errors import EngineerError
from haste.settings import Settings

ONCE = ["ModelAsked", "ModelAnswered", "SolutionProposed"]
GOOD = Reply(draft_answer())


class Impatient(AnthropicMessages):
    """The real adapter, but for the waiting: it is noted."""

    def __init__(self, base_url: str) -> None:
        super().__init__(KEY, base_url=base_url, silence_seconds=0.5)
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@contextmanager
def served(
    answer: Answerer, *, settings: Settings | None = None, **server: object
) -> Iterator[tuple[Desk, Impatient]]:
    with MessagesServer(answer, **server) as running:  # type: ignore[arg-type]
        messages = Impatient(running.base_url)
        yield Desk(messages, settings=settings or Settings(jobs=1)), messages
        messages.close()


def refused(events: list[object]) -> list[ModelRefused]:
    return [e for e in events if isinstance(e, ModelRefused)]


def test_every_kind_of_trouble_has_a_path() -> None:
    assert set(PATHS) == set(TroubleKind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rate limited", "rate_limited"),
        ("overloaded", "overloaded"),
        ("server error", "server_error"),
        ("gateway timeout", "timed_out"),
        ("hung up", "no_connection"),
        ("silence", "timed_out"),
        ("silent stream", "timed_out"),
        ("torn stream", "stream_broke"),
        ("cut stream", "cut_stream"),
        ("error in the stream", "overloaded"),
    ],
)
def test_what_passes_is_waited_for_and_asked_again(name: str, kind: str) -> None:
    day = BAD_DAYS[name]
    with served(Script(day, day, GOOD)) as (at, messages):
        events = at.draft()
    assert kinds(events) == ["ModelAsked", f"ModelRefused:{kind}"] * 2 + ONCE
    assert [e.attempt for e in events if isinstance(e, ModelAsked)] == [1, 2, 3]
    assert not any(e.final for e in refused(list(events)))
    assert len(messages.waited) == 2


@pytest.mark.parametrize("name", ["overloaded", "server error", "torn stream", "cut stream"])
def test_what_does_not_pass_stops_the_run_where_it_is(name: str) -> None:
    with served(Script(BAD_DAYS[name])) as (at, messages), pytest.raises(EngineerError) as caught:
        at.draft()
    said = kinds([r.event for r in at.log.read("rooms/20260101-000000")])
    assert said.count("ModelAsked") == MOST_WAITS
    assert "haste-run resume rooms/20260101-000000" in caught.value.hint
    assert len(messages.waited) == MOST_WAITS - 1
    state = rebuild(at.log.read("rooms/20260101-000000"))
    assert not state.finished
    at.messages = desk(draft_answer()).messages
    again = Desk(at.messages, log=at.log)
    assert kinds(again.draft()) == ONCE


def test_the_service_says_how_long_to_wait() -> None:
    limited = Fault(429, "rate_limit_error", "slow down", headers={"retry-after": "17"})
    with served(Script(limited, GOOD)) as (at, messages):
        at.draft()
    assert messages.waited == [17.0]


def test_a_wait_beyond_all_patience_stops_at_once() -> None:
    limited = Fault(429, "rate_limit_error", "slow down", headers={"retry-after": "7200"})
    with served(Script(limited)) as (at, messages), pytest.raises(EngineerError, match="patience"):
        at.draft()
    assert messages.waited == []


def test_an_attempt_gets_what_the_attempts_before_it_left_of_the_time() -> None:
    slow = Fault(529, "overloaded_error", "Overloaded", headers={"retry-after": "10"}, hang=300.0)
    at = desk(slow, slow, slow, GOOD, settings=Settings(jobs=1, time_limit=800.0))
    left = at.state.time_left - margin(at.state)
    at.draft()
    assert [q.seconds for q in messages_of(at).questions] == [600.0, left - 310.0, left - 620.0, 45.0]


def test_only_the_end_may_take_the_time_that_is_kept_for_it() -> None:
    at = desk(draft_answer(), "no", settings=Settings(jobs=1, time_limit=400.0))
    search = at.state.time_left - margin(at.state)
    at.draft()
    end = at.state.time_left
    at.distil()
    assert [q.seconds for q in messages_of(at).questions][:2] == [search, end]


def test_waits_grow_and_differ_between_runs() -> None:
    trouble = Trouble(kind=TroubleKind.OVERLOADED, message="")
    waits = [pause_before(trouble, n, "a") for n in range(1, 12)]
    assert waits[:5] == sorted(waits[:5])
    assert max(waits) <= 60
    assert waits != [pause_before(trouble, n, "b") for n in range(1, 12)]


@pytest.mark.parametrize("name", ["tier limit", "own limit", "no credit"])
def test_a_spend_limit_of_the_service_pauses_the_run(name: str) -> None:
    with served(Script(BAD_DAYS[name])) as (at, messages):
        events = at.draft()
    assert kinds(events) == ["ModelAsked", "ModelRefused:spend_limit", "BudgetExhausted"]
    assert isinstance(events[-1], BudgetExhausted)
    assert events[-1].detail.startswith("a spend limit of the service: ")
    assert at.state.paused
    assert messages.waited == []


def test_after_a_spend_limit_was_lifted_the_search_goes_on() -> None:
    with served(Script(BAD_DAYS["own limit"], Reply(GOOD_EDIT))) as (at, _):
        at.prototypes_done()
        at.improve()
        at.add(RunResumed(environment={}))
        assert kinds(at.improve()) == ONCE


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("wrong key", "does not accept the key", "ANTHROPIC_API_KEY"),
        ("no permission", "may not do this", "workspace"),
        ("on hold", "may not do this", "workspace"),
        ("unknown model", "does not offer the model claude-sonnet-4-6", "it has claude-sonnet-5-5"),
        ("retired model", "was retired on", "--model"),
        ("redirected", "not speak the Messages API", "ANTHROPIC_BASE_URL"),
        ("no such path", "not speak the Messages API", "ANTHROPIC_BASE_URL"),
        ("not the API", "can't be read", "ANTHROPIC_BASE_URL"),
    ],
)
def test_what_only_a_person_can_mend_stops_the_run_and_says_how(name: str, words: str, hint: str) -> None:
    with served(Script(BAD_DAYS[name])) as (at, messages), pytest.raises(EngineerError) as caught:
        at.draft()
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert "haste-run resume" in caught.value.hint
    assert messages.waited == []
    last = at.log.read("rooms/20260101-000000")[-1].event
    assert isinstance(last, ModelRefused)
    assert last.final


@pytest.mark.parametrize("name", ["prompt too long", "request too large", "context window full"])
def test_a_prompt_that_is_too_long_is_shortened(name: str) -> None:
    wordy = competition(description="word " * 3_000)
    answers = [BAD_DAYS[name], BAD_DAYS[name], GOOD]
    at = desk(*answers, skills=SKILLS, competition=wordy)
    events = at.draft()
    sizes = [q.characters for q in messages_of(at).questions]
    assert len(sizes) == 3
    assert sizes[0] > sizes[1] > sizes[2]
    assert kinds(events)[-3:] == ONCE


def test_a_prompt_that_can_not_get_shorter_stops_or_is_given_up() -> None:
    with served(Script(BAD_DAYS["prompt too long"])) as (at, _), pytest.raises(EngineerError, match="too long"):
        at.draft()
    full = desk(BAD_DAYS["context window full"])
    assert kinds(full.draft())[-1] == "SolutionRejected"


def test_a_model_with_a_small_window_gets_a_short_prompt_at_once() -> None:
    prices = {"tiny": {"input": 0.0, "context": 16_000, "max_output": 4_000}}
    wordy = competition(description="word " * 6_000)
    at = desk(draft_answer(), settings=Settings(jobs=1, model="tiny", prices=prices), competition=wordy)
    assert kinds(at.draft()) == ONCE
    assert "more characters)" in messages_of(at).questions[0].turns[0].blocks[1].text


def test_an_answer_that_is_cut_off_gets_more_room_then_is_asked_to_be_shorter() -> None:
    day = BAD_DAYS["max_tokens"]
    with served(Script(day, day, GOOD)) as (at, _):
        events = at.draft()
        questions = [e.reserved_tokens for e in events if isinstance(e, ModelAsked)]
    assert kinds(events) == ["ModelAsked", "ModelRefused:max_tokens"] * 2 + ONCE
    assert questions == [24_000, 48_000, 96_000]
    always = desk(day)
    assert kinds(always.draft()) == ["ModelAsked", "ModelRefused:max_tokens"] * 3 + ["SolutionRejected"]
    assert "was cut off at its limit" in messages_of(always).questions[-1].turns[0].blocks[-1].text


def test_a_server_that_allows_fewer_tokens_is_asked_for_fewer() -> None:
    with served(Script(BAD_DAYS["too many tokens"], GOOD)) as (at, _):
        events = at.draft()
    asked = [e.reserved_tokens for e in events if isinstance(e, ModelAsked)]
    assert asked == [24_000, 8_192]
    assert kinds(events)[-3:] == ONCE


def test_a_refusal_is_explained_once_and_then_accepted() -> None:
    day = BAD_DAYS["refusal"]
    with served(Script(day, GOOD)) as (at, _):
        assert kinds(at.draft()) == ["ModelAsked", "ModelRefused:refusal", *ONCE]
    always = desk(day)
    events = always.draft()
    assert kinds(events) == ["ModelAsked", "ModelRefused:refusal"] * 2 + ["SolutionRejected"]
    assert isinstance(events[-1], SolutionRejected)
    assert "frontier_llm" in events[-1].reason
    assert "ordinary applied machine learning" in messages_of(always).questions[-1].turns[0].blocks[-1].text


def test_an_answer_that_can_not_be_used_is_told_why_twice_at_most() -> None:
    at = desk("I think a forest would do.", "No.", "Still no.", draft_answer())
    events = at.draft()
    assert kinds(events) == ["ModelAsked", "ModelRefused:unusable"] * 3 + ["SolutionRejected"]
    assert [e.final for e in refused(list(events))] == [False, False, True]
    turns = messages_of(at).questions[1].turns
    assert [t.role for t in turns] == ["user", "assistant", "user"]
    assert "no ```json block" in turns[2].blocks[0].text
    assert all(e.answer for e in refused(list(events)))


def test_edits_that_do_not_match_are_told_then_the_whole_script_is_asked_for() -> None:
    wrong = edit_answer("model = LogisticRegression(C=2.0)", "pass")
    at = desk(wrong, wrong, draft_answer(code=CODE.replace("C=1.0", "C=0.5")))
    at.prototypes_done()
    events = at.improve()
    assert kinds(events) == ["ModelAsked", "ModelRefused:unusable"] * 2 + ONCE
    first, second = messages_of(at).questions[1:]
    assert "model = LogisticRegression(C=1.0)" in first.turns[-1].blocks[0].text
    assert "all edits" in first.turns[-1].blocks[0].text
    assert "the whole script" in second.turns[-1].blocks[0].text
    assert len(second.turns) == 3


def test_the_same_script_again_is_not_run_again() -> None:
    at = desk(draft_answer(), draft_answer(), GOOD)
    at.draft()
    events = at.draft(1)
    assert "same as s001" in refused(list(events))[0].message


@pytest.mark.parametrize("feature", list(Feature))
def test_a_server_without_a_feature_is_asked_without_it(feature: Feature) -> None:
    with served(Script(GOOD), lacks=[feature.value]) as (at, _):
        events = at.draft()
        again = at.draft(1)
    if feature is Feature.SCHEMA:
        assert kinds(events) == ONCE
        return
    assert kinds(events) == ["ModelAsked", "ModelRefused:unsupported", *ONCE]
    answered = next(e for e in events if isinstance(e, ModelAnswered))
    assert f"asked without {feature.value}" in answered.notes
    assert at.state.without == (feature.value,)
    assert kinds(again)[1] != "ModelRefused:unsupported"


def test_a_server_that_answers_a_stream_with_something_else_is_asked_for_the_whole() -> None:
    def odd(request: Request) -> Reply | Fault:
        return BAD_DAYS["not the API"] if request.body.get("stream") else GOOD

    with served(odd) as (at, _):
        events = at.draft()
    assert kinds(events) == ["ModelAsked", "ModelRefused:unsupported", *ONCE]
    assert refused(list(events))[0].message == "streaming"


def test_a_server_without_schemas_judges_all_the_same() -> None:
    with served(Script(Reply('{"domain": "text", "why": "prose"}')), lacks=["schema"]) as (at, _):
        events = at.play(at.engineer.choose_domain(at.state, at.context))
    assert kinds(events) == [
        "ModelAsked",
        "ModelRefused:unsupported",
        "ModelAsked",
        "ModelAnswered",
        "DomainChosen",
    ]


def test_a_server_that_counts_nothing_is_estimated() -> None:
    with served(Script(GOOD), lacks=[COUNTING]) as (at, _):
        events = at.draft()
    answered = next(e for e in events if isinstance(e, ModelAnswered))
    assert answered.usage.output_tokens > 0
    assert answered.usd > 0
    assert any("estimated" in note for note in answered.notes)


def test_a_server_that_lacks_everything_still_works() -> None:
    lacks = [f.value for f in Feature] + [COUNTING]
    with served(Script(GOOD), lacks=lacks) as (at, _):
        assert kinds(at.draft())[-3:] == ONCE


def test_a_request_that_is_wrong_in_itself_stops_after_every_feature() -> None:
    wrong = Fault(400, "invalid_request_error", "messages.0: something is wrong")
    with served(Script(wrong)) as (at, _), pytest.raises(EngineerError, match="refuses the request"):
        at.draft()


def test_broken_answers_are_paid_for() -> None:
    with served(Script(BAD_DAYS["torn stream"], GOOD)) as (at, _):
        events = at.draft()
    broken = refused(list(events))[0]
    assert broken.usd > 0
    assert broken.usage.output_tokens > 100


@pytest.mark.parametrize("then", ["torn", "cut"])
def test_thinking_that_broke_off_counts_as_all_that_was_reserved(then: str) -> None:
    usage = {"input_tokens": 2_000, "output_tokens": 1}
    at = desk(Reply("", usage=usage, then=then), GOOD, settings=Settings(jobs=1, model="claude-sonnet-4-6"))
    events = at.draft()
    asked, broken = events[0], refused(list(events))[0]
    assert isinstance(asked, ModelAsked)
    assert messages_of(at).questions[0].thinking
    assert broken.usage.output_tokens == asked.reserved_tokens
    assert broken.usd <= asked.reserved_usd


def test_without_thinking_a_stream_that_broke_off_counts_as_what_came() -> None:
    model = "claude-haiku-4-5"
    at = desk(Reply("word " * 1_000, then="torn"), GOOD, settings=Settings(jobs=1, model=model))
    broken = refused(list(at.draft()))[0]
    assert not messages_of(at).questions[0].thinking
    assert 500 < broken.usage.output_tokens < 2_000


def test_the_feature_that_a_refusal_names_is_left_out_first() -> None:
    question = Question(
        model="m", max_tokens=1, seconds=1, system=(), turns=(), answer_schema={}, effort="low", thinking=True
    )
    said = Trouble(kind=TroubleKind.BAD_REQUEST, message="thinking: Extra inputs are not permitted")
    assert feature_to_leave_out(question, said) is Feature.THINKING
    assert Feature.CACHING not in features_in(question)
