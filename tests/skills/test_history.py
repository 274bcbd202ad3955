"""The history of one skill: its own commits, and no other skill's."""

from pathlib import Path

import pytest
from desk_of_tests import Workspace, skill

from haste.orchestration.skill_history import history_of


@pytest.mark.parametrize("name", ["rank-gauss", "skills/domains/tabular/rank-gauss"])
def test_a_skill_whose_name_ends_in_the_same_words_is_another_one(folder: Path, name: str) -> None:
    workspace = Workspace(folder)
    workspace.begin("auto")
    workspace.promote(skill("rank-gauss"))
    workspace.promote(skill("churn-rank-gauss"))
    workspace.merge()
    assert [entry.subject for entry in history_of(workspace.desk, name)] == [
        "skill(promote): rank-gauss to domain tabular"
    ]
