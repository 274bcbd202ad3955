"""When which move is tried: by what it costs, by what others saw of it, by what skills are worth."""

from dataclasses import replace
from math import sqrt
from statistics import stdev

import pytest

from haste.core.condition import Condition
from haste.core.events import SolutionProposed, SolutionRejected
from haste.core.pooling import Estimate
from haste.core.run import RunState
from haste.core.skill import Elsewhere, Evidence, LoadedSkill, Tries
from haste.core.solution import KNOWN_MOVES
from haste.engineers.offline.elsewhere import (
    OF_ANOTHER_KIND,
    ON_ANOTHER_PARENT,
    UNLIKE,
    Seen,
    pooled_effect,
    seen_elsewhere,
)
from haste.engineers.offline.evidence import EXPECTED, HERE, HERE_WITH_LABELS, Belief, believe
from haste.engineers.offline.odds import FIRST_NOISE, LIKELY, hopes_here, noise_here
from haste.engineers.offline.price import already_fitted, priced
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.plan import Model, TabularPlan
from haste.engineers.offline.tabular.seconds import (
    catboost_seconds,
    gaussian_process_seconds,
    neighbours_seconds,
    network_seconds,
    svm_seconds,
)
from haste.engineers.offline.tabular.specialist import TabularSpecialist
from offline.states import answer, context, engineer, skill, with_scored
from offline.tables import Table

MOVES = {move.name: move for move in TabularSpecialist().moves}


def problem_of(table: Table) -> Problem:
    return Problem(table.competition, table.profile, frozenset({"catboost", "xgboost"}), 600.0)


def with_limit(state: RunState, seconds: float) -> RunState:
    return replace(state, settings=state.settings.model_copy(update={"time_limit": seconds}))


def moves_tried(state: RunState, table: Table, tries: int) -> list[str]:
    """The moves that are proposed one after another while nothing helps."""
    moves: list[str] = []
    for _ in range(tries):
        event = answer(list(engineer().improve(state, context(table), parent="s001", track=0, escalation=0)))
        if not isinstance(event, SolutionProposed):
            break
        moves.append(event.solution.change.move)
        state = with_scored(state, event, (1.0, 1.1, 0.9), verdict="reverted", relative_gain=0.0)
    return moves


def saw(competition: str, metric: str, kept: float, effect: Estimate | None) -> Elsewhere:
    """What a competition saw that kept this share of twenty tries on prototypes."""
    return Elsewhere(
        competition=competition,
        metric=metric,
        meets=True,
        on_prototypes=Tries(of=20, kept=round(20 * kept)),
        on_changes=Tries(),
        effect=effect,
    )


def seen(
    move: str, told: float, *, gain: float, kept: float, metrics: tuple[str, ...] = ("rmse",) * 6
) -> LoadedSkill:
    """A skill that tells one thing, and what competitions without it saw of its change."""
    without = [
        saw(f"c{n}", metric, kept, Estimate(gain=gain + n * 1e-4, error=0.004)) for n, metric in enumerate(metrics)
    ]
    return skill(move, told).model_copy(update={"evidence": Evidence(without=tuple(without))})


def test_in_a_short_run_cheap_moves_come_before_what_makes_every_later_try_dear(
    table: Table, drafted: RunState
) -> None:
    moves = moves_tried(with_limit(drafted, 60.0), table, 12)
    assert moves.index("model-portfolio") > 0
    assert MOVES[moves[0]].cost < 2.0


def test_what_is_worth_most_is_done_before_its_time_is_gone(table: Table, drafted: RunState) -> None:
    assert moves_tried(with_limit(drafted, 9.0), table, 1) == ["model-portfolio"]


def test_a_dear_model_is_known_to_be_dear_before_it_is_tried(table: Table) -> None:
    small, large = problem_of(table), problem_of(table)
    large = replace(large, profile=table.profile.model_copy(update={"rows": 10 * table.profile.rows}))
    assert svm_seconds(large) == pytest.approx(100 * svm_seconds(small))
    assert gaussian_process_seconds(large) == pytest.approx(1000 * gaussian_process_seconds(small))


def test_each_of_several_targets_is_fitted_by_itself(table: Table) -> None:
    one = problem_of(table)
    three = replace(one, competition=table.competition.model_copy(update={"targets": ("y1", "y2", "y3")}))
    for seconds in (catboost_seconds, svm_seconds, network_seconds, neighbours_seconds, gaussian_process_seconds):
        assert seconds(three) == pytest.approx(3 * seconds(one))


