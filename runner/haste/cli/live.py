"""The live part of a terminal: something drawn anew four times a second, or plain lines where there is none."""

import atexit
from collections import deque
from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

_RECENT = 6
_PIPE_WIDTH = 160


def plain_console(*, stderr: bool = False) -> Console:
    """A console that takes text as it is: what others wrote is never markup. A pipe gets room."""
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def print_trimmed(console: Console, what: RenderableType) -> None:
    """Print something as wide as it is, without the blanks that a grid puts at the end of its lines."""
    as_wide_as_it_is = console.options.update(no_wrap=True, overflow="ignore")
    for line in console.render_lines(what, as_wide_as_it_is, pad=False):
        text = Text.assemble(*[(part.text, part.style or "") for part in line])
        text.rstrip()
        console.print(text, soft_wrap=True)


class LiveView:
    """Draws what `render` gives on a terminal; elsewhere it prints the lines that it is told."""

    def __init__(self, render: Callable[[], RenderableType], console: Console | None = None) -> None:
        """Goes to stderr unless another console is given."""
        self._console = console or plain_console(stderr=True)
        self._render = render
        self._live: Live | None = None
        self.recent: deque[str] = deque(maxlen=_RECENT)

    def update(self, line: str | None = None) -> None:
        """Something changed; `line` says it in words, where that is worth a line."""
        if not self._console.is_terminal:
            if line:
                self._console.print(Text(line), soft_wrap=True)
            return
        if line:
            self.recent.append(line)
        if self._live is None:
            self._live = Live(
                get_renderable=self._render, console=self._console, refresh_per_second=4, transient=True
            )
            self._live.start()
            atexit.register(self.stop)

    def stop(self) -> None:
        """Give the terminal back. Safe to call twice."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()
            atexit.unregister(self.stop)

    def lines(self) -> list[Text]:
        """The last lines that were told, for drawing."""
        return [Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in self.recent]
