"""Growth, transfer, costs and the leaderboard: small folds over many runs."""

import pytest

from haste.core import events as e
from haste.core.competition import Fold
from haste.core.solution import Failure, FailureKind
from haste.projections.costs import Cost, costs, costs_of
from haste.projections.inventory import growth
from haste.projections.leaderboard import leaderboard, summaries
from haste.projections.transfer import refinement_of, transfer
from projections.streams import (
    CODE,
    fold,
    kept,
    later,
    loaded,
    proposed,
    prototypes_done,
    reverted,
    scored,
    started,
    stream,
)

# ── growth ───────────────────────────────────────────────────────────────────────────────────────────


def _promoted(skill: str, scope: str, promotion: str) -> e.SkillPromoted:
    return e.SkillPromoted(
        promotion=promotion, skill=skill, scope=scope, path=f"skills/{scope}/{skill}", version="v", commit="c",
        branch="b", learning="l", reason="r",
    )  # fmt: skip


def _done() -> e.CurationFinished:
    return e.CurationFinished(merged="m")


def _rolled_back(promotion: str) -> e.PromotionRolledBack:
    return e.PromotionRolledBack(promotion=promotion, skill="x", commit="c", reason="r")


def test_the_inventory_grows_round_by_round() -> None:
    first = stream("_skills/one", [_promoted("a", "domain", "p1"), _done()])
    retired = e.SkillRetired(promotion="p3", skill="hand", path="skills/global/hand", commit="c", reason="r")
    amended = e.SkillAmended(promotion="p4", skill="a", version="v", commit="c", learning="l", summary="s")
    second = stream("_skills/two", [_promoted("a", "global", "p2"), amended, retired, _done()])
    round_ = stream("_campaigns/c", [e.RoundFinished(number=1, finished=(), failed=(), promoted=2)])
    seen = growth([later(second, 2), first, later(round_, 3)], {"hand": "global", "old": "domain"})
    assert [s.label for s in seen] == ["_skills/one", "_skills/two", "round 1"]
    assert seen[0].scopes == {"global": 1, "domain": 2, "competition": 0}
    assert seen[1].scopes == {"global": 1, "domain": 1, "competition": 0}
    assert (seen[0].promoted, seen[1].promoted, seen[1].amended, seen[1].retired) == (1, 1, 1, 1)
    assert (seen[0].total, seen[2].promoted) == (3, 0)


def test_a_retirement_taken_back_gives_back_the_skill() -> None:
    retired = e.SkillRetired(promotion="p1", skill="old", path="skills/global/old", commit="c", reason="r")
    seen = growth([stream("_skills/one", [retired, _done(), _rolled_back("p1"), _done()])], {"old": "global"})
    assert [snapshot.scopes["global"] for snapshot in seen] == [0, 1]


def test_what_a_review_rejects_counts_no_more() -> None:
    waits = stream("_skills/one", [_promoted("a", "domain", "p1"), e.CurationFinished(merged=None)])
    rejected = e.PromotionReviewed(promotion="p1", decision="rejected", by="Ann")
    seen = growth([waits, later(stream("_skills/review-1", [rejected]), 1)])
    assert [(s.label, s.total, s.rejected) for s in seen] == [
        ("_skills/one", 1, 0), ("what was decided since", 0, 1),
    ]  # fmt: skip


def test_what_was_judged_again_counts_once() -> None:
    outrun = stream("_skills/one", [_promoted("a", "domain", "p1"), e.CurationFinished(merged=None, again="x")])
    seen = growth([outrun, later(stream("_skills/two", [_promoted("b", "domain", "p2"), _done()]), 1)])
    assert [(s.label, s.total, s.promoted) for s in seen] == [("_skills/two", 1, 1)]


def test_a_rollback_gives_back_the_scope_that_was() -> None:
    events = [
        _promoted("old", "global", "p1"),
        _promoted("new", "domain", "p2"),
        _rolled_back("p1"),
        _rolled_back("p2"),
    ]
    seen = growth([stream("_skills/one", [*events, _done()])], {"old": "domain"})
    assert seen[0].scopes == {"global": 0, "domain": 1, "competition": 0}
    assert seen[0].rolled_back == 2


# ── transfer ─────────────────────────────────────────────────────────────────────────────────────────


def _search(name: str, verdicts: str, *, skills: tuple[str, ...] = ()) -> tuple[str, list[e.Recorded]]:
    """A run whose changes were kept (k) or reverted (r) in this order."""
    events: list[e.Event] = [started(name), loaded(*skills), proposed(1), fold(1, 0, 0.7), scored(1, 0.7)]
    events.append(prototypes_done())
    best = 0.7
    for number, verdict in enumerate(verdicts, start=2):
        score = best + 0.01 if verdict == "k" else best - 0.01
        best = max(best, score)
        decided = kept(number) if verdict == "k" else reverted(number)
        events += [proposed(number), fold(number, 0, score), scored(number, score), decided]
    return stream(f"{name}/r1", events)


def test_the_best_is_reached_with_the_last_kept_change() -> None:
    found = refinement_of(_search("churn", "krkrr")[1])
    assert found is not None
    assert (found.iterations, found.to_best, found.kept, found.kept_share) == (5, 3, 2, 0.4)
    assert found.start == "cold"


def test_a_run_that_kept_nothing_was_best_at_its_start() -> None:
    found = refinement_of(_search("churn", "rr")[1])
    assert found is not None
    assert (found.to_best, found.kept) == (0, 0)
    assert refinement_of(stream("x/r", [started()])[1]) is None


