"""Append and fold: `python benchmarks/event_log.py [EVENTS]` (1,000,000 by default).

Says events a second for appending one by one with and without a sync, for reading with every hash checked,
and for folding. What to hold the last two against is `json.loads` alone on the same bytes, measured beside it.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import TickingClock
from haste.core import events as e
from haste.core.competition import Fold
from haste.core.evolve import evolve
from haste.core.run import RunState
from haste.core.solution import Change, Solution


def a_run(log: EventFiles) -> list[e.Event]:
    """The events of a usual run's proposals and evaluations: what streams consist of."""
    events: list[e.Event] = []
    for number in range(1, 21):
        name = f"s{number:03d}"
        code = log.put("bench/one", f"{name}.py", f"# {name}\n".encode())
        change = Change(move="more-leaves", summary="twice as many leaves", parameters={"leaves": 2**number})
        solution = Solution(id=name, parent=None, change=change, code=code)
        events.append(e.SolutionProposed(solution=solution))
        events.append(
            e.EvaluationStarted(
                solution=name, folds=tuple(Fold(number=k) for k in range(5)), purpose="score", sandbox="bubblewrap"
            )
        )
        for k in range(5):
            events.append(
                e.FoldScored(
                    solution=name, fold=Fold(number=k), score=0.8 + k / 100, seconds=3.2, cpu_seconds=6.1,
                    memory_bytes=2**28, predictions="0" * 64, output="fitted in 3.1 s\n" * 3,
                )
            )  # fmt: skip
        events.append(e.SolutionScored(solution=name, score=0.82, error=0.01, folds=5))
    return events


def rate(what: str, count: int, work: Iterable[object]) -> float:
    """Run through `work`, and print how many a second that was."""
    begin = time.perf_counter()
    for _ in work:
        pass
    seconds = time.perf_counter() - begin
    print(f"{what:<28}{count / seconds:>12,.0f} events/s  {seconds:8.2f} s")
    return count / seconds


def appended(log: EventFiles, stream: str, count: int, events: list[e.Event]) -> Iterator[object]:
    for position in range(count):
        yield log.append(stream, events[position % len(events)], expected=position)


def folded(log: EventFiles, stream: str, runs: int) -> Iterator[object]:
    """A fold that begins anew with every run of the stream, as folds over a history do."""
    state = RunState()
    for one in log.iterate(stream):
        if one.envelope.position % runs == 0:
            state = RunState()
        state = evolve(state, one)
        yield state


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        quick = EventFiles(Path(folder) / "quick", TickingClock(step=0.5), sync=False)
        safe = EventFiles(Path(folder) / "safe", TickingClock(step=0.5))
        events = a_run(quick)
        few = min(count, 2_000)
        rate("append, synced", few, appended(safe, "bench/one", few, events))
        rate("append, not synced", count, appended(quick, "bench/one", count, events))
        path = quick.path("bench/one")
        print(f"{'a line':<28}{path.stat().st_size / count:>12,.0f} bytes")
        with path.open("rb") as file:
            floor = rate("json.loads alone", count, map(json.loads, file))
        read = rate("read, hashes checked", count, quick.iterate("bench/one"))
        fold = rate("read and fold", count, folded(quick, "bench/one", len(events)))
        print(f"reading is {read / floor:.2f} ×, folding {fold / floor:.2f} × the speed of json.loads alone")


if __name__ == "__main__":
    main()