def test_what_was_fitted_before_is_not_paid_for_again(table: Table, drafted: RunState) -> None:
    plan = TabularPlan(
        approach="boosting", models=(Model(kind="lightgbm"), Model(kind="linear")), inner=5, blend="fitted"
    )
    fitted = already_fitted(drafted, {"s001": plan.model_copy(update={"models": plan.models[:1]})})
    assert [(d.seconds, d.share) for d in fitted] == [(1.0, 1.0)]
    new, paid = priced(drafted, plan, 3.0, ()), priced(drafted, plan, 3.0, fitted)
    assert new.seconds == new.work == paid.work
    assert paid.seconds == pytest.approx(new.work * (1 - 0.85 / 3))
    both = already_fitted(drafted, {"s001": plan})
    weighed = plan.model_copy(update={"blend": "mean"})
    assert priced(drafted, weighed, 1.0, both).seconds == pytest.approx(
        0.15 * priced(drafted, weighed, 1.0, ()).work
    )
    tuned = plan.model_copy(
        update={"models": (Model(kind="lightgbm", parameters={"num_leaves": 8}), plan.models[1])}
    )
    assert priced(drafted, tuned, 1.0, both).seconds == pytest.approx((1 - 0.85 / 2) * new.work / 3)
    rescaled = plan.model_copy(update={"scale": "quantile"})
    assert priced(drafted, rescaled, 1.0, both).seconds == priced(drafted, rescaled, 1.0, ()).work


def test_what_was_fitted_on_some_folds_saves_their_share(drafted: RunState) -> None:
    plan = TabularPlan(approach="boosting", models=(Model(kind="lightgbm"),), inner=5, blend="mean")
    (done,) = already_fitted(drafted, {"s001": plan})
    price = priced(drafted, plan, 1.0, (replace(done, share=0.5),))
    assert price.seconds == pytest.approx((1 - 0.85 / 2) * price.work)


def test_what_is_known_takes_no_more_at_once_than_its_share_of_the_time(table: Table, drafted: RunState) -> None:
    known = context(table, skill("slow-learning", 0.03), skill("cluster-distances", 0.03))
    changes = []
    for seconds in (600.0, 12.0):
        asked = engineer().improve(with_limit(drafted, seconds), known, parent="s001", track=0, escalation=0)
        event = answer(list(asked))
        assert isinstance(event, SolutionProposed)
        changes.append(event.solution.change.move)
    assert changes == [KNOWN_MOVES, "cluster-distances"]


def test_what_many_saw_counts_for_more_than_what_one_run_wrote_down(table: Table, drafted: RunState) -> None:
    move = MOVES["cluster-distances"]
    at = context(table, seen("cluster-distances", 0.05, gain=-0.02, kept=0.0)).knowledge
    belief = believe(move, problem_of(table), at, drafted)
    assert belief.gain < 0
    assert (belief.elsewhere.competitions, belief.elsewhere.kept) == (6, 0.0)
    one = context(table, seen("cluster-distances", 0.05, gain=-0.02, kept=0.0, metrics=("rmse",))).knowledge
    assert believe(move, problem_of(table), one, drafted).gain > 0


def test_how_often_it_was_kept_elsewhere_counts_beside_the_expected_gain() -> None:
    even = Belief(gain=0.0, spread=0.01)
    assert even.chance() == pytest.approx(0.5)
    never, always = (Seen(competitions=6, tried=6.0, kept=kept) for kept in (0.0, 6.0))
    assert replace(even, elsewhere=never).chance() == pytest.approx(0.5 * EXPECTED / (EXPECTED + 6))
    assert replace(even, elsewhere=always).chance() == pytest.approx((0.5 * EXPECTED + 6) / (EXPECTED + 6))


def test_where_others_have_counted_what_was_kept_the_gain_is_the_catalogue_s() -> None:
    glad = Belief(gain=0.2, spread=0.01)
    counted = replace(glad, catalogue=(0.0, 0.01))
    assert glad.chance() == pytest.approx(1.0)
    assert counted.chance() == pytest.approx(0.5)
    assert counted.chance(hopes=0.4) == pytest.approx(0.2)


