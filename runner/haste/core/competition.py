"""A competition as HASTE sees it, and what its data looks like."""

from enum import StrEnum
from typing import Literal, cast

from pydantic import Field

from haste.core.metric import METRICS, Metric
from haste.core.model import Frozen

Domain = Literal["tabular", "text", "image", "general"]
DOMAINS: tuple[Domain, ...] = ("tabular", "text", "image", "general")


Medal = Literal["gold", "silver", "bronze", "above median", "none", "unknown"]


class Medals(Frozen):
    """Thresholds on the leaderboard; a score at or beyond one has it, after rounding to 5 decimals."""

    gold: float
    silver: float
    bronze: float
    median: float | None = None

    def of(self, score: float, metric: Metric) -> Medal:
        """The medal of a score. Above the median is strictly above, as MLE-bench has it."""
        rounded = round(score, 5)
        for name, threshold in (("gold", self.gold), ("silver", self.silver), ("bronze", self.bronze)):
            if rounded == threshold or metric.better(rounded, threshold):
                return cast(Medal, name)
        above = self.median is not None and metric.better(rounded, self.median)
        return "above median" if above else "none"


class RowFiles(Frozen):
    """Files that belong to rows, e.g. `train_images/{id}.jpg`. Paths are relative to the public folder."""

    name: str
    train: str
    test: str


class Competition(Frozen):
    """Everything that `competition.toml` says or that was inferred. Paths are relative to `root`."""

    id: str
    title: str = ""
    description: str = ""
    domain: Domain | None = None
    root: str
    """The public folder: what a competitor gets."""
    train: str
    test: str
    sample: str
    metric_name: str
    id_column: str
    targets: tuple[str, ...]
    prediction_columns: tuple[str, ...]
    row_files: tuple[RowFiles, ...] = ()
    shared_files: tuple[str, ...] = ()
    """Files that belong to no row and are given to every view as they are. Never inferred: one may hold labels."""
    group_column: str | None = None
    """Rows of a group stand in one fold. `PassengerId|_` means what stands before the last `_` of that column."""
    time_column: str | None = None
    """What orders rows in time. `year+month+day` means these columns, read together."""
    medals: Medals | None = None
    answers: str | None = None
    """Absolute path of the answers; read by grading alone, never part of a view."""
    inferred: tuple[str, ...] = ()
    """What was inferred rather than stated, each with its reason."""

    @property
    def metric(self) -> Metric:
        """The competition's metric."""
        return METRICS[self.metric_name]

    def medal(self, score: float) -> Medal:
        """The medal that a score on the answers has; `unknown` where no thresholds are known."""
        return self.medals.of(score, self.metric) if self.medals else "unknown"


UNPARTED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Letters whose words no blanks part, as a regular expression's range: Thai, Lao, Burmese, Khmer, kana, Han."""


class ColumnKind(StrEnum):
    """What a column of the training table holds."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"


class ColumnProfile(Frozen):
    """One column: its kind, the share of rows where it is missing, and how many values it takes."""

    name: str
    kind: ColumnKind
    missing: float = 0.0
    unique: int = 0
    skew: float = 0.0
    mean_words: float = 0.0
    examples: tuple[str, ...] = ()
    unseen: float = 0.0
    """Share of test rows whose value never stands in the training table (categories alone)."""


class TaskKind(StrEnum):
    """What is predicted."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    ORDINAL = "ordinal"
    REGRESSION = "regression"
    MULTI_REGRESSION = "multi_regression"
    MULTILABEL = "multilabel"


class FoldPlan(Frozen):
    """How rows are held out. The plan and the seed say everything: assignments are recomputed, never stored.

    `forward` folds train on what came before and test on what follows. With a lockbox, the rows of
    `lockbox_share` are in no training table of any view and in no fold: every view predicts them.
    Without one, `repeat` 1 (the same plan under a fresh seed) serves the last choice.
    """

    kind: Literal["plain", "stratified", "grouped", "forward"]
    folds: int = 5
    seed: int = 0
    column: str | None = None
    lockbox_share: float = 0.0
    reason: str = ""


class Fold(Frozen):
    """One fold of one repeat; `full` trains on every row and predicts the test rows alone.

    With `tenth`, it trains on a tenth of its rows: a first look at what the whole would take.
    """

    repeat: int = 0
    number: int = 0
    full: bool = False
    tenth: bool = False

    @property
    def key(self) -> str:
        """Its name in file names and in tables."""
        name = "full" if self.full else f"{self.repeat}.{self.number}"
        return f"{name}.tenth" if self.tenth else name


class Profile(Frozen):
    """What the profile stage found: rows, columns, task, validation, and traits that conditions ask for."""

    rows: int
    test_rows: int
    task: TaskKind
    columns: tuple[ColumnProfile, ...]
    classes: tuple[str, ...] = ()
    """Labels in the order of the prediction columns, as strings; empty for regression."""
    class_shares: tuple[float, ...] = ()
    target_skew: float = 0.0
    target_min: float | None = None
    target_max: float | None = None
    folds: FoldPlan
    traits: dict[str, float | bool | str] = Field(default_factory=dict)
    """Facts about the data for conditions of moves and skills: `rows`, `columns`, `missing`, `metric`, …"""
    remarks: tuple[str, ...] = ()
    """What a careful engineer should know: leaks, duplicates, drift between train and test."""
