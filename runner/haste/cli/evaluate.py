"""`haste-run eval`: how good the parts are that nobody else measures."""

import json
from collections.abc import Sequence

import click

from haste.cli.tables import table
from haste.core.learning import Learning, Verdict
from haste.core.skill import LoadedSkill
from haste.orchestration.judgements import DECISIONS, SPLITS, Judge, Report, evaluate_judge, load_labelled


@click.group(epilog="Example: haste-run eval judgements")
def evaluate() -> None:
    """Measure how well learnings are judged."""


@evaluate.command(epilog="Example: haste-run eval judgements --json")
@click.option(
    "--engineer", type=click.Choice(["offline", "claude"]), default="offline", show_default=True, help="Who judges."
)
@click.option("--wrong", is_flag=True, help="List the cases that were judged wrongly, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures and every verdict as an object.")
def judgements(engineer: str, wrong: bool, as_json: bool) -> None:
    """Judge the labelled learnings that ship with HASTE, and compare with the right answers.

    A third of the cases is held out: rules and prompts are not for tuning by it, and it is reported apart.
    """
    report = evaluate_judge(_judge_of(engineer), load_labelled())
    if as_json:
        click.echo(json.dumps(_as_json(engineer, report), indent=2))
        return
    for split in SPLITS:
        part = report.only(split)
        click.echo(_figures(f"{engineer}, {split}", part) + "\n\n" + _confusion(part) + "\n")
    if wrong:
        rows = [
            [j.case.id, j.case.answer, j.verdict.decision, j.verdict.reason] for j in report.judged if not j.right
        ]
        click.echo(table(("case", "answer", "verdict", "reason"), rows))


def _judge_of(engineer: str) -> Judge:
    """A verdict for each learning. What a model is asked stands in a stream of the workspace, as ever."""
    if engineer == "offline":
        from haste.engineers.offline.judging import judge

        return lambda learning, inventory, others: list(judge(learning, inventory, others))[-1]
    return _recorded_judge()


def _recorded_judge() -> Judge:
    from haste.bootstrap import Workspace, open_engineer
    from haste.cli.workspace import find_workspace, load_settings
    from haste.core.events import Event

    root = find_workspace()
    workspace = Workspace(root)
    claude = open_engineer(workspace, load_settings(root, {"engineer": "claude"}))
    stream = f"_evals/judgements-{workspace.clock.now():%Y%m%d-%H%M%S}"

    def judge(learning: Learning, inventory: Sequence[LoadedSkill], others: Sequence[Learning]) -> Verdict:
        verdict = Verdict(decision="skip", reason="no verdict was given")
        for answer in claude.judge(learning, inventory, others, stream=stream):
            if isinstance(answer, Verdict):
                verdict = answer
            elif isinstance(answer, Event):
                workspace.log.append(stream, answer, expected=len(workspace.log.read(stream)))
        return verdict

    return judge


def _figures(title: str, report: Report) -> str:
    right = sum(j.right for j in report.judged)
    named = f"the right skill is named in {report.right_skill:.1%} of the right verdicts that name one"
    return f"{title}: {report.accuracy:.1%} right ({right} of {len(report.judged)}); {named}"


def _confusion(report: Report) -> str:
    """Rows are the right answers, columns the verdicts."""
    counts = report.confusion
    rows = [
        [answer, *(str(counts[answer][given]) for given in DECISIONS), _share(report.recall(answer))]
        for answer in DECISIONS
    ]
    precision = ["precision", *(_share(report.precision(given)) for given in DECISIONS), ""]
    return table(("answer \\ verdict", *DECISIONS, "recall"), [*rows, precision])


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _as_json(engineer: str, report: Report) -> dict[str, object]:
    parts = {split: report.only(split) for split in SPLITS}
    return {
        "engineer": engineer,
        "splits": {
            split: {
                "cases": len(part.judged),
                "accuracy": part.accuracy,
                "right_skill": part.right_skill,
                "recall": {answer: part.recall(answer) for answer in DECISIONS},
                "precision": {given: part.precision(given) for given in DECISIONS},
                "confusion": part.confusion,
            }
            for split, part in parts.items()
        },
        "verdicts": [
            {
                "case": j.case.id,
                "split": j.case.split,
                "tags": list(j.case.tags),
                "answer": j.case.answer,
                "verdict": j.verdict.model_dump(mode="json"),
                "right": j.right,
            }
            for j in report.judged
        ],
    }
