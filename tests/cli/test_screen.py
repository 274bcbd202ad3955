"""Live progress, the last screen and the board: from events alone."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from haste.adapters.fakes import FixedClock, MemoryLog, TickingClock
from haste.cli.board import Board
from haste.cli.screen import Screen, doing, next_steps
from haste.cli.telling import gain_text, graded_text, score_text, seconds_text
from haste.core import events as e
from haste.core.evolve import evolve, rebuild
from haste.core.run import RunState
from haste.settings import Settings
from log.story import FAILED, RUN, tell_all


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    log = MemoryLog(TickingClock(step=3.25))
    tell_all(log)
    return log


def console(terminal: bool, width: int = 120) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, markup=False, highlight=False)


def text(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def steps(log: MemoryLog, run: str) -> list[tuple[RunState, e.Recorded]]:
    state, found = RunState(), []
    for one in log.read(run):
        state = evolve(state, one)
        found.append((state, one))
    return found


def test_without_a_terminal_it_is_one_plain_line_an_event(log: MemoryLog) -> None:
    progress, result = console(False), console(False)
    screen = Screen(RUN, progress=progress, result=result)
    for state, one in steps(log, RUN):
        screen.show(state, one)
    lines = text(progress).splitlines()
    assert all(re.match(r" *[\d.]+ (s|min \d+ s)  \S", line) for line in lines)
    assert any("s004 log-target kept: better by +0.93" in line for line in lines)
    assert not any("fold 0.1" in line for line in lines)
    assert len(lines) == 37
    assert text(result) == ""


def test_the_last_screen_says_what_was_reached_learned_and_what_to_type(log: MemoryLog) -> None:
    progress, result = console(False), console(False)
    screen = Screen(RUN, progress=progress, result=result)
    screen.close(rebuild(log.read(RUN)))
    out = text(result)
    for words in (
        f"{RUN}  finished after",
        "8.75 ± 0.12  rmse (lower is better), on lockbox",
        "s004 log-target × 0.75",
        "1 kept, 1 reverted, 1 failed, of 5 solutions, $0.03, 1,200 output tokens",
        "A log target helps skewed prices (helps)",
        "submissions/toy.csv  (1,459 rows)",
        f"haste-run runs show {RUN}",
    ):
        assert words in out
    assert text(progress) == ""


def test_on_a_terminal_a_panel_says_how_it_stands(log: MemoryLog) -> None:
    progress, clock = console(True), FixedClock()
    screen = Screen(RUN, progress=progress, result=console(True), clock=clock)
    whole = steps(log, RUN)
    place = next(i for i, (_, one) in enumerate(whole) if isinstance(one.event, e.ChangeKept)) - 2
    for state, one in whole[:place]:
        screen.show(state, one)
    clock.advance(7)
    progress.print(screen.drawn())
    screen.stop()
    screen.stop()
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text(progress))
    for words in (
        "✓ profile  ✓ prototypes  refinement",
        "running s004 log-target",
        "(7.0 s)",
        "left",
        "rmse (lower is better)",
    ):
        assert words in plain
    assert "\x1b[?25h" in text(progress), "the cursor comes back"


@pytest.mark.parametrize("width", [20, 40, 300])
def test_it_can_be_drawn_at_any_width_and_at_every_position(log: MemoryLog, width: int) -> None:
    for run in (RUN, FAILED):
        progress = console(False, width)
        screen = Screen(run, progress=progress, result=progress)
        progress.print(screen.drawn())
        for state, one in steps(log, run):
            screen.show(state, one)
            progress.print(screen.drawn())
            screen.close(state)


def test_what_a_run_is_doing(log: MemoryLog) -> None:
    told = [doing(state, one.event) for state, one in steps(log, RUN)]
    assert told[0] == "looking at the data"
    assert "asking claude-sonnet-4-6: draft" in told
    assert "running s001 boosting on 1 view" in told
    assert "running s004 log-target, fold 0.2 is in" in told
    assert told[-1] == "done"


def test_what_to_type_next_depends_on_how_it_ended(log: MemoryLog) -> None:
    paused = RunState(run="a/b", paused="$10 are spent", exhausted={"usd": "$10 are spent"})
    assert next_steps(paused) == ["raise the limit and go on: haste-run resume a/b --max-usd 20"]
    tokens = replace(paused, settings=Settings(max_tokens=2_000_000), exhausted={"tokens": "all are spent"})
    assert next_steps(tokens) == ["raise the limit and go on: haste-run resume a/b --max-tokens 4000000"]
    nothing = replace(paused, settings=Settings(max_usd=0.0))
    assert next_steps(nothing) == ["raise the limit and go on: haste-run resume a/b --max-usd 1"]
    assert next_steps(RunState(run="a/b"))[0] == "go on: haste-run resume a/b"
    assert next_steps(rebuild(log.read(FAILED))) == [f"why it did what it did: haste-run runs show {FAILED}"]


def test_the_board_has_a_line_a_run(log: MemoryLog) -> None:
    progress = console(False, 160)
    board = Board(progress=progress, clock=FixedClock())
    for stream in log.streams():
        for state, one in steps(log, stream):
            board.show(state, one)
    lines = text(progress).splitlines()
    assert sum(line.startswith(RUN) for line in lines) == 37
    assert any(line.startswith("_campaigns/") and "round 1 finished: 1 run, 1 promoted" in line for line in lines)
    progress.print(board.drawn())
    drawn = text(progress).splitlines()[len(lines) :]
    assert [line.split()[:2] for line in drawn if line.startswith("toy-")] == [
        [RUN, "finished"], ["toy-prices/20260101-121500", "finished"], [FAILED, "failed"],
    ]  # fmt: skip
    board.close()


@pytest.mark.parametrize(
    ("score", "error", "words"),
    [
        (None, None, "–"), (0.87654321, None, "0.87654"), (0.87654, 0.0123, "0.877 ± 0.012"), (0.5, 0.0, "0.5"),
        (123456.0, 789.0, "123456 ± 789"), (8.75, 0.125, "8.75 ± 0.12"), (1e-6, 1e-12, "0.00000100 ± 0.00000000"),
    ],
)  # fmt: skip
def test_scores_have_the_decimals_that_their_error_leaves_sense_for(
    score: float | None, error: float | None, words: str
) -> None:
    assert score_text(score, error) == words


def test_figures_as_people_read_them() -> None:
    assert [seconds_text(s) for s in (0.04, 9.99, 59.6, 252, 3600, 7500)] == [
        "0.0 s", "10.0 s", "60 s", "4 min 12 s", "1 h 0 min", "2 h 5 min",
    ]  # fmt: skip
    assert [gain_text(g) for g in (None, 0.5, -0.25)] == ["", "+0.5", "-0.25"]


def test_a_medal_is_told_where_it_is_known() -> None:
    assert graded_text(0.5, "gold") == "0.5, medal: gold"
    assert graded_text(0.5, "none") == "0.5, medal: none"
    assert graded_text(0.5, "unknown") == graded_text(0.5, None) == "0.5"
