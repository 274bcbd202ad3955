"""What every event log must do. Test classes inherit it and say how to make a log."""

from collections.abc import Callable

import pytest

from haste.adapters.redact import Redactor
from haste.core import events as e
from haste.core.competition import Fold
from haste.core.evolve import rebuild
from haste.core.solution import FileRef
from haste.core.stream import GENESIS
from haste.errors import LogConflict, LogError
from haste.ports import EventLog
from log.story import RUN, Teller, tell_all, tell_run

SECRET = "correct-horse-battery"
REDACTOR = Redactor({"MY_API_KEY": SECRET, "HOME": "/home/ada"})
NOTED = e.RunFailed(reason="it rained", hint="wait")


class LogContract:
    """Inherit and give a fixture `log`, whose redactor is `REDACTOR`."""

    def test_a_stream_that_does_not_exist_is_empty(self, log: EventLog) -> None:
        assert log.read("a/b") == []
        assert list(log.iterate("a/b")) == []
        assert log.streams() == []
        assert [p.what for p in log.verify("a/b")] == ["there is no such stream"]

    def test_what_append_returns_is_what_reading_gives(self, log: EventLog) -> None:
        told = [log.append("a/b", NOTED, expected=i) for i in range(3)]
        assert log.read("a/b") == told
        assert [one.envelope.position for one in told] == [0, 1, 2]

    def test_lines_are_chained(self, log: EventLog) -> None:
        first = log.append("a/b", NOTED, expected=0)
        second = log.append("a/b", NOTED, expected=1)
        assert first.envelope.prev == GENESIS
        assert second.envelope.prev == first.envelope.hash

    def test_streams_are_apart_and_sorted(self, log: EventLog) -> None:
        for stream in ("b/one", "_skills/x", "a/two"):
            log.append(stream, NOTED, expected=0)
        assert log.streams() == sorted(["_skills/x", "a/two", "b/one"])
        assert all(one.envelope.run == "a/two" for one in log.read("a/two"))

    @pytest.mark.parametrize("expected", [0, 2, 7])
    def test_a_position_that_is_taken_or_leaves_a_gap_is_a_conflict(self, log: EventLog, expected: int) -> None:
        log.append("a/b", NOTED, expected=0)
        with pytest.raises(LogConflict, match=f"a/b has 1 events where {expected} were expected"):
            log.append("a/b", NOTED, expected=expected)
        assert len(log.read("a/b")) == 1
        log.append("a/b", NOTED, expected=1)

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_numbers_that_json_has_no_word_for_are_refused(self, log: EventLog, value: float) -> None:
        event = e.FoldScored(solution="s001", fold=Fold(), score=value, seconds=1.0, predictions="0")
        with pytest.raises(LogError, match="FoldScored at position 0"):
            log.append("a/b", event, expected=0)
        assert log.read("a/b") == []

    def test_every_event_there_is_survives(self, log: EventLog) -> None:
        positions = tell_all(log).positions
        assert {stream: len(log.read(stream)) for stream in log.streams()} == positions
        assert [log.verify(stream) for stream in log.streams()] == [[]] * len(positions)
        assert rebuild(log.iterate(RUN)).done

    def test_text_of_any_kind_survives(self, log: EventLog) -> None:
        text = 'Größe ✓ \u2028 \x00 \x1b[31m \\ " \n end'
        log.append("a/b", e.RunFailed(reason=text), expected=0)
        assert [getattr(one.event, "reason", "") for one in log.read("a/b")] == [text]

    def test_half_a_surrogate_is_no_reason_to_stop(self, log: EventLog) -> None:
        told = log.append("a/b", e.RunFailed(reason="bad \udc80 byte"), expected=0)
        assert log.read("a/b") == [told]
        assert log.verify("a/b") == []

    def test_there_is_nothing_to_mend_in_a_whole_stream(self, log: EventLog) -> None:
        log.mend("a/b")
        assert log.streams() == []
        told = log.append("a/b", NOTED, expected=0)
        log.mend("a/b")
        assert log.read("a/b") == [told]

    # ── files ────────────────────────────────────────────────────────────────────────────────────────

    def test_a_file_comes_back(self, log: EventLog) -> None:
        ref = log.put("a/b", "s001.py", b"print(1)\n\xff")
        assert log.get("a/b", ref) == b"print(1)\n\xff"
        assert log.put("a/b", "s001.py", b"print(1)\n\xff") == ref

    def test_a_file_of_another_stream_or_digest_does_not(self, log: EventLog) -> None:
        ref = log.put("a/b", "s001.py", b"print(1)")
        with pytest.raises(LogError, match=r"s001\.py can't be read"):
            log.get("a/c", ref)
        with pytest.raises(LogError, match=r"s001\.py was changed"):
            log.get("a/b", ref.model_copy(update={"sha256": "0" * 64}))

    def test_a_file_no_event_names_may_be_written_again(self, log: EventLog) -> None:
        log.put("a/b", "s001.py", b"before the crash")
        ref = log.put("a/b", "s001.py", b"after it")
        assert log.get("a/b", ref) == b"after it"

    def test_a_file_that_an_event_names_never_changes(self, log: EventLog) -> None:
        tell_run(Teller(log))
        with pytest.raises(LogError, match=r"s004\.py stands in the log with other content"):
            log.put(RUN, "s004.py", b"other")
        assert log.verify(RUN) == []

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "..",
            "../x",
            "a/../b",
            "a..b",
            "/etc/passwd",
            ".hidden",
            "a//b",
            "a/",
            "a\\b",
            "a\nb",
            "a\0b",
            "~/x",
            "x" * 300,
        ],
    )
    def test_names_that_lead_elsewhere_are_refused(self, log: EventLog, name: str) -> None:
        with pytest.raises(LogError, match="is no name"):
            log.put("a/b", name, b"")
        with pytest.raises(LogError, match="is no name"):
            log.get("a/b", FileRef(name=name, sha256="0" * 64))

    @pytest.mark.parametrize(
        "stream",
        ["", "a", "a/", "/b", "a/b/c", "../a/b", "a/..", "a/b..c", "a/.b", ".a/b", "a/b.jsonl", "a b/c"],
    )
    def test_streams_that_lead_elsewhere_are_refused(self, log: EventLog, stream: str) -> None:
        calls: list[Callable[[], object]] = [
            lambda: log.append(stream, NOTED, expected=0),
            lambda: log.put(stream, "x", b""),
            lambda: log.read(stream),
            lambda: log.get(stream, FileRef(name="x", sha256="0" * 64)),
        ]
        for call in calls:
            with pytest.raises(LogError, match="is no name of a stream"):
                call()

    def test_an_export_is_the_lines_and_every_file_they_name(self, log: EventLog) -> None:
        tell_run(Teller(log))
        log.put(RUN, "nobody-names.it", b"x")
        exported = log.export(RUN)
        lines = exported.pop(f"events/{RUN}.jsonl").split(b"\n")
        assert len(lines) == len(log.read(RUN)) + 1
        assert sorted(path.rpartition("/")[2] for path in exported) == [
            "a001.json", "knowledge.json", "q001.json", "s001.py", "s002.py", "s003.py", "s004.py", "s005.py",
        ]  # fmt: skip
        assert exported[f"events/{RUN}/s001.py"] == b"# boosting\nprint(1)\n"
        assert log.export("a/b") == {}

    # ── secrets ──────────────────────────────────────────────────────────────────────────────────────

    def test_secrets_reach_neither_lines_nor_files(self, log: EventLog) -> None:
        told = log.append(
            "a/b", e.RunFailed(reason=f"401 for {SECRET}", hint="sk-ant-api03-abcDEF_123"), expected=0
        )
        assert told.event == e.RunFailed(reason="401 for [redacted: MY_API_KEY]", hint="[redacted: anthropic key]")
        ref = log.put("a/b", "reply.txt", f"x-api-key: {SECRET}".encode())
        assert log.get("a/b", ref) == b"x-api-key: [redacted: MY_API_KEY]"

    def test_letting_go_twice_is_fine(self, log: EventLog) -> None:
        log.append("a/b", NOTED, expected=0)
        log.close("a/b")
        log.close()
        log.close()
        log.append("a/b", NOTED, expected=1)
