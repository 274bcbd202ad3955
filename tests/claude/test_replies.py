"""Answers are read strictly, whatever they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude.support import CODE, GOOD_EDIT, HEADER, draft_answer, edit_answer
from haste.core.solution import FailureMode
from haste.engineers.claude.plain import one_line, slug
from haste.engineers.claude.replies import (
    DomainAnswer,
    JudgeAnswer,
    Unusable,
    fenced_blocks,
    read_change,
    read_draft,
    read_json,
)

KNOWN = frozenset({"trust-paired-folds"})


def problems(read: object, *args: object, **more: object) -> str:
    with pytest.raises(Unusable) as caught:
        read(*args, **more)  # type: ignore[operator]
    return "; ".join(caught.value.problems)


def test_a_draft_is_a_header_and_a_script() -> None:
    text = draft_answer("Logistic Regression!").replace(
        '"skills": []', '"skills": ["trust-paired-folds", "made-up"]'
    )
    proposal = read_draft(text, known_skills=KNOWN)
    assert (proposal.move, proposal.code, proposal.skills) == ("logistic-regression", CODE, ("trust-paired-folds",))
    assert proposal.diagnosis is FailureMode.UNDERFITTING


def test_every_problem_of_a_draft_is_told_at_once() -> None:
    said = problems(read_draft, "Here you are:\n```python\nprint(1\n```", known_skills=KNOWN)
    assert "no ```json block" in said
    assert "never mentions submission.csv" in said
    unclosed = "```python\nopen('submission.csv'\n```"
    assert "is no Python: line 1" in problems(
        read_draft, HEADER % ("m", "OVERFITTING", "p") + unclosed, known_skills=()
    )


def test_a_change_is_edits_of_its_parent() -> None:
    proposal = read_change(GOOD_EDIT, CODE, known_skills=KNOWN, needs_diagnosis=True)
    assert proposal.edited
    assert proposal.code == CODE.replace("C=1.0", "C=0.1")


def test_a_change_may_be_a_whole_script() -> None:
    proposal = read_change(draft_answer(), CODE + "#\n", known_skills=KNOWN, needs_diagnosis=True)
    assert not proposal.edited
    assert proposal.code == CODE


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (edit_answer("model = Nothing()", "x"), "stands nowhere"),
        (edit_answer("model = LogisticRegression(C=1.0)", "model = LogisticRegression(C=1.0)"), "as it was"),
        (edit_answer("model = LogisticRegression(C=1.0)", "model = (("), "is no Python"),
        (GOOD_EDIT.replace('"UNDERFITTING"', "null"), "names no diagnosis"),
        (GOOD_EDIT.replace('"UNDERFITTING"', '"BAD_LUCK"'), "diagnosis: Input should be"),
        (HEADER % ("m", "OVERFITTING", "p"), "there are no edits"),
        ("I would rather not.", "no ```json block"),
    ],
)
def test_a_change_that_can_not_be_used_says_why(answer: str, why: str) -> None:
    assert why in problems(read_change, answer, CODE, known_skills=KNOWN, needs_diagnosis=True)


def test_a_script_may_hold_backticks_inside_a_longer_fence() -> None:
    code = CODE + 'note = """\n```\ncode\n```\n"""\n'
    text = HEADER % ("m", "OVERFITTING", "p") + f"````python\n{code}````\n"
    assert read_draft(text, known_skills=()).code == code


def test_the_longest_block_is_the_script() -> None:
    text = HEADER % ("m", "OVERFITTING", "p") + f"```python\nx = 1\n```\nso:\n```python\n{CODE}```\n"
    assert read_draft(text, known_skills=()).code == CODE


def test_an_unclosed_block_is_no_block() -> None:
    assert fenced_blocks("```python\nx = 1\n") == []


@pytest.mark.parametrize(
    "text",
    [
        '{"domain": "text", "why": "prose"}',
        'Sure:\n```json\n{"domain": "text", "why": "prose"}\n```\n',
        'I think {"domain": "text", "why": "prose"} is right.',
    ],
)
def test_json_is_found_bare_fenced_or_among_words(text: str) -> None:
    assert read_json(text, DomainAnswer).domain == "text"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no idea", "no JSON object"),
        ('{"domain": "poetry", "why": "x"}', "domain: Input should be"),
        ('{"domain": "text"}', "why: Field required"),
        ('{"domain": "text", "why": "x", "score": 1.0}', "score: Extra inputs"),
        ("[1]", "no JSON object"),
        ("{" * 5000, "no JSON object"),
    ],
)
def test_json_that_can_not_be_used_says_why(text: str, why: str) -> None:
    assert why in problems(read_json, text, DomainAnswer)


@given(st.text())
def test_no_answer_breaks_a_reader(text: str) -> None:
    for read in (
        lambda: read_draft(text, known_skills=()),
        lambda: read_change(text, CODE, known_skills=(), needs_diagnosis=True),
        lambda: read_json(text, JudgeAnswer),
    ):
        with pytest.raises(Unusable):
            read()


@given(st.text())
def test_names_made_of_answers_are_plain(text: str) -> None:
    name = slug(text, "fallback")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 0 < len(name) <= 48
    assert "\n" not in one_line(text, 50)
    assert len(one_line(text, 50)) <= 50


def test_answers_with_schemas_are_strict() -> None:
    schema = JudgeAnswer.model_json_schema()
    assert schema["additionalProperties"] is False
    assert sorted(schema["required"]) == ["decision", "reason", "skill"]
    assert json.dumps(schema)
