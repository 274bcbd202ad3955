"""A campaign: many competitions in rounds. The same pair as a run: a pure fold of events, and what to do next.

Rounds are the paper's (arXiv 2606.30911, section 4): first one competition of each domain; then the rest,
with judging and promotion between rounds; at the end, what failed once more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from haste.core import events as e
from haste.core.model import Frozen
from haste.settings import Settings

MORE_TIME = 2.0
"""How much longer a run may take that failed for want of time, when it is run again."""
WORTH_A_RUN = 0.5
"""Share of the usual time limit that must be left of a budget for another round."""


class StartRound(Frozen):
    """Begin a round of runs on these folders."""

    number: int
    folders: tuple[str, ...]
    time_limit: float = 0.0
    """Seconds of each run; 0 for the campaign's own limit."""


class WorkOnRound(Frozen):
    """Work on the round's runs until each has ended, then judge what they learned."""

    number: int


class FinishCampaign(Frozen):
    """Close the campaign."""

    reason: str


CampaignAction = StartRound | WorkOnRound | FinishCampaign


@dataclass(frozen=True)
class Round:
    """One round: run names by folder, and how it ended."""

    number: int
    runs: dict[str, str]
    done: bool = False
    failed: tuple[str, ...] = ()
    """Folders whose run failed."""
    out_of_time: tuple[str, ...] = ()
    """Those of them that more time might help."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why each failed run did, by its name."""
    time_limit: float = 0.0
    """Seconds of each run; 0 for the campaign's own limit."""


@dataclass(frozen=True)
class CampaignState:
    """Everything a campaign's decisions depend on."""

    campaign: str = ""
    position: int = 0
    seconds: float = 0.0
    last_at: datetime | None = None
    settings: Settings = field(default_factory=Settings)
    rounds_planned: tuple[tuple[str, ...], ...] = ()
    budget: float = 0.0
    """Seconds for the whole campaign; 0 is no limit."""
    retries: int = 1
    parallel: int = 1
    rounds: tuple[Round, ...] = ()
    done: str | None = None

    @property
    def current(self) -> Round | None:
        """The round that is not finished."""
        return next((one for one in self.rounds if not one.done), None)

    @property
    def runs(self) -> list[str]:
        """Every run so far, in the order of the rounds."""
        return [run for one in self.rounds for run in one.runs.values()]


