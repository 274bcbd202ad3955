"""Live progress of one run, from its events alone; where there is no terminal, one plain line an event."""

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from haste.adapters.clock import SystemClock
from haste.cli.live import LiveView, plain_console, print_trimmed
from haste.cli.plain import clean
from haste.cli.telling import count, graded_text, is_noteworthy, score_text, seconds_text, solution_text, tell
from haste.core import events as e
from haste.core.run import RunState
from haste.ports import Clock
from haste.projections.summary import STAGES, reached, stage_of, summary_of


class Screen:
    """Shows one run. `show` is called after every event, `close` once the run has stopped."""

    def __init__(
        self,
        run: str,
        *,
        progress: Console | None = None,
        result: Console | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Progress goes to stderr and the last screen to stdout unless other consoles are given."""
        self._view = LiveView(self.drawn, progress)
        self._result = result or plain_console()
        self._clock = clock or SystemClock()
        self._state = RunState(run=run)
        self._doing = "starting"
        self._shown_at = self._clock.monotonic()

    def show(self, state: RunState, recorded: e.Recorded) -> None:
        """Show a run's state after one more event."""
        event = recorded.event
        self._state, self._doing, self._shown_at = state, doing(state, event), self._clock.monotonic()
        line = f"{seconds_text(state.seconds):>10}  {tell(event, state)}"
        self._view.update(line if is_noteworthy(event) else None)

    def drawn(self) -> RenderableType:
        """How the run stands right now."""
        since = self._clock.monotonic() - self._shown_at
        return Group(panel(self._state, self._doing, since), *self._view.lines())

    def stop(self) -> None:
        """Give the terminal back without a last screen. Safe to call twice."""
        self._view.stop()

    def close(self, state: RunState) -> None:
        """Show what was reached, what was learned, where the submission is and what to type next."""
        self._view.stop()
        print_trimmed(self._result, last_screen(state))


def doing(state: RunState, event: e.AnyEvent) -> str:
    """What a run does after an event, until the next."""
    if isinstance(event, e.ModelAsked):
        return clean(f"asking {event.model}: {event.purpose}")
    if isinstance(event, e.EvaluationStarted):
        return f"running {_named(state, event.solution)} on {count(len(event.folds), 'view')}"
    if isinstance(event, e.FoldScored):
        return f"running {_named(state, event.solution)}, fold {event.fold.key} is in"
    return {
        "profile": "looking at the data",
        "prototypes": "thinking of a prototype",
        "refinement": "thinking of a change",
        "ensemble": "choosing what to submit",
        "learnings": "writing down what was learned",
        "done": "done",
    }[stage_of(state)]


def panel(state: RunState, now_doing: str, since: float) -> RenderableType:
    """The live view of a run: stage, best, changes, time, and what it is doing."""
    score, error, _ = reached(state)
    limit = state.settings.time_limit
    spent = min(limit, state.seconds + since)
    facts = Table.grid(padding=(0, 2))
    facts.add_row("stage", stages_line(state))
    facts.add_row("best", Text(f"{score_text(score, error)}  {_metric(state)}", style="bold"))
    facts.add_row("changes", changes_line(state))
    bar = Table.grid(padding=(0, 1))
    bar.add_row(ProgressBar(total=limit, completed=spent, width=24), f"{seconds_text(limit - spent)} left")
    facts.add_row("time", bar)
    facts.add_row("now", Text(f"{now_doing} ({seconds_text(since)})", style="cyan", overflow="ellipsis"))
    return Group(Text(state.run, style="bold"), facts)


def stages_line(state: RunState) -> Text:
    """The five stages, with the current one marked."""
    current = stage_of(state)
    line = Text()
    for stage in STAGES:
        done = stage in state.finished_stages
        style = "bold cyan" if stage == current else "green" if done else "dim"
        line.append(f"{'✓ ' if done else ''}{stage}  ", style=style)
    return line


def changes_line(state: RunState) -> str:
    """How many changes were kept, reverted, failed; and costs, where there are any."""
    told = summary_of(state)
    parts = [f"{told.kept} kept", f"{told.reverted} reverted"]
    parts += [f"{told.failures} failed"] if told.failures else []
    parts += [f"of {count(told.solutions, 'solution')}"]
    parts += [f"${told.usd:.2f}, {told.output_tokens:,} output tokens"] if told.output_tokens else []
    return ", ".join(parts)


def last_screen(state: RunState) -> RenderableType:
    """What a run reached, for the end of a command."""
    told = summary_of(state)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    rows = f", on {told.rows}" if told.rows else ""
    table.add_row("score", Text(f"{score_text(told.score, told.error)}  {_metric(state)}{rows}", style="bold"))
    for member in told.members:
        table.add_row("made of", f"{_named(state, member.solution)} × {member.weight:.2g}")
    table.add_row("changes", changes_line(state))
    for learning in state.learnings:
        table.add_row("learned", f"{clean(learning.title)} ({learning.recipe.effect})")
    if told.submission:
        table.add_row("submission", Text(f"{clean(told.submission)}  ({count(told.submission_rows or 0, 'row')})"))
    if told.graded is not None:
        table.add_row("graded", graded_text(told.graded, told.medal))
    if told.reason:
        table.add_row(told.status, Text(clean(told.reason), style="yellow"))
    head = Text.assemble((told.run, "bold"), f"  {told.status} after {seconds_text(told.seconds)}")
    return Group(head, table, *[Text(f"  {line}", style="dim") for line in next_steps(state)])


def next_steps(state: RunState) -> list[str]:
    """What a person may want to type now."""
    if state.paused is not None:
        spent = {
            "usd": ("--max-usd", state.settings.max_usd),
            "tokens": ("--max-tokens", state.settings.max_tokens),
        }
        named = [flag for name, flag in spent.items() if name in state.exhausted]
        raised = [f"{flag} {2 * limit or 1:.10g}" for flag, limit in named]
        return [f"raise the limit and go on: haste-run resume {state.run} {' '.join(raised)}"]
    look = f"why it did what it did: haste-run runs show {state.run}"
    if state.failed is not None or state.done:
        return [look]
    return [f"go on: haste-run resume {state.run}", look]


def _named(state: RunState, solution: str) -> str:
    candidate = state.candidates.get(solution)
    return clean(solution_text(candidate.solution) if candidate else solution)


def _metric(state: RunState) -> str:
    if state.competition is None:
        return ""
    metric = state.competition.metric
    return f"{metric.name} ({'higher' if metric.direction == 'maximize' else 'lower'} is better)"
