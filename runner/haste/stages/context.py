"""What an engineer works with, rebuilt from the log alone."""

from haste.core.knowledge import Context, Knowledge
from haste.core.run import RunState
from haste.ports import Ports


def knowledge(state: RunState, ports: Ports) -> Knowledge:
    """The skills the run loaded, as they stood when it started; none before they were loaded."""
    if state.loaded is None:
        return Knowledge()
    return Knowledge.model_validate_json(ports.log.get(state.run, state.loaded.knowledge))


def context(state: RunState, ports: Ports) -> Context:
    """The context of every question to the engineer."""
    return Context(run=state.run, knowledge=knowledge(state, ports), hardware=state.environment)
