"""The workspace that a command works in, the settings it works with, and the runs that are there."""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from haste.bootstrap import Workspace
from haste.cli.plain import clean
from haste.core.events import Recorded
from haste.errors import LogError, SettingsError, UsageError, WorkspaceError
from haste.ports import EventLog
from haste.settings import Settings

CONFIG = "haste.toml"
_OTHER_VARIABLES = frozenset({"HASTE_WORKSPACE", "HASTE_COMPETITIONS"})


def find_workspace(start: Path | None = None) -> Path:
    """The folder named by `--workspace` or `HASTE_WORKSPACE`, or the one around `start`, by default this one."""
    context = click.get_current_context(silent=True)
    named = context.find_root().params.get("workspace") if context else None
    if start is None and named:
        if not (Path(named) / CONFIG).is_file():
            raise WorkspaceError(f"{named} is no workspace: it has no {CONFIG}", hint=f"haste-run init {named}")
        return Path(named).resolve()
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise WorkspaceError(
        f"no workspace in {start} or above (a folder with a {CONFIG})",
        hint="make one: haste-run init DIR, then cd DIR",
    )


def load_settings(root: Path | None, overrides: Mapping[str, object]) -> Settings:
    """Defaults ← `[run]` of haste.toml ← `HASTE_*` ← flags that were given. Every problem is told at once."""
    problems: list[str] = []
    layers = [
        (f"{CONFIG} [run]", _from_file(root, problems)),
        ("HASTE_", _from_environment(os.environ, problems)),
        ("--", {k: v for k, v in overrides.items() if v is not None}),
    ]
    values: dict[str, object] = {}
    origin: dict[str, str] = {}
    for name, layer in layers:
        values |= layer
        origin |= {key: _spelled(name, key) for key in layer}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_problem(origin, dict(detail)) for detail in error.errors()]
    if problems:
        hint = f"every setting and its default stand in the comments of a workspace's {CONFIG}"
        raise SettingsError(str(root or "of this command"), problems, hint=hint)
    return settings


def _spelled(layer: str, key: str) -> str:
    if layer == "HASTE_":
        return f"HASTE_{key.upper()}"
    return f"--{key.replace('_', '-')}" if layer == "--" else f"{layer} {key}"


def _problem(origin: Mapping[str, str], detail: Mapping[str, Any]) -> str:
    key = str(detail["loc"][0])
    place = origin.get(key, key)
    if detail["type"] == "extra_forbidden":
        close = get_close_matches(key, Settings.model_fields, n=1)
        return f"{place}: there is no such setting" + (f", did you mean {close[0]}?" if close else "")
    message = str(detail["msg"])
    if message.startswith("Input should be"):
        return f"{place} must be{message.removeprefix('Input should be')}, not {detail['input']!r}"
    return f"{place}: {message[0].lower()}{message[1:]}, not {detail['input']!r}"


def _from_file(root: Path | None, problems: list[str]) -> dict[str, object]:
    path = root / CONFIG if root else None
    if path is None or not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{CONFIG} is not TOML: {error}")
        return {}
    problems += [
        f"{CONFIG}: {key!r} is not known here, settings stand under [run]" for key in content if key != "run"
    ]
    table = content.get("run", {})
    if not isinstance(table, dict):
        problems.append(f"{CONFIG}: run must be a table: [run]")
        return {}
    return table


def _from_environment(environment: Mapping[str, str], problems: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    names = {f"HASTE_{name.upper()}": name for name in Settings.model_fields}
    for variable in sorted(environment):
        if variable in names:
            found[names[variable]] = _value(environment[variable])
        elif variable.startswith("HASTE_") and variable not in _OTHER_VARIABLES:
            close = get_close_matches(variable, names, n=1, cutoff=0.85)
            problems += [f"{variable} is no setting, did you mean {close[0]}?"] if close else []
    return found


def _value(text: str) -> object:
    """A variable's value: JSON where it is a table, else the text as it is."""
    if text.startswith("{"):
        with suppress(ValueError):
            return json.loads(text)
    return text


def run_streams(log: EventLog) -> list[str]:
    """The streams of runs, the oldest first. Those that start with `_` are of other kinds."""
    streams = [stream for stream in log.streams() if not stream.startswith("_")]
    return sorted(streams, key=lambda stream: (started(log, stream), stream))


def readable_runs(log: EventLog) -> Iterator[tuple[str, list[Recorded]]]:
    """Every run with its events, the oldest first; of one that is broken a line is told."""
    for stream in run_streams(log):
        try:
            recorded = log.read(stream)
        except LogError as error:
            click.echo(f"haste-run: left out: {clean(str(error))}", err=True)
        else:
            yield stream, recorded


def started(log: EventLog, stream: str) -> str:
    """When the first event of a stream was recorded; '' where that can't be read."""
    try:
        return next((recorded.envelope.at for recorded in log.iterate(stream)), "")
    except LogError:
        return ""


def find_run(workspace: Workspace, name: str) -> str:
    """The run called `name`: a stream's whole name, a unique beginning of it or of the run's id, or `last`."""
    runs = run_streams(workspace.log)
    if not runs:
        raise UsageError("there are no runs here yet", hint="haste-run solve FOLDER, or haste-run demo")
    return runs[-1] if name == "last" else _only(name, runs, "run", "haste-run runs list")


def find_stream(workspace: Workspace, name: str) -> str:
    """The stream called `name`, of any kind; a run may be named as in `find_run`."""
    if name == "last":
        return find_run(workspace, name)
    return _only(name, workspace.log.streams(), "stream", "haste-run events list")


def _only(name: str, streams: list[str], what: str, hint: str) -> str:
    if name in streams:
        return name
    found = [s for s in streams if s.startswith(name) or s.partition("/")[2].startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise UsageError(f"{name!r} could be {len(found)} {what}s: {shown}", hint="type more of it")
    raise UsageError(f"there is no {what} {name!r}", hint=hint)
