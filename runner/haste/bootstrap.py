"""The one place that chooses adapters. Every heavy import happens inside a function here, on first use."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from haste.core.competition import Competition
from haste.core.events import RunStarted
from haste.core.evolve import rebuild
from haste.core.knowledge import Context, Knowledge
from haste.core.run import RunState
from haste.errors import EngineerError, GitError, LogConflict, UsageError, WorkspaceError
from haste.ports import Clock, CompetitionFiles, Engineer, EventLog, History, Sandbox, SkillStore
from haste.settings import Settings

if TYPE_CHECKING:
    from haste.adapters.git import GitRepository
    from haste.orchestration.campaign import CampaignPorts
    from haste.orchestration.desk import Desk
    from haste.replay import Decisions


@dataclass(frozen=True)
class Workspace:
    """A workspace's doors, opened on first use. `root` is the folder that holds `haste.toml`."""

    root: Path

    @cached_property
    def clock(self) -> Clock:
        """The system's clock."""
        from haste.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def log(self) -> EventLog:
        """The event files under `events/`."""
        from haste.adapters.event_files import EventFiles

        return EventFiles(self.root / "events", clock=self.clock, published=self._published, note=_note)

    def _published(self, stream: str) -> bytes:
        """A stream as it stands in the commit that the workspace stands on."""
        try:
            return self.repository.read(self.repository.head(), f"events/{stream}.jsonl") or b""
        except (GitError, WorkspaceError):
            return b""

    @cached_property
    def repository(self) -> "GitRepository":
        """The workspace's git repository."""
        from haste.adapters.git import open_repository

        return open_repository(self.root)

    @cached_property
    def skills(self) -> SkillStore:
        """The committed skills."""
        from haste.adapters.skill_tree import GitSkills

        return GitSkills(self.repository)

    @cached_property
    def history(self) -> History:
        """What earlier runs recorded."""
        from haste.adapters.history import LoggedHistory

        return LoggedHistory(self.log)

    @cached_property
    def files(self) -> CompetitionFiles:
        """Tables, views and predictions."""
        from haste.adapters.competitions import FolderCompetitions

        return FolderCompetitions(self.root)


def _note(line: str) -> None:
    sys.stderr.write(f"haste-run: {line}\n")


@dataclass(frozen=True)
class RunPorts:
    """Everything a stage may use, for one run."""

    workspace: Workspace
    engineer: Engineer
    sandbox: Sandbox
    environment: Mapping[str, str]

    @property
    def clock(self) -> Clock:
        """Time."""
        return self.workspace.clock

    @property
    def log(self) -> EventLog:
        """Streams."""
        return self.workspace.log

    @property
    def files(self) -> CompetitionFiles:
        """Tables, views and predictions."""
        return self.workspace.files

    @property
    def skills(self) -> SkillStore:
        """The committed skills."""
        return self.workspace.skills

    @property
    def history(self) -> History:
        """Earlier runs."""
        return self.workspace.history


def open_ports(workspace: Workspace, settings: Settings) -> RunPorts:
    """The ports of a run under these settings."""
    from haste.adapters.machine import environment
    from haste.adapters.sandbox import open_sandbox

    return RunPorts(
        workspace=workspace,
        engineer=open_engineer(workspace, settings),
        sandbox=open_sandbox(unsafe_exec=settings.unsafe_exec, cold_start=settings.cold_start),
        environment=environment(),
    )


def make_workspace(folder: Path) -> Workspace:
    """A new workspace with the starter inventory. Raises WorkspaceError for a folder that can't become one."""
    from haste.adapters.git import init_repository
    from haste.adapters.starter import workspace_files

    init_repository(folder, workspace_files(), message="chore: begin a workspace")
    return Workspace(folder)


def open_desk(workspace: Workspace) -> "Desk":
    """Where promotions of a workspace are decided about."""
    from haste.adapters.review_stream import review_stream
    from haste.adapters.skill_tree import GitSkills
    from haste.orchestration.desk import Desk

    repository, skills = workspace.repository, GitSkills(workspace.repository)
    return Desk(
        log=workspace.log,
        repository=repository,
        skills=skills,
        history=workspace.history,
        lint=lambda commit, within: skills.lint(commit, within=within),
        stream=review_stream(workspace.root),
        by=repository.person,
    )


