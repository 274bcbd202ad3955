"""`haste-run events`: show, follow and verify event streams."""

import json
from collections.abc import Iterable

import click

from haste.adapters.event_tail import EventTail
from haste.bootstrap import Workspace
from haste.cli.plain import clean, printable_json
from haste.cli.telling import count, tell
from haste.cli.workspace import find_stream, find_workspace
from haste.core.events import Recorded
from haste.core.stream import payload_of
from haste.core.upcast import MODELS
from haste.errors import LogError, UsageError


@click.group(epilog="Example: haste-run events show last --type SolutionScored")
def events() -> None:
    """Show, follow and verify event streams."""


@events.command("list", epilog="Example: haste-run events list")
@click.option("--json", "as_json", is_flag=True, help="Print a list of names.")
def list_streams(as_json: bool) -> None:
    """List every stream: runs, campaigns, and what was decided about skills."""
    streams = Workspace(find_workspace()).log.streams()
    if as_json or streams:
        click.echo(json.dumps(streams, indent=2) if as_json else "\n".join(streams))
    else:
        click.echo("no streams yet; the first comes with a run: haste-run solve FOLDER", err=True)


@events.command("show", epilog="Example: haste-run events show last --type ChangeKept --json")
@click.argument("stream")
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Only events of this type; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one object a line, as `jq` likes them.")
def show(stream: str, kinds: tuple[str, ...], as_json: bool) -> None:
    """Show a stream, one line an event. STREAM may be a run's name, a unique beginning of it, or `last`."""
    _known(kinds)
    workspace = Workspace(find_workspace())
    name = find_stream(workspace, stream)
    shown = (one for one in workspace.log.iterate(name) if not kinds or type(one.event).__name__ in kinds)
    print_events(shown, as_json=as_json)


@events.command("tail", epilog="Example: haste-run events tail last")
@click.argument("stream")
@click.option("--json", "as_json", is_flag=True, help="Print one object a line.")
@click.option(
    "--from", "start", type=int, default=-10, show_default=True, help="Position to begin at; -10: the last ten."
)
def tail(stream: str, as_json: bool, start: int) -> None:
    """Follow a stream, also one that another process writes, until it ends or Ctrl-C."""
    from haste.adapters.folder_watch import PATIENCE, watched

    workspace = Workspace(find_workspace())
    folder = workspace.root / "events"
    growing = EventTail(folder, find_stream(workspace, stream))
    with watched(folder) as told:
        new = list(growing.new())
        shown = new[max(0, len(new) + start) if start < 0 else start :]
        while True:
            print_events(shown, as_json=as_json)
            if any(is_last(one) for one in new):
                return
            told.wait(PATIENCE)
            told.clear()
            shown = new = list(growing.new())


@events.command("verify", epilog="Example: haste-run events verify")
@click.argument("stream", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a list of problems.")
def verify(stream: str | None, as_json: bool) -> None:
    """Check streams: their hash chains, every file that events name, and what was published of them.

    Exits with 1 when there are problems.
    """
    from haste.cli.published import Published

    workspace = Workspace(find_workspace())
    published = Published(workspace)
    there = workspace.log.streams()
    streams = [find_stream(workspace, stream)] if stream else sorted(published.streams.union(there))
    problems = [problem for name in streams if name in there for problem in workspace.log.verify(name)]
    problems += [problem for name in streams for problem in published.problems(name)]
    if as_json:
        click.echo(json.dumps([problem.model_dump() for problem in problems], indent=2))
    else:
        for problem in problems:
            click.echo(clean(str(problem)))
    if problems:
        broken = len({problem.stream for problem in problems})
        raise LogError(f"{count(len(problems), 'problem')} in {broken} of {count(len(streams), 'stream')}")
    click.echo(f"{count(len(streams), 'stream')} checked, no problem", err=True)


def print_events(recorded: Iterable[Recorded], *, as_json: bool) -> None:
    """Print events, a line each."""
    for one in recorded:
        envelope, kind = one.envelope, type(one.event).__name__
        if as_json:
            row = envelope.model_dump(by_alias=True) | {"type": kind, "payload": payload_of(one.event)}
            click.echo(printable_json(json.dumps(row, ensure_ascii=False)))
        else:
            click.echo(f"{envelope.position:>5}  {envelope.at[11:19]}  {kind:<20}  {tell(one.event)}")


def is_last(recorded: Recorded) -> bool:
    """Whether nothing follows this event but grades and reviews."""
    return type(recorded.event).__name__ in {"RunFinished", "RunFailed", "CampaignFinished", "CurationFinished"}


def _known(kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        if kind not in MODELS:
            raise UsageError(f"no event is called {kind!r}", hint=f"there are: {', '.join(sorted(MODELS))}")
