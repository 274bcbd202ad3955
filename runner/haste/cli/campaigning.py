"""What `haste-run campaign` does: begins campaigns, follows them live, and tells how they ended."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from haste.bootstrap import Workspace, campaign_ports, resolved
from haste.cli.tables import table
from haste.core.campaign import CampaignState, never_begun, never_solved, plan_rounds, rebuild_campaign
from haste.core.events import CampaignStarted
from haste.core.evolve import evolve, rebuild
from haste.errors import CompetitionError, HasteError, LogConflict, UsageError
from haste.orchestration.curate import stream_of
from haste.ports import CompetitionFiles
from haste.settings import Settings

FOLLOW_SECONDS = 0.5


def begin_campaign(
    workspace: Workspace,
    folders: Sequence[Path],
    settings: Settings,
    *,
    order: str,
    rounds: int,
    passes: int,
    retries: int,
    parallel: int,
    budget: float,
) -> str:
    """Check every folder, plan the rounds and record the start. Raises UsageError with all problems at once."""
    if not folders:
        raise UsageError("no competition was named", hint="haste-run campaign FOLDER FOLDER … or --resume NAME")
    settings = resolved(settings)
    domains = domains_of(workspace.files, folders, settings)
    planned = plan_rounds(domains, order=order, rounds=rounds, passes=passes)
    plan = {"rounds": planned, "domains": domains, "retries": retries, "parallel": parallel, "budget": budget}
    started = CampaignStarted(competitions=tuple(domains), settings=settings, plan=plan)
    stamp = f"{workspace.clock.now():%Y%m%d-%H%M%S}"
    for number in range(1, 100):
        name = f"_campaigns/{stamp}" + (f"-{number}" if number > 1 else "")
        try:
            workspace.log.append(name, started, expected=0)
        except LogConflict:
            continue
        return name
    raise UsageError("a hundred campaigns began in this second", hint="try again")


def domains_of(files: CompetitionFiles, folders: Sequence[Path], settings: Settings) -> dict[str, str]:
    """The domain of each folder's competition, by the folder's absolute path, in the order given."""
    from haste.stages.profile import domain_of

    found: dict[str, str] = {}
    places: dict[str, Path] = {}
    problems: list[str] = []
    for folder in folders:
        try:
            competition = files.describe(folder)
            if (other := places.setdefault(competition.id, folder)).resolve() != folder.resolve():
                problems.append(
                    f"{folder}: has the id {competition.id!r} of {other}; state another in competition.toml"
                )
            domain = competition.domain or domain_of(competition, files.profile(competition, settings))[0]
        except HasteError as error:
            problems.append(f"{folder}: {error.message}")
            continue
        found[str(folder.resolve())] = domain
    if problems:
        raise CompetitionError(f"{len(problems)} of {len(folders)} folders can't be used", problems)
    return found


def find_campaign(workspace: Workspace, name: str) -> str:
    """A campaign's stream by its name, a unique beginning of it, or `last`."""
    streams = [s for s in workspace.log.streams() if s.startswith("_campaigns/")]
    if name == "last" and streams:
        return streams[-1]
    matching = [s for s in streams if s == name or s.partition("/")[2].startswith(name)]
    if len(matching) == 1:
        return matching[0]
    raise UsageError(
        f"{len(matching)} campaigns are called {name!r}", hint="`haste-run events list` shows those there are"
    )


def run_campaign(workspace: Workspace, name: str) -> dict[str, Any]:
    """Work on a campaign until it is done, with a live board of its runs."""
    from haste.orchestration.campaign import campaign_to_end

    workspace.log.mend(name)
    state = rebuild_campaign(workspace.log.read(name))
    folders = [folder for one in state.rounds_planned for folder in one]
    names = {folder: workspace.files.describe(Path(folder)).id for folder in folders}
    ports = campaign_ports(workspace, state.settings)
    try:
        with _board(workspace, name):
            state = campaign_to_end(name, names, ports)
    finally:
        ports.pool.close()
    return told(workspace, state)


