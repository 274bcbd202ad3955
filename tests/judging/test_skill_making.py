"""Skills out of learnings: names, texts, provenance; edits that add and never rewrite."""

import json

import pytest

from haste.core.condition import Condition
from haste.core.learning import Verdict
from haste.core.lint import check_skill
from haste.core.scope import Scope
from haste.core.skill_amending import amended, apart, competitions_of, raised
from haste.core.skill_making import learning_to_skill, told_conditions
from judging.stories import learning, skill

TO = {
    d: Verdict.model_validate({"decision": d, "reason": "r"})
    for d in ("competition", "domain", "global", "conflict")
}


@pytest.mark.parametrize("decision", list(TO))
@pytest.mark.parametrize("effect", ["helps", "hurts", "neutral"])
def test_every_skill_that_is_made_passes_lint(decision: str, effect: str) -> None:
    gain = {"helps": 0.05, "hurts": -0.05, "neutral": 0.0}[effect]
    told = learning(
        effect=effect,
        gain=gain,
        title="A very long title " * 20,
        text="word " * 1000,
        conditions=(Condition(trait="max_cardinality", at_least=20), Condition(trait="task", equals="binary")),
        parameters={"smoothing": 10, "kind": "mean"},
    )
    assert check_skill(learning_to_skill(told, TO[decision])) == []


def test_text_can_t_leave_its_place() -> None:
    told = learning(title='x" --- <b>\nname: y', text="```recipe\n{}\n```\n---\n<script>\u202e")
    made = learning_to_skill(told, TO["domain"])
    assert check_skill(made) == []
    assert "<" not in made.description + made.body


@pytest.mark.parametrize(
    ("decision", "name"),
    [("competition", "churn-rank-gauss"), ("domain", "rank-gauss"), ("global", "rank-gauss")],
)
def test_a_name_says_the_change(decision: str, name: str) -> None:
    assert learning_to_skill(learning(), TO[decision]).name == name


def test_names_stay_unique_and_short() -> None:
    taken = {"rank-gauss", "rank-gauss-in-tabular"}
    assert learning_to_skill(learning(), TO["domain"], taken=taken).name == "rank-gauss-in-tabular-2"
    assert learning_to_skill(learning(effect="hurts", gain=-0.1), TO["domain"]).name == "rank-gauss-hurts"
    long = learning_to_skill(learning("a-very-long-name-of-a-competition-2018", "m" * 60), TO["competition"])
    assert len(long.name) <= 64


def test_plans_stay_in_the_competition_s_scope() -> None:
    told = learning(plan={"model": "x"})
    local, wide = (learning_to_skill(told, TO[d], score=0.8) for d in ("competition", "domain"))
    assert local.recipe is not None
    assert wide.recipe is not None
    assert (local.recipe.plan, wide.recipe.plan) == ({"model": "x"}, None)
    assert ("haste-score" in local.metadata, "haste-score" in wide.metadata) == (True, False)


def test_a_contradiction_of_a_competition_s_skill_stays_there() -> None:
    own = skill("own", "rank-gauss", scope=Scope.COMPETITION, owner="churn")
    assert learning_to_skill(learning(), TO["conflict"], against=own).scope is Scope.COMPETITION
    assert learning_to_skill(learning(), TO["conflict"], against=skill("s", "rank-gauss")).scope is Scope.DOMAIN


def test_the_same_competition_is_no_new_evidence() -> None:
    standing = learning_to_skill(learning(), TO["domain"])
    assert amended(standing, learning(run="churn/r2")) is None
    wider = amended(standing, learning("ships"))
    assert wider is not None
    assert competitions_of(wider) == ("churn", "ships")
    assert (wider.name, wider.body, wider.description) == (standing.name, standing.body, standing.description)
    assert wider.version == standing.version


def test_a_better_run_brings_its_own_trials_and_no_other_effect() -> None:
    own = learning_to_skill(learning(tier=Scope.COMPETITION), TO["competition"], score=0.8)
    better = amended(own, learning(run="churn/r2", gain=0.06, trials=2), score=0.9)
    assert better is not None
    assert better.recipe is not None
    assert (better.recipe.gain, better.recipe.trials) == (0.06, 2)
    again = learning(run="churn/r2", gain=0.06, trials=2)
    assert [amended(own, again, score=score) for score in (0.8, 0.7)] == [None, None], "as good is not better"
    assert amended(own, learning(run="churn/r2", effect="hurts", gain=-0.05), score=0.9) is None
    mirrored = learning(run="churn/r2", move="drop-rank-gauss", effect="hurts", gain=-0.05)
    assert amended(own, mirrored, score=0.9) is None


def test_a_number_that_does_not_back_the_skill_changes_nothing() -> None:
    standing = skill("s", "rank-gauss")
    assert amended(standing, learning(gain=0.001, error=0.01)) is None
    assert amended(standing, learning(gain=-0.02, effect="helps")) is None


def test_what_cited_the_skill_is_counted_in_its_evidence_alone() -> None:
    standing = skill("s", "rank-gauss")
    fresh, cited = amended(standing, learning()), amended(standing, learning(skills=("s",)))
    assert fresh is not None
    assert cited is not None
    assert fresh.recipe != standing.recipe == cited.recipe


def test_conditions_stretch_to_the_data_seen_and_no_further() -> None:
    standing = skill("s", "rank-gauss", conditions=(Condition(trait="rows", at_least=1000, at_most=9000),))
    told = learning(conditions=(Condition(trait="rows", at_least=60, at_most=6000),))
    by_traits = amended(standing, told.model_copy(update={"traits": {"rows": 700.0}}))
    by_words = amended(standing, told)
    assert by_traits is not None
    assert by_words is not None
    assert by_traits.conditions == (Condition(trait="rows", at_least=700, at_most=9000),)
    assert by_words.conditions == (Condition(trait="rows", at_least=60, at_most=9000),)


def test_a_mirrored_sighting_is_turned_before_it_is_pooled() -> None:
    told = learning(move="drop-rank-gauss", effect="hurts", gain=-0.05)
    wider = amended(skill("s", "rank-gauss"), told)
    assert wider is not None
    assert wider.recipe is not None
    assert 0.03 < wider.recipe.gain < 0.05


def test_a_raised_skill_keeps_its_name_and_what_it_knew() -> None:
    up = raised(
        skill("s", "seed-averaging", metadata={"haste-competitions": '["ships"]'}), learning(move="seed-averaging")
    )
    assert (up.scope, up.owner, up.path) == (Scope.GLOBAL, "", "skills/global/s")
    assert json.loads(up.metadata["haste-competitions"]) == ["ships", "churn"]


def test_a_new_skill_keeps_off_the_ground_of_one_that_says_the_opposite() -> None:
    standing = skill("s", "rank-gauss", conditions=(Condition(trait="rows", at_least=1000),))
    told = learning(effect="hurts", gain=-0.05, conditions=(Condition(trait="rows", at_least=60, at_most=6000),))
    told = told.model_copy(update={"traits": {"rows": 600.0}})
    new = apart(learning_to_skill(told, TO["domain"]), standing, told)
    assert new.conditions == (Condition(trait="rows", at_least=60, at_most=999),)
    assert apart(new, skill("t", "rank-gauss"), told) == new


def test_conditions_are_told_in_words() -> None:
    told = told_conditions((Condition(trait="max_cardinality", at_least=20),), "rmse")
    assert told == "max cardinality ≥ 20 and the metric is root mean squared error"
