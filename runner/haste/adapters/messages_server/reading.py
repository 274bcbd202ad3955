"""What the scripted Claude reads off a prompt: which question it is, the competition, the script, the history."""

import re
from dataclasses import dataclass

from haste.core.metric import PredictionKind

_KINDS = (
    ("a real number", PredictionKind.VALUE),
    ("the probability of the positive class", PredictionKind.PROBABILITY),
    ("one probability a class", PredictionKind.CLASS_PROBABILITIES),
    ("a class label", PredictionKind.LABEL),
    ("an integer grade", PredictionKind.ORDINAL),
)
_QUESTIONS = (
    ("# Task: prototype", "draft"),
    ("# Task: one change", "improve"),
    ("# Task: a mend", "debug"),
    ("# Task: learnings", "distil"),
    ("Decide what becomes of the learning", "judge"),
    ("Which specialist should work on this competition?", "domain"),
)
_FENCE = re.compile(r'<untrusted what="([^"]*)" fence="([0-9a-f]+)">\n(.*?)\n</untrusted fence="\2">', re.DOTALL)


@dataclass(frozen=True)
class Facts:
    """What a solution needs to know of a competition."""

    domain: str
    kind: PredictionKind
    train: str
    test: str
    sample: str
    id_column: str
    target: str


def question_of(text: str) -> str:
    """Which of the questions a prompt asks; '' for none of them."""
    return next((name for words, name in _QUESTIONS if words in outside(text)), "")


def outside(text: str) -> str:
    """A prompt without its fenced passages: what was said by the one who asks."""
    return _FENCE.sub("", text)


def fenced(text: str, what: str) -> str:
    """The last passage fenced under a label that begins so; '' where there is none."""
    return next((m[3] for m in reversed(list(_FENCE.finditer(text))) if m[1].startswith(what)), "")


def facts_of(text: str) -> Facts:
    """The competition as the prompt describes it."""
    plain = outside(text)
    prediction = _found(r"A prediction is ([^.]*)\.", plain)
    kind = next((kind for words, kind in _KINDS if prediction.startswith(words)), PredictionKind.VALUE)
    files = re.search(r"- Files: `input/([^`]+)`, `input/([^`]+)`, sample submission `input/([^`]+)`", plain)
    train, test, sample = files.groups() if files else ("train.csv", "test.csv", "sample_submission.csv")
    return Facts(
        domain=_found(r"- Id: .*? Domain: (\w+)", plain) or "tabular",
        kind=kind,
        train=train,
        test=test,
        sample=sample,
        id_column=_found(r"- Id column `([^`]+)`", plain),
        target=_found(r"targets? `([^`]+)`", plain),
    )


def changes_in(history: str) -> list[tuple[str, str, str, str]]:
    """Solution, move, parent and outcome of each change that a history or a table shows."""
    pattern = re.compile(r"^(s\d+) ([a-z0-9-]+) on (s\d+)[^:]*: (kept|reverted|failed)(.*)$", re.MULTILINE)
    return [(m[1], m[2], m[3], m[4] + m[5]) for m in pattern.finditer(history)]


def tried_in(history: str) -> set[str]:
    """Every move that a history names, merged lines included."""
    merged = " ".join(re.findall(r"^earlier and [^:]*: (.*)$", history, re.MULTILINE))
    return {move for _, move, _, _ in changes_in(history)} | set(re.findall(r"[a-z][a-z0-9-]+", merged))


def effect_of(outcome: str) -> str:
    """Whether a change helped, by the gain and its error that an outcome states."""
    stated = re.search(r"([+-][\d.e-]+)(?: ± ([\d.e-]+))?", outcome)
    if stated is None:
        return "hurts" if outcome.startswith("failed") else "neutral"
    gain, error = float(stated[1]), float(stated[2] or 0.0)
    return "neutral" if abs(gain) <= error else "helps" if gain > 0 else "hurts"


def solutions_in(history: str) -> int:
    """How many solutions there are, by the history's own count."""
    return int(_found(r"^(\d+) solutions?,", history) or 0)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""
