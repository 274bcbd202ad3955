"""The loop. Starting and resuming are the same call; the log is the only state there is."""

from collections.abc import Callable

from haste.core.events import Event, Recorded, RunResumed
from haste.core.evolve import evolve, rebuild
from haste.core.policy import decide
from haste.core.run import RunState
from haste.ports import Ports
from haste.stages import perform

Listener = Callable[[RunState, Recorded], None]


def run_to_end(run: str, ports: Ports, listen: Listener = lambda _state, _recorded: None) -> RunState:
    """Go on with a run from wherever its log ends, until it is finished, has failed or is paused.

    Raises LogConflict when another process works on the same run, LogError when its log is broken.
    """
    state = rebuild(ports.log.read(run))
    while not state.finished:
        for event in perform(decide(state), state, ports):
            recorded = ports.log.append(run, event, expected=state.position)
            state = evolve(state, recorded)
            listen(state, recorded)
    return state


def record(run: str, event: Event, ports: Ports) -> RunState:
    """Append one event that no policy decides: a start, a resumption, a grade."""
    state = rebuild(ports.log.read(run))
    return evolve(state, ports.log.append(run, event, expected=state.position))


def resume(
    run: str, ports: Ports, raised: dict[str, float], listen: Listener = lambda _state, _recorded: None
) -> RunState:
    """Say that a stopped run goes on, with budgets raised to these values, and go on."""
    ports.log.mend(run)
    state = rebuild(ports.log.read(run))
    if not state.done and state.failed is None:
        record(run, RunResumed(environment=dict(ports.environment), raised=raised), ports)
    return run_to_end(run, ports, listen)
