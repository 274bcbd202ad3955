"""Learnings: what the run found out, with sign and bindings."""

from collections.abc import Iterator

from haste.core import actions as a
from haste.core.events import Event, LearningRecorded, StageFinished
from haste.core.run import RunState
from haste.ports import Ports
from haste.stages.context import context


def distil(_: a.Distil, state: RunState, ports: Ports) -> Iterator[Event]:
    """Ask the engineer what was found out; what a killed run had recorded already is not recorded twice."""
    skip = recorded = len(state.learnings)
    for event in ports.engineer.distil(state, context(state, ports)):
        if isinstance(event, LearningRecorded):
            if skip:
                skip -= 1
                continue
            recorded += 1
        yield event
    yield StageFinished(stage="learnings", reason=f"{recorded} learning{'' if recorded == 1 else 's'}")
