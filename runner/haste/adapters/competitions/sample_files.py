"""A made-up competition as files, laid out as MLE-bench does: `public/` for scripts, `private/` for the grade."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]


@dataclass
class Sample:
    """What a kind of sample competition is made of."""

    metric: str
    rows: Rows
    targets: tuple[str, ...]
    default: dict[str, Any]
    """Prediction columns of the sample submission and their value."""
    colliding: bool = False
    files: Callable[[Path, str, dict[str, Any]], None] | None = None
    by_time: bool = False
    by_group: bool = False
    as_json: bool = False
    without_test: bool = False


def write_sample(sample: Sample, folder: Path, train: Rows, test: Rows) -> None:
    """Write the tables, the sample submission, the answers and the description; `folder` must hold neither yet."""
    public, private = folder / "public", folder / "private"
    public.mkdir(parents=True)
    private.mkdir()
    if sample.colliding:
        train = [{**row, "id": i + 1} for i, row in enumerate(train)]
        test = [{**row, "id": i + 1} for i, row in enumerate(test)]
    for side, table in (("train", train), ("test", test)):
        for row in table if sample.files else ():
            assert sample.files is not None
            sample.files(public, side, row)
            row.pop("_file", None)
    known = [c for c in train[0] if c not in sample.targets]
    write = _write_json if sample.as_json else _write_csv
    ending = "json" if sample.as_json else "csv"
    write(public / f"train.{ending}", train, list(train[0]))
    if not sample.without_test:
        write(public / f"test.{ending}", test, known)
    submission = [{"id": row["id"], **sample.default} for row in test]
    _write_csv(public / "sample_submission.csv", submission, ["id", *sample.default])
    _write_csv(private / "answers.csv", test, ["id", *sample.targets])
    told = f"# {folder.name}\n\nA made-up competition.\n\n## Evaluation\n\nScored by `{sample.metric}`.\n"
    (public / "description.md").write_text(told, encoding="utf-8")


def _write_csv(path: Path, rows: Rows, columns: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_json(path: Path, rows: Rows, columns: Sequence[str]) -> None:
    path.write_text(json.dumps([{c: row[c] for c in columns} for row in rows]), encoding="utf-8")


def save_image(public: Path, side: str, row: dict[str, Any]) -> None:
    """A picture of the row's pixels."""
    from PIL import Image

    folder = public / f"{side}_images"
    folder.mkdir(exist_ok=True)
    Image.fromarray(row["_file"]).save(folder / f"{row['id']}.png")


def save_geometry(public: Path, side: str, row: dict[str, Any]) -> None:
    """A folder of the row's own; the two tables may use the same names."""
    folder = public / side / str(row["id"])
    folder.mkdir(parents=True)
    (folder / "geometry.xyz").write_text(row["_file"], encoding="utf-8")
