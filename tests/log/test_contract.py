"""Both event logs pass the same suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import MemoryLog, TickingClock
from haste.ports import EventLog
from log.contract import REDACTOR, LogContract


class TestEventFiles(LogContract):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[EventLog]:
        log = EventFiles(tmp_path / "events", TickingClock(), redactor=REDACTOR)
        yield log
        log.close()


class TestMemoryLog(LogContract):
    @pytest.fixture
    def log(self) -> EventLog:
        return MemoryLog(redactor=REDACTOR)
