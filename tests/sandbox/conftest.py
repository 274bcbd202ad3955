"""Sandboxes at every level that this machine has, without warm libraries unless a test wants them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from haste.adapters.sandbox.levels import Bare, Bubblewrap, Level, bubblewrap_trouble, landlock_trouble
from haste.adapters.sandbox.pool import ProcessSandbox
from sandbox.rooms import Room, names

LEVELS = ("bubblewrap", "landlock", "none")


def level_named(name: str) -> Level:
    """A level, or a skip where this machine hasn't got it."""
    trouble = {"bubblewrap": bubblewrap_trouble(), "landlock": landlock_trouble(), "none": ""}[name]
    if trouble:
        pytest.skip(f"{name}: {trouble}")
    return Bubblewrap() if name == "bubblewrap" else Bare("landlock" if name == "landlock" else "none")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return Room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module", params=LEVELS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[ProcessSandbox]:
    """Every level, held or not."""
    yield from _opened(request.param)


@pytest.fixture(scope="module", params=LEVELS[:2])
def holding(request: pytest.FixtureRequest) -> Iterator[ProcessSandbox]:
    """The levels that claim to hold a script."""
    yield from _opened(request.param)


@pytest.fixture
def disposable(sandbox: ProcessSandbox) -> Iterator[ProcessSandbox]:
    """Another sandbox at the same level, for a test that breaks or closes it."""
    yield from _opened(sandbox.level)


@pytest.fixture(scope="session")
def fresh_name() -> Iterator[str]:
    return names("hst")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that no script has any business in."""
    return tmp_path


def _opened(level: str) -> Iterator[ProcessSandbox]:
    opened = ProcessSandbox(level_named(level), imports=())
    yield opened
    opened.close()
