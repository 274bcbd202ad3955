"""A plan for images: members that read pictures or features made of them, and how their answers become one."""

from typing import Literal

from pydantic import Field, model_validator

from haste.core.model import Frozen
from haste.engineers.offline.plan import MembersPlan, Part

MemberKind = Literal["network", "kernel", "boosting", "linear"]

FAMILY: dict[MemberKind, str] = {
    "network": "network",
    "kernel": "kernel",
    "boosting": "boosting",
    "linear": "linear",
}

Block = Literal["gradients", "colours", "textures", "pixels", "columns"]
"""Features: histograms of gradients, colour statistics, local patterns, the picture itself, other columns."""

Parameter = Literal["C", "rounds", "rate", "width", "epochs", "copies", "seeds"]


class Member(Part):
    """One model of the plan and the features it reads; a network reads pictures and no features."""

    kind: MemberKind
    reads: tuple[Block, ...] = ()
    parameters: dict[Parameter, float | int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _reads_something(self) -> "Member":
        if (self.kind == "network") == bool(self.reads):
            raise ValueError("a network reads pictures, every other member features")
        if any(value <= 0 for value in self.parameters.values()):
            raise ValueError("parameters are above zero")
        return self


class Changes(Frozen):
    """How training pictures are changed at random: what may differ without changing the label."""

    turn: float = Field(default=12.0, ge=0, le=180)
    """Degrees to either side."""
    shift: float = Field(default=0.08, ge=0, le=0.5)
    """Share of the picture's side."""
    zoom: float = Field(default=0.12, ge=0, le=0.5)
    mirror: bool = False
    light: float = Field(default=0.2, ge=0, le=1)
    """How much brightness and contrast may change."""
    erase: float = Field(default=0.0, ge=0, le=0.5)
    """Side of a square that is blotted out, as a share of the picture's."""


class ImagePlan(MembersPlan):
    """A pipeline for images."""

    domain: Literal["image"] = "image"
    members: tuple[Member, ...] = Field(min_length=1)
    size: int = Field(default=32, ge=16, le=512)
    """Side of the pictures that networks read, in pixels."""
    detail: int = Field(default=64, ge=16, le=256, multiple_of=4)
    """Side of the pictures that features are made of."""
    colour: bool = True
    contrast: Literal["plain", "evened"] = "plain"
    """Whether every picture is brought to the same brightness and contrast."""
    shape: Literal["plain", "residual"] = "plain"
    changes: Changes = Changes()
    smoothing: float = Field(default=0.05, ge=0, le=0.5)
    """Share of the labels' weight that is given to the other classes in training."""
    broken: Literal["refused", "black"] = "refused"
    """What a picture is that can't be read: the script's end, or a black one."""
    components: int = Field(default=100, ge=2, le=1000)
    blend: Literal["mean", "stacked"] = "mean"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block of features, once."""
        return tuple(dict.fromkeys(b for member in self.members for b in member.reads))
