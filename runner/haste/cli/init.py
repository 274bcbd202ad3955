"""`haste-run init`: make a workspace."""

import shutil
from pathlib import Path

import click

from haste.cli.telling import count
from haste.errors import HasteError, WorkspaceError


@click.command(epilog="Example: haste-run init my-workspace")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def init(folder: Path) -> None:
    """Make a workspace of a new or empty folder: a git repository with skills/, events/ and haste.toml."""
    from haste.bootstrap import make_workspace

    _check_suitable(folder)
    made_here = not folder.exists()
    try:
        workspace = make_workspace(folder)
    except HasteError:
        if made_here:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    skills = sum(1 for _ in (folder / "skills").rglob("SKILL.md"))
    click.echo(str(folder))
    click.echo(
        f"{count(skills, 'skill')} to begin with, commit {workspace.repository.head()[:10]}\n"
        f"next: cd {folder} && haste-run doctor && haste-run solve PATH/TO/COMPETITION",
        err=True,
    )


def _check_suitable(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise WorkspaceError(f"{folder} is no folder", hint="name a new or an empty one")
    if (folder / "haste.toml").exists():
        raise WorkspaceError(f"{folder} is a workspace already", hint=f"cd {folder} && haste-run doctor")
    found = sorted(path.name for path in folder.iterdir() if path.name != ".git") if folder.exists() else []
    if found:
        shown = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise WorkspaceError(f"{folder} is not empty ({shown})", hint="name a new or an empty folder")
