"""`haste-run competition`: look at a competition's folder, write down what it is, grade a submission for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from haste.cli.plain import clean, printable_json
from haste.cli.tables import table
from haste.core.competition import Competition
from haste.errors import CompetitionError, UsageError

if TYPE_CHECKING:
    from haste.adapters.competitions import FolderCompetitions

FOLDER = click.Path(path_type=Path)


@click.group(epilog="Example: haste-run competition check competitions/house-prices")
def competition() -> None:
    """Look at a competition, describe it, grade for it."""


@competition.command("init", epilog="Example: haste-run competition init competitions/house-prices")
@click.argument("folder", type=FOLDER)
@click.option("--force", is_flag=True, help="Write over a competition.toml that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as an object.")
def init(folder: Path, force: bool, as_json: bool) -> None:
    """Say what a folder holds, as stated or inferred, and write it to its competition.toml.

    FOLDER is a plain Kaggle folder (train.csv, test.csv, sample_submission.csv, description.md), or one with
    public/ and private/ inside, as MLE-bench prepares them.
    """
    from haste.adapters.competitions.layout import find_layout
    from haste.adapters.competitions.manifest import write_manifest

    layout = find_layout(folder)
    if layout.manifest.exists() and not force:
        raise UsageError(f"{layout.manifest} is there already", hint="look at it, or write over it with --force")
    found = _files().describe(folder)
    write_manifest(found, layout.manifest, folder=layout.folder)
    click.echo(printable_json(found.model_dump_json(indent=2)) if as_json else _described(found))
    click.echo(f"wrote {layout.manifest}", err=True)


@competition.command("check", epilog="Example: haste-run competition check competitions/house-prices")
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print an object: problems, and what was found.")
@click.pass_context
def check(context: click.Context, folder: Path, as_json: bool) -> None:
    """List everything that is wrong with a competition's folder; nothing is written."""
    try:
        found = _files().describe(folder)
    except CompetitionError as error:
        _tell_problems(error, as_json)
        context.exit(2)
    if as_json:
        click.echo(json.dumps({"problems": [], "competition": found.model_dump(mode="json")}, indent=2))
        return
    click.echo(_described(found))
    click.echo("no problems")


@competition.command("grade", epilog="Example: haste-run competition grade last")
@click.argument("folder_or_run")
@click.argument("submission", type=FOLDER, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print score and medal as an object.")
def grade(folder_or_run: str, submission: Path | None, as_json: bool) -> None:
    """Score a submission on the answers, and say which medal it would have had.

    FOLDER_OR_RUN is a competition's folder, or a finished run: its own submission is graded unless another one is
    given, and the grade goes into its log. A medal is at or beyond its threshold after rounding to 5 decimals.
    """
    if Path(folder_or_run).is_dir():
        if submission is None:
            raise UsageError("which submission?", hint=f"haste-run competition grade {folder_or_run} SUBMISSION")
        found = _files().describe(Path(folder_or_run))
        score = _files().grade(found, submission)
    else:
        from haste.cli.grading import grade_run

        found, score = grade_run(folder_or_run, submission)
    graded = {"competition": found.id, "metric": found.metric_name, "score": score, "medal": found.medal(score)}
    click.echo(json.dumps(graded, indent=2) if as_json else _graded(graded))


def _files() -> "FolderCompetitions":
    from haste.adapters.competitions import FolderCompetitions

    return FolderCompetitions(Path.cwd())


def _tell_problems(error: CompetitionError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"problems": list(error.problems), "competition": None}, indent=2))
        return
    for problem in error.problems:
        click.echo(clean(problem))
    number = len(error.problems)
    click.echo("; ".join(filter(None, [f"{number} problem{'s' if number > 1 else ''}", error.hint])), err=True)


def _graded(graded: Mapping[str, object]) -> str:
    medal = "" if graded["medal"] == "unknown" else f", medal: {graded['medal']}"
    return f"{graded['metric']} {graded['score']:.5f}{medal}"


def _described(found: Competition) -> str:
    rows = [
        ("id", found.id),
        ("title", found.title),
        ("metric", f"{found.metric_name} ({found.metric.title}, {found.metric.direction})"),
        ("tables", ", ".join((found.train, found.test, found.sample))),
        ("id column", found.id_column),
        ("targets", _short(found.targets)),
        ("predicted", _short(found.prediction_columns)),
        ("files per row", _short([f.train for f in found.row_files])),
        ("group column", found.group_column or ""),
        ("time column", found.time_column or ""),
        (
            "answers",
            found.answers
            or 'none: nothing can be graded; where there are some: answers = "FILE" in competition.toml',
        ),
    ]
    told = table(("what", "is"), [row for row in rows if row[1]])
    if not found.inferred:
        return told
    return "\n".join([told, "", "inferred:", *(f"  {clean(reason)}" for reason in found.inferred)])


def _short(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
