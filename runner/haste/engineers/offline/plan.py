"""What a plan is: a typed pipeline, frozen, from which a script is rendered. Each domain has its own sort."""

import hashlib
import json
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from haste.core.competition import Domain
from haste.core.model import Frozen


class Fits(Frozen):
    """What a script fits, as far as it is kept for the next one: models, and what they have in common."""

    ground: str
    models: frozenset[str]
    others: float = 0.15
    """The share of a script's time that goes into other things, and is spent anew each time."""


class Plan(Frozen):
    """What every domain's plan knows. `approach` is the family of its leading model, e.g. `boosting`."""

    domain: Domain
    approach: str
    seed: int = 0

    def dump(self) -> dict[str, Any]:
        """The plan as JSON holds it: what is kept in the log and in a skill's recipe."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """Equal for plans that make the same script."""
        return hashlib.sha256(json.dumps(self.dump(), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def fits(self) -> Fits | None:
        """What a script of this plan fits that one after it need not fit again; None where nothing is kept."""
        return None


class Part(Frozen):
    """One model of a plan, by its kind."""

    kind: str


class MembersPlan(Plan):
    """What the plans for images and texts share: members, and how their answers become one."""

    members: tuple[Part, ...] = Field(min_length=1)
    inner: int = Field(default=0, ge=0, le=20)
    """Inner folds for what is learned from held-out predictions; 0 needs none."""
    blend: str = "mean"
    """Members' answers averaged, or weighed by a model of their held-out answers."""
    penalty: float = Field(default=0.05, gt=0)
    """Inverse strength of the stack's regularization."""
    target: Literal["plain", "log1p"] = "plain"
    decode: Literal["plain", "tuned"] = "plain"
    clip: bool = False
    sharpen: ClassVar[bool] = False

    @model_validator(mode="after")
    def _held_out(self) -> Self:
        if self.inner < 2 and (self.blend != "mean" or self.decode == "tuned"):
            raise ValueError("a stack and a tuned decision need inner folds")
        return self

    def uses(self, kind: str) -> bool:
        """Whether a member of this kind is in the plan."""
        return any(member.kind == kind for member in self.members)
