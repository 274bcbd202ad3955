"""What a plan is made for: the competition, its profile, and the packages a script may import."""

from collections.abc import Mapping
from dataclasses import dataclass

from haste.core.competition import Competition, Profile
from haste.core.metric import Metric

ALWAYS_THERE = frozenset({"lightgbm", "numpy", "pandas", "scikit-learn", "scipy", "pillow", "scikit-image"})
OPTIONAL = frozenset({"catboost", "xgboost", "torch"})


@dataclass(frozen=True)
class Problem:
    """One competition as the moves, the drafts and the templates see it."""

    competition: Competition
    profile: Profile
    packages: frozenset[str] = ALWAYS_THERE
    seconds: float = 3600.0
    """The time limit of the run: what may be begun at all depends on it."""

    @property
    def metric(self) -> Metric:
        """The competition's metric."""
        return self.competition.metric


def packages_of(hardware: Mapping[str, str]) -> frozenset[str]:
    """The packages that a run's hardware facts name, besides those that are always there."""
    named = {key.replace(":", " ").split()[-1].lower() for key in hardware if key.strip()}
    return ALWAYS_THERE | (OPTIONAL & named)
