"""Clocks, real and obedient."""

import subprocess
import sys
from datetime import timedelta

import pytest

from haste.adapters.clock import SystemClock
from haste.adapters.fakes import EPOCH, FixedClock, TickingClock
from haste.core.stream import stamp
from haste.ports import Clock


@pytest.mark.parametrize("clock", [SystemClock(), FixedClock(), TickingClock()])
def test_time_is_utc_and_never_runs_backwards(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now() <= clock.now()
    assert clock.monotonic() <= clock.monotonic()
    assert len(stamp(clock.now())) == 32


def test_a_fixed_clock_goes_on_when_it_is_told_and_a_ticking_one_at_every_look() -> None:
    fixed, ticking = FixedClock(), TickingClock(step=0.5)
    assert fixed.now() == fixed.now() == EPOCH
    fixed.advance(2)
    assert (fixed.now() - EPOCH, fixed.monotonic()) == (timedelta(seconds=2), 2.0)
    assert [(ticking.now() - EPOCH).total_seconds() for _ in range(3)] == [0.5, 1.0, 1.5]


def test_a_time_of_another_zone_is_written_as_utc() -> None:
    code = (
        "from datetime import datetime\nfrom haste.core.stream import stamp\n"
        "print(stamp(datetime.fromisoformat('2026-03-29T12:00:00+09:00')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "2026-03-29T03:00:00.000000+00:00\n"
