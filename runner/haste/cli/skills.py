"""`haste-run skills`: list, show, lint, search and export skills, and look at how they came about."""

import json
from pathlib import Path
from typing import Any

import click

from haste.bootstrap import Workspace, open_desk
from haste.cli import skill_tables as tables
from haste.cli.plain import printable_json
from haste.cli.tables import table
from haste.cli.telling import count
from haste.cli.workspace import find_workspace
from haste.core.scope import Scope
from haste.errors import UsageError
from haste.orchestration.desk import Desk
from haste.orchestration.skill_history import effects_of_skills, find_skill, history_of

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(epilog="Example: haste-run skills list")
def skills() -> None:
    """List, show, lint, search and export skills."""


def _desk() -> Desk:
    return open_desk(Workspace(find_workspace()))


def _print(value: Any) -> None:
    click.echo(printable_json(json.dumps(value, indent=2, ensure_ascii=False)))


@skills.command("list", epilog="Example: haste-run skills list --scope domain")
@click.option("--scope", type=click.Choice([scope.value for scope in Scope]), help="Only skills of this scope.")
@click.option("--owner", metavar="NAME", help="Only skills of this domain or competition.")
@_JSON
def list_skills(scope: str | None, owner: str | None, as_json: bool) -> None:
    """List the skills as committed, with what the logs say about each."""
    desk = _desk()
    chosen = [s for s in desk.skills.load() if scope in (None, s.scope.value) and owner in (None, s.owner)]
    known = desk.history.evidence(chosen)
    if as_json:
        _print([tables.skill_row(skill, known) for skill in chosen])
    elif chosen:
        click.echo(tables.skills_table(chosen, known))
    else:
        click.echo("no such skills", err=True)


@skills.command("show", epilog="Example: haste-run skills show trust-paired-folds")
@click.argument("name")
@_JSON
def show_skill(name: str, as_json: bool) -> None:
    """Show one skill whole, with its evidence."""
    desk = _desk()
    skill = find_skill(desk, name)
    known = desk.history.evidence([skill])
    if as_json:
        _print({**tables.skill_row(skill, known), **skill.model_dump(mode="json")})
    else:
        click.echo(tables.skill_text(skill, known))


@skills.command("history", epilog="Example: haste-run skills history trust-paired-folds")
@click.argument("name")
@_JSON
def show_history(name: str, as_json: bool) -> None:
    """Show every commit that touched a skill, with the ids of its promotions; also of a retired one."""
    entries = history_of(_desk(), name)
    if as_json:
        _print([entry.model_dump(mode="json") for entry in entries])
    else:
        click.echo(tables.history_table(entries))


@skills.command("effects", epilog="Example: haste-run skills effects trust-paired-folds")
@click.argument("name", required=False)
@_JSON
def show_effects(name: str | None, as_json: bool) -> None:
    """Show what following each version of a skill brought, from the logs alone; without NAME, of every skill cited.

    Gains are relative (the share of the remaining error that went) with their 95 % interval; kept changes alone
    look better than they are, so read `together`. `without` are the same changes in runs that had not loaded the
    skill: evidence that doesn't depend on it.
    """
    from haste.projections.effects import citing, effects_by_version
    from haste.projections.evidence import read_runs

    desk = _desk()
    readings = read_runs(desk.history.runs())
    chosen = effects_of_skills(desk, readings, name)
    rows = [row for one, recipe in chosen for row in effects_by_version(one, recipe, readings)]
    rows = rows if name else [row for row in rows if row.cited or row.kept or row.reverted]
    changes = (
        [tables.effect_row(trial, one) for one, _ in chosen for trial in citing(one, readings)] if name else []
    )
    if as_json:
        _print({"versions": [row.model_dump(mode="json") for row in rows], "changes": changes})
        return
    if rows:
        click.echo(tables.effects_table(rows))
    if changes:
        click.echo("\n" + tables.changes_table(changes))
    if not any(row.cited or row.kept or row.reverted for row in rows):
        click.echo(f"no change has cited {name or 'a skill'} yet", err=True)


@skills.command("growth", epilog="Example: haste-run skills growth")
@_JSON
def show_growth(as_json: bool) -> None:
    """Show how the inventory grew: skills by scope after each curation and each round, from the logs alone.

    What stood before is what the first run found. A promotion counts from its commit on, also while it waits for
    its review. Skills that were written by hand since are in no log, and in no line.
    """
    from haste.orchestration.skill_history import growth_of

    rows = growth_of(_desk())
    if as_json:
        _print([row.model_dump(mode="json") for row in rows])
    elif rows:
        click.echo(tables.growth_table(rows))
    else:
        click.echo("nothing was judged yet", err=True)


@skills.command("search", epilog='Example: haste-run skills search "skewed target"')
@click.argument("query")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="At most so many.")
@_JSON
def search_skills(query: str, limit: int, as_json: bool) -> None:
    """Find skills by words, the best first."""
    from haste.core.search import search

    desk = _desk()
    found = [skill for _, skill in search(desk.skills.load(), query)[:limit]]
    known = desk.history.evidence(found)
    if as_json:
        _print([tables.skill_row(skill, known) for skill in found])
    elif found:
        click.echo(tables.skills_table(found, known))
    else:
        click.echo(f"no skill speaks of {query!r}", err=True)


