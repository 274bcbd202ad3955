"""Killed anywhere between a question and its answer, a run asks again; what was paid for is not paid twice."""

import json

import pytest

from claude.support import GOOD_EDIT, RUN, Desk, desk, draft_answer, kinds, messages_of
from haste.adapters.messages_server.wire import Fault, Reply
from haste.adapters.recorded_messages import RecordedMessages, first_difference
from haste.core.events import LearningRecorded, ModelRefused, RunResumed, SolutionProposed
from haste.core.evolve import rebuild
from haste.errors import EngineerError

ONCE = ["ModelAsked", "ModelAnswered", "SolutionProposed"]
LEARNING = {
    "title": "Weaker penalties help", "text": "The penalty held the model back.", "move": "weaker-penalty",
    "effect": "helps", "solutions": ["s002"], "tier": "domain", "conditions": [],
}  # fmt: skip
LEARNINGS = json.dumps({"learnings": [LEARNING, LEARNING | {"title": "Another", "solutions": ["s001"]}]})


def killed_after(at: Desk, kind: str) -> None:
    """Play a draft up to and with the first event of a kind; the rest never happens."""
    for event in at.engineer.draft(at.state, at.context, number=0):
        at.add(event)
        if type(event).__name__ == kind:
            return


def test_killed_before_the_answer_the_question_is_asked_again() -> None:
    at = desk(draft_answer(), draft_answer())
    killed_after(at, "ModelAsked")
    reserved = at.state.asked
    assert reserved is not None
    again = Desk(messages_of(at), log=at.log)
    events = again.draft()
    assert kinds(events) == ["ModelRefused:interrupted", *ONCE]
    lost = events[0]
    assert isinstance(lost, ModelRefused)
    assert lost.usd == reserved.reserved_usd
    assert again.state.usd > lost.usd


def test_killed_after_the_answer_it_is_used_and_nobody_is_asked() -> None:
    at = desk(draft_answer(), Fault(500))
    killed_after(at, "ModelAnswered")
    again = Desk(messages_of(at), log=at.log)
    asked = len(messages_of(at).questions)
    events = again.draft()
    assert kinds(events) == ["SolutionProposed"]
    assert len(messages_of(at).questions) == asked
    assert isinstance(events[0], SolutionProposed)
    assert events[0].solution.change.move == "logistic"


def test_an_answer_to_another_question_is_not_taken() -> None:
    at = desk('{"domain": "tabular", "why": "numbers"}', draft_answer(), domain=None)
    at.play(at.engineer.choose_domain(at.state, at.context))
    assert kinds(at.draft()) == ONCE


def test_killed_between_two_learnings_the_answer_is_read_again() -> None:
    at = desk(LEARNINGS, Fault(500))
    at.prototypes_done()
    at.change(0.004)
    for event in at.engineer.distil(at.state, at.context):
        at.add(event)
        if isinstance(event, LearningRecorded):
            break
    assert len(at.state.learnings) == 1
    again = Desk(messages_of(at), log=at.log)
    events = list(again.engineer.distil(again.state, again.context))
    assert kinds(events) == ["LearningRecorded"] * 2
    assert isinstance(events[0], LearningRecorded)
    assert events[0].learning == at.state.learnings[0]


def test_a_server_that_changed_is_tried_with_everything_again() -> None:
    at = desk("unused")
    at.add(ModelRefused(purpose="draft", model="m", kind="unsupported", message="caching"))
    assert list(at.state.without) == ["caching"]
    at.add(RunResumed(environment={}))
    assert list(at.state.without) == []


def replayed(at: Desk, upto: int) -> Desk:
    """The same stream as it stood at a position, with its recorded answers in the place of the model."""
    copy = desk("never asked", log=at.log)
    copy.messages = RecordedMessages(at.log, RUN)
    copy.engineer = type(copy.engineer)(copy.messages, at.log, at.settings)
    copy.state = rebuild(at.log.read(RUN)[:upto])
    return copy


def test_a_replay_gives_the_recorded_answers_and_asks_nobody() -> None:
    at = desk("not usable", Fault(529, "overloaded_error", "Overloaded"), draft_answer())
    begin = at.state.position
    recorded = at.draft()
    copy = replayed(at, begin)
    again = list(copy.engineer.draft(copy.state, copy.context, number=0))
    assert again == recorded
    assert len(recorded) == 7


def test_a_question_that_differs_is_told_with_its_position() -> None:
    at = desk(draft_answer(), Reply(GOOD_EDIT))
    begin = at.state.position
    at.draft()
    copy = replayed(at, begin)
    with pytest.raises(EngineerError) as caught:
        list(copy.engineer.draft(copy.state, copy.context, number=1))
    assert f"the question at position {begin}" in caught.value.message
    assert "turns[0].blocks[2].text line" in caught.value.message
    assert "prototype 2 of 3" in caught.value.message


def test_a_question_too_many_is_told_and_not_asked() -> None:
    at = desk("x")
    with pytest.raises(EngineerError, match="asks one more"):
        list(replayed(at, at.state.position).draft())


def test_a_question_that_was_cut_off_has_no_answer() -> None:
    at = desk(draft_answer())
    begin = at.state.position
    killed_after(at, "ModelAsked")
    copy = replayed(at, begin)
    with pytest.raises(EngineerError, match=f"position {begin} was cut off"):
        list(copy.engineer.draft(copy.state, copy.context, number=0))


def test_the_first_difference_is_named() -> None:
    assert (
        first_difference({"a": [1, {"b": "x\ny"}]}, {"a": [1, {"b": "x\nz"}]})
        == "a[1].b line 2: 'z' instead of 'y'"
    )
    assert first_difference({"a": 1}, {"a": 1, "b": 2}) == "b: 2 instead of None"
    assert first_difference([1], [1, 2]) == " has 2 parts instead of 1"
