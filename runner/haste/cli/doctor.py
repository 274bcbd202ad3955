"""`haste-run doctor`: what this machine can do, what it lacks, what that costs, and how to close each gap."""

import json
from pathlib import Path

import click

from haste.cli.plain import printable_json
from haste.cli.workspace import find_workspace
from haste.errors import HasteError, WorkspaceError

_MARKS = {"ok": "✓", "gap": "–", "broken": "✗"}


@click.command(epilog="Example: haste-run doctor --json")
@click.option("--model", metavar="NAME", help="Also ask this model one short question, for a fraction of a cent.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def doctor(model: str | None, as_json: bool) -> None:
    """Look at sandbox, cores, memory, GPUs, packages, git, keys and disk.

    Each gap is told with what it costs and how to close it. Exits with 1 when something is broken.
    """
    from haste.adapters.health import Check, checks

    try:
        root: Path | None = find_workspace()
    except WorkspaceError:
        root = None
    found: list[Check] = checks(root)
    if model is not None:
        from haste.adapters.messages_server.trial import model_check

        found.append(model_check(model))
    if as_json:
        rows = [check.model_dump() for check in found]
        click.echo(printable_json(json.dumps(rows, indent=2, ensure_ascii=False)))
    else:
        width = max(len(check.name) for check in found)
        for check in found:
            click.echo(f"{_MARKS[check.state]} {check.name:<{width}}  {check.found}")
            if check.state != "ok":
                click.echo(f"  {'':<{width}}  costs: {check.costs}\n  {'':<{width}}  mend:  {check.mend}")
    broken = [check.name for check in found if check.state == "broken"]
    if broken:
        raise HasteError(f"broken: {', '.join(broken)}")
