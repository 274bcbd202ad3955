"""What only files can suffer: crashes, flipped bytes, other writers, full disks."""

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from haste.adapters.event_files import EventFiles
from haste.adapters.event_tail import EventTail
from haste.adapters.fakes import MemoryLog, TickingClock
from haste.core import events as e
from haste.core.stream import Problem, encode, problems_against, problems_in
from haste.errors import LogConflict, LogError
from log.story import RUN, tell_all

NOTED = e.RunFailed(reason="it rained")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "events"


@pytest.fixture
def told(folder: Path) -> Path:
    """The file of a run that was told whole."""
    log = EventFiles(folder, TickingClock())
    tell_all(log)
    log.close()
    return log.path(RUN)


def committed(data: bytes) -> Callable[[str], bytes]:
    """What a repository says that has these bytes of every stream."""
    return lambda _: data


def problems(folder: Path, stream: str = RUN) -> list[Problem]:
    return EventFiles(folder).verify(stream)


# ── crashes ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_torn_line_is_cut_off_and_told_wherever_it_was_torn(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    whole = [log.append("a/b", NOTED, expected=i) for i in range(3)]
    log.close()
    path = log.path("a/b")
    data = path.read_bytes()
    end = data[:-1].rindex(b"\n") + 1
    for cut in range(end + 1, len(data)):
        path.write_bytes(data[:cut])
        notes: list[str] = []
        again = EventFiles(folder, TickingClock(), note=notes.append)
        assert again.read("a/b") == whole[:2]
        assert [(p.line, p.position) for p in again.verify("a/b")] == [(3, 2)]
        again.append("a/b", e.RunFailed(reason="it snowed"), expected=2)
        again.close()
        assert notes == [f"stream a/b: line 3 was torn by a crash; its {cut - end} bytes were cut off"]
        assert again.verify("a/b") == []
        assert len(again.read("a/b")) == 3


