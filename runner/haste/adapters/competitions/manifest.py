"""`competition.toml`: what a person states about a competition. All of it is optional and beats inference."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from haste.adapters.competitions.layout import MANIFEST
from haste.core.competition import Competition, Domain, Medals, RowFiles

MAX_BYTES = 2**20


class Stated(BaseModel):
    """The keys of `competition.toml`. File names are relative to the public folder, `answers` to the folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    title: str | None = None
    domain: Domain | None = None
    metric: str | None = None
    id_column: str | None = None
    targets: tuple[str, ...] | None = Field(default=None, min_length=1)
    prediction_columns: tuple[str, ...] | None = Field(default=None, min_length=1)
    group_column: str | None = None
    time_column: str | None = None
    train: str | None = None
    test: str | None = None
    sample: str | None = None
    answers: str | None = None
    row_files: tuple[RowFiles, ...] | None = None
    shared_files: tuple[str, ...] = ()
    medals: Medals | None = None


def read_manifest(path: Path) -> tuple[Stated, list[str]]:
    """What is stated, and what is wrong with how it is stated."""
    if not path.exists():
        return Stated(), []
    try:
        if path.stat().st_size > MAX_BYTES:
            return Stated(), [f"{MANIFEST} is larger than {MAX_BYTES // 2**20} MiB"]
        loaded = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Stated(), [f"{MANIFEST} can't be read: {error}"]
    try:
        return Stated.model_validate(loaded), []
    except ValidationError as error:
        return Stated(), [_problem(dict(one)) for one in error.errors()]


def write_manifest(competition: Competition, path: Path, *, folder: Path) -> None:
    """Write everything that is known of a competition, with the reasons for what was inferred as comments."""
    root = Path(competition.root)
    answers = Path(competition.answers) if competition.answers else None
    values: dict[str, Any] = {
        "id": competition.id,
        "title": competition.title,
        "domain": competition.domain,
        "metric": competition.metric_name,
        "id_column": competition.id_column,
        "targets": competition.targets,
        "prediction_columns": competition.prediction_columns,
        "group_column": competition.group_column,
        "time_column": competition.time_column,
        "train": competition.train,
        "test": competition.test if (root / competition.test).exists() else None,
        "sample": competition.sample if (root / competition.sample).exists() else None,
        "answers": str(answers.relative_to(folder)) if answers and answers.is_relative_to(folder) else None,
        "shared_files": competition.shared_files or None,
    }
    lines = [f"# {' '.join(reason.split())}" for reason in competition.inferred]
    lines += [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    for files in competition.row_files:
        lines += ["", "[[row_files]]", *(f"{k} = {_toml(v)}" for k, v in files.model_dump().items())]
    if competition.medals:
        medals = competition.medals.model_dump(exclude_none=True)
        lines += ["", "[medals]", *(f"{key} = {_toml(value)}" for key, value in medals.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: object) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _problem(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = ", ".join(Stated.model_fields)
        return f"{MANIFEST}: there is no key `{where}`; known keys are {known}"
    return f"{MANIFEST}: `{where}`: {error['msg']}"
