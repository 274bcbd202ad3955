"""`haste-run demo`: real competitions on the spot, cold and then warm, in a workspace of their own."""

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from haste.cli.amounts import Amount
from haste.cli.tables import table

if TYPE_CHECKING:
    from haste.bootstrap import Workspace

DEFAULT_SECONDS = 14.0
"""Time limit of each of the ten runs."""


@dataclass(frozen=True)
class DemoRow:
    """One competition, cold and warm."""

    competition: str
    metric: str
    better: str
    cold_score: float | None
    """None where the run ended without one."""
    warm_score: float | None
    cold_to_best: int
    warm_to_best: int
    cold_kept: str
    warm_kept: str
    skills: int


@click.command(epilog="Example: haste-run demo --time-limit 20")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--time-limit", type=Amount(), default=DEFAULT_SECONDS, show_default=True, help="Seconds a run.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every run.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def demo(folder: Path | None, time_limit: float, seed: int, as_json: bool) -> None:
    """Solve five small competitions made of real data, cold and again with what was learned.

    The data comes with scikit-learn and Python; nothing is downloaded and no key is needed. DIR is a new folder for
    the workspace, and the competitions lie beside it in DIR-competitions; by default both are in the folder for
    temporary files.
    """
    from haste.adapters.demo_data import make_demo
    from haste.bootstrap import make_workspace

    root = folder or Path(tempfile.mkdtemp(prefix="haste-demo-")) / "workspace"
    workspace = make_workspace(root)
    competitions = make_demo(root.parent / f"{root.name}-competitions")
    click.echo(f"workspace {root}: {len(competitions)} competitions, cold, then warm", err=True)
    runs: dict[str, list[str]] = {"none": [], "tiered": []}
    for arm, made in runs.items():
        for competition in competitions:
            made.append(_run(workspace, competition, arm, time_limit, seed))
    rows = [_row(workspace, cold, warm) for cold, warm in zip(runs["none"], runs["tiered"], strict=True)]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    click.echo(_told(rows))
    click.echo(f"\nlook around: cd {root} && haste-run runs show last; git log --oneline --graph", err=True)


def _run(workspace: "Workspace", competition: Path, arm: str, seconds: float, seed: int) -> str:
    """One run and the judging of what it learned; returns the run's name."""
    from haste.bootstrap import open_ports, start_run
    from haste.cli.workspace import load_settings
    from haste.orchestration.solve import solve

    limits = {"iterations": 8, "runner_up_iterations": 2, "folds": 3, "ensemble_members": 2, "time_limit": seconds}
    settings = load_settings(workspace.root, {"arm": arm, "seed": seed, "engineer": "offline", **limits})
    ports = open_ports(workspace, settings)
    try:
        run = start_run(workspace, ports, competition, settings)
        state = solve(run, ports, workspace.repository, lambda _state, _recorded: None, raised=None).state
    finally:
        ports.sandbox.close()
    told = state.failed or f"{state.seconds:.0f} s, {len(state.candidates)} solutions"
    click.echo(f"  {competition.name:<20} {'cold' if arm == 'none' else 'warm'}  {told}", err=True)
    return run


def _row(workspace: "Workspace", cold: str, warm: str) -> DemoRow:
    from haste.core.evolve import rebuild
    from haste.projections.summary import summary_of
    from haste.projections.transfer import refinement_of

    streams = [workspace.log.read(run) for run in (cold, warm)]
    told = [summary_of(rebuild(stream)) for stream in streams]
    searched = [refinement_of(stream) for stream in streams]
    return DemoRow(
        competition=told[0].competition,
        metric=told[0].metric,
        better="higher" if told[0].direction == "maximize" else "lower",
        cold_score=told[0].score,
        warm_score=told[1].score,
        cold_to_best=searched[0].to_best if searched[0] else 0,
        warm_to_best=searched[1].to_best if searched[1] else 0,
        cold_kept=f"{told[0].kept}/{told[0].kept + told[0].reverted}",
        warm_kept=f"{told[1].kept}/{told[1].kept + told[1].reverted}",
        skills=told[1].skills,
    )


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _told(rows: list[DemoRow]) -> str:
    head = ("competition", "metric", "is better", "score cold", "warm", "to best cold", "warm", "kept cold", "warm")
    cells = [
        (
            row.competition,
            row.metric,
            row.better,
            _score(row.cold_score),
            _score(row.warm_score),
            str(row.cold_to_best),
            str(row.warm_to_best),
            row.cold_kept,
            row.warm_kept,
        )
        for row in rows
    ]
    note = "score: the one each run reports, out of fold; to best: changes tried until the best was reached"
    return f"{table(head, cells)}\n{note}; kept: changes kept / decided"
