"""`haste-run rollback`: take a promotion back."""

import click

from haste.bootstrap import Workspace, open_desk
from haste.cli.plain import clean
from haste.cli.telling import count
from haste.cli.workspace import find_workspace


@click.command(epilog='Example: haste-run rollback p0123456789ab --reason "it hurt on small tables"')
@click.argument("promotion")
@click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the commit and in the log.")
@click.option("--undo", is_flag=True, help="Bring back what a rollback took: a new promotion of its own.")
def rollback(promotion: str, reason: str, undo: bool) -> None:
    """Take a promotion back by a commit and an event, and name the runs that had loaded the skill.

    PROMOTION is its id, as `skills history NAME` and `review list --all` show it. It is refused while later changes
    rest on it.
    """
    from haste.orchestration.rollback import promote_again, roll_back

    desk = open_desk(Workspace(find_workspace()))
    if undo:
        again = promote_again(desk, promotion, reason)
        click.echo(again.commit)
        click.echo(f"{clean(again.skill)} is back as {again.promotion}", err=True)
        return
    done = roll_back(desk, promotion, reason)
    click.echo(done.commit)
    readers = f"; loaded by {', '.join(done.loaded_by)}" if done.loaded_by else "; no run had loaded it"
    click.echo(f"{clean(done.skill)}: took back {count(1, 'promotion')} {promotion}{readers}", err=True)
    click.echo(f"bring it back: haste-run rollback {promotion} --undo", err=True)
