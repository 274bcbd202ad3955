from dataclasses import replace

import pytest

from haste.core.competition import Fold
from haste.core.condition import Condition
from haste.core.events import LearningRecorded, SolutionProposed, SolutionRejected
from haste.core.run import RunState
from haste.core.scope import Scope
from haste.core.solution import KNOWN_MOVES, Failure, FailureKind
from haste.engineers.offline.catalogue import find_move, moves_of
from haste.engineers.offline.tabular.specialist import TabularSpecialist
from offline.states import Shelf, answer, begun, context, engineer, skill, with_scored
from offline.tables import Table


def improve(state: RunState, table: Table, *skills: object, escalation: int = 0) -> SolutionProposed:
    asked = engineer().improve(
        state, context(table, *skills), parent="s001", track=0, escalation=escalation  # type: ignore[arg-type]
    )  # fmt: skip
    event = answer(list(asked))
    assert isinstance(event, SolutionProposed)
    return event


def test_the_prototypes_are_unlike_each_other(table: Table) -> None:
    state, shelf, approaches = begun(table), Shelf(), []
    for number in range(3):
        event = answer(list(engineer(shelf).draft(state, context(table), number=number)))
        assert isinstance(event, SolutionProposed)
        assert event.solution.id == f"s{number + 1:03d}"
        assert shelf.get(state.run, event.solution.code).startswith(b'"""')
        approaches.append(event.solution.approach)
        state = with_scored(state, event, (1.0,))
    assert len(set(approaches)) == 3
    assert isinstance(answer(list(engineer().draft(state, context(table), number=3))), SolutionRejected)


def test_what_the_competition_remembers_comes_first(table: Table, drafted: RunState) -> None:
    plan = {**(drafted.candidates["s001"].solution.plan or {}), "inner": 4}
    known = skill("remembered-plan", 0.1, scope=Scope.COMPETITION, owner=table.competition.id, plan=plan)
    event = answer(list(engineer().draft(begun(table), context(table, known), number=0)))
    assert isinstance(event, SolutionProposed)
    assert event.solution.plan == plan
    assert event.solution.reason.skills == (known.skill.name,)


def test_a_remembered_plan_of_other_columns_is_not_followed(table: Table, drafted: RunState) -> None:
    steps = [{"kind": "counts", "columns": ["__import__('os')"]}]
    plan = {**(drafted.candidates["s001"].solution.plan or {}), "steps": steps}
    known = skill("remembered-plan", 0.1, scope=Scope.COMPETITION, owner=table.competition.id, plan=plan)
    event = answer(list(engineer().draft(begun(table), context(table, known), number=0)))
    assert isinstance(event, SolutionProposed)
    assert event.solution.plan != plan
    assert event.solution.reason.skills == ()


def test_a_change_says_why(table: Table, drafted: RunState) -> None:
    event = improve(drafted, table)
    reason = event.solution.reason
    assert event.solution.parent == "s001"
    assert event.track == 0
    assert find_move(event.solution.change.move, "tabular") is not None
    assert event.solution.diagnosis is not None
    assert "prior" in reason.text
    assert reason.skills == ()


def test_the_same_state_has_the_same_answer(table: Table, drafted: RunState) -> None:
    assert improve(drafted, table) == improve(drafted, table)


def test_skills_bring_a_move_forward_and_are_cited(table: Table, drafted: RunState) -> None:
    plain = improve(drafted, table).solution.change.move
    wanted = "cluster-distances"
    assert plain != wanted
    event = improve(drafted, table, skill(wanted, 0.03))
    assert event.solution.change.move == wanted
    assert event.solution.reason.skills == (f"know-{wanted}",)
    assert event.solution.reason.expected > event.solution.reason.prior


def test_what_hurt_elsewhere_is_put_off(table: Table, drafted: RunState) -> None:
    plain = improve(drafted, table).solution.change.move
    assert improve(drafted, table, skill(plain, -0.2)).solution.change.move != plain


def test_what_skills_make_sure_of_is_done_at_once_and_once(table: Table, drafted: RunState) -> None:
    known = (skill("cluster-distances", 0.03), skill("slow-learning", 0.02), skill("numeric-interactions", -0.05))
    event = improve(drafted, table, *known)
    assert event.solution.change.move == KNOWN_MOVES
    assert event.solution.change.parameters == {"moves": ["slow-learning", "cluster-distances"]}
    assert set(event.solution.reason.skills) == {"know-cluster-distances", "know-slow-learning"}
    hurt = with_scored(drafted, event, (1.1, 1.2, 1.0), verdict="reverted", relative_gain=-0.1)
    assert improve(hurt, table, *known).solution.change.move != KNOWN_MOVES


def test_a_claim_out_of_all_proportion_is_not_believed(table: Table, drafted: RunState) -> None:
    plain = improve(drafted, table).solution.change.move
    assert improve(drafted, table, skill("cluster-distances", 0.5, error=0.001)).solution.change.move == plain


def test_what_this_run_saw_outweighs_what_skills_tell(table: Table, drafted: RunState) -> None:
    known = skill("cluster-distances", 0.03)
    event = improve(drafted, table, known)
    assert event.solution.change.move == "cluster-distances"
    seen = with_scored(drafted, event, (1.1, 1.2, 1.0), verdict="reverted", relative_gain=-0.03)
    moves = []
    for _ in range(6):
        event = improve(seen, table, known)
        moves.append(event.solution.change.move)
        seen = with_scored(seen, event, (0.9, 0.9, 0.8), verdict="reverted", relative_gain=0.0)
    assert "cluster-distances" not in moves


