"""Answers, read strictly: what can't be used is refused with every reason at once. Their text is plain already."""

import ast
import json
import re
import warnings
from collections.abc import Collection
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from haste.core.competition import Domain
from haste.core.solution import FailureMode
from haste.engineers.claude.edits import apply_edits, parse_edits
from haste.engineers.claude.plain import one_line, slug

LONGEST_CODE = 120_000
"""Characters of a script that is still taken."""
T = TypeVar("T", bound=BaseModel)
_FENCE = re.compile(r"^(`{3,})[ \t]*([A-Za-z0-9_+-]*)[ \t]*$")


class Unusable(Exception):  # noqa: N818  (what the answer is, not what went wrong here)
    """An answer that can't be used; the model is told each of the problems."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class Header(BaseModel):
    """What a proposal says about itself. Unknown keys are left out rather than refused."""

    model_config = ConfigDict(extra="ignore")

    move: str = Field(min_length=1)
    summary: str = Field(min_length=1)
    approach: str = ""
    diagnosis: FailureMode | None = None
    skills: tuple[str, ...] = ()
    part: str = ""


class Proposal(BaseModel):
    """A script and what it says about itself, checked and trimmed."""

    model_config = ConfigDict(frozen=True)

    code: str
    move: str
    summary: str
    approach: str
    diagnosis: FailureMode | None
    skills: tuple[str, ...]
    part: str
    edited: bool


class Strict(BaseModel):
    """An answer in JSON: no field may be missing, none may be added, and numbers are finite, as the log's are."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DomainAnswer(Strict):
    """Which specialist a competition is for."""

    domain: Domain
    why: str


class ConditionAnswer(Strict):
    """One bound on one trait of the data."""

    trait: str
    at_least: float | None
    at_most: float | None
    equals: str | None


class LearningAnswer(Strict):
    """One thing that the run found out, and the solutions that show it."""

    title: str
    text: str
    move: str
    effect: Literal["helps", "hurts", "neutral"]
    solutions: list[str]
    tier: Literal["competition", "domain", "global"]
    conditions: list[ConditionAnswer]


class DistilAnswer(Strict):
    """What a run found out."""

    learnings: list[LearningAnswer]


class JudgeAnswer(Strict):
    """The orchestrator's judgement of one learning."""

    decision: Literal["skip", "competition", "domain", "global", "conflict"]
    reason: str
    skill: str | None


def read_json(text: str, model: type[T]) -> T:
    """An answer in JSON, bare or fenced or with words around it. Raises Unusable with every problem."""
    found = _json_in(text)
    if found is None:
        raise Unusable("there is no JSON object in the answer")
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise Unusable(*_problems_of(error)) from None


def read_draft(text: str, *, known_skills: Collection[str]) -> Proposal:
    """A header and a whole script. Raises Unusable with every problem."""
    header, problems = _header(text, needs_diagnosis=False)
    code = _code(text)
    if code is None:
        problems.append("there is no ```python block with the whole script")
    else:
        problems += script_problems(code)
    return _proposal(header, code, problems, known_skills, edited=False)


def read_change(text: str, parent: str, *, known_skills: Collection[str], needs_diagnosis: bool) -> Proposal:
    """A header and edits of the parent's script, or a whole script after all. Raises Unusable."""
    header, problems = _header(text, needs_diagnosis=needs_diagnosis)
    edits, malformed = parse_edits(text)
    code = None if edits or malformed else _code(text)
    if code is not None:
        return _proposal(header, code, problems + script_problems(code), known_skills, edited=False)
    problems += malformed
    if not edits and not malformed:
        problems.append("there are no edits: each is a SEARCH passage and its REPLACE passage between their marks")
    edited = apply_edits(parent, edits)
    problems += edited.problems
    if edits and not problems:
        problems += ["the edits leave the script as it was"] if edited.text == parent else []
        problems += script_problems(edited.text)
    return _proposal(header, edited.text, problems, known_skills, edited=True)


def script_problems(code: str) -> list[str]:
    """Why a text is no script that is worth running."""
    if len(code) > LONGEST_CODE:
        return [f"the script has {len(code)} characters; {LONGEST_CODE} are the most"]
    if "submission.csv" not in code:
        return ["the script never mentions submission.csv, which it must write"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except SyntaxError as error:
        return [f"the script is no Python: line {error.lineno}: {error.msg}"]
    except (ValueError, RecursionError, MemoryError) as error:
        return [f"the script is no Python: {error}"]
    return []


def fenced_blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of each fenced block, in order; one that isn't closed is left out."""
    blocks: list[tuple[str, str]] = []
    fence = language = ""
    inside: list[str] = []
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if not fence and match:
            fence, language, inside = match[1], match[2].lower(), []
        elif fence and match and match[1] == fence and not match[2]:
            blocks.append((language, "\n".join(inside)))
            fence = ""
        elif fence:
            inside.append(line)
    return blocks


def _proposal(
    header: Header | None, code: str | None, problems: list[str], known: Collection[str], *, edited: bool
) -> Proposal:
    if problems or header is None or code is None:
        raise Unusable(*problems)
    return Proposal(
        code=code.rstrip() + "\n",
        move=slug(header.move, "change"),
        summary=one_line(header.summary, 300),
        approach=slug(header.approach, ""),
        diagnosis=header.diagnosis,
        skills=tuple(dict.fromkeys(s for s in header.skills if s in known)),
        part=one_line(header.part, 60),
        edited=edited,
    )


def _header(text: str, *, needs_diagnosis: bool) -> tuple[Header | None, list[str]]:
    blocks = [body for language, body in fenced_blocks(text) if language == "json"]
    if not blocks:
        return None, ["there is no ```json block at the start that says move, summary, diagnosis and skills"]
    try:
        header = Header.model_validate_json(blocks[0])
    except ValidationError as error:
        return None, [f"the ```json block: {problem}" for problem in _problems_of(error)]
    if needs_diagnosis and header.diagnosis is None:
        return None, [f"the ```json block names no diagnosis: one of {', '.join(FailureMode)}"]
    return header, []


def _code(text: str) -> str | None:
    """The longest Python block: a short one before it may be an example of something."""
    blocks = [body for language, body in fenced_blocks(text) if language in ("python", "py", "python3")]
    return max(blocks, key=len) if blocks else None


def _json_in(text: str) -> dict[str, Any] | None:
    fenced = [body for language, body in fenced_blocks(text) if language in ("json", "")]
    braces = text[text.find("{") : text.rfind("}") + 1]
    for candidate in (text, *fenced, braces):
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _problems_of(error: ValidationError) -> list[str]:
    found = []
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in one["loc"])
        found.append(f"{where}: {one['msg']}" if where else str(one["msg"]))
    return found
