"""`haste-run replay`: rebuild a run from its log, and compare with what it published."""

import json

import click

from haste.bootstrap import Workspace
from haste.cli.workspace import find_run, find_workspace
from haste.errors import LogError


@click.command(epilog="Example: haste-run replay last")
@click.argument("run")
@click.option("--decide", is_flag=True, help="Also ask the policy again at every position, and compare.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as an object.")
def replay(run: str, decide: bool, as_json: bool) -> None:
    """Rebuild a run from its log: the chain, every file it names, its submission, what was published of it.

    RUN is a run's name, a unique beginning of it, or `last`. Exits with 1 when something differs.
    """
    from haste.cli.published import Published
    from haste.replay import compare_decisions, replay_run

    workspace = Workspace(find_workspace())
    name = find_run(workspace, run)
    found = Published(workspace).problems(name)
    report = replay_run(name, workspace.log, workspace.root, found, decisions=compare_decisions if decide else None)
    if as_json:
        click.echo(json.dumps(report.model_dump(mode="json"), indent=2))
    else:
        click.echo("\n".join(report.lines()))
    if not report.agrees:
        raise LogError(f"replay of {name}: {len(report.differences)} differences")
