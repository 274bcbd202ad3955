"""Search/replace edits: exact, in order, and told what didn't match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haste.engineers.claude.edits import Edit, apply_edits, parse_edits

TEXT = "a = 1\nb = 2\n\ndef f():\n    return a\n"
BLOCK = "<<<<<<< SEARCH\n{}\n=======\n{}\n>>>>>>> REPLACE"


def test_edits_are_found_among_other_words() -> None:
    answer = f"Because.\n```\n{BLOCK.format('a = 1', 'a = 3')}\n```\nand\n{BLOCK.format('b = 2', '')}\n"
    assert parse_edits(answer) == ([Edit("a = 1", "a = 3"), Edit("b = 2", "")], [])


def test_edits_apply_in_order_each_on_what_is_left() -> None:
    edited = apply_edits(TEXT, [Edit("a = 1", "a = 3\nc = 4"), Edit("c = 4", "c = 5"), Edit("b = 2", "")])
    assert edited.problems == ()
    assert edited.text == "a = 3\nc = 5\n\ndef f():\n    return a\n"


@pytest.mark.parametrize(
    ("search", "why"),
    [
        ("a = 9", "stands nowhere in the file"),
        ("return a", "stands nowhere in the file"),
        ("", "searches for nothing"),
        ("  ", "searches for nothing"),
    ],
)
def test_what_does_not_match_is_told(search: str, why: str) -> None:
    edited = apply_edits(TEXT, [Edit(search, "x")])
    assert why in edited.problems[0]
    assert edited.text == TEXT


def test_the_nearest_lines_are_shown() -> None:
    edited = apply_edits(TEXT, [Edit("def f(x):\n    return a", "")])
    assert "from line 4 on" in edited.problems[0]
    assert "    def f():" in edited.problems[0]


def test_a_passage_that_stands_twice_is_told() -> None:
    edited = apply_edits("x = 1\ny = 2\nx = 1\n", [Edit("x = 1", "x = 2")])
    assert "stands 2 times" in edited.problems[0]


def test_every_problem_is_told_at_once() -> None:
    edited = apply_edits(TEXT, [Edit("q", ""), Edit("a = 1", "a = 2"), Edit("r", "")])
    assert [p.split(":")[0] for p in edited.problems] == [
        "the passage of edit 1 stands nowhere in the file",
        "the passage of edit 3 stands nowhere in the file",
    ]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("<<<<<<< SEARCH\na\n>>>>>>> REPLACE", "has no '=======' line"),
        ("<<<<<<< SEARCH\na\n=======\nb\n", "has no '>>>>>>> REPLACE' line at its end"),
        ("<<<<<<< SEARCH\na\n<<<<<<< SEARCH\nb\n=======\nc\n>>>>>>> REPLACE", "begins anew"),
    ],
)
def test_malformed_edits_are_told(answer: str, why: str) -> None:
    assert why in parse_edits(answer)[1][0]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1), min_size=1), st.data())
def test_a_line_that_stands_once_is_replaced_and_nothing_else(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    edited = apply_edits("\n".join(lines), [Edit(lines[at], "REPLACED")])
    if lines.count(lines[at]) == 1 and lines[at].strip():
        assert edited.text.split("\n") == [*lines[:at], "REPLACED", *lines[at + 1 :]]
    else:
        assert edited.problems