def plan_rounds(
    domains: Mapping[str, str], *, order: str = "domains", rounds: int = 0, passes: int = 1
) -> tuple[tuple[str, ...], ...]:
    """Folders in rounds. `domains` names each folder's domain, in the order given.

    With `order` "domains" the first round has the first competition of each domain and the rest follows as given;
    with "given" nothing is moved. `rounds` is how many there are in a pass; 0 makes every round as large as the
    first. `passes` repeats the whole, each competition warm from then on.
    """
    first: list[str] = []
    if order == "domains":
        seen: set[str] = set()
        for folder, domain in domains.items():
            if domain not in seen:
                seen.add(domain)
                first.append(folder)
    rest = [folder for folder in domains if folder not in first]
    planned = [first] if first else []
    if rest:
        left = max(1, rounds - len(planned)) if rounds else -(-len(rest) // max(1, len(first) or 2))
        planned += _split(rest, left)
    return tuple(tuple(one) for one in planned) * passes


def _split(folders: list[str], parts: int) -> list[list[str]]:
    """As even as can be, in order."""
    parts = min(parts, len(folders))
    size, extra = divmod(len(folders), parts)
    cut, start = [], 0
    for part in range(parts):
        end = start + size + (1 if part < extra else 0)
        cut.append(folders[start:end])
        start = end
    return cut


def decide_campaign(state: CampaignState) -> CampaignAction:
    """The next step of a campaign that is not done."""
    current = state.current
    if current is not None:
        return WorkOnRound(number=current.number)
    begun = len(state.rounds)
    if begun < len(state.rounds_planned):
        return _begin(state, state.rounds_planned[begun], state.settings.time_limit)
    again = begun - len(state.rounds_planned)
    failed = state.rounds[-1].failed if again else unsolved(state)
    if failed and again < state.retries:
        return _begin(state, failed, _longer(state, failed))
    return FinishCampaign(reason=f"{begun} round{' is' if begun == 1 else 's are'} done")


def _begin(state: CampaignState, folders: tuple[str, ...], limit: float) -> CampaignAction:
    """The next round, its runs no longer than the budget allows."""
    if state.budget:
        turns = -(-len(folders) // max(1, state.parallel))
        limit = min(limit, (state.budget - state.seconds) / turns)
        if limit < WORTH_A_RUN * state.settings.time_limit:
            return FinishCampaign(reason=f"its budget of {state.budget:.0f} s is spent")
    own = limit == state.settings.time_limit
    return StartRound(
        number=len(state.rounds) + 1, folders=folders, time_limit=0.0 if own else round(max(1.0, limit), 1)
    )


def _longer(state: CampaignState, failed: tuple[str, ...]) -> float:
    """Seconds for what failed: twice those it failed with, where it failed for want of time."""
    last = {folder: one for one in state.rounds for folder in one.runs}
    had = [last[folder].time_limit or state.settings.time_limit for folder in failed]
    short = any(folder in last[folder].out_of_time for folder in failed)
    return MORE_TIME * max(had) if short else state.settings.time_limit


def unsolved(state: CampaignState) -> tuple[str, ...]:
    """Folders whose last run failed, in the order in which they were first run."""
    last: dict[str, bool] = {}
    for one in state.rounds:
        for folder in one.runs:
            last[folder] = folder in one.failed
    return tuple(folder for folder, failed in last.items() if failed)


def never_solved(state: CampaignState) -> tuple[str, ...]:
    """Folders of which no run has finished, those included that were planned and never begun."""
    done = {folder for one in state.rounds if one.done for folder in one.runs if folder not in one.failed}
    begun = (folder for one in state.rounds for folder in one.runs)
    return tuple(folder for folder in dict.fromkeys((*begun, *never_begun(state))) if folder not in done)


def never_begun(state: CampaignState) -> tuple[str, ...]:
    """Folders that were planned and of which no run has begun."""
    begun = {folder for one in state.rounds for folder in one.runs}
    planned = dict.fromkeys(folder for one in state.rounds_planned for folder in one)
    return tuple(folder for folder in planned if folder not in begun)


def rebuild_campaign(recorded: Iterable[e.Recorded]) -> CampaignState:
    """The state of a whole campaign stream."""
    state = CampaignState()
    for one in recorded:
        state = evolve_campaign(state, one)
    return state


def evolve_campaign(state: CampaignState, recorded: e.Recorded) -> CampaignState:
    """The state after one more event. Time before a `RunResumed` isn't counted: it lay idle."""
    at = datetime.fromisoformat(recorded.envelope.at)
    spent = 0.0
    if state.last_at is not None and not isinstance(recorded.event, e.RunResumed):
        spent = max(0.0, (at - state.last_at).total_seconds())
    state = replace(
        state,
        campaign=recorded.envelope.run,
        position=recorded.envelope.position + 1,
        seconds=state.seconds + spent,
        last_at=at,
    )
    match recorded.event:
        case e.CampaignStarted() as started:
            return _started(state, started)
        case e.RoundStarted(number=number, runs=runs, time_limit=limit):
            return replace(state, rounds=(*state.rounds, Round(number=number, runs=dict(runs), time_limit=limit)))
        case e.RoundFinished() as finished:
            return _round_finished(state, finished)
        case e.CampaignFinished(reason=reason):
            return replace(state, done=reason)
    return state


def _started(state: CampaignState, event: e.CampaignStarted) -> CampaignState:
    plan: dict[str, Any] = event.plan
    return replace(
        state,
        settings=event.settings,
        rounds_planned=tuple(tuple(one) for one in plan["rounds"]),
        budget=float(plan.get("budget", 0.0)),
        retries=int(plan.get("retries", 1)),
        parallel=int(plan.get("parallel", 1)),
    )


def _round_finished(state: CampaignState, event: e.RoundFinished) -> CampaignState:
    rounds = tuple(_closed(one, event) if one.number == event.number else one for one in state.rounds)
    return replace(state, rounds=rounds)


def _closed(one: Round, event: e.RoundFinished) -> Round:
    failed, short = set(event.failed), set(event.out_of_time)
    return replace(
        one,
        done=True,
        failed=tuple(folder for folder, run in one.runs.items() if run in failed),
        out_of_time=tuple(folder for folder, run in one.runs.items() if run in short),
        reasons=event.reasons,
    )
