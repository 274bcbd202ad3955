"""`haste-run replay`: rebuild a run from its log, and compare with what it published."""

import json
from functools import partial

import click

from haste.bootstrap import Workspace, todays_decisions
from haste.cli.plain import printable
from haste.cli.telling import count
from haste.cli.waiting import judged_in
from haste.cli.workspace import find_run, find_workspace
from haste.core.competition import Fold
from haste.core.evolve import rebuild
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
    name, published = find_run(workspace, run), Published(workspace)
    report = replay_run(
        name,
        workspace.log,
        workspace.root,
        found=published.problems(name),
        kept=partial(_kept, workspace, name),
        decisions=todays_decisions(workspace, name) if decide else None,
        waits=_waits(workspace, name, published.streams),
    )
    if as_json:
        click.echo(json.dumps(report.model_dump(mode="json"), indent=2))
    else:
        click.echo(printable("\n".join(report.lines())))
    if not report.agrees:
        raise LogError(f"the replay of {name} shows {count(len(report.differences), 'difference')}")


def _kept(workspace: Workspace, run: str, solution: str, fold: Fold, digest: str) -> bool | None:
    from haste.adapters.competitions.places import Places

    if not Places(workspace.root).predictions(run, solution, fold).exists():
        return None
    return workspace.files.has_predictions(run, solution, fold, digest)


def _waits(workspace: Workspace, run: str, published: frozenset[str]) -> str:
    """What is left to do after a run that is over, as after a kill between its end and what follows it."""
    state, known = rebuild(workspace.log.iterate(run)), judged_in(workspace.log)
    if known.waits(state):
        return f"what it learned is not judged yet; {known.command(run)} goes on with that"
    if state.finished and not state.paused and run not in published:
        return f"its log is not published yet; {known.command(run)} goes on with that"
    return ""
