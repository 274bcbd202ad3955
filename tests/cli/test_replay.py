"""Replays of runs that really ran: the policy, asked again, goes the same way at every position."""

from datetime import timedelta
from pathlib import Path

import pytest

from haste.adapters.fakes import EPOCH
from haste.adapters.rehearsal import script
from haste.core import events as e
from haste.core.actions import Stop
from haste.core.competition import Fold
from haste.core.evolve import rebuild
from haste.core.policy import decide
from haste.core.stream import stamp
from haste.replay import compare_decisions, outcome_differences, replay_run
from run.rehearse import FLAT, RUN, better, play, ports


def test_a_rehearsed_run_agrees_with_itself_and_its_policy(tmp_path: Path) -> None:
    at = ports(
        tmp_path,
        drafts=[script(FLAT), script(better(0.01)), script(better(-0.02))],
        changes=[script(better(0.03)), script(better(0.001)), script(better(0.05))],
    )
    state = play(at, prototypes=3, iterations=3, runner_up_iterations=1)
    assert state.done
    report = replay_run(RUN, at.log, tmp_path, decisions=compare_decisions)
    assert report.differences == ()
    assert report.events == state.position
    assert report.decisions == state.position - 1
    assert f"  {report.decisions} decisions made again and compared" in report.lines()


def test_a_log_that_claims_another_outcome_differs(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT)])
    play(at, prototypes=1, iterations=0, runner_up_iterations=0)
    recorded = at.log.read(RUN)
    forged = [
        one.model_copy(update={"event": one.event.model_copy(update={"score": 0.99})})
        if isinstance(one.event, e.RunFinished)
        else one
        for one in recorded
    ]
    assert outcome_differences(recorded, rebuild(recorded)) == []
    assert "RunFinished says 0.99" in outcome_differences(forged, rebuild(forged))[0]


def test_predictions_that_are_not_those_that_were_scored_differ(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT)])
    play(at, prototypes=1, iterations=0, runner_up_iterations=0)

    def kept(solution: str, fold: Fold, digest: str) -> bool | None:
        return at.files.has_predictions(RUN, solution, fold, digest) if fold.number or fold.full else None

    report = replay_run(RUN, at.log, tmp_path, kept=kept)
    assert report.differences == ()
    assert report.remarks == ("2 of 11 predictions are not kept any more; a resumed run makes them again",)
    next((tmp_path / RUN / "predictions" / "s001").glob("1.3.json")).write_text("{}")
    changed = replay_run(RUN, at.log, tmp_path, kept=kept).differences
    assert changed == ("the predictions of s001 fold 1.3 aren't the ones that were scored",)


@pytest.mark.parametrize("gone", ["ChangeKept", "ChangeReverted", "SubmissionWritten", "StageFinished"])
def test_a_decision_that_is_missing_is_told(tmp_path: Path, gone: str) -> None:
    at = ports(tmp_path, drafts=[script(FLAT)], changes=[script(better(0.03)), script(better(-0.03))])
    play(at, prototypes=1, iterations=2, runner_up_iterations=0)
    recorded = at.log.read(RUN)
    assert compare_decisions(recorded) == []
    first = next(i for i, one in enumerate(recorded) if type(one.event).__name__ == gone)
    assert compare_decisions(recorded[:first] + recorded[first + 1 :]) != []


def test_time_that_runs_out_during_an_evaluation_is_no_difference(tmp_path: Path) -> None:
    at = ports(tmp_path, drafts=[script(FLAT)] * 2)
    play(at, prototypes=2, iterations=0, runner_up_iterations=0)
    recorded = at.log.read(RUN)
    drafted = next(i for i, one in enumerate(recorded) if isinstance(one.event, e.StageFinished) and i > 5)
    started = next(i for i in range(drafted, len(recorded)) if isinstance(recorded[i].event, e.EvaluationStarted))
    scored = next(i for i in range(started, len(recorded)) if isinstance(recorded[i].event, e.SolutionScored))
    late = stamp(EPOCH + timedelta(days=7))
    told = [
        one.model_copy(update={"envelope": one.envelope.model_copy(update={"at": late})}) if i > started else one
        for i, one in enumerate(recorded[: scored + 1])
    ]
    assert isinstance(decide(rebuild(told[: started + 2])), Stop)
    assert compare_decisions(told) == []
    assert "the policy asks for Stop" in compare_decisions([*told[: started + 2], *told[started + 3 :]])[0]
