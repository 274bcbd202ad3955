"""A plan for texts: members that each read n-grams or dense features, and how their answers become one."""

from typing import Literal

from pydantic import Field, model_validator

from haste.core.model import Frozen
from haste.engineers.offline.plan import Fits, MembersPlan, Part


class Vocabulary(Frozen):
    """Which n-grams are counted: of words (punctuation counts as words), or of characters."""

    unit: Literal["words", "characters"]
    lowest: int = Field(default=1, ge=1, le=8)
    highest: int = Field(default=2, ge=1, le=8)
    lowercase: bool = True
    rare: int = Field(default=2, ge=1, le=100)
    """N-grams in fewer rows are left out."""
    most: int = Field(default=0, ge=0)
    """At most so many n-grams, the most frequent ones; 0 is no limit."""

    @model_validator(mode="after")
    def _ordered(self) -> "Vocabulary":
        if self.highest < self.lowest:
            raise ValueError("n-grams reach from the lowest to the highest length")
        return self

    @property
    def name(self) -> str:
        """What its counts are called in a script: no two vocabularies share one."""
        case = "lower" if self.lowercase else "cased"
        parts = [self.unit, str(self.lowest), str(self.highest), case]
        parts += [f"from{self.rare}" if self.rare != 2 else "", f"most{self.most}" if self.most else ""]
        return "_".join(p for p in parts if p)


MemberKind = Literal["logistic", "ratios", "bayes", "ridge", "boosting", "kernel", "network"]

FAMILY: dict[MemberKind, str] = {
    "logistic": "linear",
    "ratios": "linear",
    "ridge": "linear",
    "bayes": "bayes",
    "boosting": "boosting",
    "kernel": "kernel",
    "network": "network",
}

FLAVOURS = ("multinomial", "complement", "bernoulli")
"""Sorts of naive Bayes."""

DENSE: frozenset[MemberKind] = frozenset({"boosting", "kernel"})
"""Members that read dense features and no n-grams."""

Block = Literal["components", "surface", "columns"]
"""Dense features: components of TF-IDF, counts on the surface of a text, and the table's other columns."""


Parameter = Literal["C", "alpha", "flavour", "rounds", "rate", "width", "epochs"]


class Member(Part):
    """One model of the plan and what it reads; `parameters` override the template's own."""

    kind: MemberKind
    reads: tuple[Vocabulary, ...] = ()
    dense: tuple[Block, ...] = ()
    parameters: dict[Parameter, float | int | str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _reads_something(self) -> "Member":
        if (self.kind in DENSE) == bool(self.reads) or not (self.reads or self.dense):
            raise ValueError(f"{self.kind} reads {'dense features alone' if self.kind in DENSE else 'n-grams'}")
        flavour = self.parameters.get("flavour", "multinomial")
        if flavour not in FLAVOURS or any(isinstance(v, str) for k, v in self.parameters.items() if k != "flavour"):
            raise ValueError(f"parameters are numbers, and a flavour is one of {', '.join(FLAVOURS)}")
        return self


class TextPlan(MembersPlan):
    """A pipeline for texts."""

    domain: Literal["text"] = "text"
    members: tuple[Member, ...] = Field(min_length=1)
    blend: Literal["mean", "stacked", "boosted"] = "mean"
    components: int = Field(default=64, ge=2, le=500)

    @property
    def fits(self) -> Fits:
        """Each member on the same folds and target is fitted once; counting n-grams is half of the work."""
        ground = self.model_dump_json(include={"seed", "inner", "target", "components"})
        return Fits(ground=ground, models=frozenset(m.model_dump_json() for m in self.members), others=0.5)

    @property
    def vocabularies(self) -> tuple[Vocabulary, ...]:
        """Every vocabulary of the plan, once."""
        return tuple(dict.fromkeys(v for member in self.members for v in member.reads))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block of dense features, once."""
        return tuple(dict.fromkeys(b for member in self.members for b in member.dense))
