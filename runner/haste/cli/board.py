"""Several runs at once, a line each, from their events alone: for campaigns and for `watch`."""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from haste.adapters.clock import SystemClock
from haste.cli.live import LiveView
from haste.cli.plain import clean
from haste.cli.screen import doing
from haste.cli.telling import is_noteworthy, score_text, seconds_text, tell
from haste.core import events as e
from haste.core.run import RunState
from haste.ports import Clock
from haste.projections.summary import stage_of, summary_of


class Board:
    """Shows many runs. `show` is called after every event of any stream; only runs have a line of their own."""

    def __init__(self, *, progress: Console | None = None, clock: Clock | None = None) -> None:
        """Goes to stderr unless another console is given."""
        self._view = LiveView(self.drawn, progress)
        self._clock = clock or SystemClock()
        self._runs: dict[str, tuple[RunState, str, float]] = {}

    def show(self, state: RunState, recorded: e.Recorded) -> None:
        """Show the state of a stream after one more event."""
        stream, event = recorded.envelope.run, recorded.event
        if not stream.startswith("_"):
            self._runs[stream] = (state, doing(state, event), self._clock.monotonic())
        self._view.update(f"{stream}  {tell(event, state)}" if is_noteworthy(event) else None)

    def close(self) -> None:
        """Give the terminal back. Safe to call twice."""
        self._view.stop()

    def drawn(self) -> RenderableType:
        """How the runs stand right now."""
        now = self._clock.monotonic()
        rows = [(state, what, now - at) for state, what, at in self._runs.values()]
        return Group(board(rows), *self._view.lines())


def board(rows: list[tuple[RunState, str, float]]) -> RenderableType:
    """A table of runs: state, what each is doing, and for how many seconds."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("run", "stage", "score", "kept", "reverted", "failed", "left", "now"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for state, what, since in rows:
        told = summary_of(state)
        left = "" if state.finished else seconds_text(max(0.0, state.time_left - since))
        counts = [Text(str(number)) for number in (told.kept, told.reverted, told.failures)]
        style = {"failed": "red", "paused": "yellow", "finished": "green"}.get(told.status, "cyan")
        stage = Text(stage_of(state) if told.status == "going on" else told.status, style=style)
        now = Text(clean(told.reason or ("" if state.finished else what)))
        table.add_row(Text(state.run), stage, Text(score_text(told.score, told.error)), *counts, Text(left), now)
    return table
