"""`haste-run campaign`: many competitions in rounds, learning in between."""

import json
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from haste.cli.amounts import Amount
from haste.cli.solve import settings_options
from haste.cli.stopping import exit_code
from haste.cli.workspace import find_workspace, load_settings
from haste.errors import UsageError


@click.command(epilog="Example: haste-run campaign competitions/* --time-limit 300 --passes 2")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@settings_options
@click.option("--order", type=click.Choice(["domains", "given"]), default="domains", help="Who goes first.")
@click.option(
    "--rounds",
    type=click.IntRange(min=0),
    default=0,
    help="Rounds of a pass; 0: as many as make each as large as the first.",
)
@click.option("--passes", type=click.IntRange(min=1), default=1, help="How often every competition is run.")
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=1,
    help="How often what failed is run again at the end, with twice the time where time was short.",
)
@click.option("--parallel", type=click.IntRange(min=1), default=1, help="Runs side by side; they share the cores.")
@click.option(
    "--budget",
    type=Amount(zero=True),
    default=0.0,
    metavar="SECONDS",
    help="Seconds for the campaign: its last runs get what is left; 0: no limit.",
)
@click.option("--resume", "again", metavar="CAMPAIGN", help="Go on with a campaign: its name, or `last`.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def campaign(folders: tuple[Path, ...], again: str | None, as_json: bool, **options: Any) -> None:
    """Work on many competitions in rounds; between rounds, what was learned is judged and promoted.

    The first round has one competition of each domain, with the skills that the workspace has; the rest follows,
    warmer each time. Skills that had their chance are retired between rounds too. --time-limit, --max-usd and
    --max-tokens are those of each run. Ends in status 1 where a competition was left without a score.
    """
    from haste.bootstrap import Workspace
    from haste.cli.campaigning import begin_campaign, find_campaign, run_campaign

    workspace = Workspace(find_workspace())
    shape = {key: options.pop(key) for key in ("order", "rounds", "passes", "retries", "parallel", "budget")}
    if again is not None:
        _refuse_others(click.get_current_context())
        name = find_campaign(workspace, again)
    else:
        settings = load_settings(workspace.root, options)
        name = begin_campaign(workspace, folders, settings, **shape)
    try:
        told = run_campaign(workspace, name)
    except KeyboardInterrupt as stop:
        click.echo(
            f"\nhaste-run: stopped; nothing is lost. Go on with: haste-run campaign --resume {name}", err=True
        )
        raise SystemExit(exit_code(stop)) from None
    click.echo(json.dumps(told, indent=2) if as_json else told["table"])
    if told["unsolved"]:
        raise SystemExit(1)


def _refuse_others(context: click.Context) -> None:
    """A campaign goes on as it began: nothing that was typed beside `--resume` is dropped without a word."""
    given = [
        parameter
        for parameter in context.command.params
        if context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        and parameter.name not in ("again", "as_json")
    ]
    if given:
        names = ", ".join(p.opts[0] if isinstance(p, click.Option) else "folders" for p in given)
        raise UsageError(
            f"--resume goes on with what the campaign began with, and takes no {names}",
            hint="begin another campaign for that",
        )
