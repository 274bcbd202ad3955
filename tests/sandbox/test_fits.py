"""What scripts keep for those after them on the same view, and how much time that saves."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from haste.adapters.sandbox import fits
from haste.adapters.sandbox.inside.fits import FOLDER, NOTE
from haste.adapters.sandbox.pool import ProcessSandbox
from sandbox.conftest import LEVELS, level_named
from sandbox.rooms import Room, one, written

SLOW = """
import time
from joblib import Memory

memory = Memory("cache", verbose=0)


@memory.cache
def fit(x, y{more}):
    time.sleep(0.3)
    return x + y


open("submission.csv", "w").write(str(fit(1, {y})))
"""
FAILS = SLOW + "\nraise ValueError('after the fit')\n"
HANGS = SLOW + "\ntime.sleep(60)\n"


def script(code: str = SLOW, *, y: int = 2, more: str = "") -> str:
    return code.replace("{y}", str(y)).replace("{more}", more)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "room")


@pytest.fixture(scope="module", params=LEVELS[:2])
def warm(request: pytest.FixtureRequest) -> Iterator[ProcessSandbox]:
    """The levels that hold a script, with what counts the savings."""
    with closing(ProcessSandbox(level_named(request.param), imports=("joblib",))) as opened:
        yield opened


def test_the_same_fit_on_the_same_view_is_made_once(warm: ProcessSandbox, room: Room) -> None:
    first, again = room.task(script()), room.task(script())
    made, read = one(warm, first), one(warm, again)
    assert (made.failure, read.failure) == (None, None)
    assert written(first) == written(again) == "3"
    assert made.saved_seconds == 0.0
    assert read.saved_seconds >= 0.29, "what the fit slept"


def test_another_process_finds_it_too(warm: ProcessSandbox, room: Room) -> None:
    one(warm, room.task(script()))
    with closing(ProcessSandbox(level_named(warm.level), imports=("joblib",))) as other:
        read = one(other, room.task(script()))
        assert (read.failure, read.saved_seconds >= 0.29) == (None, True)
    assert one(warm, room.task(script())).saved_seconds >= 0.29, "and the first one again"


@pytest.mark.parametrize("changed", [script(y=3), script(more=", z=1")])
def test_another_fit_is_made(warm: ProcessSandbox, room: Room, changed: str) -> None:
    one(warm, room.task(script()))
    assert one(warm, room.task(changed)).saved_seconds == 0.0


def test_a_fit_on_another_view_is_made(warm: ProcessSandbox, room: Room) -> None:
    one(warm, room.task(script()))
    assert one(warm, room.task(script(), view="b")).saved_seconds == 0.0


def test_the_cache_of_another_view_is_out_of_reach(warm: ProcessSandbox, room: Room) -> None:
    one(warm, room.task(script(), view="b"))
    (kept,) = room.view("b").folder.parent.glob(".b.*")
    task = room.task(
        "import glob, os\nfrom pathlib import Path\n"
        f"places = ['input/../{kept.name}', {str(kept)!r}, '/run/haste/views/{kept.name}']\n"
        "def found(place):\n"
        "    try:\n        return os.listdir(place)\n    except OSError:\n        return []\n"
        "Path('submission.csv').write_text(repr([found(place) for place in places]))\n"
    )
    assert one(warm, task).failure is None
    assert written(task) == "[[], [], []]"


def test_a_script_that_fails_leaves_its_fits_to_its_mend(warm: ProcessSandbox, room: Room) -> None:
    assert one(warm, room.task(script(FAILS))).failure is not None
    mended = one(warm, room.task(script()))
    assert mended.failure is None
    assert mended.saved_seconds > 0.0


def test_a_script_that_ran_past_its_limit_does_no_harm(warm: ProcessSandbox, room: Room) -> None:
    assert one(warm, room.task(script(HANGS), seconds=1.5)).failure is not None
    task = room.task(script())
    assert one(warm, task).failure is None
    assert written(task) == "3"


# ── the folder ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def view(tmp_path: Path) -> Path:
    made = tmp_path / "views" / "0.0"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def work(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    (made / FOLDER).mkdir(parents=True)
    return made


@pytest.mark.parametrize("said", ["12.5", "-1", "nan", "inf", "a lot", "1" * 70])
def test_only_a_plain_number_of_seconds_is_believed(view: Path, work: Path, said: str) -> None:
    (work / FOLDER / NOTE).write_text(said)
    assert fits.put_by(work, view) == (12.5 if said == "12.5" else 0.0)


def test_what_was_said_of_the_last_script_is_not_said_of_the_next(view: Path, work: Path) -> None:
    (work / FOLDER / NOTE).write_text("3")
    assert fits.put_by(work, view) == 3.0
    fits.lay_out(view, work)
    assert fits.put_by(work, view) == 0.0


def test_a_link_in_its_place_is_not_followed(view: Path, work: Path, tmp_path: Path) -> None:
    (work / FOLDER).rmdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("k")
    (work / FOLDER).symlink_to(tmp_path / "secret")
    assert fits.put_by(work, view) == 0.0
    assert [path.name for path in view.parent.iterdir()] == [view.name]
    assert (tmp_path / "secret" / "key").read_text() == "k"


def test_one_that_has_grown_too_large_is_begun_anew(
    view: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fits, "MOST_BYTES", 2**20)
    (work / FOLDER / "fit").write_bytes(os.urandom(2 * 2**20))
    fits.put_by(work, view)
    assert not (work / FOLDER).exists()
    assert [path.name for path in view.parent.iterdir()] == [view.name]


def test_of_two_scripts_at_once_one_keeps_its_fits(view: Path, work: Path) -> None:
    (work / FOLDER / "one").touch()
    fits.put_by(work, view)
    (work / FOLDER).mkdir()
    (work / FOLDER / "other").touch()
    fits.put_by(work, view)
    fits.lay_out(view, work)
    assert [path.name for path in (work / FOLDER).iterdir()] == ["one"]