def test_with_rich_knowledge_what_is_unlikely_is_left(table: Table, drafted: RunState) -> None:
    moves = TabularSpecialist().moves
    hurting = [skill(move.name, -0.03, error=0.001) for move in moves for _ in range(8)]
    at = context(table, *hurting)
    event = answer(list(engineer().improve(drafted, at, parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionRejected)
    assert event.exhausted


def test_a_skill_whose_conditions_fail_moves_nothing(table: Table, drafted: RunState) -> None:
    plain = improve(drafted, table)
    far = skill("cluster-distances", 0.2, conditions=(Condition(trait="rows", at_least=1e9),))
    assert improve(drafted, table, far) == plain


def test_what_failed_in_this_run_is_not_proposed_next(table: Table, drafted: RunState) -> None:
    state, seen = drafted, set()
    for _ in range(5):
        event = improve(state, table)
        assert event.solution.change.move not in seen
        seen.add(event.solution.change.move)
        state = with_scored(state, event, (1.1, 1.2, 1.0), verdict="reverted", relative_gain=-0.1)


def test_nothing_is_proposed_that_does_not_fit_the_time(table: Table, drafted: RunState) -> None:
    late = replace(drafted, seconds=drafted.settings.time_limit - 2.0)
    event = answer(list(engineer().improve(late, context(table), parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionRejected)
    assert event.exhausted


def test_escalation_prefers_structure(table: Table, drafted: RunState) -> None:
    levels = []
    for escalation in (1, 2):
        move = find_move(improve(drafted, table, escalation=escalation).solution.change.move, "tabular")
        assert move is not None
        levels.append(move.level)
    assert levels[1] == 2


@pytest.mark.parametrize("kind", [FailureKind.TIMED_OUT, FailureKind.CRASHED, FailureKind.OUT_OF_MEMORY])
def test_each_failure_has_a_mend_and_the_mends_end(kind: FailureKind, table: Table) -> None:
    state = begun(table)
    event = answer(list(engineer().draft(state, context(table), number=2)))
    solution = "s001"
    for attempt in range(4):
        assert isinstance(event, SolutionProposed)
        state = with_scored(state, event, (1.0,), failure=Failure(kind=kind, message="m"))
        event = answer(list(engineer().debug(state, context(table), solution=solution, track=None)))
        if isinstance(event, SolutionRejected):
            assert attempt > 0
            return
        assert isinstance(event, SolutionProposed)
        assert event.solution.mends == solution
        solution = event.solution.id
    pytest.fail("the mends never end")


def test_a_change_that_fails_is_not_mended(table: Table, drafted: RunState) -> None:
    event = answer(list(engineer().improve(drafted, context(table), parent="s001", track=0, escalation=0)))
    assert isinstance(event, SolutionProposed)
    failed = with_scored(drafted, event, (1.0,), failure=Failure(kind=FailureKind.CRASHED, message="m"))
    told = answer(list(engineer().debug(failed, context(table), solution=event.solution.id, track=0)))
    assert isinstance(told, SolutionRejected)
    assert told.exhausted
    assert told.track == 0


def test_learnings_carry_sign_interval_and_plan(table: Table, drafted: RunState) -> None:
    state = drafted
    for scores, gain, verdict in (((0.8, 0.9, 0.7), 0.2, "kept"), ((1.3, 1.4, 1.2), -0.3, "reverted")):
        event = improve(state, table)
        state = with_scored(state, event, scores, verdict=verdict, relative_gain=gain, shown_at=(7, 9))
    learned = [e.learning for e in engineer().distil(state, context(table)) if isinstance(e, LearningRecorded)]
    assert 2 <= len(learned) <= 5
    assert learned[0].recipe.plan == state.candidates["s002"].solution.plan
    assert learned[0].tier is Scope.COMPETITION
    effects = {one.recipe.effect for one in learned[1:]}
    assert effects == {"helps", "hurts"}
    assert all(one.recipe.error is not None and one.positions == (7, 9) for one in learned[1:])


def with_fresh(state: RunState, solution: str, scores: tuple[float, ...]) -> RunState:
    """The state after a finalist was scored on fresh folds too."""
    candidate = state.candidates[solution]
    fresh = {Fold(repeat=1, number=k).key: score for k, score in enumerate(scores)}
    return replace(
        state,
        candidates={**state.candidates, solution: replace(candidate, scores={**candidate.scores, **fresh})},
    )


def test_an_effect_rests_on_the_folds_that_both_have(table: Table, drafted: RunState) -> None:
    event = improve(drafted, table)
    parent = drafted.candidates["s001"].score
    assert parent is not None
    state = with_scored(drafted, event, (0.8, 0.9, 0.7), verdict="kept", relative_gain=0.2, shown_at=(7, 9))
    finalist = with_fresh(state, event.solution.id, (parent, parent * 1.01, parent * 0.99))
    both = with_fresh(finalist, "s001", (parent, parent, parent))
    for told, folds in ((state, 3), (finalist, 3), (both, 6)):
        learned = [e.learning for e in engineer().distil(told, context(table)) if isinstance(e, LearningRecorded)]
        effect = next(one for one in learned if one.recipe.move == event.solution.change.move)
        assert effect.recipe.trials == folds
        assert f"paired over {folds} folds" in effect.text
    assert effect.recipe.gain is not None
    assert 0 < effect.recipe.gain < 0.2, "fresh folds where nothing was won halve what the search's promised"


def test_every_move_has_a_name_of_its_own_and_says_why() -> None:
    moves = moves_of("tabular")
    assert len({m.name for m in moves}) == len(moves) >= 40
    assert all(m.why.endswith(".") and m.title[0].islower() and m.spread > 0 for m in moves)
