"""Prototypes: fundamentally different approaches, each seen on one view."""

from collections.abc import Iterator

from haste.core import actions as a
from haste.core.events import Event
from haste.core.run import RunState
from haste.ports import Ports
from haste.stages.context import context


def draft(action: a.Draft, state: RunState, ports: Ports) -> Iterator[Event]:
    """Ask the engineer for a prototype unlike those before it."""
    yield from ports.engineer.draft(state, context(state, ports), number=action.number)
