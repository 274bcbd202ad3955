"""What the policy may ask for next. Imperative; an action is done by one stage."""

from typing import Literal

from haste.core.competition import Fold
from haste.core.model import Frozen

Rows = Literal["lockbox", "fresh folds", "search folds"]
"""Which rows the last choice is made on."""


class Profile(Frozen):
    """Look at the data and choose the validation; run no model."""


class ChooseDomain(Frozen):
    """Choose the specialist for the competition."""


class LoadSkills(Frozen):
    """Load the skills of the arm."""


class Draft(Frozen):
    """Ask for prototype `number`, counted from 0."""

    number: int


class Improve(Frozen):
    """Ask for a change of `parent` on a track, at an escalation level."""

    track: int
    parent: str
    escalation: int


class Debug(Frozen):
    """Ask for a mend of a solution that failed."""

    solution: str
    track: int | None


class Evaluate(Frozen):
    """Run a solution on views. `rival` is what it is paired with for stopping early."""

    solution: str
    folds: tuple[Fold, ...]
    purpose: Literal["look", "score", "confirm", "refit"]
    rival: str | None = None


class Decide(Frozen):
    """Keep or revert a change that has been scored, or could not be."""

    solution: str
    track: int


class Stop(Frozen):
    """A budget is spent: say so in the log, and go on to what is kept back for the end."""

    budget: Literal["time", "iterations"]
    detail: str


class FinishStage(Frozen):
    """A stage, or a track of it, is done."""

    stage: Literal["profile", "prototypes", "refinement", "ensemble", "learnings"]
    track: int | None = None
    reason: str = ""


class BuildEnsemble(Frozen):
    """Blend the candidates, and keep the blend only if it beats the best of them."""

    candidates: tuple[str, ...]
    rows: Rows


class Submit(Frozen):
    """Write a submission."""

    final: bool


class Distil(Frozen):
    """Ask what the run found out."""


class Finish(Frozen):
    """Close the run."""


class Fail(Frozen):
    """Close a run that can't go on."""

    reason: str
    hint: str = ""


Action = (
    Profile
    | ChooseDomain
    | LoadSkills
    | Draft
    | Improve
    | Debug
    | Evaluate
    | Decide
    | Stop
    | FinishStage
    | BuildEnsemble
    | Submit
    | Distil
    | Finish
    | Fail
)
