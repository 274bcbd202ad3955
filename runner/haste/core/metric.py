"""What a metric is: its name, which direction is better, and what a prediction for it looks like.

The arithmetic is scikit-learn's and lives behind the `CompetitionFiles` port; this module knows only what
decisions need.
"""

from enum import StrEnum
from typing import Literal

from haste.core.model import Frozen

Direction = Literal["maximize", "minimize"]


class PredictionKind(StrEnum):
    """What a submission's prediction columns hold."""

    VALUE = "value"
    """Real numbers, one column a target."""
    PROBABILITY = "probability"
    """Probabilities of the positive class, one column a target."""
    CLASS_PROBABILITIES = "class_probabilities"
    """One probability column a class; a row sums to one."""
    LABEL = "label"
    """A class label as it stands in the training table."""
    ORDINAL = "ordinal"
    """An integer grade whose order matters."""


class Metric(Frozen):
    """One metric. `ranking` metrics depend on the order of the predictions alone."""

    name: str
    title: str
    direction: Direction
    kind: PredictionKind
    ranking: bool = False
    aliases: tuple[str, ...] = ()

    def better(self, a: float, b: float) -> bool:
        """Whether score `a` beats score `b`."""
        return a > b if self.direction == "maximize" else a < b

    def gain(self, new: float, old: float) -> float:
        """How much better `new` is than `old`, in the metric's units: positive is better."""
        return new - old if self.direction == "maximize" else old - new


def _metrics() -> dict[str, Metric]:
    value, prob, classes, label, ordinal = (
        PredictionKind.VALUE,
        PredictionKind.PROBABILITY,
        PredictionKind.CLASS_PROBABILITIES,
        PredictionKind.LABEL,
        PredictionKind.ORDINAL,
    )
    rows: tuple[tuple[str, str, Direction, PredictionKind, bool, tuple[str, ...]], ...] = (
        ("rmse", "root mean squared error", "minimize", value, False, ("root_mean_squared_error", "mcrmse")),
        ("rmsle", "root mean squared logarithmic error", "minimize", value, False,
         ("root_mean_squared_log_error", "mean column-wise rmsle", "mcrmsle")),
        ("mae", "mean absolute error", "minimize", value, False, ("mean_absolute_error",)),
        ("mape", "mean absolute percentage error", "minimize", value, False, ()),
        ("smape", "symmetric mean absolute percentage error", "minimize", value, False, ()),
        ("mse", "mean squared error", "minimize", value, False, ("mean_squared_error",)),
        ("r2", "coefficient of determination", "maximize", value, False, ("r_squared",)),
        ("roc_auc", "area under the ROC curve", "maximize", prob, True,
         ("auc", "roc auc", "area under the roc curve")),
        ("gini", "normalized Gini coefficient", "maximize", prob, True, ("normalized_gini",)),
        ("average_precision", "average precision", "maximize", prob, True, ("pr_auc", "auprc")),
        ("brier", "Brier score", "minimize", prob, False, ("brier_score",)),
        ("binary_log_loss", "logarithmic loss", "minimize", prob, False, ()),
        ("log_loss", "multi-class logarithmic loss", "minimize", classes, False,
         ("logloss", "multi-class logarithmic loss", "cross_entropy", "mlogloss")),
        ("accuracy", "classification accuracy", "maximize", label, False, ("categorization accuracy", "micro_f1")),
        ("balanced_accuracy", "balanced accuracy", "maximize", label, False, ()),
        ("f1", "F1 of the positive class", "maximize", label, False, ("f1_score",)),
        ("macro_f1", "macro-averaged F1", "maximize", label, False, ("f1_macro",)),
        ("weighted_f1", "F1 weighted by support", "maximize", label, False, ("f1_weighted",)),
        ("mcc", "Matthews correlation coefficient", "maximize", label, False, ("matthews",)),
        ("qwk", "quadratic weighted kappa", "maximize", ordinal, False,
         ("quadratic_weighted_kappa",)),
    )  # fmt: skip
    return {
        name: Metric(name=name, title=title, direction=direction, kind=kind, ranking=ranking, aliases=aliases)
        for name, title, direction, kind, ranking, aliases in rows
    }


METRICS: dict[str, Metric] = _metrics()


def find_metric(name: str) -> Metric | None:
    """The metric called `name`, by its name or an alias, whatever the case; None if nobody knows it."""
    wanted = _spelling(name)
    return next((m for m in METRICS.values() if wanted in {_spelling(n) for n in (m.name, *m.aliases)}), None)


def _spelling(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")
