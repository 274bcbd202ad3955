"""From a folder to a `Competition`: what `competition.toml` states, and the rest inferred, each with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from haste.adapters.competitions.checks import problems_of
from haste.adapters.competitions.layout import MANIFEST, Layout, find_layout
from haste.adapters.competitions.manifest import Stated, read_manifest
from haste.adapters.competitions.metrics_chosen import choose_metric
from haste.adapters.competitions.roles import choose_id, choose_predictions, choose_targets
from haste.adapters.competitions.rowfiles import find_row_files, left_out
from haste.adapters.competitions.source import load
from haste.adapters.competitions.structure import find_group, find_time
from haste.adapters.competitions.tables import Table, TableError, read_named
from haste.core.competition import Competition
from haste.errors import CompetitionError

T = TypeVar("T")

MADE = {"train": "train.csv", "test": "test.csv", "sample": "sample_submission.csv"}
DESCRIPTION_LIMIT = 20_000


@dataclass
class Notes:
    """What went wrong and what was inferred, while a folder is read."""

    problems: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def take(self, what: str, found: tuple[T, str] | None, otherwise: str) -> T | None:
        """An inferred value, with its reason noted; without one the problem is."""
        if found is None:
            self.problems.append(otherwise)
            return None
        value, reason = found
        if reason:
            self.reasons.append(f"{what}: {value if isinstance(value, str) else ', '.join(value)} ({reason})")  # type: ignore[arg-type]
        return value


def describe(folder: Path) -> Competition:
    """Read or infer what a folder holds. Raises CompetitionError with every problem at once."""
    layout = find_layout(folder)
    stated, problems = read_manifest(layout.manifest)
    notes = Notes(problems=problems)
    notes.problems += [f"{name} is a link out of the folder: put the file itself there" for name in layout.links]
    competition = _infer(layout, stated, notes)
    if competition is not None:
        notes.problems += problems_of(competition, load(competition)) + list(_odd_names(competition))
    if competition is None or notes.problems:
        raise CompetitionError(
            layout.id, notes.problems, hint=f"mend the files, or state what is so in {layout.manifest}"
        )
    return competition


def _odd_names(competition: Competition) -> Iterator[str]:
    """Names of files stand in prompts as they are, so that none may end its line or its quotes there."""
    patterns = (name for files in competition.row_files for name in (files.train, files.test))
    for name in (competition.train, competition.test, competition.sample, *patterns):
        if not name.isprintable() or "`" in name:
            yield f"the name {name!r} has a line break, another control character or a backtick: rename the file"


def _infer(layout: Layout, stated: Stated, notes: Notes) -> Competition | None:
    description = _description(layout)
    files = {role: _file(role, layout, stated, notes) for role in MADE}
    tables = {role: _table(layout, name, notes) for role, name in files.items()}
    train, test, sample = tables["train"], tables["test"], tables["sample"]
    if files["test"] is None and files["sample"] is None:
        notes.problems.append("neither a test table nor a sample submission: one must name the rows to predict")
    if train is None or (test is None and sample is None) or notes.problems:
        return None
    draft = _roles(stated, description, (train, test, sample), notes)
    if draft is None:
        return None
    answers = _answers(layout, stated, notes)
    draft |= {
        "id": stated.id or layout.id,
        "title": stated.title or _title(description, layout.id),
        "description": description[:DESCRIPTION_LIMIT],
        "domain": stated.domain,
        "root": str(layout.public),
        **{role: files[role] or MADE[role] for role in MADE},
        "medals": stated.medals,
        "answers": str(answers) if answers else None,
        "shared_files": _shared(layout, stated, notes),
    }
    competition = Competition.model_validate(draft)
    return _with_structure(competition, stated, layout, notes)


def _roles(
    stated: Stated, description: str, tables: tuple[Table, Table | None, Table | None], notes: Notes
) -> dict[str, object] | None:
    train, test, sample = tables
    id_column = _id_column(stated, test, sample, notes)
    if id_column is None:
        return None
    columns = stated.prediction_columns or notes.take(
        "prediction columns",
        choose_predictions(id_column, train, test, sample, stated.targets),
        "nothing to predict: no column of the sample submission is missing from the test table; "
        "state `prediction_columns`",
    )
    if columns is None:
        return None
    targets = stated.targets or notes.take(
        "target" if len(columns) == 1 else "targets",
        choose_targets(id_column, columns, train, test),
        f"no target: the training table has no column for {', '.join(columns[:5])}; state `targets`",
    )
    lacking = [name for name in targets or () if name not in train.columns]
    if lacking:
        notes.problems.append(f"target {', '.join(map(repr, lacking))} is not in the training table")
    if targets is None or lacking:
        return None
    metric = choose_metric(stated.metric, description, targets, columns, train, notes.reasons, notes.problems)
    if metric is None:
        return None
    return {
        "id_column": id_column,
        "targets": targets,
        "prediction_columns": columns,
        "metric_name": metric.name,
    }


def _id_column(stated: Stated, test: Table | None, sample: Table | None, notes: Notes) -> str | None:
    """The column that names the rows in both tables; None, with the problem noted, where none does."""
    id_column = stated.id_column or notes.take(
        "id column",
        choose_id(test, sample),
        "no column names the rows: the test table and the sample submission share none; state `id_column`",
    )
    if id_column is None:
        return None
    strangers = [
        name
        for name, table in (("test table", test), ("sample submission", sample))
        if table and id_column not in table.columns
    ]
    if strangers:
        notes.problems.append(f"id column {id_column!r} is not in the {' and the '.join(strangers)}")
        return None
    return id_column


def _with_structure(competition: Competition, stated: Stated, layout: Layout, notes: Notes) -> Competition:
    source = load(competition)
    row_files = stated.row_files
    if row_files is None:
        row_files, reasons = find_row_files(competition, source)
        notes.reasons += reasons
    time = stated.time_column
    if time is None and (found := find_time(competition, source)):
        time = notes.take("time column", found, "")
    group = stated.group_column
    if group is None and time is None and (found := find_group(competition, source)):
        group = notes.take("group column", found, "")
    notes.reasons += left_out(competition, layout, row_files)
    return competition.model_copy(
        update={
            "row_files": row_files,
            "time_column": time or None,
            "group_column": group or None,
            "inferred": tuple(notes.reasons),
        }
    )


def _file(role: str, layout: Layout, stated: Stated, notes: Notes) -> str | None:
    named = getattr(stated, role)
    if named is not None:
        return named if _inside(layout.public, named, f"`{role}`", notes) else None
    names: tuple[str, ...] = getattr(layout, role)
    if names:
        others = [n for n in names[1:] if not n.startswith(names[0])]
        if others:
            notes.reasons.append(f"{role}: {names[0]} ({', '.join(others)} set aside)")
        return names[0]
    if role == "train":
        notes.problems.append(
            f"no training table in {layout.public}: expected train.csv (or tsv, json, parquet, zipped)"
        )
    elif role == "test":
        notes.reasons.append(
            "test: the rows of the sample submission, given to scripts as test.csv (no test table)"
        )
    else:
        notes.reasons.append("sample: made out of the test table (no sample submission)")
    return None


def _inside(public: Path, name: str, what: str, notes: Notes) -> bool:
    path = (public / name).resolve()
    if not path.is_relative_to(public):
        notes.problems.append(f"{MANIFEST}: {what} {name!r} leads out of {public}")
    elif not path.is_file():
        notes.problems.append(f"{MANIFEST}: {what} {name!r} is not in {public}")
    else:
        return True
    return False


def _table(layout: Layout, name: str | None, notes: Notes) -> Table | None:
    if name is None:
        return None
    try:
        return read_named(layout.public / name)
    except TableError as error:
        notes.problems.append(error.message)
        return None


def _shared(layout: Layout, stated: Stated, notes: Notes) -> tuple[str, ...]:
    return tuple(n for n in stated.shared_files if _inside(layout.public, n, "shared file", notes))


def _answers(layout: Layout, stated: Stated, notes: Notes) -> Path | None:
    if stated.answers is None:
        return layout.answers()
    path = (layout.folder / stated.answers).resolve()
    if path.is_relative_to(layout.folder) and path.is_file():
        return path
    notes.problems.append(f"{MANIFEST}: `answers` {stated.answers!r} is not a file in {layout.folder}")
    return None


def _description(layout: Layout) -> str:
    if layout.description is None:
        return ""
    path = layout.public / layout.description
    return path.read_bytes()[: 2**20].decode("utf-8", errors="replace")


def _title(description: str, name: str) -> str:
    first = next((line for line in description.splitlines() if line.startswith("# ")), "")
    title = first.removeprefix("# ").strip()
    return title[:120] if title and title.lower() not in ("overview", "description") else name.replace("-", " ")
