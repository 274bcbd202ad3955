"""A campaign from its start to its end over a real repository, with rehearsed runs; killed after every event."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import TickingClock
from haste.adapters.git import GitRepository, init_repository
from haste.adapters.history import LoggedHistory
from haste.adapters.rehearsal import RehearsalFiles, RehearsalPorts, RehearsalSandbox, rehearsal_competition, script
from haste.adapters.skill_tree import GitSkills
from haste.bootstrap import Workspace
from haste.cli import campaigning
from haste.cli.main import run as haste_run
from haste.core.campaign import CampaignState, rebuild_campaign
from haste.core.events import BudgetExhausted, CampaignStarted, RoundStarted, RunFailed, RunStarted
from haste.engineers.scripted import ScriptedEngineer
from haste.loop import run_to_end
from haste.orchestration.campaign import CampaignPorts, campaign_to_end
from haste.settings import Settings

NAMES = {"/c/apples": "apples", "/c/pears": "pears"}
SETTINGS = Settings(time_limit=10_000.0, jobs=1, iterations=1, runner_up_iterations=0, folds=2)


class Killed(BaseException):
    """What a SIGKILL is to the code."""


class RehearsedPool:
    """Runs are rehearsed in this process, one after the other."""

    def __init__(self, root: Path, log: EventFiles) -> None:
        self.root, self.log = root, log
        self.worked: list[str] = []

    def work(self, runs: Mapping[str, str], settings: Settings, *, parallel: int) -> None:
        for run in runs:
            self.worked.append(run)
            engineer = ScriptedEngineer(self.log, drafts=[script([0.7, 0.71])], changes=[script([0.8, 0.82])])
            ports = RehearsalPorts(
                clock=TickingClock(),
                log=self.log,
                engineer=engineer,
                files=RehearsalFiles(self.root / ".haste", folds=2),
                sandbox=RehearsalSandbox(),
            )
            competition = rehearsal_competition().model_copy(update={"id": run.partition("/")[0]})
            started = RunStarted(
                competition=competition,
                settings=settings,
                engineer="scripted",
                arm=settings.arm,
                commit="0" * 40,
                environment={},
                data={},
            )
            if not self.log.read(run):
                self.log.append(run, started, expected=0)
            run_to_end(run, ports)

    def said(self, run: str) -> str:
        return ""

    def close(self) -> None:
        """Nothing runs by itself."""


def workspace(root: Path) -> tuple[CampaignPorts, GitRepository]:
    """A workspace's ports with a campaign begun in it, or as it was left."""
    ignored = {".gitignore": b".haste/\nevents/*/\n", "haste.toml": b""}
    repository = init_repository(root, ignored) if not (root / ".git").exists() else None
    from haste.adapters.git import open_repository

    repository = repository or open_repository(root)
    log = EventFiles(root / "events", clock=TickingClock())
    ports = CampaignPorts(
        clock=TickingClock(),
        log=log,
        skills=GitSkills(repository),
        history=LoggedHistory(log),
        engineer=ScriptedEngineer(log, drafts=()),
        repository=repository,
        pool=RehearsedPool(root, log),
    )
    if not log.read("_campaigns/one"):
        plan = {"rounds": [["/c/apples"], ["/c/pears"]], "retries": 0, "parallel": 1}
        started = CampaignStarted(competitions=tuple(NAMES), settings=SETTINGS, plan=plan)
        log.append("_campaigns/one", started, expected=0)
    return ports, repository


def skills_of(repository: GitRepository) -> list[str]:
    return sorted(path for path in repository.paths(repository.head(), "skills"))


@pytest.fixture
def whole(tmp_path: Path) -> tuple[CampaignState, list[str]]:
    ports, repository = workspace(tmp_path / "whole")
    return campaign_to_end("_campaigns/one", NAMES, ports), skills_of(repository)


