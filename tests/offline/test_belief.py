"""What a move is thought to be worth: its prior, moved by claims, by what others saw and by this run."""

from dataclasses import replace

import pytest

from haste.core.condition import Condition
from haste.core.events import SolutionProposed
from haste.core.pooling import Estimate
from haste.core.run import RunState
from haste.core.skill import Elsewhere, Evidence, LoadedSkill, Tries
from haste.core.solution import KNOWN_MOVES, Change, FileRef, Solution
from haste.engineers.offline.evidence import AMONG_OTHERS, FAILED, WITHIN, Belief, believe
from haste.engineers.offline.odds import Option, is_likely, noise_here
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.specialist import TabularSpecialist
from offline.states import answer, context, engineer, skill, with_scored
from offline.tables import Table

MOVES = {move.name: move for move in TabularSpecialist().moves}
MOVE = MOVES["cluster-distances"]
PRIOR = Belief(gain=MOVE.gain, spread=MOVE.spread)


@pytest.fixture
def problem(table: Table) -> Problem:
    return Problem(table.competition, table.profile, frozenset(), 600.0)


def after(state: RunState, change: Change, gain: float | None) -> RunState:
    """The state once this change was decided about."""
    solution = Solution(id="s009", parent="s001", change=change, code=FileRef(name="s.py", sha256="0"))
    event = SolutionProposed(solution=solution, track=0)
    verdict = "kept" if gain and gain > 0 else "reverted"
    return with_scored(state, event, (1.0, 1.1, 0.9), verdict=verdict, relative_gain=gain)


def seen_by_many(gain: float, name: str) -> LoadedSkill:
    """A skill of this name whose change six competitions kept without it."""
    tries, effect = Tries(of=9, kept=9), Estimate(gain=gain, error=0.004)
    without = tuple(
        Elsewhere(
            competition=f"c{n}", metric="rmse", meets=True, on_prototypes=tries, on_changes=tries, effect=effect
        )
        for n in range(6)
    )
    told = skill(MOVE.name, gain)
    return told.model_copy(
        update={"skill": told.skill.model_copy(update={"name": name}), "evidence": Evidence(without=without)}
    )


def test_a_claim_raises_and_a_warning_lowers(problem: Problem, table: Table, drafted: RunState) -> None:
    helps, hurts = (
        believe(MOVE, problem, context(table, skill(MOVE.name, gain)).knowledge, drafted) for gain in (0.03, -0.03)
    )
    assert hurts.gain < MOVE.gain < helps.gain


def test_a_claim_out_of_all_proportion_moves_next_to_nothing(
    problem: Problem, table: Table, drafted: RunState
) -> None:
    wild = believe(MOVE, problem, context(table, skill(MOVE.name, 0.9)).knowledge, drafted)
    assert wild.gain - MOVE.gain < 0.01


def test_a_claim_is_none_where_its_conditions_do_not_hold(
    problem: Problem, table: Table, drafted: RunState
) -> None:
    far = skill(MOVE.name, 0.05, conditions=(Condition(trait="rows", at_least=1e9),))
    belief = believe(MOVE, problem, context(table, far).knowledge, drafted)
    assert (belief.gain, belief.skills) == (MOVE.gain, ())


def test_what_others_saw_is_told_once_however_many_skills_speak_of_it(
    problem: Problem, table: Table, drafted: RunState
) -> None:
    one, other = seen_by_many(0.03, "one"), seen_by_many(0.03, "other")
    alone = believe(MOVE, problem, context(table, one).knowledge, drafted)
    both = believe(MOVE, problem, context(table, one, other).knowledge, drafted)
    assert (both.gain, both.spread) == (alone.gain, alone.spread)


def test_a_move_has_an_equal_part_in_what_several_at_once_brought(
    problem: Problem, table: Table, drafted: RunState
) -> None:
    change = Change(move=KNOWN_MOVES, summary="", parameters={"moves": [MOVE.name, "slow-learning"]}, level=-1)
    belief = believe(MOVE, problem, context(table).knowledge, after(drafted, change, 0.08))
    assert belief.gain == pytest.approx(PRIOR.after(0.04, AMONG_OTHERS).gain)


def test_a_move_that_could_not_be_made_to_run_is_thought_less_of(
    problem: Problem, table: Table, drafted: RunState
) -> None:
    failed = after(drafted, Change(move=MOVE.name, summary="", level=-1), None)
    belief = believe(MOVE, problem, context(table).knowledge, failed)
    assert belief.gain == pytest.approx(PRIOR.after(FAILED, WITHIN).gain)


def test_where_its_like_does_better_than_expected_a_move_is_thought_better_of(
    problem: Problem, table: Table, drafted: RunState
) -> None:
    alike = after(drafted, Change(move="some-other", summary="", level=MOVE.level), 0.02)
    unlike = after(drafted, Change(move="some-other", summary="", level=MOVE.level + 1), 0.02)
    nothing = context(table).knowledge
    assert believe(MOVE, problem, nothing, alike).gain == pytest.approx(MOVE.gain + 0.02 / 4)
    assert believe(MOVE, problem, nothing, unlike).gain == MOVE.gain


def test_more_than_the_noise_is_less_likely_than_any_gain_at_all() -> None:
    belief = Belief(gain=0.01, spread=0.01)
    assert belief.chance(noise=0.01, errors=0.5) < belief.chance(noise=0.01, errors=0.0)


def test_without_experience_only_what_skills_warn_of_is_left_alone(drafted: RunState) -> None:
    doubtful = Belief(gain=-0.03, spread=0.01)
    warned = replace(doubtful, skills=("know",))
    assert is_likely(Option(MOVE, doubtful), 0.0, drafted, None)
    assert not is_likely(Option(MOVE, warned), 0.0, drafted, None)


def test_the_noise_is_that_of_the_prototype_that_goes_with_the_best_one_most(drafted: RunState) -> None:
    one = drafted.candidates["s001"]
    keys = [fold.key for fold in drafted.search_folds]

    def scattered(state: RunState, name: str, apart: float) -> RunState:
        scores = {key: one.scores[key] + apart * number for number, key in enumerate(keys)}
        solution = one.solution.model_copy(update={"id": name})
        other = replace(one, solution=solution, score=9.0, scores=scores)
        return replace(state, candidates={**state.candidates, name: other})

    two = scattered(drafted, "s002", 0.1)
    assert noise_here(scattered(two, "s003", 0.5)) == noise_here(two) > 0.0


def test_what_is_known_to_help_most_comes_first(problem: Problem, table: Table, drafted: RunState) -> None:
    known = context(table, skill(MOVE.name, 0.06), skill("slow-learning", 0.06))
    event = answer(list(engineer().improve(drafted, known, parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionProposed)
    gains = [
        believe(MOVES[name], problem, known.knowledge, drafted).gain
        for name in event.solution.change.parameters["moves"]
    ]
    assert len(gains) == 2
    assert gains[0] > gains[1]


def test_with_experience_a_claim_that_nobody_else_has_tried_is_not_done_at_once(
    table: Table, drafted: RunState
) -> None:
    known = context(table, seen_by_many(0.06, "seen"), skill("slow-learning", 0.06))
    event = answer(list(engineer().improve(drafted, known, parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionProposed)
    assert event.solution.change.move != "slow-learning", "it has to wait for its turn"
