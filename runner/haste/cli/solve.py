"""`haste-run solve` and `haste-run resume`: work on one competition."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from haste.cli.amounts import Amount
from haste.cli.stopping import exit_code
from haste.cli.waiting import reviews_in
from haste.cli.workspace import find_run, find_workspace, load_settings
from haste.errors import HasteError

_OPTIONS: tuple[Any, ...] = (
    click.option("--time-limit", type=float, metavar="SECONDS", help="Seconds for the whole run."),
    click.option("--iterations", type=int, help="Refinements of the winner; 20 by default."),
    click.option("--seed", type=int, help="Seed of folds, scripts and choices."),
    click.option(
        "--skills",
        "arm",
        type=click.Choice(["tiered", "flat", "retrieved", "none"]),
        help="Which skills to load.",
    ),
    click.option("--transfer-only", is_flag=True, default=None, help="Leave out the competition's own skills."),
    click.option("--engineer", type=click.Choice(["auto", "offline", "claude"]), help="Who proposes."),
    click.option("--model", help="Claude's model."),
    click.option("--max-usd", type=float, help="Dollars for the run's questions to Claude."),
    click.option("--max-tokens", type=int, help="Output tokens for the run's questions to Claude."),
    click.option("--jobs", type=int, help="Views evaluated side by side; one a core by default."),
    click.option("--review", type=click.Choice(["auto", "pull-request"]), help="Who merges what was learned."),
    click.option("--unsafe-exec", is_flag=True, default=None, help="Run without a sandbox where none can be had."),
)


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that solve and campaign share."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(epilog="Example: haste-run solve competitions/house-prices --time-limit 300")
@click.argument("competition", type=click.Path(path_type=Path))
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def solve(competition: Path, as_json: bool, **overrides: object) -> None:
    """Work on a competition's folder: a submission, an event log and what was learned come out."""
    from haste.bootstrap import Workspace, open_ports, start_run

    workspace = Workspace(find_workspace())
    settings = load_settings(workspace.root, overrides)
    workspace.files.describe(competition)
    ports = open_ports(workspace, settings)
    run = start_run(workspace, ports, competition, settings)
    go(workspace, ports, run, raised=None, as_json=as_json)


@click.command(epilog="Example: haste-run resume last --time-limit 600")
@click.argument("run")
@click.option("--time-limit", type=Amount(), metavar="SECONDS", help="Raise the time limit to this.")
@click.option("--max-usd", type=Amount(), help="Raise the money limit to this.")
@click.option("--max-tokens", type=Amount(), help="Raise the token limit to this.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def resume(run: str, as_json: bool, **raised: float | None) -> None:
    """Go on with a run that was stopped, killed or paused, from wherever its log ends."""
    from haste.bootstrap import Workspace, open_ports, resume_settings

    workspace = Workspace(find_workspace())
    name = find_run(workspace, run)
    _, settings = resume_settings(workspace, name)
    budgets = {key: value for key, value in raised.items() if value is not None}
    ports = open_ports(workspace, settings.model_copy(update=budgets))
    go(workspace, ports, name, raised=budgets, as_json=as_json)


def go(workspace: Any, ports: Any, run: str, *, raised: dict[str, float] | None, as_json: bool) -> None:
    """Begin a run, or go on with it, and tell how it ended: on stdout, or there as JSON alone."""
    from haste.cli.live import plain_console
    from haste.cli.screen import Screen
    from haste.orchestration.solve import solve as work

    screen = Screen(run, result=plain_console(stderr=as_json))
    try:
        with _stopping_cleanly(ports, run):
            solved = work(run, ports, workspace.repository, screen.show, raised)
    except HasteError as error:
        if (state := _over(ports.log, run)) is not None:
            screen.close(state)
            _print_result(workspace.root, state, as_json=as_json)
            error.hint = " / ".join(filter(None, (error.hint, f"then go on: haste-run resume {run}")))
        raise
    screen.close(solved.state)
    for line in aftermath(solved, reviews_in(ports.log)):
        click.echo(line, err=True)
    _print_result(workspace.root, solved.state, as_json=as_json)
    if solved.state.failed is not None:
        raise SystemExit(1)


def _print_result(root: Path, state: Any, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result(root, state), indent=2))


def _over(log: Any, run: str) -> Any:
    """The state of a run that is over, although something that follows it went wrong; None for any other."""
    from haste.core.evolve import rebuild

    try:
        state = rebuild(log.read(run))
    except HasteError:
        return None
    return state if state.done or state.failed is not None else None


def aftermath(solved: Any, reviews: Mapping[str, Any]) -> list[str]:
    """What became of the learnings, and what waits for a person."""
    lines = []
    if solved.curated is not None:
        if solved.curated.judged and not solved.curated.changes:
            verdicts = ", ".join(f"{one.verdict.decision} ({one.verdict.reason})" for one in solved.curated.judged)
            lines.append(f"skills      nothing new: {verdicts}")
        for change in solved.curated.changes:
            lines.append(f"skill       {_CHANGES[type(change).__name__]} {change.skill}")
        if solved.curated.changes and solved.curated.merged is None:
            states = [one.state for one in reviews.values() if one.branch == solved.curated.branch]
            decided = f"{solved.curated.branch} is decided: {', '.join(dict.fromkeys(states))}"
            waits = not states or "waiting" in states
            lines.append(f"review      {f'{solved.curated.note}; haste-run review list' if waits else decided}")
    if solved.published is not None and solved.published.merged is None:
        lines.append(f"log         waits on {solved.published.branch}: {solved.published.note}")
    return lines


_CHANGES = {
    "SkillPromoted": "new:",
    "SkillAmended": "amended:",
    "ConflictAnnotated": "in conflict, both kept:",
    "SkillRetired": "retired:",
}


@contextmanager
def _stopping_cleanly(ports: Any, run: str) -> Iterator[None]:
    """Close the sandbox however the run ends, and say how to go on after Ctrl-C or SIGTERM."""
    try:
        yield
    except KeyboardInterrupt as stop:
        sys.stderr.write(f"\nhaste-run: stopped; nothing is lost. Go on with: haste-run resume {run}\n")
        raise SystemExit(exit_code(stop)) from None
    finally:
        ports.sandbox.close()


def result(root: Path, state: Any) -> dict[str, Any]:
    """A run's outcome for machines."""
    score, error = state.reported
    return {
        "run": state.run,
        "competition": state.competition.id,
        "metric": state.competition.metric_name,
        "direction": state.competition.metric.direction,
        "score": score,
        "error": error,
        "rows": None if state.ensemble is None else state.ensemble.rows,
        "members": [m.model_dump() for m in state.final_members],
        "submission": None if state.submission is None else str(root / state.submission.path),
        "solutions": len(state.candidates),
        "kept": sum(1 for c in state.candidates.values() if c.verdict == "kept"),
        "reverted": sum(1 for c in state.candidates.values() if c.verdict == "reverted"),
        "seconds": round(state.seconds, 1),
        "learnings": [learning.title for learning in state.learnings],
        "usd": round(state.usd, 4),
        "failed": state.failed,
        "paused": state.paused,
    }