def test_a_campaign_ends_with_skills_and_a_clean_tree(tmp_path: Path) -> None:
    ports, repository = workspace(tmp_path)
    state = campaign_to_end("_campaigns/one", NAMES, ports)
    assert state.done == "2 rounds are done"
    assert [list(one.runs.values()) for one in state.rounds] == [["apples/one-r1"], ["pears/one-r2"]]
    assert skills_of(repository)
    assert repository.git.run("status", "--porcelain").text == ""
    assert repository.git.run("fsck", "--strict").status == 0


class FailingPool(RehearsedPool):
    """One run never begins and its process says why; the other is paused for money."""

    def work(self, runs: Mapping[str, str], settings: Settings, *, parallel: int) -> None:
        for run in runs:
            if run.startswith("pears"):
                paused = BudgetExhausted(budget="usd", detail="$10.00 of $10.00 are spent")
                self.log.append(run, paused, expected=0)

    def said(self, run: str) -> str:
        return "no sandbox can be had here" if run.startswith("apples") else "something else"


def test_why_a_run_has_no_result_is_told_as_its_log_or_its_process_says(tmp_path: Path) -> None:
    ports, _ = workspace(tmp_path)
    assert isinstance(ports.log, EventFiles)
    state = campaign_to_end("_campaigns/one", NAMES, replace(ports, pool=FailingPool(tmp_path, ports.log)))
    reasons = {run: why for one in state.rounds for run, why in one.reasons.items()}
    assert reasons == {
        "apples/one-r1": "no sandbox can be had here",
        "pears/one-r2": "$10.00 of $10.00 are spent",
    }
    shown = campaigning.told(Workspace(tmp_path), state)
    assert [(run["status"], run["reason"]) for run in shown["runs"]] == [
        ("did not begin", "no sandbox can be had here"), ("paused", "$10.00 of $10.00 are spent"),
    ]  # fmt: skip
    assert shown["table"].splitlines()[-1] == "no score for apples, pears"


def test_a_run_that_failed_is_not_begun_again_when_its_round_goes_on(tmp_path: Path) -> None:
    ports, _ = workspace(tmp_path)
    begun = RoundStarted(number=1, runs={"/c/apples": "apples/one-r1"}, commit="c")
    ports.log.append("_campaigns/one", begun, expected=1)
    ports.log.append("apples/one-r1", RunFailed(reason="no prototype could be mended"), expected=0)
    state = campaign_to_end("_campaigns/one", NAMES, ports)
    assert isinstance(ports.pool, RehearsedPool)
    assert ports.pool.worked == ["pears/one-r2"]
    assert (state.rounds[0].failed, state.rounds[0].out_of_time) == (("/c/apples",), ())


@pytest.mark.parametrize("position", range(1, 6))
def test_killed_and_resumed_nothing_is_lost_and_nothing_twice(
    tmp_path: Path, whole: tuple[CampaignState, list[str]], position: int
) -> None:
    root = tmp_path / "killed"
    ports, _ = workspace(root)

    def kill(state: CampaignState) -> None:
        if state.position > position:
            raise Killed

    with pytest.raises(Killed):
        campaign_to_end("_campaigns/one", NAMES, ports, kill)
    ports.log.close()
    again, repository = workspace(root)
    state = campaign_to_end("_campaigns/one", NAMES, again)
    assert state.done == whole[0].done
    assert [one.runs for one in state.rounds] == [one.runs for one in whole[0].rounds]
    assert skills_of(repository) == whole[1]
    assert rebuild_campaign(again.log.read("_campaigns/one")) == state


def test_a_campaign_that_is_stopped_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: object, name: str) -> None:
        raise KeyboardInterrupt(name)

    (tmp_path / "haste.toml").write_text("[run]\n")
    monkeypatch.setattr(campaigning, "find_campaign", lambda _, name: f"_campaigns/{name}")
    monkeypatch.setattr(campaigning, "run_campaign", stopped)
    with pytest.raises(SystemExit, match="130"):
        haste_run(["-C", str(tmp_path), "campaign", "--resume", "one"])
    assert "Go on with: haste-run campaign --resume _campaigns/one" in capfd.readouterr().err
