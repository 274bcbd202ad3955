"""What a run's state says of its events: the best, who makes the submission, and what is reported."""

import pytest

from haste.core import events as e
from haste.core.actions import BuildEnsemble
from haste.core.competition import Fold
from haste.core.evolve import rebuild
from haste.core.last_choice import build
from haste.core.run import RunState
from projections.streams import fold, kept, profiled, proposed, prototypes_done, reverted, scored, started, stream

SINGLE, BLEND = (0.81, 0.02), (0.82, 0.01)


def state_of(*events: e.Event) -> RunState:
    """The state after these events, ten seconds apart."""
    return rebuild(stream("churn/r1", [started(), *events], step=10.0)[1])


def seen(number: int, score: float, folds: int) -> list[e.Event]:
    """A solution with the same score on so many folds."""
    return [*(fold(number, k, score) for k in range(folds)), scored(number, score, folds)]


def test_many_folds_say_more_than_a_higher_score_on_one() -> None:
    both = [proposed(1), *seen(1, 0.80, 5), proposed(2, track=None), *seen(2, 0.90, 1)]
    assert state_of(*both).best == "s1"
    assert state_of(*both, fold(2, 1, 0.9), fold(2, 2, 0.9), fold(2, 3, 0.9), fold(2, 4, 0.9)).best == "s2"


@pytest.mark.parametrize(("verdict", "best"), [(kept(2), "s2"), (reverted(2, 0.001), "s1")])
def test_what_was_reverted_is_not_the_best_whatever_its_score(verdict: e.Event, best: str) -> None:
    changed = [proposed(1), *seen(1, 0.80, 5), prototypes_done(), proposed(2), *seen(2, 0.801, 5), verdict]
    assert state_of(*changed).best == best


@pytest.mark.parametrize(
    ("verdict", "members", "reported"),
    [
        (e.EnsembleKept(gain=0.01), ["s1", "s2"], BLEND),
        (e.EnsembleDropped(gain=-0.01, reason="r"), ["s1"], SINGLE),
    ],
)
def test_a_blend_makes_the_submission_and_the_score_only_where_it_was_kept(
    verdict: e.Event, members: list[str], reported: tuple[float, float]
) -> None:
    built = e.EnsembleBuilt(
        members=(e.Member(solution="s1", weight=0.5), e.Member(solution="s2", weight=0.5)),
        method="uniform",
        rows="fresh folds",
        score=BLEND[0],
        error=BLEND[1],
        single="s1",
        single_score=SINGLE[0],
        single_error=SINGLE[1],
    )
    state = state_of(built, verdict)
    assert [member.solution for member in state.final_members] == members
    assert sum(member.weight for member in state.final_members) == 1.0
    assert state.reported == reported


def test_time_while_nobody_worked_is_not_of_the_run() -> None:
    """Neither that between a kill and what goes on, nor that between the end and a grade."""
    resumed = e.RunResumed(environment={})
    over = e.RunFinished(score=0.8, error=0.01, best="s1")
    graded = e.SubmissionGraded(score=0.8, medal="none", reachable="")
    assert state_of(proposed(1)).seconds == 10.0
    assert state_of(proposed(1), resumed, *seen(1, 0.8, 1)).seconds == 30.0
    assert state_of(proposed(1), over, graded).seconds == 20.0


def test_a_budget_that_is_raised_is_no_longer_spent_and_others_are() -> None:
    spent = (e.BudgetExhausted(budget="time", detail="600 s"), e.BudgetExhausted(budget="usd", detail="5 $"))
    state = state_of(*spent)
    assert (set(state.exhausted), state.paused) == ({"time", "usd"}, "5 $")
    raised = state_of(*spent, e.RunResumed(environment={}, raised={"max_usd": 20.0}))
    assert (set(raised.exhausted), raised.paused, raised.settings.max_usd) == ({"time"}, None, 20.0)


def test_a_change_that_helps_ends_a_row_of_misses() -> None:
    begun = [proposed(1), *seen(1, 0.80, 2), prototypes_done(), proposed(2), *seen(2, 0.79, 2), reverted(2)]
    assert state_of(*begun).tracks[0].misses == 1
    assert state_of(*begun, proposed(3), *seen(3, 0.81, 2), kept(3)).tracks[0].misses == 0


def test_what_earlier_fits_saved_counts_whole_alone_and_half_beside_others() -> None:
    """Alone nothing would have been fitted before; beside others, perhaps some of it."""
    saved = e.FoldScored(
        solution="s1", fold=Fold(), score=0.8, seconds=6.0, saved_seconds=4.0, predictions="d", cpu_seconds=6.0
    )
    found = state_of(proposed(1), saved).candidates["s1"]
    assert (found.mean_seconds, found.mean_seconds_beside_others) == (10.0, 8.0)


def test_the_usual_noise_is_known_from_the_third_change_on() -> None:
    events = [proposed(1), *(fold(1, k, 0.8) for k in range(2)), scored(1, 0.8, 2), prototypes_done()]
    noise: list[float | None] = []
    for number, apart in enumerate((0.02, 0.06, 0.04), start=2):
        folds = [fold(number, 0, 0.8), fold(number, 1, 0.8 + apart)]
        events += [proposed(number), *folds, scored(number, 0.8, 2), reverted(number)]
        noise.append(state_of(*events).usual_noise())
    assert noise == [None, None, pytest.approx(0.04 / 2**0.5)]


def test_a_proposal_that_was_none_counts_unless_there_is_nothing_left() -> None:
    begun = [proposed(1), *seen(1, 0.80, 2), prototypes_done()]
    none, last = (
        e.SolutionRejected(purpose="improve", track=0, reason="r", exhausted=is_last) for is_last in (False, True)
    )
    track = state_of(*begun, none, last).tracks[0]
    assert (track.iterations, track.misses, track.exhausted) == (1, 2, True)


def test_nobody_is_compared_on_rows_that_others_were_not_scored_on() -> None:
    fresh = [
        e.FoldScored(solution="s1", fold=Fold(repeat=1, number=k), score=0.8, seconds=1.0, predictions="d")
        for k in range(2)
    ]
    both = [profiled(folds=2), proposed(1), *seen(1, 0.80, 2), proposed(2, track=None), *seen(2, 0.79, 2)]
    assert build(state_of(*both)) == BuildEnsemble(candidates=("s1", "s2"), rows="search folds")
    assert build(state_of(*both, *fresh)) == BuildEnsemble(candidates=("s1",), rows="fresh folds")
