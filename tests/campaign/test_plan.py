"""How a campaign plans its rounds, and what it does next."""

from haste.core import events as e
from haste.core.campaign import (
    FinishCampaign,
    StartRound,
    WorkOnRound,
    decide_campaign,
    never_begun,
    never_solved,
    plan_rounds,
    rebuild_campaign,
    unsolved,
)
from haste.core.events import Envelope, Recorded
from haste.settings import Settings

LIMIT = Settings().time_limit
DOMAINS = {"a": "tabular", "b": "tabular", "c": "text", "d": "image", "e": "tabular", "f": "text"}


def stream(*events: e.AnyEvent, seconds: float = 10.0) -> list[Recorded]:
    """A campaign's stream, an event every ten seconds."""
    return [
        Recorded(
            envelope=Envelope(
                run="_campaigns/one",
                position=n,
                at=f"2026-01-01T00:{int(n * seconds) // 60:02d}:{int(n * seconds) % 60:02d}.000000+00:00",
                schema=1,
                prev="",
                hash="",
            ),
            event=event,
        )
        for n, event in enumerate(events)
    ]


def started(**plan: object) -> e.CampaignStarted:
    return e.CampaignStarted(
        competitions=tuple(DOMAINS),
        settings=Settings(),
        plan={"rounds": [["a", "c", "d"], ["b", "e", "f"]], **plan},
    )


def round_started(number: int, *folders: str, limit: float = 0.0) -> e.RoundStarted:
    return e.RoundStarted(number=number, runs={f: f"{f}/{number}" for f in folders}, commit="0", time_limit=limit)


def round_finished(number: int, *, failed: tuple[str, ...] = (), short: tuple[str, ...] = ()) -> e.RoundFinished:
    return e.RoundFinished(number=number, finished=(), failed=failed, promoted=0, out_of_time=short)


def test_the_first_round_has_one_competition_of_each_domain() -> None:
    assert plan_rounds(DOMAINS) == (("a", "c", "d"), ("b", "e", "f"))


def test_rounds_split_the_rest_evenly() -> None:
    assert plan_rounds(DOMAINS, rounds=3) == (("a", "c", "d"), ("b", "e"), ("f",))
    assert plan_rounds(DOMAINS, rounds=1) == (("a", "c", "d"), ("b", "e", "f"))


def test_in_the_order_given_nothing_is_moved() -> None:
    assert plan_rounds(DOMAINS, order="given", rounds=2) == (("a", "b", "c"), ("d", "e", "f"))


def test_a_second_pass_repeats_the_rounds() -> None:
    assert plan_rounds({"a": "text"}, passes=2) == (("a",), ("a",))


def test_rounds_follow_each_other() -> None:
    assert decide_campaign(rebuild_campaign(stream(started()))) == StartRound(number=1, folders=("a", "c", "d"))
    begun = stream(started(), round_started(1, "a", "c", "d"))
    assert decide_campaign(rebuild_campaign(begun)) == WorkOnRound(number=1)
    done = stream(started(), round_started(1, "a", "c", "d"), round_finished(1))
    assert decide_campaign(rebuild_campaign(done)) == StartRound(number=2, folders=("b", "e", "f"))


def test_what_failed_is_run_once_more() -> None:
    story: list[e.AnyEvent] = [
        started(),
        round_started(1, "a", "c", "d"),
        round_finished(1, failed=("c/1",)),
        round_started(2, "b", "e", "f"),
        round_finished(2),
    ]
    assert decide_campaign(rebuild_campaign(stream(*story))) == StartRound(number=3, folders=("c",))
    story += [round_started(3, "c"), round_finished(3, failed=("c/3",))]
    assert decide_campaign(rebuild_campaign(stream(*story))) == FinishCampaign(reason="3 rounds are done")


def test_what_failed_and_was_solved_since_is_not_run_again() -> None:
    story: list[e.AnyEvent] = [
        started(rounds=[["a"], ["a"]]),
        round_started(1, "a"),
        round_finished(1, failed=("a/1",)),
        round_started(2, "a"),
        round_finished(2),
    ]
    assert decide_campaign(rebuild_campaign(stream(*story))) == FinishCampaign(reason="2 rounds are done")