def told(workspace: Workspace, state: CampaignState) -> dict[str, Any]:
    """How every run of a campaign ended, as data and as a table."""
    from haste.projections.summary import summary_of

    rows = []
    for one in state.rounds:
        for run in one.runs.values():
            summary = summary_of(rebuild(workspace.log.read(run)))
            known = {"run": run, "reason": summary.reason or one.reasons.get(run)}
            rows.append((one.number, summary.model_copy(update=known)))
    left, unbegun = never_solved(state), never_begun(state)
    lines = [f"{state.campaign}: {state.done}", _table(rows)]
    if tried := [folder for folder in left if folder not in unbegun]:
        more = f"; where time was short: haste-run campaign FOLDER … --time-limit {4 * state.settings.time_limit:g}"
        short = any(folder in one.out_of_time for one in state.rounds for folder in tried)
        lines.append(f"no score for {', '.join(Path(folder).name for folder in tried)}{more if short else ''}")
    if unbegun:
        names = ", ".join(Path(folder).name for folder in unbegun)
        lines.append(f"never begun: {names}, as {state.done}; they need another: haste-run campaign FOLDER …")
    return {
        "campaign": state.campaign,
        "reason": state.done,
        "unsolved": [Path(folder).name for folder in left],
        "runs": [{"round": number, **s.model_dump(mode="json")} for number, s in rows],
        "table": "\n".join(lines),
    }


def _table(rows: Sequence[tuple[int, Any]]) -> str:
    """Every run of every round, a line each; why one failed stands behind it."""
    head = ("round", "run", "skills", "score", "±", "kept", "reverted", "status")
    cells = [
        (
            str(number),
            s.run,
            str(s.skills),
            "" if s.score is None else f"{s.score:.5g}",
            "" if s.error is None else f"{s.error:.2g}",
            str(s.kept),
            str(s.reverted),
            f"{s.status}: {s.reason}" if s.reason else s.status,
        )
        for number, s in rows
    ]
    return table(head, cells)


@contextmanager
def _board(workspace: Workspace, campaign: str) -> Iterator[None]:
    """Follow the streams of the campaign's runs from their files while it works."""
    from haste.cli.board import Board

    board, stop = Board(), threading.Event()
    follower = threading.Thread(target=_follow, args=(workspace, campaign, board, stop), daemon=True)
    follower.start()
    try:
        yield
    finally:
        stop.set()
        follower.join(timeout=5)
        board.close()


def _follow(workspace: Workspace, campaign: str, board: Any, stop: threading.Event) -> None:
    """Show every event that is new since the last look; streams are read alone, so the writers aren't disturbed."""
    log = Workspace(workspace.root).log
    seen: dict[str, Any] = {}
    with suppress(HasteError):  # what was told before a resumption isn't told again
        begun = rebuild_campaign(log.read(campaign))
        over = [run for one in begun.rounds if one.done for run in one.runs.values()]
        seen |= {stream: rebuild(log.read(stream)) for stream in [campaign, *over]}
        seen |= {stream: rebuild(log.read(stream)) for stream in _curations(begun, seen)}
    last = False
    while not last:
        last = stop.wait(FOLLOW_SECONDS)
        with suppress(HasteError):
            state = rebuild_campaign(log.read(campaign))
            for stream in [campaign, *state.runs, *_curations(state, seen)]:
                seen[stream] = _show_new(log.read(stream), seen.get(stream), board)


def _curations(state: CampaignState, seen: Mapping[str, Any]) -> list[str]:
    """The streams in which the rounds' learnings are judged, as far as their runs are done."""
    finished = [[run for run in one.runs.values() if run in seen and seen[run].done] for one in state.rounds]
    return [stream_of(runs) for runs in finished if runs]


def _show_new(stream: Sequence[Any], state: Any, board: Any) -> Any:
    state = state or rebuild([])
    for recorded in stream[state.position :]:
        state = evolve(state, recorded)
        board.show(state, recorded)
    return state