def test_where_the_runner_up_ends_best_its_changes_are_counted() -> None:
    draft, change = proposed(1), kept(4).model_copy(update={"track": 1, "parent": "s2"})
    other = draft.model_copy(update={"solution": draft.solution.model_copy(update={"id": "s2"})})
    events: list[e.Event] = [started(), draft, fold(1, 0, 0.7), scored(1, 0.7), other, fold(2, 0, 0.6)]
    events += [scored(2, 0.6), prototypes_done(), proposed(3), fold(3, 0, 0.65), scored(3, 0.65), reverted(3)]
    events += [proposed(4, track=1, parent=2), fold(4, 0, 0.9), scored(4, 0.9), change]
    found = refinement_of(stream("churn/r1", events)[1])
    assert found is not None
    assert (found.iterations, found.to_best, found.kept) == (2, 1, 1)


def test_warm_and_cold_starts_are_told_apart() -> None:
    runs = [_search("a", "rrkr"), _search("b", "rkrr"), _search("c", "kr", skills=("s@1",))]
    cold, warm = transfer(runs)
    assert (cold.group, cold.to_best.runs, cold.to_best.mean) == ("cold", 2, 2.5)
    assert cold.to_best.error == pytest.approx(0.5)
    assert (warm.group, warm.to_best.mean, warm.to_best.error, warm.kept_share.mean) == ("warm", 1.0, None, 0.5)
    by_name = transfer(runs, lambda run: run.competition)
    assert [row.group for row in by_name] == ["a", "b", "c"]


# ── costs ────────────────────────────────────────────────────────────────────────────────────────────


def test_costs_fall_on_the_stage_they_arose_in() -> None:
    profile = e.StageFinished(stage="profile", reason="r")
    usage = e.Usage(output_tokens=100)
    answered = e.ModelAnswered(
        purpose="improve",
        model="m",
        answer=CODE,
        usage=usage,
        usd=0.5,
        stop_reason=None,
    )
    track = e.StageFinished(stage="refinement", track=0, reason="r")
    events = [started(), profile, proposed(1), fold(1, 0), scored(1), prototypes_done(), answered, proposed(2)]
    events += [fold(2, 0, seconds=3.0), kept(2), track, e.StageFinished(stage="refinement", reason="r")]
    seen = costs_of(stream("churn/r1", events, step=10.0)[1])
    assert list(seen) == ["profile", "prototypes", "refinement"]
    assert (seen["profile"].seconds, seen["prototypes"].seconds, seen["refinement"].seconds) == (10.0, 40.0, 60.0)
    assert (seen["refinement"].usd, seen["refinement"].output_tokens, seen["refinement"].compute_seconds) == (
        0.5,
        100,
        3.0,
    )
    assert seen["refinement"].per_kept() == {"seconds": 60.0, "output_tokens": 100.0, "usd": 0.5}
    assert seen["prototypes"].per_kept() is None


def test_time_before_a_resume_was_not_spent() -> None:
    resumed = e.RunResumed(environment={})
    seen = costs_of(stream("churn/r1", [started(), resumed, proposed(1)], step=100.0)[1])
    assert seen["profile"].seconds == 100.0


def test_failures_cost_too() -> None:
    failed = e.EvaluationFailed(
        solution="s1",
        fold=Fold(),
        failure=Failure(kind=FailureKind.CRASHED, message="m"),
        seconds=4.0,
    )
    one = stream("churn/r1", [started(), proposed(1), failed])
    seen = costs([one, one])["profile"]
    assert (seen.failures, seen.compute_seconds) == (2, 8.0)
    assert seen == Cost(seconds=4.0, compute_seconds=8.0, evaluations=2, failures=2)


# ── leaderboard ──────────────────────────────────────────────────────────────────────────────────────


def _ended(
    run: str, score: float | None, *, metric: str = "roc_auc", graded: float | None = None
) -> tuple[str, list[e.Recorded]]:
    events: list[e.Event] = [started(run.split("/")[0], metric=metric), proposed(1), fold(1, 0, score or 0.5)]
    if score is not None:
        events += [scored(1, score), e.RunFinished(score=score, error=0.01, best="s1")]
    if graded is not None:
        events.append(e.SubmissionGraded(score=graded, medal="none", reachable="bubblewrap"))
    return stream(run, events)


def test_graded_runs_stand_before_others_and_direction_counts() -> None:
    runs = [
        _ended("up/a", 0.9), _ended("up/b", 0.8, graded=0.7), _ended("up/c", 0.95), _ended("up/d", None),
        _ended("down/a", 3.0, metric="rmse"), _ended("down/b", 2.0, metric="rmse"),
    ]  # fmt: skip
    board = leaderboard(summaries(runs))
    assert list(board) == ["down", "up"]
    assert [(s.rank, s.run.run) for s in board["up"]] == [(1, "up/b"), (2, "up/c"), (3, "up/a"), (0, "up/d")]
    assert [s.run.run for s in board["down"]] == ["down/b", "down/a"]


def test_a_run_that_goes_on_has_no_rank_whatever_it_has_reached() -> None:
    going = stream("up/b", [started("up"), proposed(1), fold(1, 0, 0.99), scored(1, 0.99)])
    board = leaderboard(summaries([_ended("up/a", 0.9), going]))
    assert [(s.rank, s.run.run) for s in board["up"]] == [(1, "up/a"), (0, "up/b")]