def campaign_ports(workspace: Workspace, settings: Settings) -> "CampaignPorts":
    """What a campaign needs between its runs."""
    from haste.adapters.run_pool import LocalRuns
    from haste.orchestration.campaign import CampaignPorts

    return CampaignPorts(
        clock=workspace.clock,
        log=workspace.log,
        skills=workspace.skills,
        history=workspace.history,
        engineer=open_engineer(workspace, settings),
        repository=workspace.repository,
        pool=LocalRuns(workspace.root),
    )


def open_engineer(workspace: Workspace, settings: Settings) -> Engineer:
    """Claude where a key, or a server that needs none, is there and offline wasn't asked for; else offline."""
    if settings.engineer == "claude" or (settings.engineer == "auto" and has_key()):
        if not has_key():
            raise EngineerError(
                "no key for Claude was found",
                hint="set ANTHROPIC_API_KEY; a new run needs none with --engineer offline",
            )
        from haste.adapters.anthropic_api import live_messages
        from haste.engineers.claude.engineer import ClaudeEngineer

        return ClaudeEngineer(live_messages(), workspace.log, settings)
    from haste.engineers.offline.engineer import OfflineEngineer

    return OfflineEngineer(put=workspace.log.put, get=workspace.log.get)


def has_key() -> bool:
    """Whether the environment has what the Messages API asks for."""
    return any(os.environ.get(n) for n in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"))


def start_run(workspace: Workspace, ports: RunPorts, folder: Path, settings: Settings) -> str:
    """Record the start of a run on a competition's folder under a name that is free, and return the name."""
    competition = workspace.files.describe(folder)
    stamp = f"{workspace.clock.now():%Y%m%d-%H%M%S}"
    for number in range(1, 100):
        run = f"{competition.id}/{stamp}" + (f"-{number}" if number > 1 else "")
        if workspace.log.read(run):
            continue
        try:
            begin(workspace, ports, competition, settings, run)
        except LogConflict:
            continue
        return run
    raise UsageError(f"a hundred runs of {competition.id} began in this second", hint="try again")


def begin(workspace: Workspace, ports: RunPorts, competition: Competition, settings: Settings, run: str) -> None:
    """Record the start of a run under a given name. Raises LogConflict where that is taken."""
    started = RunStarted(
        competition=competition,
        settings=resolved(settings),
        engineer=ports.engineer.name,
        arm=settings.arm,
        commit=workspace.skills.head(),
        environment=dict(ports.environment),
        data=workspace.files.digests(competition),
    )
    workspace.log.append(run, started, expected=0)


def resolved(settings: Settings) -> Settings:
    """Settings with what depends on the machine filled in, so that the log says what was used."""
    from haste.adapters.machine import cores

    return settings.model_copy(update={"jobs": settings.jobs or cores()})


def resume_settings(workspace: Workspace, run: str) -> tuple[RunState, Settings]:
    """The state of a run and the settings it was started with. Raises UsageError for a run that doesn't exist."""
    state = rebuild(workspace.log.read(run))
    if state.competition is None:
        raise UsageError(f"there is no run {run}", hint="`haste-run runs list` shows those there are")
    engineer = "claude" if state.engineer.startswith("claude") else "offline"
    return state, state.settings.model_copy(update={"engineer": engineer})


def todays_decisions(workspace: Workspace, run: str) -> "Decisions":
    """Today's policy; for a run with Claude also today's engineer, against its recorded answers alone."""
    from haste.replay import compare_decisions

    _, settings = resume_settings(workspace, run)
    if settings.engineer != "claude":
        return compare_decisions
    from haste.adapters.recorded_messages import RecordedMessages, UnwrittenLog
    from haste.engineers.claude.engineer import ClaudeEngineer
    from haste.engineers.claude.replaying import compare_proposals

    messages, log = RecordedMessages(workspace.log, run), UnwrittenLog(workspace.log)
    engineer = ClaudeEngineer(messages, log, settings)

    def context(at: RunState) -> Context:
        kept = None if at.loaded is None else log.get(run, at.loaded.knowledge)
        known = Knowledge() if kept is None else Knowledge.model_validate_json(kept)
        return Context(run=run, knowledge=known, hardware=at.environment)

    return lambda recorded: [
        *compare_decisions(recorded),
        *compare_proposals(recorded, engineer, context, messages.skip_to),
    ]
