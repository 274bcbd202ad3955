"""What a campaign's end says about runs that failed."""

from pathlib import Path
from typing import Any

from haste.bootstrap import Workspace
from haste.cli.campaigning import told
from haste.cli.telling import tell
from haste.core import events as e
from haste.core.campaign import rebuild_campaign
from haste.core.solution import FileRef
from haste.settings import Settings
from judging.stories import competition

WHY = "none of 1 prototypes could be made to run in the time"


def _ended(workspace: Workspace, run: str, end: e.Event) -> None:
    started = e.RunStarted(
        competition=competition(run.partition("/")[0]), settings=Settings(), engineer="offline", arm="tiered",
        commit="c", environment={}, data={},
    )  # fmt: skip
    workspace.log.append(run, started, expected=0)
    workspace.log.append(run, end, expected=1)


def _shown(workspace: Workspace, story: list[e.Event]) -> dict[str, Any]:
    """What is told of a campaign with these events."""
    for position, event in enumerate(story):
        workspace.log.append("_campaigns/one", event, expected=position)
    return told(workspace, rebuild_campaign(workspace.log.read("_campaigns/one")))


def test_what_has_no_score_is_named_with_its_reason_and_with_what_to_do(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    _ended(workspace, "apples/r1", e.RunFinished(score=0.5, error=0.1, best="s001"))
    _ended(workspace, "pears/r1", e.RunFailed(reason=WHY))
    _ended(workspace, "apples/r2", e.RunFailed(reason=WHY))
    story: list[e.Event] = [
        e.CampaignStarted(
            competitions=("/c/apples", "/c/pears"), settings=Settings(time_limit=50.0),
            plan={"rounds": [["/c/apples", "/c/pears"], ["/c/apples"]]},
        ),
        e.RoundStarted(number=1, runs={"/c/apples": "apples/r1", "/c/pears": "pears/r1"}, commit="c"),
        e.RoundFinished(
            number=1, finished=("apples/r1",), failed=("pears/r1",), promoted=2, reasons={"pears/r1": WHY},
            out_of_time=("pears/r1",), retired=1,
        ),
        e.RoundStarted(number=2, runs={"/c/apples": "apples/r2"}, commit="c", time_limit=100.0),
        e.RoundFinished(number=2, finished=(), failed=("apples/r2",), promoted=0),
        e.CampaignFinished(reason="2 rounds are done"),
    ]  # fmt: skip
    shown = _shown(workspace, story)
    assert shown["unsolved"] == ["pears"]
    lines = shown["table"].splitlines()
    assert lines[0] == "_campaigns/one: 2 rounds are done"
    assert lines[3].endswith(f"failed: {WHY}")
    assert lines[-1] == ("no score for pears; where time was short: haste-run campaign FOLDER … --time-limit 200")
    assert [run["run"] for run in shown["runs"]] == ["apples/r1", "pears/r1", "apples/r2"]


def test_what_a_budget_left_no_time_for_is_named_apart_from_what_failed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    _ended(workspace, "apples/r1", e.RunFinished(score=0.5, error=0.1, best="s001"))
    story: list[e.Event] = [
        e.CampaignStarted(
            competitions=("/c/apples", "/c/plums"), settings=Settings(time_limit=50.0),
            plan={"rounds": [["/c/apples"], ["/c/plums"]], "budget": 60.0},
        ),
        e.RoundStarted(number=1, runs={"/c/apples": "apples/r1"}, commit="c"),
        e.RoundFinished(number=1, finished=("apples/r1",), failed=(), promoted=0),
        e.CampaignFinished(reason="its budget of 60 s is spent"),
    ]  # fmt: skip
    shown = _shown(workspace, story)
    assert shown["unsolved"] == ["plums"]
    last = shown["table"].splitlines()[-1]
    assert last.startswith("never begun: plums, as its budget of 60 s is spent;")
    assert "no score" not in shown["table"]


def test_rounds_say_what_failed_and_what_is_given_now() -> None:
    again = e.RoundStarted(number=2, runs={"/c/pears": "pears/r2"}, commit="c", time_limit=100.0)
    assert tell(again) == "round 2: pears/r2, 1 min 40 s each"
    done = e.RoundFinished(
        number=1, finished=("apples/r1",), failed=("pears/r1",), promoted=2, retired=1, reasons={"pears/r1": WHY}
    )
    assert tell(done) == f"round 1 finished: 1 run, 2 promoted, 1 retired; pears/r1 failed: {WHY}"


def test_a_run_says_what_it_starts_with() -> None:
    refs = [e.LoadedRef(name=f"g{n}", scope="global", version="1") for n in range(2)]
    refs += [e.LoadedRef(name="pears-plan", scope="competition", version="1")]
    event = e.SkillsLoaded(
        arm="tiered", commit="c", skills=tuple(refs), characters=1, tokens=7,
        knowledge=FileRef(name="k", sha256="0"),
    )  # fmt: skip
    assert tell(event) == "3 skills loaded (tiered), 7 tokens: 2 global, 1 of this competition (pears-plan)"
