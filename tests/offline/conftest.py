"""A small table and the beginning of a run on it, for the engineer to answer about."""

import pytest

from haste.core.run import RunState
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
