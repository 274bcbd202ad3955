"""How a campaign plans its rounds, and what it does next."""

from haste.core import events as e
from haste.core.campaign import (
    FinishCampaign,
    StartRound,
    WorkOnRound,
    decide_campaign,
    plan_rounds,
    rebuild_campaign,
)
from haste.core.events import Envelope, Recorded
from haste.settings import Settings

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


def round_started(number: int, *folders: str) -> e.RoundStarted:
    return e.RoundStarted(number=number, runs={f: f"{f}/{number}" for f in folders}, commit="0")


def round_finished(number: int, *, failed: tuple[str, ...] = ()) -> e.RoundFinished:
    return e.RoundFinished(number=number, finished=(), failed=failed, promoted=0)


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
    story = [
        started(),
        round_started(1, "a", "c", "d"),
        round_finished(1, failed=("c/1",)),
        round_started(2, "b", "e", "f"),
        round_finished(2),
    ]
    assert decide_campaign(rebuild_campaign(stream(*story))) == StartRound(number=3, folders=("c",))
    story += [round_started(3, "c"), round_finished(3, failed=("c/3",))]
    assert decide_campaign(rebuild_campaign(stream(*story))) == FinishCampaign(reason="3 rounds are done")


def test_a_spent_budget_ends_it_between_rounds() -> None:
    story = stream(started(budget=15.0), round_started(1, "a"), round_finished(1))
    assert decide_campaign(rebuild_campaign(story)) == FinishCampaign(reason="its budget of 15 s is spent")
