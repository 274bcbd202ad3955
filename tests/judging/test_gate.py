"""What the orchestrator lets pass of a verdict, whoever gave it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from haste.core.abstraction import abstract
from haste.core.events import AnyEvent, LearningJudged, ModelRefused
from haste.core.learning import Learning, Verdict
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill, Skill
from haste.engineers.scripted import ScriptedEngineer
from haste.errors import EngineerError
from haste.orchestration.curate import curate
from haste.orchestration.judge import Matter, gate, plan, related
from judging.stories import bench, learning, skill, tell_run


def _gated(
    decision: str, told: Learning, *skills: Skill, name: str | None = None, others: Sequence[Learning] = ()
) -> Verdict:
    said = Verdict.model_validate({"decision": decision, "reason": "sure", "skill": name})
    return gate(Matter(learning=told, general=abstract(told, ())), said, skills, others)


def test_global_needs_two_competitions_whoever_says_so() -> None:
    said = _gated("global", learning())
    assert said.decision == "domain"
    assert said.reason == "sure [global not granted: global needs two competitions]"
    assert _gated("global", learning(), others=[learning("ships")]).decision == "global"
    assert _gated("global", learning(), others=[learning("ships", effect="hurts")]).decision == "domain"
    assert _gated("global", learning(), others=[learning(run="churn/r2")]).decision == "domain"


def test_the_record_of_the_skill_that_moves_up_counts() -> None:
    standing = skill("s", "rank-gauss", metadata={"haste-competitions": '["ships"]'})
    assert _gated("global", learning(), standing, name="s").decision == "global"


def test_names_of_one_competition_go_no_further() -> None:
    said = _gated("domain", learning(text="TotalBsmtSF + GrLivArea helps."))
    assert said.decision == "competition"
    assert "TotalBsmtSF" in said.reason


def test_a_conflict_with_nobody_is_none() -> None:
    assert _gated("conflict", learning(), name="nobody").decision == "competition"
    assert _gated("skip", learning(), name="nobody").skill is None


def test_a_verdict_that_nothing_speaks_against_stays() -> None:
    standing = skill("s", "rank-gauss")
    assert _gated("conflict", learning(effect="hurts"), standing, name="s").decision == "conflict"
    assert _gated("domain", learning()).decision == "domain"


def test_a_new_skill_is_kept_off_the_ground_of_its_opposite() -> None:
    rows = {"trait": "rows", "at_least": 1000}
    standing = skill("s", "rank-gauss", conditions=[rows])
    told = learning(effect="hurts", gain=-0.05).model_copy(update={"traits": {"rows": 600.0}})
    said = Verdict(decision="domain", reason="r")
    made = plan(Matter(learning=told, general=told), said, [standing]).skill
    assert made is not None
    assert [str(c) for c in made.conditions] == ["rows ≤ 999"]


def test_a_new_skill_stands_on_the_ground_of_those_that_agree() -> None:
    standing = skill("s", "rank-gauss", conditions=[{"trait": "rows", "at_least": 1000}])
    told = learning().model_copy(update={"traits": {"rows": 600.0}})
    made = plan(Matter(learning=told, general=told), Verdict(decision="domain", reason="r"), [standing]).skill
    assert made is not None
    assert made.conditions == ()


def test_a_competition_s_skill_is_amended_by_its_own_runs_alone() -> None:
    other = skill("ships-rank-gauss", "rank-gauss", scope=Scope.COMPETITION, owner="ships")
    matter, said = Matter(learning=learning(), general=learning()), Verdict(decision="competition", reason="r")
    planned = plan(matter, said, [other])
    assert planned.kind == "promote"
    assert planned.skill is not None
    assert planned.skill.path == "skills/competitions/churn/churn-rank-gauss"


def test_only_other_runs_are_related() -> None:
    told = learning()
    found = related(
        told, [told, learning(id="l2"), learning("ships"), learning("ships", "date-parts", text="Dates.")]
    )
    assert [one.run for one in found] == ["ships/r1"]


class Asking(ScriptedEngineer):
    """Asks somebody who doesn't answer, and then says what it was told to say, if anything."""

    says: Verdict | None = None

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",
    ) -> Iterator[AnyEvent | Verdict]:
        yield ModelRefused(purpose="judge", model="m", kind="overloaded", message=stream)
        if self.says:
            yield self.says


def test_what_a_judge_asked_stands_in_the_curation_s_stream(tmp_path: Path) -> None:
    at = bench(tmp_path / "w")
    asking = Asking(at.log, drafts=())
    asking.says = Verdict(decision="skip", reason="known")
    at.ports.engineer = asking
    done = curate([tell_run(at.log, learning())], at.ports, at.repository)
    events = [r.event for r in at.log.read(done.stream)]
    assert isinstance(events[1], ModelRefused)
    assert events[1].message == done.stream
    assert isinstance(events[2], LearningJudged)


def test_a_judge_without_a_verdict_stops_the_curation_and_it_goes_on_later(tmp_path: Path) -> None:
    at = bench(tmp_path / "w")
    asking = Asking(at.log, drafts=())
    at.ports.engineer = asking
    run = tell_run(at.log, learning())
    with pytest.raises(EngineerError, match="gave no verdict on churn/r1#l1"):
        curate([run], at.ports, at.repository)
    asking.says = Verdict(decision="competition", reason="so")
    done = curate([run], at.ports, at.repository)
    assert [j.verdict.decision for j in done.judged] == ["competition"]
    assert done.merged is not None
