"""A small table and the beginning of a run on it, for the engineer to answer about; tables as people have them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)
import pytest

from haste.core.run import RunState
from offline.odd import Odd, plain
from offline.states import answer, begun, context, engineer, with_scored
from offline.tables import Table, make_table


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A table whose target is a number."""
    return make_table(tmp_path_factory.mktemp("engineer") / "public", "regression")


@pytest.fixture
def drafted(table: Table) -> RunState:
    """A run whose first prototype is scored on every fold."""
    state = begun(table)
    event = answer(list(engineer().draft(state, context(table), number=0)))
    return with_scored(state, event, (1.0, 1.1, 0.9))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Odd]:
    """Writes a table in two and describes it."""

    def written(
        frame: pd.DataFrame,
        sample: dict[str, Any],
        toml: str,
        *,
        name: str = "csv",
        save: Callable[[pd.DataFrame, Path], object] = lambda frame, path: frame.to_csv(path, index=False),
    ) -> Odd:
        public = tmp_path / "public"
        public.mkdir()
        cut = int(0.7 * len(frame))
        targets = [column for column in map(str, frame) if column.startswith("y")]
        save(frame[:cut], public / f"train.{name}")
        save(frame[cut:].drop(columns=targets), public / f"test.{name}")
        ids = frame["id"][cut:]
        pd.DataFrame({"id": ids} | sample).to_csv(public / "sample_submission.csv", index=False)
        told = f'id = "odd"\nid_column = "id"\ntargets = {targets}\n'
        return Odd(tmp_path, told.replace("'", '"') + f'train = "train.{name}"\ntest = "test.{name}"\n' + toml)

    return written


@pytest.fixture
def frame() -> pd.DataFrame:
    return plain(np.random.default_rng(0))