def test_where_labels_are_asked_for_one_verdict_says_little_of_the_next(table: Table, drafted: RunState) -> None:
    event = answer(list(engineer().improve(drafted, context(table), parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionProposed)
    kept = with_scored(drafted, event, (1.0, 1.1, 0.9), verdict="kept", relative_gain=0.0)
    move, problem = MOVES[event.solution.change.move], problem_of(table)
    labels = replace(problem, competition=problem.competition.model_copy(update={"metric_name": "accuracy"}))
    values, asked = (believe(move, p, context(table).knowledge, kept) for p in (problem, labels))
    assert values.chance() > asked.chance()
    assert (values.here, asked.here) == (HERE, HERE_WITH_LABELS)


def test_competitions_that_ask_for_the_same_predictions_count_for_more() -> None:
    found = [
        saw("a", "rmse", 1.0, Estimate(gain=0.03, error=0.01)),
        saw("b", "mae", 1.0, Estimate(gain=0.01, error=0.01)),
        saw("c", "accuracy", 0.0, Estimate(gain=-0.05, error=0.01)),
        saw("d", "accuracy", 0.0, None),
    ]
    values, labels = (
        seen_elsewhere(found, metric, meets=True, on_prototype=True) for metric in ("rmsle", "accuracy")
    )
    assert (values.tried, values.kept) == pytest.approx((2 + 2 * OF_ANOTHER_KIND, 2.0))
    assert (labels.tried, labels.kept) == pytest.approx((2 + 2 * OF_ANOTHER_KIND, 2 * OF_ANOTHER_KIND))
    assert values.effect is not None
    assert values.effect.gain == pytest.approx(0.02)
    assert labels.effect is not None, "one of its like is too few, so all of them tell"
    assert labels.effect.gain < 0.0
    assert pooled_effect(found[:1], "rmse", meets=True) is None
    unlike = seen_elsewhere(found, "rmse", meets=False, on_prototype=True)
    assert unlike.tried == pytest.approx(UNLIKE * (2 + 2 * OF_ANOTHER_KIND))


def test_tries_on_the_same_kind_of_parent_count_for_more() -> None:
    one = saw("a", "rmse", 1.0, None).model_copy(
        update={"on_prototypes": Tries(of=2, kept=2), "on_changes": Tries(of=2, kept=0)}
    )
    begun = seen_elsewhere([one], "rmse", meets=True, on_prototype=True)
    later = seen_elsewhere([one], "rmse", meets=True, on_prototype=False)
    assert (begun.tried, later.tried) == (1.0, 1.0)
    assert begun.kept == pytest.approx(2 / (2 + 2 * ON_ANOTHER_PARENT))
    assert later.kept == pytest.approx(1 - begun.kept)
    once = one.model_copy(update={"on_prototypes": Tries(of=1, kept=1), "on_changes": Tries()})
    assert seen_elsewhere([once], "rmse", meets=True, on_prototype=False).tried == ON_ANOTHER_PARENT


def test_what_nobody_wrote_down_is_thought_as_good_as_its_like_turned_out(table: Table, drafted: RunState) -> None:
    untold = MOVES["principal-components"]
    alike = context(table, seen("cluster-distances", 0.01, gain=-0.05, kept=0.0)).knowledge
    unlike = context(table, seen("slow-learning", 0.01, gain=-0.05, kept=0.0)).knowledge
    plain = believe(untold, problem_of(table), context(table).knowledge, drafted).gain
    assert believe(untold, problem_of(table), alike, drafted).gain < plain
    assert believe(untold, problem_of(table), unlike, drafted).gain == plain


def test_one_competition_s_windfall_is_no_rule() -> None:
    found = [
        saw(f"c{n}", "rmse", 0.5, Estimate(gain=gain, error=0.01))
        for n, gain in enumerate((0.9, -0.02, -0.02, -0.02))
    ]
    effect = pooled_effect(found, "rmse", meets=True)
    assert effect is not None
    assert effect.gain == pytest.approx((0.05 - 0.06) / 4)


def test_what_was_seen_counts_where_the_skill_s_own_claim_does_not(table: Table, drafted: RunState) -> None:
    move, far = MOVES["cluster-distances"], (Condition(trait="rows", at_least=1e9),)
    told = seen("cluster-distances", 0.05, gain=-0.02, kept=0.0)
    recipe = told.skill.recipe
    assert recipe is not None
    elsewhere = told.skill.model_copy(update={"recipe": recipe.model_copy(update={"conditions": far})})
    at = context(table, told.model_copy(update={"skill": elsewhere})).knowledge
    belief = believe(move, problem_of(table), at, drafted)
    assert belief.skills == ()
    assert belief.elsewhere.competitions == 6
    assert belief.gain < 0


def tried_until_the_end(state: RunState, table: Table, *known: LoadedSkill, verdict: str) -> list[str]:
    """The moves that are proposed until none is left, where each ends with this verdict."""
    moves: list[str] = []
    for _ in range(60):
        asked = engineer().improve(state, context(table, *known), parent="s001", track=0, escalation=0)
        event = answer(list(asked))
        if isinstance(event, SolutionRejected):
            break
        assert isinstance(event, SolutionProposed)
        moves.append(event.solution.change.move)
        state = with_scored(state, event, (1.0, 1.1, 0.9), verdict=verdict, relative_gain=0.0)
    return moves


def test_with_experience_only_what_is_likely_to_be_kept_is_tried(table: Table, drafted: RunState) -> None:
    known = seen("cluster-distances", -0.01, gain=-0.01, kept=0.0)
    kept = tried_until_the_end(drafted, table, known, verdict="kept")
    assert "cluster-distances" not in kept
    assert len(kept) < len(tried_until_the_end(drafted, table, verdict="kept"))


def test_where_nothing_is_likely_one_other_is_tried_if_it_costs_next_to_nothing(
    table: Table, drafted: RunState
) -> None:
    hopeless = [seen(move.name, -0.02, gain=-0.02, kept=0.0) for move in TabularSpecialist().moves]
    assert len(tried_until_the_end(with_limit(drafted, 6000.0), table, *hopeless, verdict="reverted")) == 1
    short = with_limit(drafted, 12.0)
    assert tried_until_the_end(short, table, *hopeless, verdict="reverted") == []
    assert tried_until_the_end(short, table, verdict="reverted"), "without experience it is worth a try"


def test_what_this_run_decided_about_a_move_counts_more_than_what_others_saw(
    table: Table, drafted: RunState
) -> None:
    known = context(table, seen("slow-learning", 0.03, gain=0.03, kept=0.75))
    event = answer(list(engineer().improve(drafted, known, parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionProposed)
    folds = (1.0, 1.1, 0.9)
    kept = with_scored(drafted, event, folds, verdict="kept", relative_gain=0.02)
    lost = with_scored(drafted, event, folds, verdict="reverted", relative_gain=0.02)
    move, problem = MOVES["slow-learning"], problem_of(table)
    before, after, against = (
        believe(move, problem, known.knowledge, state).chance(hopes=0.8) for state in (drafted, kept, lost)
    )
    assert against < LIKELY < before < after


def test_before_any_change_the_noise_is_told_from_the_prototypes(drafted: RunState) -> None:
    one = next(iter(drafted.candidates.values()))
    assert noise_here(drafted) == 0.0, "a single prototype tells nothing"
    folds = [fold.key for fold in drafted.search_folds]
    other = replace(
        one,
        solution=one.solution.model_copy(update={"id": "s002"}),
        score=9.0,
        scores={key: one.scores[key] + 0.1 * number for number, key in enumerate(folds)},
    )
    both = replace(drafted, candidates={**drafted.candidates, "s002": other})
    assert one.score is not None
    gains = [0.1 * number for number in range(len(folds))]
    assert noise_here(both) == pytest.approx(FIRST_NOISE * stdev(gains) / sqrt(len(folds)) / one.score)


def test_fewer_hopes_come_true_later_and_where_labels_are_asked_for(drafted: RunState) -> None:
    assert drafted.competition is not None
    labels = replace(drafted, competition=drafted.competition.model_copy(update={"metric_name": "accuracy"}))
    assert hopes_here(drafted, on_prototype=True) > hopes_here(drafted, on_prototype=False)
    assert hopes_here(drafted, on_prototype=False) > hopes_here(labels, on_prototype=True)


def test_a_change_says_what_others_saw_of_it(table: Table, drafted: RunState) -> None:
    known = seen("slow-learning", 0.1, gain=0.1, kept=0.75)
    event = answer(list(engineer().improve(drafted, context(table, known), parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionProposed)
    assert event.solution.change.move == "slow-learning"
    assert (
        "by 6 competitions that tried it without that skill (75 % kept, the more alike counting for more)"
        in event.solution.reason.text
    )
