"""Solutions, the changes that make them, what they scored and how they fail."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from haste.core.model import Frozen


class FileRef(Frozen):
    """A file beside a stream: its name there and the SHA-256 of its bytes."""

    name: str
    sha256: str


class FailureMode(StrEnum):
    """The taxonomy of why a solution is not better yet (arXiv 2606.30911, section 3)."""

    UNDERFITTING = "UNDERFITTING"
    OVERFITTING = "OVERFITTING"
    FEATURE_GAP = "FEATURE_GAP"
    NOISE_CEILING = "NOISE_CEILING"
    DISTRIBUTION_MISMATCH = "DISTRIBUTION_MISMATCH"
    DIMINISHING_RETURNS = "DIMINISHING_RETURNS"


class Reason(Frozen):
    """Why a proposal was made: the catalogue's prior, what evidence moved it, and which skills brought that."""

    prior: float = 0.0
    expected: float = 0.0
    skills: tuple[str, ...] = ()
    text: str = ""


class Change(Frozen):
    """What makes a solution out of its parent. `move` is the catalogue's name, or a short slug of Claude's."""

    move: str
    summary: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    level: int = 0
    """Escalation: 0 tuning and small changes, 1 features, 2 models and structure."""


class Solution(Frozen):
    """A script with a parent. `id` is `s001`, `s002`, … in the order of proposal."""

    id: str
    parent: str | None
    change: Change
    code: FileRef
    plan: dict[str, Any] | None = None
    """The typed plan the script was rendered from, where the engineer has one."""
    approach: str = ""
    """The family of the approach, e.g. `boosting`: prototypes differ in it, ensembles mix it."""
    diagnosis: FailureMode | None = None
    reason: Reason = Reason()
    mends: str | None = None
    """The failed solution that this one is a mend of."""

    @property
    def is_fresh(self) -> bool:
        """Whether it is a prototype that nothing was changed in, in no earlier run either."""
        return self.parent is None and self.change.move != REMEMBERED_PLAN


KNOWN_MOVES = "known-moves"
"""The name of a change that makes several moves at once, each of them told of by a skill."""
REMEMBERED_PLAN = "remembered-plan"
"""The name of what a prototype does that starts from the best plan of an earlier run."""


class FailureKind(StrEnum):
    """Every way in which an evaluation can fail."""

    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_MANY_PROCESSES = "too_many_processes"
    TOO_LARGE = "too_large"
    NO_SUBMISSION = "no_submission"
    WRONG_COLUMNS = "wrong_columns"
    WRONG_ROWS = "wrong_rows"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    CONSTANT = "constant"
    COPIED_SAMPLE = "copied_sample"
    SANDBOX_BROKE = "sandbox_broke"


class Failure(Frozen):
    """A typed failure and what the engineer needs in order to mend it."""

    kind: FailureKind
    message: str
    output: str = ""
    """The end of what the script printed, at most 4,000 characters."""


class Limits(Frozen):
    """What one evaluation may use. Seconds, bytes and counts."""

    seconds: float = 600.0
    memory_bytes: int = 8 * 2**30
    processes: int = 64
    file_bytes: int = 2 * 2**30
    threads: int = 2
