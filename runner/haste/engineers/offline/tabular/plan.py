"""A plan for a table: feature steps, models, and what is done with target and predictions."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from haste.core.model import Frozen
from haste.engineers.offline.plan import Fits, Plan

StepKind = Literal[
    "date-parts",
    "date-differences",
    "cyclic-parts",
    "calendar",
    "split-strings",
    "letters-and-digits",
    "amounts",
    "titles",
    "id-groups",
    "counts",
    "missing-indicators",
    "rare-levels",
    "quality-grades",
    "totals",
    "interactions",
    "category-pairs",
    "group-statistics",
    "spatial",
    "distances",
    "clusters",
    "components",
    "text-components",
    "rolling",
    "unit-cell",
    "atoms",
    "numbers-as-categories",
    "target-means",
    "neighbour-targets",
]

SUPERVISED: frozenset[StepKind] = frozenset({"target-means", "neighbour-targets"})
"""Steps that read the target: they are made anew for every set of rows that a model is fitted on."""


class Step(Frozen):
    """One feature step. What `columns`, `parts` and `size` mean is up to the kind."""

    kind: StepKind
    columns: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    size: int = 0
    by: str = ""
    """The column whose values keep what the step makes apart; '' for all rows together."""


ModelKind = Literal[
    "lightgbm",
    "catboost",
    "xgboost",
    "extra-trees",
    "random-forest",
    "linear",
    "svm",
    "gaussian-process",
    "discriminant",
    "neighbours",
    "network",
]

FAMILY: dict[ModelKind, str] = {
    "lightgbm": "boosting",
    "catboost": "boosting",
    "xgboost": "boosting",
    "extra-trees": "forest",
    "random-forest": "forest",
    "linear": "linear",
    "svm": "kernel",
    "gaussian-process": "kernel",
    "discriminant": "linear",
    "neighbours": "neighbours",
    "network": "network",
}

ON_SCALED: frozenset[ModelKind] = frozenset(
    {"linear", "svm", "gaussian-process", "discriminant", "neighbours", "network"}
)
"""Models that measure distances or weigh columns."""
BOUND = 3.0
"""Deviations from their middle that bounded numbers are kept within."""
STOPS_ON_HELD_OUT: frozenset[ModelKind] = frozenset({"lightgbm", "catboost", "xgboost"})
"""Boosters end where held-out rows stop improving, so they can't be fitted on every row and be averaged too."""

SHARED_BY_MODELS = {"seed", "steps", "drop", "inner", "refit", "target", "scale", "bound"}
"""What every model's fit depends on; the rest of a plan is about what comes after."""

ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z_0-9]*$")]


class Model(Frozen):
    """One model of the plan; `parameters` override the template's own, `seeds` fits are averaged."""

    kind: ModelKind
    parameters: dict[ParameterName, bool | int | float | str] = Field(default_factory=dict)
    seeds: int = Field(default=1, ge=1, le=10)


class TabularPlan(Plan):
    """A pipeline for a table."""

    domain: Literal["tabular"] = "tabular"
    steps: tuple[Step, ...] = ()
    drop: tuple[str, ...] = ()
    """Columns of the table that no model sees as they are."""
    models: tuple[Model, ...] = Field(min_length=1)
    inner: int = Field(default=0, ge=0, le=10)
    """Inner folds whose models are averaged; 0 fits once on every row."""
    refit: bool = False
    """Fit what needs no held-out rows to stop on once more, on every row; the folds then only tell what it can."""
    target: Literal["plain", "log1p", "sqrt"] = "plain"
    scale: Literal["standard", "quantile", "power"] = "standard"
    bound: float = Field(default=0.0, ge=0)
    """Scaled numbers are kept within so many deviations of their middle; 0 leaves them as they are."""
    blend: Literal["mean", "fitted"] = "mean"
    decode: Literal["plain", "tuned"] = "plain"
    """How labels come from soft predictions: the likeliest class, or cut points tuned out of fold."""
    sharpen: bool = False
    """Raise probabilities to a power chosen out of fold."""
    clip: bool = False
    """Keep predictions within the range of the training targets."""

    @property
    def fits(self) -> Fits:
        """Each model on the same features, folds and target is fitted once."""
        ground = self.model_dump_json(include=SHARED_BY_MODELS)
        return Fits(ground=ground, models=frozenset(model.model_dump_json() for model in self.models))

    def has(self, kind: StepKind) -> bool:
        """Whether a step of this kind is in the plan."""
        return any(step.kind == kind for step in self.steps)

    @property
    def refitted(self) -> tuple[ModelKind, ...]:
        """The kinds that are fitted once more on every row."""
        if not self.refit or not self.inner:
            return ()
        return tuple(m.kind for m in self.models if m.kind not in STOPS_ON_HELD_OUT)

    def uses(self, kind: ModelKind) -> bool:
        """Whether a model of this kind is in the plan."""
        return any(model.kind == kind for model in self.models)
