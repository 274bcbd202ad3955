"""What a run decides: prototypes on one view, refinement on all, what is kept, and how it ends."""

import random
from datetime import datetime
from pathlib import Path

import pytest

from haste.adapters.rehearsal import RehearsalPorts, script
from haste.core import events as e
from haste.core.solution import FailureKind
from haste.stages.evaluate import threads
from run.rehearse import FLAT, RUN, better, events, of, play, ports

THREE = [script(FLAT), script(better(0.02)), script(better(-0.05))]


def test_prototypes_see_one_view_and_the_winner_all(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE)
    play(at)
    before = [
        ev for ev in events(at)[: names(at).index("StageFinished:prototypes")] if isinstance(ev, e.FoldScored)
    ]
    assert [(ev.solution, ev.fold.key) for ev in before] == [("s001", "0.0"), ("s002", "0.0"), ("s003", "0.0")]
    searched = {ev.solution: ev.folds for ev in of(at, e.SolutionScored) if isinstance(ev, e.SolutionScored)}
    assert searched["s001"] == searched["s002"] == 5


def test_forward_in_time_prototypes_are_compared_on_the_view_with_most_to_learn_from(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, kind="forward")
    play(at)
    before = events(at)[: names(at).index("StageFinished:prototypes")]
    assert {ev.fold.key for ev in before if isinstance(ev, e.FoldScored)} == {"0.4"}


def test_a_change_is_kept_only_beyond_the_noise(tmp_path: Path) -> None:
    changes = [
        script(better(0.04)),  # the winner stands at +0.02: clearly better
        script([0.741, 0.752, 0.729, 0.741, 0.738]),  # the same within the noise
        script(better(0.03)),  # clearly worse than +0.04
    ]
    at = ports(tmp_path, drafts=THREE, changes=changes)
    play(at, runner_up_iterations=0)
    verdicts = [(type(ev).__name__, ev.solution) for ev in of(at, e.ChangeKept, e.ChangeReverted)]  # type: ignore[attr-defined]
    assert verdicts == [("ChangeKept", "s004"), ("ChangeReverted", "s005"), ("ChangeReverted", "s006")]


def test_among_equals_the_much_faster_is_kept(tmp_path: Path) -> None:
    changes = [
        script(better(0.02), seconds=5.0),  # as good as the winner, in half the time
        script(better(0.02), seconds=4.0),  # as good, and hardly faster
        script([0.723, 0.7242, 0.7124, 0.715, 0.7192], seconds=1.0),  # much faster, and worse within the noise
    ]
    at = ports(tmp_path, drafts=[script(FLAT), script(better(0.02), seconds=10.0)], changes=changes)
    play(at, prototypes=2, runner_up_iterations=0)
    verdicts = [(type(ev).__name__, ev.solution) for ev in of(at, e.ChangeKept, e.ChangeReverted)]  # type: ignore[attr-defined]
    assert verdicts == [("ChangeKept", "s003"), ("ChangeReverted", "s004"), ("ChangeReverted", "s005")]


def test_direction_comes_from_the_metric(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, changes=[script(better(-0.06))])
    state = play(at, metric="rmse", runner_up_iterations=0)
    assert [ev.solution for ev in of(at, e.ChangeKept)] == ["s004"]  # type: ignore[attr-defined]
    assert state.best == "s004"


def test_two_misses_in_a_row_escalate(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, changes=[script(better(-0.01))] * 5)
    play(at, runner_up_iterations=0)
    levels = [ev.escalation for ev in of(at, e.SolutionProposed) if ev.track is not None]  # type: ignore[attr-defined]
    assert levels == [0, 0, 1, 1, 2]


def test_the_prototype_that_is_better_on_every_fold_is_refined_first(tmp_path: Path) -> None:
    lucky = script([0.75, 0.70, 0.69, 0.70, 0.70])
    at = ports(tmp_path, drafts=[lucky, script(better(0.03))], changes=[script(better(-0.01))])
    play(at, prototypes=2, iterations=1, runner_up_iterations=0)
    assert [ev.solution.parent for ev in of(at, e.SolutionProposed) if ev.track is not None] == ["s002"]  # type: ignore[attr-defined]


