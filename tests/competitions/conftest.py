"""Sample competitions, made once a session and never changed, and the real ones where they are there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from haste.adapters.competitions.samples import make_sample

Sample = Callable[[str], Path]

# Machines that test are busy: how long an example takes says nothing.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A sample competition by kind."""
    made: dict[str, Path] = {}

    def by_kind(kind: str) -> Path:
        if kind not in made:
            made[kind] = make_sample(kind, tmp_path_factory.mktemp("samples") / kind.replace("_", "-"))
        return made[kind]

    return by_kind


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real competitions; the test is skipped where it is not there."""
    beside = Path(__file__).parents[2].parent / "shared" / "competitions"
    folder = Path(os.environ.get("HASTE_COMPETITIONS", beside))
    if not (folder / "index.json").is_file():
        pytest.skip("the real competitions are not here; HASTE_COMPETITIONS may name their folder")
    return folder
