"""Competitions as people have them, written to disk, and what the runner makes of a plan's script there."""

from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID251  (what scripts read and write)

from haste.adapters.competitions import FolderCompetitions
from haste.core.competition import Competition, Fold, Profile
from haste.core.evaluation import Collected
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.problem import ALWAYS_THERE, OPTIONAL, Problem
from haste.engineers.offline.tabular.plan import TabularPlan
from haste.engineers.offline.tabular.specialist import TabularSpecialist
from haste.settings import Settings
from offline.running import run_script

SPECIALIST = TabularSpecialist()
ROWS = 160


class Odd:
    """A competition that was written to disk, and its first fold's view."""

    def __init__(self, folder: Path, toml: str) -> None:
        (folder / "public" / "competition.toml").write_text(toml)
        (folder / "public" / "description.md").write_text("As people have them.\n")
        self.folder = folder
        self.files = FolderCompetitions(folder / "workspace")
        self.competition: Competition = self.files.describe(folder / "public")
        self.profile: Profile = self.files.profile(self.competition, Settings(folds=3))

    @property
    def problem(self) -> Problem:
        return Problem(self.competition, self.profile, ALWAYS_THERE | OPTIONAL)

    def draft(self, number: int = 0, **changed: object) -> TabularPlan:
        plan = SPECIALIST.draft(self.problem, number=number, seed=0)
        assert isinstance(plan, TabularPlan)
        return plan.model_copy(update=changed)

    def score(self, plan: Plan) -> float:
        """The score of what a plan's script answers."""
        score = self.answered(plan).score
        assert score is not None
        return score

    def answered(self, plan: Plan) -> Collected:
        """What the runner makes of a plan's script."""
        fold = Fold(number=0)
        view = self.files.view("odd/1", self.competition, self.profile, fold)
        work = self.files.work_folder("odd/1", "s001", fold)
        ran = run_script(SPECIALIST.render(plan, self.problem), view.folder, work)
        assert ran.returncode == 0, ran.stderr[-2000:]
        (work / "input").unlink()
        collected = self.files.collect("odd/1", self.competition, self.profile, fold, "s001", work)
        assert isinstance(collected, Collected), collected
        return collected


def plain(rng: np.random.Generator, rows: int = ROWS) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": np.arange(1, rows + 1), "size": rng.gamma(2, 3, rows).round(3), "weight": rng.normal(0, 1, rows)}
        | {"colour": rng.choice(["red", "grün", "blue"], rows)}
    )


def signal(frame: pd.DataFrame) -> pd.Series:
    return frame["size"] / 3 + frame["weight"] + (frame["colour"] == "red")


def thirds(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(pd.qcut(signal(frame), 3, labels=False))
