"""A script can be written for every metric that a competition may have, in every way that a plan may end."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from haste.core.metric import METRICS, PredictionKind
from haste.engineers.offline.tabular.plan import TabularPlan
from haste.engineers.offline.tabular.specialist import TabularSpecialist
from offline.tables import make_table

SPECIALIST = TabularSpecialist()
TASKS = {
    PredictionKind.VALUE: ("regression", "many"),
    PredictionKind.PROBABILITY: ("binary",),
    PredictionKind.CLASS_PROBABILITIES: ("probabilities",),
    PredictionKind.LABEL: ("accuracy", "multiclass"),
    PredictionKind.ORDINAL: ("ordinal",),
}


@pytest.mark.parametrize("kind", list(TASKS))
def test_every_metric_has_its_script(kind: PredictionKind, tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for task in TASKS[kind]:
        table = make_table(tmp_path / task, task)
        for metric in (name for name, one in METRICS.items() if one.kind is kind):
            competition = table.competition.model_copy(update={"metric_name": metric})
            problem = replace(table.problem, competition=competition)
            for number in range(3):
                plan = SPECIALIST.draft(problem, number=number, seed=0)
                assert isinstance(plan, TabularPlan)
                for decode in ("plain", "tuned"):
                    code = SPECIALIST.render(plan.model_copy(update={"decode": decode}), problem)
                    (scripts / f"{task}_{metric}_{number}_{decode}.py").write_text(code)
    assert list(scripts.iterdir())
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E9,I", str(scripts)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
