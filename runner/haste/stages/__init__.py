"""One module per stage of a run: an action goes in, events come out."""

from collections.abc import Callable, Iterator
from typing import Any

from haste.core import actions as a
from haste.core.events import Event
from haste.core.run import RunState
from haste.ports import Ports
from haste.stages import distil, ensemble, evaluate, profile, prototypes, refine, submit

_STAGES: dict[type, Callable[[Any, RunState, Ports], Iterator[Event]]] = {
    a.Profile: profile.look,
    a.ChooseDomain: profile.choose_domain,
    a.LoadSkills: profile.load_skills,
    a.Draft: prototypes.draft,
    a.Evaluate: evaluate.evaluate,
    a.Debug: refine.debug,
    a.Improve: refine.improve,
    a.Decide: refine.keep_or_revert,
    a.BuildEnsemble: ensemble.build,
    a.Submit: submit.submit,
    a.Distil: distil.distil,
    a.FinishStage: submit.finish_stage,
    a.Stop: submit.stop,
    a.Finish: submit.finish,
    a.Fail: submit.fail,
}


def perform(action: a.Action, state: RunState, ports: Ports) -> Iterator[Event]:
    """Do an action. Each event is recorded before the next effect begins, so a crash loses one effect at most."""
    return _STAGES[type(action)](action, state, ports)
