"""Money and tokens: reserved before, settled after, never more than was allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude.support import desk, draft_answer, kinds, messages_of
from haste.adapters.messages_server.wire import Reply
from haste.core.events import BudgetExhausted, ModelAnswered, ModelAsked, RunResumed, SolutionRejected, Usage
from haste.engineers.claude.ledger import Ledger, Reservation, Short, dated, find_model
from haste.errors import SettingsError
from haste.settings import Settings

SONNET = find_model("claude-sonnet-4-6", {})


def ledger(usd: float = 10.0, tokens: int = 0, spent: float = 0.0, spent_tokens: int = 0) -> Ledger:
    return Ledger(SONNET, Settings(max_usd=usd, max_tokens=tokens), spent_usd=spent, spent_tokens=spent_tokens)


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(input_tokens=1_000_000), 3.0),
        (Usage(output_tokens=1_000_000), 15.0),
        (Usage(cache_read_input_tokens=1_000_000), 0.3),
        (Usage(cache_creation_input_tokens=1_000_000), 6.0),
        (Usage(input_tokens=1_000, cache_read_input_tokens=9_000, output_tokens=2_000), 0.0357),
    ],
)
def test_what_an_answer_costs(usage: Usage, usd: float) -> None:
    assert SONNET.cost(usage) == pytest.approx(usd)


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-4-5",
        "claude-sonnet-4-5-20250929",
        "anthropic/claude-sonnet-4.5",
        "claude-sonnet-4-5@20250929",
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
)
def test_one_model_under_many_names(name: str) -> None:
    model = find_model(name, {})
    assert (model.rates.output, model.context, model.note) == (15.0, 200_000, "")


def test_long_prompts_have_prices_of_their_own() -> None:
    haiku = find_model("claude-haiku-5-5", {})
    assert haiku.cost(Usage(input_tokens=100_000)) == pytest.approx(0.01)
    assert haiku.cost(Usage(input_tokens=60_000, cache_read_input_tokens=60_000, output_tokens=100_000)) == (
        pytest.approx(0.03 + 0.003 + 0.25)
    )


def test_an_unknown_claude_counts_as_the_dearest_and_says_so() -> None:
    model = find_model("claude-opus-9", {})
    assert model.rates.output == 50.0
    assert "no price is known for claude-opus-9" in model.note


def test_a_model_of_ones_own_is_free_until_a_price_is_given() -> None:
    free = find_model("qwen3-coder", {})
    assert free.cost_at_most(1_000_000, 1_000_000) == 0.0
    assert "counted as free" in free.note
    priced = find_model("qwen3-coder", {"qwen3-coder": {"input": 1.0, "output": 2.0, "max_output": 8_000}})
    assert priced.cost(Usage(input_tokens=1_000_000, output_tokens=1_000_000)) == 3.0
    assert (priced.max_output, priced.note) == (8_000, "")


def test_prices_that_nobody_understands_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        desk("unused", settings=Settings(prices={"qwen3": {"inputs": 1.0, "output": -2.0}}))
    assert len(caught.value.problems) == 2


def test_the_table_says_when_it_was_read() -> None:
    assert dated() >= "2026-11-01"


def test_a_reservation_covers_the_dearest_way_it_can_go() -> None:
    got = ledger().reserve(10_000, 16_000, at_the_end=False)
    assert isinstance(got, Reservation)
    assert got.usd == pytest.approx(10_000 * 6e-6 + 16_000 * 15e-6)


def test_a_shorter_answer_where_the_full_one_can_not_be_paid() -> None:
    got = ledger(spent=9.6).reserve(10_000, 32_000, at_the_end=True)
    assert isinstance(got, Reservation)
    assert got.output_tokens == pytest.approx((0.4 - 0.06) / 15e-6, abs=2)


def test_what_is_kept_back_is_for_the_end() -> None:
    account = ledger(usd=1.0, spent=0.75)
    during = account.reserve(10_000, 16_000, at_the_end=False)
    assert isinstance(during, Short)
    assert during.budget == "usd"
    assert "$0.16 of it kept back for the learnings" in during.detail
    assert isinstance(account.reserve(10_000, 6_000, at_the_end=True), Reservation)


def test_output_tokens_have_a_limit_of_their_own() -> None:
    account = ledger(tokens=20_000, spent_tokens=9_000)
    got = account.reserve(1_000, 16_000, at_the_end=False)
    assert isinstance(got, Reservation)
    assert got.output_tokens == 20_000 - 9_000 - 4_000
    account.spend(0.0, 5_000)
    short = account.reserve(1_000, 16_000, at_the_end=False)
    assert isinstance(short, Short)
    assert short.budget == "tokens"


@given(
    st.floats(0, 20), st.integers(0, 200_000), st.floats(0, 20), st.integers(1, 900_000), st.integers(1, 64_000),
    st.booleans(),
)  # fmt: skip
def test_a_reservation_never_exceeds_what_is_left(
    usd: float, tokens: int, spent: float, input_tokens: int, output_tokens: int, at_the_end: bool
) -> None:
    account = ledger(usd, tokens, spent)
    got = account.reserve(input_tokens, output_tokens, at_the_end=at_the_end)
    if isinstance(got, Reservation):
        assert account.spent_usd + got.usd <= usd + 1e-9
        assert not tokens or got.output_tokens <= tokens
        assert SONNET.cost(Usage(cache_creation_input_tokens=input_tokens, output_tokens=got.output_tokens)) <= (
            got.usd + 1e-9
        )


def test_questions_are_reserved_and_answers_settled() -> None:
    at = desk(Reply(draft_answer(), usage={"input_tokens": 2_000, "output_tokens": 3_000}))
    events = at.draft()
    asked, answered = events[0], events[1]
    assert isinstance(asked, ModelAsked)
    assert isinstance(answered, ModelAnswered)
    assert asked.reserved_usd > answered.usd == pytest.approx(0.051)
    assert asked.reserved_tokens == messages_of(at).questions[0].max_tokens == 24_000
    assert at.state.usd == pytest.approx(0.051)
    assert at.state.output_tokens == 3_000


def test_a_spent_budget_pauses_the_run_and_more_money_lets_it_go_on() -> None:
    at = desk(draft_answer(), settings=Settings(jobs=1, max_usd=0.05))
    assert kinds(at.draft()) == ["BudgetExhausted"]
    assert at.state.paused
    assert messages_of(at).questions == []
    at.add(RunResumed(environment={}, raised={"max_usd": 5.0}))
    assert kinds(at.draft()) == ["ModelAsked", "ModelAnswered", "SolutionProposed"]


def test_a_run_that_goes_on_without_more_money_ends_its_search() -> None:
    at = desk("unused", settings=Settings(jobs=1, max_usd=0.05))
    at.prototypes_done()
    assert isinstance(at.improve()[0], BudgetExhausted)
    at.add(RunResumed(environment={}))
    rejected = at.improve()[0]
    assert isinstance(rejected, SolutionRejected)
    assert rejected.exhausted
    assert "is spent" in rejected.reason
    assert at.state.paused is None


def test_learnings_that_can_not_be_paid_come_from_the_figures() -> None:
    at = desk("unused", settings=Settings(jobs=1, max_usd=0.01))
    at.prototypes_done()
    at.change(0.004)
    events = at.distil()
    assert kinds(events) == ["ModelRefused:budget", "LearningRecorded"]
    assert at.state.paused is None
    assert at.state.learnings[0].recipe.gain > 0


def test_tokens_pause_a_run_as_money_does() -> None:
    at = desk(draft_answer(), settings=Settings(jobs=1, max_tokens=1_000))
    event = at.draft()[0]
    assert isinstance(event, BudgetExhausted)
    assert event.budget == "tokens"
