"""A skill and its evidence as a person reads them."""

from haste.cli.skill_tables import skill_text
from haste.core.pooling import Estimate
from haste.core.scope import Scope
from haste.core.skill import Elsewhere, Evidence, Skill, Tries

SKILL = Skill(name="a", description="d", scope=Scope.DOMAIN, owner="tabular", body="b")


def test_what_its_change_did_without_it_is_told_by_competition() -> None:
    without = (
        Elsewhere(
            competition="churn",
            metric="roc_auc",
            meets=True,
            on_prototypes=Tries(of=1, kept=1),
            on_changes=Tries(of=3, kept=1),
            effect=Estimate(gain=0.027, error=0.036),
        ),
        Elsewhere(
            competition="ships",
            metric="rmse",
            meets=False,
            on_prototypes=Tries(of=1),
            on_changes=Tries(),
            effect=None,
        ),
    )
    lines = skill_text(SKILL, {f"a@{SKILL.version}": Evidence(without=without)}).splitlines()
    assert lines[1:4] == [
        "  no run has loaded this version yet",
        "  its change without it in churn (roc_auc): 50 % kept, +0.027 ± 0.036",
        "  its change without it in ships (rmse): 0 % kept, it never ran",
    ]