def test_a_torn_line_that_was_published_is_restored_with_all_that_followed(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    whole = [log.append("a/b", NOTED, expected=i) for i in range(4)]
    log.close()
    path = log.path("a/b")
    data = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for cut in (ends[1] + 1, ends[1] + 100, ends[3] - 1):
        path.write_bytes(data[:cut])
        notes: list[str] = []
        again = EventFiles(folder, TickingClock(), note=notes.append, published=committed(data))
        assert [p.what.rpartition(", ")[2] for p in again.verify("a/b")] == [
            "restores the line as it was published"
        ]
        assert list(problems_against("a/b", path.read_bytes(), data)) == []
        again.mend("a/b")
        again.close()
        line = data[:cut].count(b"\n") + 1
        assert notes == [f"stream a/b: line {line} was torn by a crash; it was restored from what was published"]
        assert path.read_bytes() == data
        assert again.read("a/b") == whole
        assert again.verify("a/b") == []


def test_whole_lines_that_were_published_and_are_gone_are_restored(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    whole = [log.append("a/b", NOTED, expected=i) for i in range(4)]
    log.close()
    path, notes = log.path("a/b"), list[str]()
    data = path.read_bytes()
    path.write_bytes(b"".join(data.splitlines(keepends=True)[:2]))
    again = EventFiles(folder, TickingClock(), note=notes.append, published=committed(data))
    told = [problem.what for problem in problems_against("a/b", path.read_bytes(), data)]
    assert told == ["4 lines were published, this one is gone; haste-run resume restores it"]
    again.mend("a/b")
    again.mend("a/b")
    assert notes == ["stream a/b: 2 lines gone from its end were restored from what was published"]
    assert again.read("a/b") == whole
    again.append("a/b", NOTED, expected=4)
    again.mend("a/b")
    again.close()
    assert len(again.read("a/b")) == 5


def test_a_torn_line_that_is_not_the_published_one_is_cut_off(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    whole = [log.append("a/b", NOTED, expected=i) for i in range(3)]
    log.close()
    path = log.path("a/b")
    data = path.read_bytes()
    start = data[:-1].rindex(b"\n") + 1
    for published in (data[:start], data[: start + 9], b"", b'{"at":"another stream"}\n'):
        path.write_bytes(data[: start + 20])
        again = EventFiles(folder, TickingClock(), note=lambda _: None, published=committed(published))
        assert [p.what.rpartition(", ")[2] for p in again.verify("a/b")] == ["cuts them off"]
        again.mend("a/b")
        again.close()
        assert path.read_bytes() == data[:start]
        assert again.read("a/b") == whole[:2]


def test_a_killed_writer_leaves_whole_lines_and_no_lock(folder: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from haste.adapters.event_files import EventFiles\n"
        "from haste.core.events import RunFailed\n"
        "log = EventFiles(Path(sys.argv[1]))\n"
        "for i in range(10**9):\n"
        "    log.append('a/b', RunFailed(reason='x' * (i % 5000)), expected=i)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(folder)])
    log = EventFiles(folder, TickingClock())
    deadline = time.monotonic() + 60
    while len(log.read("a/b")) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(LogConflict, match=rf"a/b is being written by another process \({child.pid}\)"):
        log.append("a/b", NOTED, expected=0)
    assert log.writing_process("a/b") == child.pid
    child.send_signal(signal.SIGKILL)
    child.wait()
    count = len(log.read("a/b"))
    assert count >= 5
    log.append("a/b", NOTED, expected=count)
    assert log.verify("a/b") == []
    log.close()


@contextmanager
def room(size: int) -> Iterator[None]:
    """Files may not grow beyond `size`: what a full disk does, without filling one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_fills_leaves_whole_lines_and_the_log_goes_on_after(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    first = log.append("a/b", NOTED, expected=0)
    size = log.path("a/b").stat().st_size
    for spare in (0, 1, 100):
        with room(size + spare), pytest.raises(OSError, match=r"No space|too large"):
            log.append("a/b", NOTED, expected=1)
        assert log.path("a/b").stat().st_size == size
        with room(spare), pytest.raises(OSError, match=r"No space|too large"):
            log.put("a/b", "big.txt", b"x" * 200)
    assert log.read("a/b") == [first]
    log.append("a/b", NOTED, expected=1)
    assert log.verify("a/b") == []
    assert list(folder.rglob(".new-*")) == []
    log.close()


# ── damage ───────────────────────────────────────────────────────────────────────────────────────────


def test_any_flipped_byte_is_found_and_placed(folder: Path, told: Path) -> None:
    data = told.read_bytes()
    ends = [i for i, byte in enumerate(data) if byte == 10]
    for offset in [*range(0, len(data), 211), *ends[:-1]]:
        told.write_bytes(data[:offset] + bytes([data[offset] ^ 0x01]) + data[offset + 1 :])
        line = data[:offset].count(b"\n") + 1
        found = problems(folder)
        assert found, f"byte {offset}"
        assert found[0].line == line, f"byte {offset}"
        assert found[0].position == line - 1
        with pytest.raises(LogError, match=f"{RUN} is broken at line {line}"):
            EventFiles(folder).read(RUN)
    told.write_bytes(data[:-1] + b"\x0b")
    assert "torn" in problems(folder)[0].what


def test_every_single_bit_of_a_stream_counts() -> None:
    log = MemoryLog()
    for i in range(3):
        log.append("a/b", e.StageFinished(stage="profile", track=i, reason="ü"), expected=i)
    data = b"".join(log.lines["a/b"])
    assert list(problems_in("a/b", data)) == []
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert next(problems_in("a/b", bytes(flipped)), None), f"bit {bit}"


def test_dropped_and_moved_lines_are_found(folder: Path, told: Path) -> None:
    lines = told.read_bytes().splitlines(keepends=True)
    told.write_bytes(b"".join(lines[:4] + lines[5:]))
    first = problems(folder)[0]
    assert (first.line, first.position) == (5, 4)
    assert "position 4 was expected, 5 stands there: lines are missing or moved" in first.what
    assert {p.line for p in problems(folder)} == {5}
    told.write_bytes(b"".join([*lines[:4], lines[5], lines[4], *lines[6:]]))
    assert {p.line for p in problems(folder)} == {5, 6, 7}
    told.write_bytes(b"".join([*lines[:4], lines[3], *lines[4:]]))
    assert problems(folder)[0].line == 5


def test_a_line_changed_with_a_new_hash_breaks_the_chain_behind_it(folder: Path, told: Path) -> None:
    lines = told.read_bytes().splitlines(keepends=True)
    raw = json.loads(lines[6])
    payload = raw["payload"] | {"message": "200: fine"}
    forged = encode(RUN, 6, raw["at"], raw["prev"], raw["type"], payload)
    assert lines[6] != forged
    told.write_bytes(b"".join([*lines[:6], forged, *lines[7:]]))
    assert [(p.line, p.what) for p in problems(folder)] == [(8, "it doesn't follow the line before it")]
    with pytest.raises(LogError, match="broken at line 8"):
        EventFiles(folder).read(RUN)


def test_a_stream_under_another_name_is_told(folder: Path, told: Path) -> None:
    other = told.with_name("20260101-999999.jsonl")
    other.write_bytes(told.read_bytes())
    found = problems(folder, "toy-prices/20260101-999999")
    assert found[0].what == f"it belongs to stream {RUN}"
    with pytest.raises(LogError, match=f"it belongs to stream {RUN}"):
        EventFiles(folder).read("toy-prices/20260101-999999")


def test_a_stream_that_counts_from_elsewhere_is_not_read(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    log.append("a/b", NOTED, expected=0)
    log.close()
    raw = json.loads(log.path("a/b").read_bytes())
    log.path("a/b").write_bytes(encode("a/b", 7, raw["at"], raw["prev"], raw["type"], raw["payload"]))
    with pytest.raises(LogError, match="position 0 was expected, 7 stands there"):
        log.read("a/b")


def test_side_files_that_are_gone_or_changed_are_told_with_the_event_that_names_them(
    folder: Path, told: Path
) -> None:
    files = told.with_suffix("")
    (files / "s004.py").write_text("print('better')")
    (files / "knowledge.json").unlink()
    found = [(p.file, p.position, p.what) for p in problems(folder)]
    assert found[0] == ("knowledge.json", 3, "the file knowledge.json can't be read: No such file or directory")
    assert found[1][0] == "s004.py"
    assert found[1][2] == "the file s004.py was changed after it was written"
    assert len(found) == 2


def test_an_event_of_the_future_is_refused_with_words(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    log.append("a/b", NOTED, expected=0)
    log.close()
    raw = json.loads(log.path("a/b").read_bytes())
    line = encode("a/b", 0, raw["at"], raw["prev"], raw["type"], raw["payload"], schema=99)
    log.path("a/b").write_bytes(line)
    with pytest.raises(LogError, match="schema 99"):
        log.read("a/b")
    assert "schema 99" in problems(folder, "a/b")[0].what


# ── other writers ────────────────────────────────────────────────────────────────────────────────────


def test_a_second_writer_in_the_same_process_is_a_conflict_until_the_first_lets_go(folder: Path) -> None:
    one, other = EventFiles(folder, TickingClock()), EventFiles(folder, TickingClock())
    one.append("a/b", NOTED, expected=0)
    with pytest.raises(LogConflict, match="being written by another process"):
        other.append("a/b", NOTED, expected=1)
    other.append("a/c", NOTED, expected=0)
    one.close("a/b")
    other.append("a/b", NOTED, expected=1)
    other.close()


def test_a_writer_that_ignores_the_lock_is_noticed(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    log.append("a/b", NOTED, expected=0)
    with log.path("a/b").open("ab") as file:
        file.write(b"gatecrashed\n")
    with pytest.raises(LogConflict, match="was changed by somebody else"):
        log.append("a/b", NOTED, expected=1)
    log.close()


def test_a_stream_that_a_checkout_replaced_is_opened_anew(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    for i in range(2):
        log.append("a/b", NOTED, expected=i)
    path = log.path("a/b")
    copy = path.with_suffix(".copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)
    log.append("a/b", NOTED, expected=2)
    assert len(log.read("a/b")) == 3
    path.unlink()
    with pytest.raises(LogConflict, match="has 0 events where 3 were expected"):
        log.append("a/b", NOTED, expected=3)
    log.close()


def test_the_lock_is_not_inherited_by_what_a_run_starts(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    log.append("a/b", NOTED, expected=0)
    script = "import time; print(1, flush=True); time.sleep(30)"
    child = subprocess.Popen([sys.executable, "-c", script], close_fds=False, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"1\n"
        log.close()
        with log.path("a/b").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        child.kill()
        child.communicate()


def test_a_link_in_the_place_of_a_stream_is_not_followed(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("")
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "b.jsonl").symlink_to(target)
    with pytest.raises(OSError, match=r"symbolic links|Too many levels"):
        EventFiles(folder).append("a/b", NOTED, expected=0)
    assert target.read_text() == ""


# ── following ────────────────────────────────────────────────────────────────────────────────────────


def test_a_tail_gives_each_event_once_and_waits_for_the_end_of_a_line(folder: Path) -> None:
    log = EventFiles(folder, TickingClock())
    tail = EventTail(folder, "a/b")
    assert list(tail.new()) == []
    told = [log.append("a/b", NOTED, expected=i) for i in range(2)]
    assert list(tail.new()) == told
    assert list(tail.new()) == []
    last = log.append("a/b", NOTED, expected=2)
    log.close()
    data = log.path("a/b").read_bytes()
    os.truncate(log.path("a/b"), len(data) - 5)
    assert list(tail.new()) == []
    log.path("a/b").write_bytes(data)
    assert list(tail.new()) == [last]
