"""Old logs replay for ever."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from haste.adapters.event_files import EventFiles
from haste.core.events import SCHEMA, Envelope, FoldScored
from haste.core.evolve import rebuild
from haste.core.stream import encode, payload_of
from haste.core.upcast import MODELS, Payload, upcast
from haste.errors import LogError
from haste.projections.run_report import report_of
from haste.projections.summary import summary_of
from log.story import FAILED, PLAIN, RUN, tell_all

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = sorted(int(folder.name.removeprefix("schema-")) for folder in GOLDEN.iterdir())


def golden(schema: int) -> EventFiles:
    return EventFiles(GOLDEN / f"schema-{schema}")


def test_every_schema_so_far_has_golden_streams() -> None:
    assert list(range(1, SCHEMA + 1)) == SCHEMAS


@pytest.mark.parametrize("schema", SCHEMAS)
def test_golden_streams_are_whole_and_were_never_edited(schema: int) -> None:
    log = golden(schema)
    assert [problem for stream in log.streams() for problem in log.verify(stream)] == []
    heads = {stream: log.read(stream)[-1].envelope.hash for stream in log.streams()}
    assert heads == json.loads((GOLDEN / f"schema-{schema}" / "heads.json").read_text())


@pytest.mark.parametrize("schema", SCHEMAS)
def test_golden_streams_fold_to_what_happened(schema: int) -> None:
    log = golden(schema)
    told = summary_of(rebuild(log.iterate(RUN)))
    assert (told.score, told.error, told.rows, told.medal) == (8.75, 0.125, "lockbox", "silver")
    assert (told.kept, told.reverted, told.failures, told.solutions) == (1, 1, 1, 5)
    assert [m.solution for m in told.members] == ["s004", "s003"]
    assert told.status == "finished"
    assert summary_of(rebuild(log.iterate(PLAIN))).score == 10.1
    assert summary_of(rebuild(log.iterate(FAILED))).status == "failed"
    assert len(report_of(log.iterate(RUN)).proposals) == 5


def test_every_event_type_is_in_the_golden_streams() -> None:
    log = golden(SCHEMA)
    there = {type(one.event).__name__ for stream in log.streams() for one in log.iterate(stream)}
    assert there == set(MODELS)


def test_every_golden_line_round_trips_byte_for_byte() -> None:
    log = golden(SCHEMA)
    for stream in log.streams():
        lines = log.path(stream).read_bytes().splitlines(keepends=True)
        for line, one in zip(lines, log.iterate(stream), strict=True):
            envelope = one.envelope
            again = encode(
                stream,
                envelope.position,
                envelope.at,
                envelope.prev,
                type(one.event).__name__,
                payload_of(one.event),
            )
            assert again == line


def test_no_payload_field_hides_behind_the_envelope() -> None:
    envelope = {field.alias or name for name, field in Envelope.model_fields.items()} | {"payload", "type"}
    assert envelope == {"run", "position", "at", "schema", "prev", "hash", "payload", "type"}
    assert all("type" in model.model_fields for model in MODELS.values())
    assert all(name == model.__name__ for name, model in MODELS.items())


def test_the_story_is_what_was_written(tmp_path: Path) -> None:
    """The story may grow only together with new golden streams."""
    log = EventFiles(tmp_path)
    assert tell_all(log).positions == {s: len(golden(SCHEMA).read(s)) for s in golden(SCHEMA).streams()}
    for stream in log.streams():
        ours = [payload_of(one.event) for one in log.iterate(stream)]
        assert ours == [payload_of(one.event) for one in golden(SCHEMA).iterate(stream)]


# ── upcasting ────────────────────────────────────────────────────────────────────────────────────────


def test_upcasters_lead_from_each_schema_to_the_next() -> None:
    def split(payload: Payload) -> tuple[str, Payload]:
        return "Rained", {"where": payload["place"], "drops": 1}

    def count(payload: Payload) -> tuple[str, Payload]:
        return "Rained", payload | {"drops": payload["drops"] + 1}

    steps = {(1, "Weather"): split, (3, "Rained"): count}
    old = {"place": "Ulm"}
    assert upcast(1, "Weather", old, upcasters=steps, current=4) == ("Rained", {"where": "Ulm", "drops": 2})
    assert upcast(4, "Weather", old, upcasters=steps, current=4) == ("Weather", old)
    assert old == {"place": "Ulm"}


def test_a_score_of_schema_1_was_saved_nothing() -> None:
    scored = [one.event for one in golden(1).iterate(RUN) if isinstance(one.event, FoldScored)]
    assert scored
    assert {event.saved_seconds for event in scored} == {0.0}


@pytest.mark.parametrize("schema", [0, -1, SCHEMA + 1])
def test_a_schema_nobody_knows_is_refused(schema: int) -> None:
    with pytest.raises(LogError, match=f"schema {schema}"):
        upcast(schema, "RunFailed", {})


def test_digests_of_side_files_are_those_of_their_bytes() -> None:
    for schema in SCHEMAS:
        data = (GOLDEN / f"schema-{schema}" / f"{RUN}/s004.py").read_bytes()
        assert sha256(data).hexdigest() in (GOLDEN / f"schema-{schema}" / f"{RUN}.jsonl").read_text()
