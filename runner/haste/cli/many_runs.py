"""`haste-run runs leaderboard`, `costs` and `compare`: what the runs of a workspace say together."""

import json
from collections.abc import Mapping

import click

from haste.bootstrap import Workspace
from haste.cli.tables import table
from haste.cli.telling import score_text, seconds_text
from haste.cli.workspace import find_run, find_workspace, readable_runs
from haste.projections.costs import Cost
from haste.projections.costs import costs as costs_by_stage
from haste.projections.leaderboard import Standing, summaries
from haste.projections.leaderboard import leaderboard as standings
from haste.projections.summary import Summary
from haste.projections.transfer import Average, Refinement, Transfer, transfer

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NONE = "no runs yet; begin one: haste-run solve FOLDER, or haste-run demo"


@click.command(epilog="Example: haste-run runs leaderboard --json")
@_JSON
def leaderboard(as_json: bool) -> None:
    """Rank the runs of each competition, the best first.

    Graded runs stand before those that nobody graded: a score on the answers and one on held-out rows are never
    compared with each other.
    """
    board = standings(summaries(readable_runs(Workspace(find_workspace()).log)))
    if as_json:
        click.echo(
            json.dumps({name: [one.model_dump(mode="json") for one in runs] for name, runs in board.items()})
        )
    elif board:
        head = ("competition", "rank", "run", "graded", "medal", "score", "metric", "engineer", "arm", "time")
        click.echo(table(head, [_standing(name, one) for name, runs in board.items() for one in runs]))
    else:
        click.echo(_NONE, err=True)


def _standing(competition: str, one: Standing) -> list[str]:
    told = one.run
    score = [score_text(told.score, told.error), told.metric]
    how = [told.engineer, told.arm, seconds_text(told.seconds)]
    return [competition, str(one.rank or "–"), told.run, *graded_cells(told), *score, *how]


def graded_cells(told: Summary) -> list[str]:
    """The grade and the medal of a run, '' for what is not known."""
    known = told.medal not in (None, "unknown")
    return ["" if told.graded is None else score_text(told.graded), told.medal if known and told.medal else ""]


@click.command(epilog="Example: haste-run runs costs last")
@click.argument("run", required=False)
@_JSON
def costs(run: str | None, as_json: bool) -> None:
    """Say what runs cost by stage, all of them or RUN alone: time, evaluations, tokens and dollars.

    RUN is a run's name, a unique beginning of it, or `last`. `time` is that of the run, `machine time` that of its
    evaluations side by side.
    """
    workspace = Workspace(find_workspace())
    log = workspace.log
    found = [(name, log.read(name)) for name in [find_run(workspace, run)]] if run else readable_runs(log)
    stages = costs_by_stage(found)
    together = sum(stages.values(), Cost())
    if as_json:
        told = {name: cost.model_dump(mode="json") for name, cost in stages.items()}
        click.echo(json.dumps({"stages": told, "each_kept_change": together.per_kept()}))
    elif stages:
        head = ("stage", "time", "evaluations", "failed", "machine time", "questions", "tokens out", "usd", "kept")
        rows = [_cost(name, cost) for name, cost in [*stages.items(), ("together", together)]]
        click.echo(table(head, rows))
        click.echo(_each(together))
    else:
        click.echo(_NONE, err=True)


def _cost(stage: str, cost: Cost) -> list[str]:
    machine = seconds_text(cost.compute_seconds) if cost.evaluations else ""
    counts = [str(cost.evaluations or ""), str(cost.failures or ""), machine, str(cost.questions or "")]
    money = [f"{cost.output_tokens:,}" if cost.output_tokens else "", f"{cost.usd:.4f}" if cost.usd else ""]
    return [stage, seconds_text(cost.seconds), *counts, *money, str(cost.kept or "")]


def _each(cost: Cost) -> str:
    each = cost.per_kept()
    if each is None:
        return "no change was kept"
    money = f", {each['output_tokens']:,.0f} tokens, ${each['usd']:.4f}" if cost.questions else ""
    return f"for each change that was kept: {seconds_text(each['seconds'])}{money}"


@click.command(epilog="Example: haste-run runs compare --by arm")
@click.option(
    "--by",
    type=click.Choice(["start", "arm", "engineer", "competition"]),
    default="start",
    show_default=True,
    help="What makes a group; `start` is cold or warm.",
)
@_JSON
def compare(by: str, as_json: bool) -> None:
    """Compare groups of runs: changes tried until the best was reached, and the share of changes that was kept.

    A run is warm that loaded any skill. These are means over the runs that are there, with their standard errors:
    they are worth what the groups have in common, so run the same competitions in each.
    """

    def group(run: Refinement) -> str:
        return str(getattr(run, by))

    groups = transfer(readable_runs(Workspace(find_workspace()).log), group)
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in groups]))
    elif groups:
        head = (by, "runs", "competitions", "changes tried", "changes to the best", "kept")
        click.echo(table(head, [_group(one) for one in groups]))
    else:
        click.echo("no run has refined anything yet", err=True)


def _group(one: Transfer) -> list[str]:
    counts = [str(one.to_best.runs), str(one.competitions)]
    return [one.group, *counts, _average(one.iterations), _average(one.to_best), _average(one.kept_share, "%")]


def _average(average: Average, unit: str = "") -> str:
    if average.mean is None:
        return ""
    scale, tail = (100.0, f" {unit}") if unit else (1.0, "")
    error = f" ± {scale * average.error:.1f}" if average.error is not None else ""
    return f"{scale * average.mean:.1f}{error}{tail}"


COMMANDS: Mapping[str, click.Command] = {"leaderboard": leaderboard, "costs": costs, "compare": compare}
