"""A campaign's loop: rounds of runs, and between them what was learned is judged and promoted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from haste.core.campaign import (
    CampaignAction,
    CampaignState,
    FinishCampaign,
    StartRound,
    WorkOnRound,
    decide_campaign,
    evolve_campaign,
    rebuild_campaign,
)
from haste.core.events import CampaignFinished, Event, RoundFinished, RoundStarted, RunResumed
from haste.core.evolve import rebuild
from haste.core.run import RunState
from haste.orchestration.curate import curate
from haste.orchestration.publish import publish_streams, subject_of
from haste.ports import Clock, Engineer, EventLog, History, Repository, RunPool, SkillStore

Listener = Callable[[CampaignState], None]


@dataclass(frozen=True)
class CampaignPorts:
    """What a campaign needs between its runs."""

    clock: Clock
    log: EventLog
    skills: SkillStore
    history: History
    engineer: Engineer
    repository: Repository
    pool: RunPool


def campaign_to_end(
    campaign: str, names: Mapping[str, str], ports: CampaignPorts, listen: Listener = lambda _state: None
) -> CampaignState:
    """Go on with a campaign from wherever its log ends. `names` gives each folder's competition id."""
    state = rebuild_campaign(ports.log.read(campaign))
    if state.position > 1 and state.done is None:
        state = _record(campaign, RunResumed(environment={}), state, ports)
    while state.done is None:
        event = _perform(decide_campaign(state), state, names, ports)
        state = _record(campaign, event, state, ports)
        listen(state)
    publish_streams(ports.log, ports.repository, [campaign], subject=f"run(campaign): {state.done}")
    return state


def _record(campaign: str, event: Event, state: CampaignState, ports: CampaignPorts) -> CampaignState:
    return evolve_campaign(state, ports.log.append(campaign, event, expected=state.position))


def _perform(action: CampaignAction, state: CampaignState, names: Mapping[str, str], ports: CampaignPorts) -> Event:
    match action:
        case StartRound(number=number, folders=folders, time_limit=limit):
            campaign = state.campaign.partition("/")[2]
            runs = {folder: f"{names[folder]}/{campaign}-r{number}" for folder in folders}
            return RoundStarted(number=number, runs=runs, commit=ports.skills.head(), time_limit=limit)
        case WorkOnRound():
            return _work(state, ports)
        case FinishCampaign(reason=reason):
            return CampaignFinished(reason=reason)


def _work(state: CampaignState, ports: CampaignPorts) -> RoundFinished:
    current = state.current
    assert current is not None
    states = {run: rebuild(ports.log.read(run)) for run in current.runs.values()}
    going = {run: folder for folder, run in current.runs.items() if not _ended(states[run])}
    limit = current.time_limit or state.settings.time_limit
    settings = state.settings.model_copy(update={"jobs": _jobs(state), "time_limit": limit})
    if going:
        ports.pool.work(going, settings, parallel=state.parallel)
    states = {run: rebuild(ports.log.read(run)) for run in current.runs.values()}
    finished = tuple(run for run, one in states.items() if one.done)
    failed = tuple(run for run, one in states.items() if not one.done)
    curated = curate(list(finished), ports, ports.repository, review=state.settings.review)
    reached = "\n".join(subject_of(one) for one in states.values() if one.competition is not None)
    streams = [*finished, *failed, *curated.streams]
    subject = f"run(campaign): round {current.number}, {len(finished)} run{'' if len(finished) == 1 else 's'}"
    publish_streams(ports.log, ports.repository, streams, subject=subject, body=reached)
    return RoundFinished(
        number=current.number,
        finished=finished,
        failed=failed,
        promoted=curated.promoted,
        retired=curated.retired,
        reasons={run: _why(run, states[run], ports.pool) for run in failed},
        out_of_time=tuple(run for run in failed if "time" in states[run].exhausted),
    )


def _why(run: str, state: RunState, pool: RunPool) -> str:
    """Why a run has no result: as its log says, else as its process said."""
    told = state.failed or state.paused or pool.said(run)
    return told or ("it was stopped" if state.position else "it did not begin")


def _ended(state: RunState) -> bool:
    return state.done or state.failed is not None


def _jobs(state: CampaignState) -> int:
    """Runs side by side share the cores."""
    return max(1, state.settings.jobs // max(1, state.parallel))