def test_stagnation_ends_a_track_and_the_runner_up_has_its_turn(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, changes=[script(better(-0.02))] * 30)
    play(at, stagnation=3, runner_up_iterations=2)
    ends = [(ev.track, ev.reason) for ev in of(at, e.StageFinished) if ev.track is not None]  # type: ignore[attr-defined]
    assert ends == [(0, "3 changes in a row did not help"), (1, "2 changes were tried")]


def test_a_clear_loss_stops_early(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, changes=[script([0.5, 0.51, 0.49, 0.5, 0.5])])
    play(at, runner_up_iterations=0)
    scored = [ev for ev in of(at, e.SolutionScored) if ev.solution == "s004"]  # type: ignore[attr-defined]
    assert [(ev.folds, ev.stopped_early) for ev in scored] == [(2, True)]  # type: ignore[attr-defined]


def test_a_failed_solution_is_mended_and_goes_on(tmp_path: Path) -> None:
    at = ports(
        tmp_path,
        drafts=THREE,
        changes=[script(better(0.04), fails_on=3)],
        mends=[script(better(0.04))],
    )
    state = play(at, runner_up_iterations=0)
    failed = next(of(at, e.EvaluationFailed))
    assert failed.failure.kind is FailureKind.CRASHED  # type: ignore[attr-defined]
    assert state.candidates["s005"].solution.mends == "s004"
    assert [ev.solution for ev in of(at, e.ChangeKept)] == ["s005"]  # type: ignore[attr-defined]


def test_the_mends_of_a_prototype_are_not_taken_from_the_winner(tmp_path: Path) -> None:
    winner, broken = script(better(0.05), fails_on=2), script(FLAT, fails_on=0)
    at = ports(tmp_path, drafts=[winner, script(FLAT), broken], mends=[broken, broken, script(better(0.05))])
    state = play(at, iterations=0, runner_up_iterations=0)
    mended = [(ev.solution.id, ev.solution.mends) for ev in of(at, e.SolutionProposed) if ev.solution.mends]  # type: ignore[attr-defined]
    assert mended == [("s004", "s003"), ("s005", "s004"), ("s006", "s001")]
    assert state.best == "s006"


def test_a_prototype_that_was_mended_and_fails_later_is_mended_again(tmp_path: Path) -> None:
    broken, later = script(FLAT, fails_on=0), script(better(0.05), fails_on=2)
    at = ports(tmp_path, drafts=[broken], mends=[broken, later, later, later, script(FLAT)])
    state = play(at, prototypes=1, iterations=0, runner_up_iterations=0)
    mended = [(ev.solution.id, ev.solution.mends) for ev in of(at, e.SolutionProposed) if ev.solution.mends]  # type: ignore[attr-defined]
    assert mended == [("s002", "s001"), ("s003", "s002"), ("s004", "s003"), ("s005", "s004")]
    assert state.finished


def test_a_prototype_that_cannot_be_mended_is_passed_over(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT, fails_on=0), *THREE[1:]])
    state = play(at)
    assert state.done
    assert state.best != "s001"


def test_when_no_prototype_runs_the_run_fails_with_a_reason(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT, fails_on=0)] * 3)
    state = play(at)
    assert state.failed == "none of 3 prototypes could be made to run"


def test_a_valid_submission_is_there_after_the_first_prototype(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE)
    play(at)
    order = names(at)
    assert order.index("SubmissionWritten:interim") < order.index("SolutionProposed:s002")
    assert order[-1] == "RunFinished"
    assert order.count("SubmissionWritten:final") == 1


def test_whatever_is_best_by_now_is_submitted_before_the_next_change(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, changes=[script(better(0.04)), script(better(-0.05))])
    play(at, iterations=2, runner_up_iterations=0)
    interim = [ev.members[0].solution for ev in of(at, e.SubmissionWritten) if not ev.final]  # type: ignore[attr-defined]
    assert interim == ["s001", "s002", "s004"]


def test_the_last_choice_is_made_on_fresh_folds(tmp_path: Path) -> None:
    flattered = script(better(0.05), fresh=better(-0.02))
    at = ports(tmp_path, drafts=THREE, changes=[flattered])
    state = play(at, runner_up_iterations=0)
    assert state.ensemble is not None
    assert state.ensemble.rows == "fresh folds"
    assert state.ensemble.single == "s002"
    finished = next(of(at, e.RunFinished))
    assert finished.score == state.ensemble.score  # type: ignore[attr-defined]


