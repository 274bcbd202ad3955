"""`haste-run replay`: rebuild a run from its log, and compare with what it published."""

import json
from functools import partial

import click

from haste.bootstrap import Workspace, todays_decisions
from haste.cli.telling import count
from haste.cli.workspace import find_run, find_workspace
from haste.core.competition import Fold
from haste.errors import LogError


@click.command(epilog="Example: haste-run replay last")
@click.argument("run")
@click.option("--decide", is_flag=True, help="Also decide again, with recorded answers for Claude's, and compare.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as an object.")
def replay(run: str, decide: bool, as_json: bool) -> None:
    """Rebuild a run from its log: the chain, every file it names, its submission, what was published of it.

    RUN is a run's name, a unique beginning of it, or `last`. Exits with 1 when something differs.
    """
    from haste.cli.published import Published
    from haste.replay import replay_run

    workspace = Workspace(find_workspace())
    name = find_run(workspace, run)
    report = replay_run(
        name,
        workspace.log,
        workspace.root,
        found=Published(workspace).problems(name),
        kept=partial(_kept, workspace, name),
        decisions=todays_decisions(workspace, name) if decide else None,
    )
    if as_json:
        click.echo(json.dumps(report.model_dump(mode="json"), indent=2))
    else:
        click.echo("\n".join(report.lines()))
    if not report.agrees:
        raise LogError(f"the replay of {name} shows {count(len(report.differences), 'difference')}")


def _kept(workspace: Workspace, run: str, solution: str, fold: Fold, digest: str) -> bool | None:
    from haste.adapters.competitions.places import Places

    if not Places(workspace.root).predictions(run, solution, fold).exists():
        return None
    return workspace.files.has_predictions(run, solution, fold, digest)
