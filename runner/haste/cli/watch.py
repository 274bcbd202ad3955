"""`haste-run watch`: follow runs and campaigns from their files alone, whichever process writes them."""

from collections.abc import Iterator
from itertools import accumulate

import click

from haste.adapters.event_files import EventFiles
from haste.adapters.event_tail import EventTail
from haste.bootstrap import Workspace
from haste.cli.plain import clean
from haste.cli.workspace import find_run, find_workspace
from haste.core.events import Recorded
from haste.core.evolve import evolve
from haste.core.run import RunState
from haste.errors import LogError


@click.command(epilog="Example: haste-run watch last")
@click.argument("run", required=False)
@click.option("--all", "everything", is_flag=True, help="Without RUN: also runs that are over.")
@click.option("--once", is_flag=True, help="Show how things stand and end.")
def watch(run: str | None, everything: bool, once: bool) -> None:
    """Follow a run until it ends; without RUN, every run, campaign and curation in the workspace, until Ctrl-C.

    RUN is a run's name, a unique beginning of it, or `last`. Another process may be writing it.
    """
    workspace = Workspace(find_workspace())
    (workspace.root / "events").mkdir(exist_ok=True)
    if run is None:
        _watch_all(workspace, everything=everything, once=once)
    else:
        _watch_one(workspace, find_run(workspace, run), once=once)


def _watch_one(workspace: Workspace, run: str, *, once: bool) -> None:
    from haste.adapters.folder_watch import PATIENCE, watched
    from haste.cli.screen import Screen

    folder = workspace.root / "events"
    growing, state, screen = EventTail(folder, run), RunState(run=run), Screen(run)
    with watched(folder) as told:
        try:
            while True:
                for one in growing.new():
                    state = evolve(state, one)
                    if not once:
                        screen.show(state, one)
                if state.finished or once:
                    break
                told.wait(PATIENCE)
                told.clear()
        finally:
            screen.stop()
    screen.close(state)


def _watch_all(workspace: Workspace, *, everything: bool, once: bool) -> None:
    from haste.adapters.folder_watch import PATIENCE, watched
    from haste.cli.board import Board, board
    from haste.cli.live import plain_console, print_trimmed

    watching = _Watching(EventFiles(workspace.root / "events"), everything=everything)
    if once:
        list(watching.look())
        standing = [(state, watching.standing(state), 0.0) for state in watching.runs()]
        if standing:
            print_trimmed(plain_console(), board(standing))
        else:
            click.echo("no run is going on; --all shows those that are over", err=True)
        return
    shown = Board()
    with watched(watching.log.folder) as told:
        try:
            while True:
                for state, one in watching.look():
                    shown.show(state, one)
                told.wait(PATIENCE)
                told.clear()
        finally:
            shown.close()


class _Watching:
    """Every stream of a workspace, and how far it was read."""

    def __init__(self, log: EventFiles, *, everything: bool) -> None:
        self.log = log
        self._everything = everything
        self._tails: dict[str, EventTail] = {}
        self._states: dict[str, RunState] = {}
        self._broken: set[str] = set()

    def look(self) -> Iterator[tuple[RunState, Recorded]]:
        """What is new, with the state after it. At the first look that is how the runs stand that aren't over."""
        first = not self._tails
        for stream in self.log.streams():
            tail = self._tails.setdefault(stream, EventTail(self.log.folder, stream))
            try:
                new = list(tail.new())
            except LogError as error:
                self._leave_out(stream, error)
                continue
            states = list(accumulate(new, evolve, initial=self._states.get(stream, RunState(run=stream))))
            self._states[stream] = states[-1]
            happened = list(zip(states[1:], new, strict=True))
            if first:
                over = states[-1].finished or stream.startswith("_")
                happened = [] if over and not self._everything else happened[-1:]
            yield from happened

    def _leave_out(self, stream: str, error: LogError) -> None:
        if stream not in self._broken:
            self._broken.add(stream)
            click.echo(f"haste-run: left out: {clean(str(error))}", err=True)

    def runs(self) -> list[RunState]:
        """The runs to show, in the order of their names."""
        states = [state for stream, state in self._states.items() if not stream.startswith("_")]
        return [state for state in states if self._everything or not state.finished]

    def standing(self, state: RunState) -> str:
        """Whether a run is being worked on."""
        writer = self.log.writing_process(state.run)
        return f"process {writer}" if writer else f"stopped; haste-run resume {state.run}"