def test_with_a_lockbox_nothing_is_fitted_again(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, lockbox_share=0.1)
    state = play(at)
    assert state.ensemble is not None
    assert state.ensemble.rows == "lockbox"
    assert not [ev for ev in of(at, e.FoldScored) if ev.fold.repeat]  # type: ignore[attr-defined]


def test_forward_in_time_the_members_are_fitted_once_more_on_everything(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=THREE, kind="forward")
    state = play(at)
    refitted = {ev.solution for ev in of(at, e.FoldScored) if ev.fold.full}  # type: ignore[attr-defined]
    assert refitted == {member.solution for member in state.final_members}


def test_what_is_far_behind_and_dear_has_no_turn(tmp_path: Path) -> None:
    ends = {}
    for behind, seconds in ((0.1, 6.0), (0.1, 0.2), (0.02, 6.0)):
        drafts = [script(better(0.02), seconds=1.0), script(better(-behind), seconds=seconds)]
        changes = [script(better(-0.01), seconds=1.0)] * 20
        at = ports(tmp_path / f"{behind}-{seconds}", drafts=drafts, changes=changes)
        play(at, time_limit=300.0, prototypes=2, iterations=2, runner_up_iterations=2)
        done = [ev for ev in of(at, e.StageFinished) if ev.track == 1]  # type: ignore[attr-defined]
        folds = [ev for ev in of(at, e.FoldScored) if ev.solution == "s002" and not ev.fold.repeat]  # type: ignore[attr-defined]
        ends[behind, seconds] = (done[0].reason, len(folds))  # type: ignore[attr-defined]
    assert ends == {
        (0.1, 6.0): ("it is too far behind the other track", 1),
        (0.1, 0.2): ("2 changes were tried", 5),
        (0.02, 6.0): ("2 changes were tried", 5),
    }


def slow_best(tmp_path: Path, *, time_limit: float) -> tuple[RehearsalPorts, e.EnsembleBuilt]:
    """A run whose best script takes fourteen times as long as the others."""
    drafts = [script(FLAT, seconds=1.0), script(better(0.02), seconds=1.0)]
    at = ports(tmp_path, drafts=drafts, changes=[script(better(0.06), seconds=14.0)])
    ensemble = play(at, time_limit=time_limit, prototypes=2).ensemble
    assert ensemble is not None
    return at, ensemble


def test_a_best_that_is_slow_is_confirmed_on_what_there_is_time_for(tmp_path: Path) -> None:
    at, ensemble = slow_best(tmp_path, time_limit=145.0)
    assert (ensemble.rows, ensemble.single) == ("fresh folds", "s003")
    fresh = {ev.solution: 0 for ev in of(at, e.FoldScored) if ev.fold.repeat}  # type: ignore[attr-defined]
    for ev in of(at, e.FoldScored):
        fresh[ev.solution] = fresh.get(ev.solution, 0) + bool(ev.fold.repeat)  # type: ignore[attr-defined]
    assert 3 <= fresh["s003"] < 5
    assert fresh["s003"] == fresh["s002"]


def test_fewer_fresh_rows_than_half_decide_nothing(tmp_path: Path) -> None:
    _, ensemble = slow_best(tmp_path, time_limit=130.0)
    assert (ensemble.rows, ensemble.single) == ("search folds", "s003")


def test_what_could_not_be_confirmed_is_chosen_on_the_folds_of_the_search(tmp_path: Path) -> None:
    drafts = [script(FLAT, seconds=1.0), script(better(0.02), seconds=1.0)]
    at = ports(tmp_path, drafts=drafts, changes=[script(better(0.06), seconds=14.0)])
    state = play(at, time_limit=95.0, prototypes=2)
    assert state.ensemble is not None
    assert (state.ensemble.rows, state.ensemble.single) == ("search folds", "s003")


def test_members_are_fitted_on_every_row_where_there_is_time(tmp_path: Path) -> None:
    for limit, fitted in ((100_000.0, True), (41.0, False)):
        at = ports(tmp_path / str(limit), drafts=[script(FLAT, seconds=3.5)])
        state = play(at, time_limit=limit, prototypes=1, iterations=0, runner_up_iterations=0)
        assert state.submission is not None
        refitted = {ev.solution for ev in of(at, e.FoldScored) if ev.fold.full}  # type: ignore[attr-defined]
        assert refitted == ({m.solution for m in state.final_members} if fitted else set())


