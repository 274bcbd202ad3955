"""What the templates need to know about a problem, in words they can test."""

from dataclasses import dataclass

from haste.core.competition import TaskKind
from haste.core.metric import PredictionKind
from haste.engineers.offline.problem import Problem


@dataclass(frozen=True)
class Facts:
    """The shape of the task: exactly the distinctions that change a script."""

    binary: bool
    """The target is 0 or 1, and models give the probability of 1."""
    multiclass: bool
    ordinal: bool
    labels: bool
    """The metric wants labels, and soft predictions are written beside them."""
    many: bool
    """More than one target column; each is fitted by itself."""
    absolute: bool
    """The metric counts absolute rather than squared errors."""

    @property
    def classifier(self) -> bool:
        """Whether models give probabilities."""
        return self.binary or self.multiclass


def facts_of(problem: Problem) -> Facts:
    """The facts of a problem."""
    task, kind = problem.profile.task, problem.metric.kind
    return Facts(
        binary=task in (TaskKind.BINARY, TaskKind.MULTILABEL),
        multiclass=task is TaskKind.MULTICLASS,
        ordinal=task is TaskKind.ORDINAL,
        labels=kind in (PredictionKind.LABEL, PredictionKind.ORDINAL),
        many=len(problem.competition.targets) > 1,
        absolute=problem.metric.name in ("mae", "mape"),
    )