@skills.command("lint", epilog="Example: haste-run skills lint skills")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--commit", metavar="COMMIT", help="Lint what stands in a commit instead of a folder.")
@_JSON
@click.pass_context
def lint_skills(context: click.Context, folder: Path | None, commit: str | None, as_json: bool) -> None:
    """Say everything that is wrong with the skills in FOLDER (default: the workspace's); exit 1 if anything is."""
    if commit:
        repository = Workspace(find_workspace() if folder is None else folder).repository
        from haste.adapters.skill_tree import GitSkills

        found = GitSkills(repository).lint(repository.resolve(commit))
        checked = f"commit {commit}"
    else:
        from haste.adapters.skill_folders import lint_folders

        number, found = lint_folders(folder or find_workspace() / "skills")
        checked = count(number, "skill")
    if as_json:
        _print([problem.model_dump(mode="json") for problem in found])
    elif found:
        click.echo(tables.problems_text(found))
    click.echo(f"{checked}: {count(len(found), 'problem') if found else 'nothing to say'}", err=True)
    context.exit(1 if found else 0)


@skills.command("retire", epilog='Example: haste-run skills retire old-skill --reason "it hurt twice"')
@click.argument("name", required=False)
@click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the commit and in the log.")
@_JSON
def retire_skill(name: str | None, reason: str, as_json: bool) -> None:
    """Take a skill out of the tree by a commit; history keeps it. Without NAME: say which should leave, and why.

    The rules look at all decided changes that cited the skill, from two competitions or more (one for a
    competition's own skill). CONTRADICTED: after 6 changes, or 3 where it is beyond doubt, its gain has the sign
    that it denies. USELESS: after 6, following it can't remove 0.2 % of the error. RARELY KEPT: after 6, its
    changes are kept clearly more rarely than changes are. OVER THE CAP: the least useful, where a scope holds more
    than 40 global, 50 domain or 8 competition skills.

    The same rules are applied after every run and every round of a campaign, under the same review as promotions.
    What they retired comes back only when everything known by then speaks for it.
    """
    from haste.orchestration.retire import propose_retirements
    from haste.orchestration.retire_by_hand import retire_by_hand

    desk = _desk()
    if name is None:
        proposals = propose_retirements(desk.skills, desk.history, desk.reviews())
        if as_json:
            _print([proposal.model_dump(mode="json") for proposal in proposals])
        elif proposals:
            rows = [[one.skill, one.rule, one.reason] for one in proposals]
            click.echo(table(("skill", "rule", "why"), rows))
        else:
            click.echo("no skill should leave", err=True)
        return
    event = retire_by_hand(desk, name, reason)
    _print(event.model_dump(mode="json")) if as_json else click.echo(event.promotion)
    click.echo(f"{event.skill} left the tree; bring it back: haste-run rollback {event.promotion}", err=True)


@skills.command("import", epilog="Example: haste-run skills import ../other-workspace --into domains/tabular")
@click.argument("source")
@click.option(
    "--into",
    metavar="PLACE",
    help="domains/DOMAIN or competitions/ID; by default where each stood, and global ones need it.",
)
def import_skills(source: str, into: str | None) -> None:
    """Bring in skills from a folder, a git URL or another workspace, as candidates that wait for their review."""
    from haste.adapters.skill_sources import read_candidates
    from haste.orchestration import exchange

    desk, workspace = _desk(), Workspace(find_workspace())
    origin, candidates = read_candidates(source, workspace.repository, _place(into))
    done = exchange.import_skills(desk, candidates, source=origin)
    for place, problems in done.refused.items():
        click.echo(
            f"refused {tables.problems_text([place])}: {tables.problems_text(['; '.join(problems)])}", err=True
        )
    if not done.promoted:
        raise UsageError("none of them can be imported", hint="each line above says why")
    click.echo(done.branch)
    told = f"{count(len(done.promoted), 'candidate')}, {len(done.refused)} refused"
    click.echo(f"{told}; look at them: haste-run review show {done.branch}", err=True)


def _place(into: str | None) -> tuple[Scope, str] | None:
    if into is None:
        return None
    folder, _, owner = into.strip("/").partition("/")
    scopes = {scope.folder: scope for scope in (Scope.DOMAIN, Scope.COMPETITION)}
    if folder not in scopes or not owner or "/" in owner:
        raise UsageError(f"{into!r} is no place for candidates", hint="--into domains/tabular")
    return scopes[folder], owner


@skills.command("export", epilog="Example: haste-run skills export --for claude-code")
@click.option("--for", "target", type=click.Choice(["claude-code"]), default="claude-code", show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="haste-skills",
    show_default=True,
    metavar="DIR",
    help="A new or empty folder.",
)
@click.option("--domain", "domains", multiple=True, metavar="DOMAIN", help="Only these domains, besides global.")
@click.option("--limit", type=click.IntRange(1, 50), default=50, show_default=True, help="At most so many skills.")
def export_skills(target: str, out: Path, domains: tuple[str, ...], limit: int) -> None:
    """Write the skills that were kept most often as a plugin for other programs."""
    from haste import __version__
    from haste.adapters.skill_folders import write_folder
    from haste.orchestration import exchange

    desk = _desk()
    inventory = desk.skills.load()
    known = desk.history.evidence(inventory)
    chosen = exchange.select_for_export(inventory, known, domains=domains, limit=limit)
    if not chosen:
        raise UsageError("there is nothing to export", hint="haste-run skills list")
    write_folder(out, exchange.plugin_files(chosen, version=__version__))
    click.echo(str(out))
    click.echo(f"{count(len(chosen), 'skill')} for {target}; try it: claude --plugin-dir {out}", err=True)
