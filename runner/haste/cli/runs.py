"""`haste-run runs`: what runs did, decided and cost, from their logs alone."""

import json
from pathlib import Path

import click

from haste.bootstrap import Workspace
from haste.cli.many_runs import COMMANDS, graded_cells
from haste.cli.plain import clean, printable, printable_json
from haste.cli.tables import table
from haste.cli.telling import count, gain_text, graded_text, score_text, seconds_text
from haste.cli.waiting import judged_in
from haste.cli.workspace import find_run, find_workspace, readable_runs
from haste.core.evolve import rebuild
from haste.projections.run_report import ProposalRow, RunReport, report_of
from haste.projections.summary import Summary, summary_of


@click.group(epilog="Example: haste-run runs show last")
def runs() -> None:
    """What runs did, decided and cost."""


for _name, _command in COMMANDS.items():
    runs.add_command(_command, _name)


@runs.command("list", epilog="Example: haste-run runs list --json")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def list_runs(as_json: bool) -> None:
    """List the workspace's runs, the oldest first."""
    log = Workspace(find_workspace()).log
    known = judged_in(log)
    found = [summary_of(rebuild(recorded), known) for _, recorded in readable_runs(log)]
    if as_json:
        click.echo(json.dumps([summary.model_dump(mode="json") for summary in found], indent=2))
    elif found:
        click.echo(table(_LIST_HEAD, [_list_row(summary) for summary in found]))
        for command in dict.fromkeys(known.command(told.run) for told in found if told.unjudged):
            click.echo(f"not judged yet; if nothing is working on it: {command}", err=True)
    else:
        click.echo("no runs yet; begin one: haste-run solve FOLDER, or haste-run demo", err=True)


_LIST_HEAD = (
    "run",
    "status",
    "score",
    "metric",
    "kept",
    "reverted",
    "failed",
    "arm",
    "engineer",
    "time",
    "graded",
    "medal",
)


def _list_row(told: Summary) -> list[str]:
    status = told.standing if told.status != "going on" else f"{told.stage} …"
    counts = [str(told.kept), str(told.reverted), str(told.failures)]
    score = score_text(told.score, told.error)
    tail = [told.arm, told.engineer, seconds_text(told.seconds), *graded_cells(told)]
    return [told.run, status, score, told.metric, *counts, *tail]


@runs.command("show", epilog="Example: haste-run runs show last")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as an object.")
def show_run(run: str, as_json: bool) -> None:
    """Show one run: score, stages, every proposal with why it was made and what became of it, failures, costs.

    RUN is a run's name, a unique beginning of it, or `last`.
    """
    workspace = Workspace(find_workspace())
    known = judged_in(workspace.log)
    report = report_of(workspace.log.iterate(find_run(workspace, run)), known)
    click.echo(printable_json(report.model_dump_json(indent=2)) if as_json else printable(report_text(report)))
    if report.summary.unjudged:
        click.echo(
            f"what it learned is not judged yet; if nothing is working on it: {known.command(report.summary.run)}",
            err=True,
        )


@runs.command("report", epilog="Example: haste-run runs report last")
@click.argument("run")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where it goes; by default under .haste/reports in the workspace.",
)
def report_run(run: str, page: Path | None) -> None:
    """Write one run as a page, a single HTML file that needs nothing else, and print where it is.

    RUN is a run's name, a unique beginning of it, or `last`.
    """
    from haste.cli.page import render

    workspace = Workspace(find_workspace())
    report = report_of(workspace.log.iterate(find_run(workspace, run)), judged_in(workspace.log))
    if page is None:
        page = workspace.root / ".haste" / "reports" / f"{report.summary.run.replace('/', '-')}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(report), encoding="utf-8")
    click.echo(str(page))


def report_text(report: RunReport) -> str:
    """A report as text."""
    parts = ["\n".join(_head(report.summary)), _stages(report)]
    if report.proposals:
        parts.append(_proposals(report.proposals))
    if report.rejected:
        parts.append("\n".join(["no proposal", *[f"  {reason}" for reason in report.rejected]]))
    if report.failures:
        parts.append("\n".join(["failures", *[f"  {_failure(row)}" for row in report.failures]]))
    if report.learnings:
        learned = [
            f"  {clean(f'{one.title} ({one.recipe.effect}, {one.tier.value}): {one.text}')}"
            for one in report.learnings
        ]
        parts.append("\n".join(["learned", *learned]))
    parts.append(_costs(report))
    return "\n\n".join(parts)


def _head(told: Summary) -> list[str]:
    title, domain = clean(told.title or told.competition), told.domain or "domain not chosen yet"
    better = {"maximize": "higher is better", "minimize": "lower is better"}.get(told.direction, "")
    lines = [
        f"{told.run}  {told.standing} after {seconds_text(told.seconds)}"
        + (f": {clean(told.reason)}" if told.reason else ""),
        f"  {title}, {domain}; engineer {told.engineer}, "
        f"arm {told.arm} ({count(told.skills, 'skill')}), seed {told.seed}",
        f"  score {score_text(told.score, told.error)} {told.metric} ({better})"
        + (f", on {told.rows}" if told.rows else ""),
    ]
    if told.members:
        lines.append("  made of " + " + ".join(f"{m.solution} × {m.weight:.2g}" for m in told.members))
    if told.submission:
        lines.append(f"  submission {told.submission} ({count(told.submission_rows or 0, 'row')})")
    if told.graded is not None:
        lines.append(f"  graded {graded_text(told.graded, told.medal)}")
    return lines


def _stages(report: RunReport) -> str:
    head = ("stage", "time", "proposals", "kept", "reverted", "failed", "usd", "why it ended")
    return table(
        head,
        [
            [
                row.stage, seconds_text(row.seconds), str(row.proposals), str(row.kept), str(row.reverted),
                str(row.failures), f"{row.usd:.4f}" if row.usd else "", row.reason,
            ]
            for row in report.stages
        ],
    )  # fmt: skip


def _proposals(rows: tuple[ProposalRow, ...]) -> str:
    head = ("solution", "from", "change", "outcome", "score", "gain", "prior", "expected", "skills", "why")
    return table(
        head,
        [
            [
                row.solution, row.mends or row.parent or "", row.move, row.outcome,
                score_text(row.score, row.error),
                gain_text(row.gain, row.gain_error), f"{row.prior:.3f}", f"{row.expected:+.3f}",
                ", ".join(row.skills), row.why or row.summary,
            ]
            for row in rows
        ],
    )  # fmt: skip


def _failure(row: ProposalRow) -> str:
    assert row.failure is not None
    last = row.failure.output.strip().splitlines()[-1:] or [""]
    return (
        f"  {row.solution} {row.move}: {row.failure.kind.value.replace('_', ' ')}: {row.failure.message} {last[0]}"
    )


def _costs(report: RunReport) -> str:
    saved = f"; fits that were kept saved {seconds_text(report.saved_seconds)}" if report.saved_seconds else ""
    lines = [f"evaluations took {seconds_text(report.evaluation_seconds)} of machine time{saved}"]
    if report.costs:
        head = ("questions", "asked", "refused", "tokens in", "tokens out", "usd", "time")
        lines.append(
            table(
                head,
                [
                    [
                        row.purpose, str(row.asked), str(row.refused), f"{row.input_tokens:,}",
                        f"{row.output_tokens:,}", f"{row.usd:.4f}", seconds_text(row.seconds),
                    ]
                    for row in report.costs
                ],
            )
        )  # fmt: skip
    return "\n".join(lines)
