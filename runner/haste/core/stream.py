"""What a line of a stream looks like: canonical JSON, chained by SHA-256. Pure: bytes in, bytes out.

A line is one object with sorted keys: `at, hash, payload, position, prev, run, schema, type`. `hash` is the
SHA-256 of the same line without its `hash`; `prev` is the hash of the line before, or 64 zeros.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from haste.core.events import SCHEMA, Event, Recorded
from haste.core.model import Frozen
from haste.core.solution import FileRef
from haste.core.upcast import MODELS, upcast
from haste.errors import LogError

GENESIS = "0" * 64
"""`prev` of the first line."""

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"
_STREAM = re.compile(rf"_?{_PART}/{_PART}(?<!\.jsonl)")
_FILE = re.compile(rf"{_PART}(/{_PART})*")
_HEAD = re.compile(rb'\{"at":"[0-9T:.+-]{32}",("hash":"([0-9a-f]{64})",)')


class Problem(Frozen):
    """Something wrong with a stream: where, and what. `line` counts from 1; 0 is about no line."""

    stream: str
    line: int = 0
    position: int | None = None
    file: str | None = None
    what: str

    def __str__(self) -> str:
        place = f" line {self.line} (position {self.position})" if self.line else ""
        return f"{self.stream}{place}: {self.what}"


def check_stream(stream: str) -> str:
    """The stream's name, if it is `<folder>/<id>` of plain characters; raises LogError for any other."""
    if not _STREAM.fullmatch(stream) or ".." in stream:
        raise LogError(
            f"{stream!r} is no name of a stream", hint="it is <competition>/<run>: letters, digits, '.', '_', '-'"
        )
    return stream


def check_file(name: str) -> str:
    """The name of a file beside a stream, if it can't lead anywhere else; raises LogError otherwise."""
    if not _FILE.fullmatch(name) or ".." in name:
        raise LogError(f"{name!r} is no name of a file beside a stream", hint="letters, digits, '.', '_', '-'")
    return name


def canonical(value: object) -> bytes:
    """The one way to write a value as JSON: sorted keys, no spaces, UTF-8. NaN and infinity raise ValueError."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def stamp(at: datetime) -> str:
    """A time as the log writes it: UTC with microseconds, always 32 characters."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def payload_of(event: Event) -> dict[str, Any]:
    """An event as plain JSON values, without its type."""
    return event.model_dump(mode="json", exclude={"type"})


def encode(
    stream: str, position: int, at: str, prev: str, kind: str, payload: dict[str, Any], schema: int = SCHEMA
) -> bytes:
    """The line of an event, newline included."""
    line = {
        "at": at, "payload": payload, "position": position, "prev": prev,
        "run": stream, "schema": schema, "type": kind,
    }  # fmt: skip
    try:
        body = canonical(line)
    except ValueError as error:
        raise LogError(
            f"stream {stream}: {kind} at position {position} holds a number that JSON has no word for: {error}",
            hint="NaN and infinity are failures, never scores",
        ) from None
    cut = body.index(b'"payload":')
    return body[:cut] + b'"hash":"%s",' % sha256(body).hexdigest().encode() + body[cut:] + b"\n"


def digest_of(line: bytes) -> tuple[str, str] | None:
    """The hash that a line claims and the one its other bytes have; None where it doesn't look like a line."""
    head = _HEAD.match(line)
    if head is None:
        return None
    start, end = head.span(1)
    found = sha256(line[:start])
    found.update(line[end:])
    return head[2].decode(), found.hexdigest()


def decode(stream: str, line: bytes, number: int, prev: str) -> Recorded:
    """The event of line `number`, counted from 1, checked against the hash before it."""
    digests = digest_of(line)
    if digests is not None and digests[0] == digests[1]:
        raw = from_json(line, allow_inf_nan=False)
        if raw["prev"] == prev and raw["position"] == number - 1 and raw["run"] == stream:
            return _recorded(stream, raw, digests[0])
    what = "; ".join(faults(stream, line, number, prev)) or "not an event's line"
    raise LogError(
        f"stream {stream} is broken at line {number} (position {number - 1}): {what}",
        hint=f"haste-run events verify {stream}",
    )


def _recorded(stream: str, raw: dict[str, Any], own_hash: str) -> Recorded:
    envelope = {
        "run": stream, "position": raw["position"], "at": raw["at"], "schema": raw["schema"], "prev": raw["prev"],
        "hash": own_hash,
    }  # fmt: skip
    try:
        kind, payload = upcast(raw["schema"], raw["type"], raw["payload"])
        return Recorded.model_validate({"envelope": envelope, "event": {**payload, "type": kind}})
    except (LogError, ValidationError) as error:
        where = f"stream {stream} line {raw['position'] + 1}"
        why = error if isinstance(error, LogError) else _why_unreadable(raw)
        raise LogError(f"{where}: {why.message}", hint=why.hint) from None


