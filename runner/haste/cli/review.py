"""`haste-run review`: decide about promotions. `haste-run sync`: bring in what was decided elsewhere."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from haste.bootstrap import Workspace, open_desk
from haste.cli.plain import clean, printable_json
from haste.cli.skill_tables import clean_lines
from haste.cli.tables import table
from haste.cli.telling import count
from haste.cli.workspace import find_workspace
from haste.orchestration.desk import Desk
from haste.projections.reviews import Review, waiting

_COMMENT = click.option("--comment", default="", metavar="TEXT", help="Why; it stands in the log.")


@click.group(epilog="Example: haste-run review list")
def review() -> None:
    """Decide about promotions. NAME is a promotion's id, or a branch's name or a unique part of it."""


def _desk() -> Desk:
    return open_desk(Workspace(find_workspace()))


def _names(chosen: Sequence[Review]) -> str:
    return ", ".join(dict.fromkeys(one.skill for one in chosen))


@review.command("list", epilog="Example: haste-run review list --all")
@click.option("--all", "everything", is_flag=True, help="Also what is decided.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def list_reviews(everything: bool, as_json: bool) -> None:
    """List the promotions that wait for a decision."""
    from haste.orchestration.review import how_to_go_on, standing

    desk = _desk()
    known = standing(desk)
    found = [one for one in known.values() if everything or one.state == "waiting"]
    if as_json:
        objects = [one.model_dump(mode="json") for one in found]
        click.echo(printable_json(json.dumps(objects, indent=2, ensure_ascii=False)))
    elif found:
        head = ("promotion", "kind", "skill", "scope", "state", "when", "branch", "why")
        rows = [
            [one.promotion, one.kind, one.skill, one.scope, one.state, one.at[:16], one.branch, one.reason]
            for one in found
        ]
        click.echo(table(head, rows))
    else:
        click.echo("nothing waits for a decision", err=True)
    for branch, made in waiting(known, "being judged").items():
        told = f"{count(len(made), 'promotion')} of {branch} still being judged: {how_to_go_on(desk, made[0])}"
        click.echo(clean(told), err=True)


@review.command("show", epilog="Example: haste-run review show haste/skills/titanic.r1")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print an object with title and body.")
def show_review(name: str, as_json: bool) -> None:
    """Show what waits, as Markdown: why, the evidence with its events, conflicts, lint, and the diff."""
    from haste.orchestration.review import find_waiting, show

    desk = _desk()
    page = show(desk, find_waiting(desk, name))
    told = (
        printable_json(page.model_dump_json(indent=2)) if as_json else clean_lines(f"# {page.title}\n\n{page.body}")
    )
    click.echo(told)


@review.command("open", epilog="Example: haste-run review open haste/skills/titanic.r1")
@click.argument("name")
@click.option("--remote", default="origin", show_default=True, help="Where the branch is pushed to.")
def open_review(name: str, remote: str) -> None:
    """Push the branch and open a pull request with `gh`; without `gh`, say what to do."""
    from haste.adapters.pull_requests import has_gh, open_pull_request
    from haste.orchestration.review import find_waiting, opened, show

    workspace, desk = Workspace(find_workspace()), _desk()
    chosen = find_waiting(desk, name)
    page, branch, base = show(desk, chosen), chosen[0].branch, workspace.repository.branch()
    workspace.repository.push(branch, remote=remote)
    if has_gh():
        where = open_pull_request(workspace.root, branch=branch, base=base, title=page.title, body=page.body)
        opened(desk, chosen, where)
        click.echo(where)
        return
    file = workspace.root / ".haste" / "reviews" / f"{branch.replace('/', '.')}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page.body, encoding="utf-8")
    opened(desk, chosen, f"pushed to {remote}")
    click.echo(str(file))
    click.echo(f"{branch} is pushed to {remote}; gh is not installed, so open a pull request of it", err=True)
    click.echo(f"into {base} by hand, with this file as its text, and merge it with a merge commit", err=True)


@review.command("approve", epilog="Example: haste-run review approve haste/skills/titanic.r1")
@click.argument("name")
@_COMMENT
def approve_review(name: str, comment: str) -> None:
    """Merge a branch of promotions into the workspace's branch."""
    from haste.orchestration.review import approve, find_waiting

    desk = _desk()
    chosen = find_waiting(desk, name)
    click.echo(approve(desk, chosen, comment))
    click.echo(f"merged {count(len(chosen), 'promotion')}: {clean(_names(chosen))}", err=True)


@review.command("reject", epilog='Example: haste-run review reject p0123456789ab --comment "one competition only"')
@click.argument("name")
@_COMMENT
def reject_review(name: str, comment: str) -> None:
    """Decline a promotion, or all of a branch. What was declined is not promoted again without a review."""
    from haste.orchestration.review import find_waiting, reject

    desk = _desk()
    chosen = find_waiting(desk, name)
    reject(desk, chosen, comment)
    click.echo(f"rejected {count(len(chosen), 'promotion')}: {clean(_names(chosen))}", err=True)


@review.command("comment", epilog='Example: haste-run review comment p0123456789ab "which metric was that?"')
@click.argument("name")
@click.argument("text")
def comment_review(name: str, text: str) -> None:
    """Say something about a promotion without deciding."""
    from haste.orchestration.review import find_waiting, remark

    desk = _desk()
    chosen = find_waiting(desk, name)
    remark(desk, chosen, text)
    click.echo(f"noted for {clean(_names(chosen))}", err=True)


@click.command(epilog="Example: haste-run sync ../other-workspace")
@click.argument("source")
@click.option("--branch", metavar="NAME", help="The branch there; by default the one it stands on.")
@click.option(
    "--keep", type=click.Choice(["ours", "theirs"]), default=None, help="Where both edited a skill: whose stays."
)
def sync(source: str, branch: str | None, keep: Literal["ours", "theirs"] | None) -> None:
    """Merge the skills and logs of another workspace (a folder or a git URL) into this one."""
    from haste.orchestration.sync import sync as bring_in

    place = str(Path(source).resolve()) if Path(source).is_dir() else source
    done = bring_in(_desk(), place, branch, keep=keep or "")
    click.echo(done.commit)
    told = f"{count(len(done.skills), 'skill')} and {count(len(done.streams), 'stream')} came in"
    settled = f", {count(done.settled, 'promotion')} merged elsewhere" if done.settled else ""
    click.echo(told + settled, err=True)
    for problem in done.problems:
        click.echo(f"haste-run: {clean(problem)}", err=True)
    if done.doubled:
        click.echo(f"  keep one of each: haste-run skills retire {clean(done.doubled[-1])}", err=True)