def test_a_last_fit_that_fails_takes_nothing_from_the_solution(tmp_path: Path) -> None:
    drafts = [script(FLAT), script(better(0.05), fails_on="full")]
    at = ports(tmp_path, drafts=drafts)
    state = play(at, prototypes=2, iterations=0, runner_up_iterations=0, ensemble_members=1)
    assert [(ev.solution, ev.fold.full) for ev in of(at, e.EvaluationFailed)] == [("s002", True)]  # type: ignore[attr-defined]
    assert [ev.best for ev in of(at, e.RunFinished)] == ["s002"]  # type: ignore[attr-defined]
    assert state.candidates["s002"].failure is None
    assert state.submission is not None
    assert [m.solution for m in state.submission.members] == ["s002"]


def test_time_is_kept_back_for_the_end(tmp_path: Path) -> None:
    slow = [script(FLAT, seconds=10.0), script(better(0.02), seconds=10.0), script(better(-0.05), seconds=10.0)]
    at = ports(tmp_path, drafts=slow, changes=[script(better(0.03), seconds=10.0)] * 50)
    state = play(at, time_limit=600.0)
    assert state.done
    assert state.seconds <= 600.0
    assert [ev.budget for ev in of(at, e.BudgetExhausted)] == ["time"]  # type: ignore[attr-defined]
    assert state.submission is not None
    assert state.submission.final


@pytest.mark.parametrize("limit", [120.0, 125.0, 130.0, 135.0, 140.0, 145.0])
def test_time_is_kept_back_for_a_last_fit_on_every_row(tmp_path: Path, limit: float) -> None:
    """A change of 20 s that would leave less than a fit takes isn't begun."""
    drafts = [script(scores, seconds=4.0) for scores in (FLAT, better(0.02), better(-0.05))]
    at = ports(tmp_path, drafts=drafts, changes=[script(better(0.03), seconds=4.0)] * 50, lockbox_share=0.1)
    state = play(at, time_limit=limit, stagnation=100, runner_up_iterations=0)
    left = min(limit - begun for begun in _begun(at, "score"))
    assert left >= 0.03 * limit + 1.4 * 4.0
    assert state.submission is not None and state.submission.final


def _begun(at: RehearsalPorts, purpose: str) -> list[float]:
    """The seconds into the run at which evaluations for this began."""
    recorded = at.log.read(RUN)
    start = datetime.fromisoformat(recorded[0].envelope.at)
    return [
        (datetime.fromisoformat(one.envelope.at) - start).total_seconds()
        for one in recorded
        if isinstance(one.event, e.EvaluationStarted) and one.event.purpose == purpose
    ]


@pytest.mark.parametrize("seed", range(100))
def test_however_long_folds_take_what_was_scored_is_submitted(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def fickle(by: float) -> str:
        seconds = [chance.choice([1.0, 2.0, 8.0, 20.0]) for _ in range(10)]
        return script(better(by), seconds=seconds, starting=chance.choice([0.0, 3.0, 10.0]))

    drafts, changes = [fickle(0.0), fickle(0.02), fickle(-0.05)], [fickle(0.03 + 0.01 * k) for k in range(10)]
    at = ports(tmp_path, drafts=drafts, changes=changes)
    limit, jobs, prototypes = (
        chance.choice([25.0, 40.0, 60.0, 90.0]),
        chance.choice([1, 2]),
        chance.choice([1, 2, 3]),
    )
    state = play(at, time_limit=limit, jobs=jobs, prototypes=prototypes)
    scored = any(candidate.score is not None for candidate in state.candidates.values())
    assert state.done is scored
    assert state.submission is not None
    assert state.submission.final is scored
    assert state.seconds <= limit


def test_a_change_that_the_clock_cuts_is_left_undecided(tmp_path: Path) -> None:
    drafts = [script(FLAT, seconds=4.0), script(better(0.02), seconds=4.0)]
    slow = script(better(0.05), seconds=[4.0, 4.0, 4.0, 70.0, 4.0] * 2)
    at = ports(tmp_path, drafts=drafts, changes=[slow])
    state = play(at, time_limit=100.0, prototypes=2, runner_up_iterations=0, evaluation_seconds=80.0)
    assert [ev.fold.key for ev in of(at, e.FoldScored) if ev.solution == "s003"] == ["0.0", "0.1", "0.2"]  # type: ignore[attr-defined]
    cut = next(of(at, e.BudgetExhausted))
    assert cut.detail.startswith("s003 was cut on fold 0.3 after ")  # type: ignore[attr-defined]
    assert not list(of(at, e.EvaluationFailed, e.ChangeKept, e.ChangeReverted))
    assert state.candidates["s003"].failure is None
    assert state.candidates["s003"].verdict is None
    assert state.done
    assert state.best == "s002"
    assert state.seconds <= 100.0


def test_a_first_prototype_leaves_time_for_a_cheaper_one(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT, seconds=30.0)], mends=[script(FLAT, seconds=5.0)])
    state = play(at, time_limit=21.0, prototypes=1)
    assert [ev.failure.kind for ev in of(at, e.EvaluationFailed)] == [FailureKind.TIMED_OUT]  # type: ignore[attr-defined]
    assert state.best == "s002"
    assert state.submission is not None
    assert state.submission.final
    assert state.seconds <= 21.0