def test_what_failed_for_want_of_time_gets_twice_as_much_each_time() -> None:
    story: list[e.AnyEvent] = [
        started(rounds=[["a", "c"]], retries=2),
        round_started(1, "a", "c"),
        round_finished(1, failed=("a/1", "c/1"), short=("c/1",)),
    ]
    assert decide_campaign(rebuild_campaign(stream(*story))) == StartRound(
        number=2, folders=("a", "c"), time_limit=2 * LIMIT
    )
    story += [round_started(2, "a", "c", limit=2 * LIMIT), round_finished(2, failed=("c/2",), short=("c/2",))]
    assert decide_campaign(rebuild_campaign(stream(*story))) == StartRound(
        number=3, folders=("c",), time_limit=4 * LIMIT
    )


def test_what_had_most_time_says_how_much_more_all_of_a_round_get() -> None:
    story: list[e.AnyEvent] = [
        started(rounds=[["a"], ["b"]]),
        round_started(1, "a"),
        round_finished(1, failed=("a/1",), short=("a/1",)),
        round_started(2, "b", limit=LIMIT / 2),
        round_finished(2, failed=("b/2",), short=("b/2",)),
    ]
    assert decide_campaign(rebuild_campaign(stream(*story))) == StartRound(
        number=3, folders=("a", "b"), time_limit=2 * LIMIT
    )


def test_what_failed_otherwise_is_run_again_as_it_was() -> None:
    story: list[e.AnyEvent] = [started(rounds=[["a"]]), round_started(1, "a"), round_finished(1, failed=("a/1",))]
    assert decide_campaign(rebuild_campaign(stream(*story))) == StartRound(number=2, folders=("a",))


def test_a_budget_shortens_the_last_runs_and_ends_what_is_not_worth_a_run() -> None:
    """Ten seconds pass with each event, and the first round takes two of them."""
    story = stream(started(budget=20.0 + 2 * LIMIT), round_started(1, "a"), round_finished(1))
    assert decide_campaign(rebuild_campaign(story)) == StartRound(
        number=2, folders=("b", "e", "f"), time_limit=round(2 * LIMIT / 3, 1)
    )
    side_by_side = stream(started(budget=20.0 + 2 * LIMIT, parallel=3), round_started(1, "a"), round_finished(1))
    assert decide_campaign(rebuild_campaign(side_by_side)) == StartRound(number=2, folders=("b", "e", "f"))
    in_pairs = stream(started(budget=20.0 + 1.5 * LIMIT, parallel=2), round_started(1, "a"), round_finished(1))
    assert decide_campaign(rebuild_campaign(in_pairs)) == StartRound(
        number=2, folders=("b", "e", "f"), time_limit=round(1.5 * LIMIT / 2, 1)
    )
    story = stream(started(budget=15.0), round_started(1, "a"), round_finished(1))
    assert decide_campaign(rebuild_campaign(story)) == FinishCampaign(reason="its budget of 15 s is spent")


def test_time_between_a_stop_and_what_follows_is_not_of_the_budget() -> None:
    story = stream(started(budget=1000.0), round_started(1, "a"), e.RunResumed(environment={}), round_finished(1))
    assert rebuild_campaign(story).seconds == 20.0


def test_what_is_still_being_run_is_not_solved() -> None:
    story = stream(started(rounds=[["a"]]), round_started(1, "a"))
    assert never_solved(rebuild_campaign(story)) == ("a",)


def test_a_competition_that_was_solved_once_is_solved() -> None:
    story: list[e.AnyEvent] = [
        started(rounds=[["a", "b"], ["a", "b"]]),
        round_started(1, "a", "b"),
        round_finished(1, failed=("b/1",)),
        round_started(2, "a", "b"),
        round_finished(2, failed=("a/2", "b/2")),
    ]
    state = rebuild_campaign(stream(*story))
    assert unsolved(state) == ("a", "b")
    assert never_solved(state) == ("b",)


def test_what_was_planned_and_never_begun_is_unsolved() -> None:
    story: list[e.AnyEvent] = [
        started(rounds=[["a", "b"], ["c"], ["a", "b"], ["c"]], budget=15.0),
        round_started(1, "a", "b"),
        round_finished(1, failed=("b/1",)),
        e.CampaignFinished(reason="its budget of 15 s is spent"),
    ]
    state = rebuild_campaign(stream(*story))
    assert never_begun(state) == ("c",)
    assert never_solved(state) == ("b", "c")