def _why_unreadable(raw: dict[str, Any]) -> LogError:
    """What this code has against an event that is intact."""
    hint = "it was written by another version of HASTE"
    kind, payload = upcast(raw["schema"], raw["type"], raw["payload"])
    if kind not in MODELS:
        return LogError(f"no event is called {kind}", hint=hint)
    try:
        MODELS[kind].model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return LogError(f"{kind} doesn't fit: {where}: {first['msg']}", hint=hint)
    return LogError(f"{kind} can't be read", hint=hint)


def faults(stream: str, line: bytes, number: int, prev: str | None) -> list[str]:
    """Everything wrong with one line. `prev` is None where the line before can't be trusted to tell."""
    digests = digest_of(line)
    try:
        raw = from_json(line, allow_inf_nan=False)
    except ValueError as error:
        return [f"not JSON: {error}"]
    if digests is None or not isinstance(raw, dict):
        return ["not an event's line"]
    found = []
    if digests[0] != digests[1]:
        found.append("its content doesn't fit its hash: it was changed after it was written")
    elif canonical(raw) != line:
        found.append("not canonical JSON")
    position = raw.get("position")
    if position != number - 1:
        found.append(f"position {number - 1} was expected, {position} stands there: lines are missing or moved")
    if raw.get("run") != stream:
        found.append(f"it belongs to stream {raw.get('run')}")
    if prev is not None and raw.get("prev") != prev:
        found.append("it doesn't follow the line before it")
    return found


def torn_bytes(data: bytes) -> int:
    """How many bytes stand behind the last whole line."""
    return len(data) - data.rfind(b"\n") - 1


def missing_end(data: bytes, published: bytes) -> bytes:
    """What was published and is gone from a stream's end; empty where something else was published, or less."""
    missing = published[len(data) :] if published.startswith(data) else b""
    return missing[: missing.rfind(b"\n") + 1]


def problems_in(stream: str, data: bytes, published: bytes = b"") -> Iterator[Problem]:
    """Every problem of a stream's bytes, in the order of the lines. `published` says what a torn line was."""
    prev: str | None = GENESIS
    moved = 0  # by how much positions run ahead of the lines, so that what is missing is told once
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        found = faults(stream, line, number + moved, prev)
        for what in found or _unreadable(stream, line):
            yield Problem(stream=stream, line=number, position=number - 1, what=what)
        moved = _position(line, number + moved - 1) - number + 1 if found else moved
        digests = digest_of(line)
        prev = digests[0] if digests else None
    if lines[-1]:
        does = "restores the line as it was published" if missing_end(data, published) else "cuts them off"
        what = f"torn: {torn_bytes(data)} bytes without an end; the next writer, or {_mender(stream)}, {does}"
        yield Problem(stream=stream, line=len(lines), position=len(lines) - 1, what=what)


def _mender(stream: str) -> str:
    """The command that goes on with a stream, and brings its end in order before."""
    return "haste-run campaign --resume" if stream.startswith("_campaigns/") else "haste-run resume"


def problems_against(stream: str, data: bytes, published: bytes) -> Iterator[Problem]:
    """Where a stream is not the published one, or that one grown longer. A chain can't see this by itself:

    a tail that was cut off whole, or lines that were written anew with new hashes.
    """
    missing = missing_end(data, published)
    if missing and torn_bytes(data):
        return  # told as a torn line, which can be restored
    ours, theirs = data.split(b"\n"), published.split(b"\n")[:-1]
    for number, line in enumerate(theirs, start=1):
        if number >= len(ours) or ours[number - 1] != line:
            short = number >= len(ours)
            gone = f"{len(theirs)} lines were published, this one is gone"
            what = (
                gone + (f"; {_mender(stream)} restores it" if missing else "")
                if short
                else "another line was published"
            )
            yield Problem(stream=stream, line=number, position=number - 1, what=what)
            return


def _position(line: bytes, otherwise: int) -> int:
    """The position that a line claims."""
    try:
        raw = from_json(line, allow_inf_nan=False)
    except ValueError:
        return otherwise
    position = raw.get("position") if isinstance(raw, dict) else None
    return position if isinstance(position, int) else otherwise


def _unreadable(stream: str, line: bytes) -> list[str]:
    """Why an intact line can't be read as an event, if it can't."""
    try:
        _recorded(stream, from_json(line, allow_inf_nan=False), "")
    except LogError as error:
        return [error.message.partition(": ")[2]]
    return []


def files_named(value: object) -> Iterator[FileRef]:
    """Every file that an event, or any part of one, names."""
    if isinstance(value, FileRef):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from files_named(getattr(value, name))
    elif isinstance(value, dict):
        yield from _of_all(value.values())
    elif isinstance(value, list | tuple):
        yield from _of_all(value)


def _of_all(values: Iterable[object]) -> Iterator[FileRef]:
    for value in values:
        yield from files_named(value)