def test_a_first_look_is_better_than_averages(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT, seconds=4.0)], rows=2_000_000)
    state = play(at, time_limit=60.0, prototypes=1)
    assert state.best is None
    assert state.submission is not None
    assert [member.solution for member in state.submission.members] == ["s001"]
    assert state.seconds <= 60.0


def test_with_no_time_for_a_first_prototype_the_reason_is_the_time(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT)] * 3)
    state = play(at, time_limit=0.01)
    assert state.failed == "no prototype could be begun in the time"
    assert state.submission is not None


def test_with_no_prototype_in_time_averages_are_submitted(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT, seconds=300.0)] * 3, mends=[script(FLAT, seconds=300.0)] * 6)
    state = play(at, time_limit=20.0)
    assert names(at).index("SubmissionWritten:interim") < names(at).index("SolutionProposed:s001")
    assert state.failed is not None
    assert state.failed.endswith("prototypes could be made to run in the time")
    assert state.submission is not None
    assert state.submission.members == ()
    assert state.seconds <= 20.0


def names(at: object) -> list[str]:
    """The stream as words."""
    words = []
    for event in events(at):  # type: ignore[arg-type]
        name = type(event).__name__
        if isinstance(event, e.SubmissionWritten):
            name += ":final" if event.final else ":interim"
        if isinstance(event, e.SolutionProposed):
            name += f":{event.solution.id}"
        if isinstance(event, e.StageFinished):
            name += f":{event.stage}"
        words.append(name)
    return words


def test_large_data_is_looked_at_on_a_tenth_first(tmp_path: Path) -> None:
    quick = [script(FLAT, seconds=2.0), script(better(0.02), seconds=2.0), script(better(-0.05), seconds=40.0)]
    at = ports(tmp_path, drafts=quick, mends=[script(better(-0.05), seconds=2.0)], rows=2_000_000)
    state = play(at, time_limit=600.0)
    looks = [(ev.solution, ev.seconds) for ev in of(at, e.FoldScored) if ev.fold.tenth]  # type: ignore[attr-defined]
    assert looks == [("s001", 2.0), ("s002", 2.0), ("s003", 40.0), ("s004", 2.0)]
    failed = next(of(at, e.EvaluationFailed))
    assert failed.failure.message == (  # type: ignore[attr-defined]
        "a tenth of the rows took 40 s, so all would take about 400 s; 150 s are allowed"
    )
    assert "0.0" not in state.candidates["s003"].scores
    assert state.candidates["s004"].solution.mends == "s003"


@pytest.mark.parametrize(
    ("folds", "jobs", "cores", "given"),
    [
        (5, 2, 2, [1, 1, 1, 1, 2]),
        (4, 2, 2, [1, 1, 1, 1]),
        (5, 1, 2, [2, 2, 2, 2, 2]),
        (5, 16, 16, [3, 3, 3, 3, 3]),
        (5, 3, 6, [2, 2, 2, 3, 3]),
        (5, 4, 1, [1, 1, 1, 1, 1]),
    ],
)
def test_what_is_left_over_for_the_last_round_shares_every_core(
    folds: int, jobs: int, cores: int, given: list[int]
) -> None:
    assert [threads(number, folds, jobs=jobs, cores=cores) for number in range(folds)] == given
