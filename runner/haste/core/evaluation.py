"""What goes into an evaluation and what comes out of it."""

from pathlib import Path

from haste.core.competition import Fold
from haste.core.events import Member
from haste.core.model import Frozen
from haste.core.solution import Failure, FailureKind, Limits


class View(Frozen):
    """The data as one evaluation sees it: a folder laid out like the competition's public folder."""

    fold: Fold
    folder: Path


class Task(Frozen):
    """One evaluation to run: a script over a view, with its own work folder and limits."""

    code: str
    view: View
    work: Path
    limits: Limits
    imports: tuple[str, ...] = ()
    """Heavy libraries the script wants warm, e.g. `torch`."""


class Outcome(Frozen):
    """How a script ended. `failure` is None when it exited with 0; its files are then in the work folder."""

    failure: Failure | None
    seconds: float
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    saved_seconds: float = 0.0
    """What the fits took that an earlier script had made on this view."""
    output: str = ""
    cut: bool = False
    """Whether the time of the whole batch ended it, and not a limit of its own: that says nothing against it."""


def cut(seconds: float) -> Outcome:
    """The outcome of a script that the time of its batch has ended, or kept from beginning."""
    message = f"cut after {seconds:.1f} s: the time for all of them was over"
    return Outcome(failure=Failure(kind=FailureKind.TIMED_OUT, message=message), seconds=seconds, cut=True)


class Collected(Frozen):
    """What the runner made of a script's submission: a score where the fold has labels, and a digest."""

    score: float | None
    predictions: str


class Blend(Frozen):
    """A blend chosen and scored on rows that no earlier decision used; `single` is scored on the same rows."""

    members: tuple[Member, ...]
    method: str
    score: float
    error: float | None
    single: str
    single_score: float
    single_error: float | None
    gain: float
    """Paired gain of the blend over the single best, in the metric's units."""
    gain_error: float | None
