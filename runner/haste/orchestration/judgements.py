"""How well an engineer judges: labelled learnings, its verdicts, and a table of who was taken for what."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from haste.core.abstraction import abstract
from haste.core.competition import ColumnProfile
from haste.core.learning import Learning, Verdict
from haste.core.model import Frozen
from haste.core.skill import LoadedSkill, Skill

Decision = Literal["skip", "competition", "domain", "global", "conflict"]
DECISIONS: tuple[Decision, ...] = ("skip", "competition", "domain", "global", "conflict")
Split = Literal["tune", "held-out", "field"]
SPLITS: tuple[Split, ...] = ("tune", "held-out", "field")
"""Cases that rules may be tuned by, cases that they may not, and learnings that real runs told."""
Judge = Callable[[Learning, Sequence[LoadedSkill], Sequence[Learning]], Verdict]


class Case(Frozen):
    """One learning with the right answer."""

    id: str
    split: Split
    tags: tuple[str, ...]
    answer: Decision
    skills: tuple[str, ...] = ()
    """Any of these is the right skill to name; none means that it doesn't matter."""
    learning: Learning
    others: tuple[Learning, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
    note: str = ""


class Labelled(Frozen):
    """The standing skills and the cases."""

    skills: tuple[LoadedSkill, ...]
    cases: tuple[Case, ...]


class Judged(Frozen):
    """One case and what the engineer made of it."""

    case: Case
    verdict: Verdict

    @property
    def right(self) -> bool:
        """Whether the decision is the labelled one."""
        return self.verdict.decision == self.case.answer


@dataclass(frozen=True)
class Report:
    """Counts over a set of judged cases."""

    judged: tuple[Judged, ...]

    def only(self, split: Split) -> "Report":
        """The report on one split."""
        return Report(tuple(j for j in self.judged if j.case.split == split))

    @property
    def accuracy(self) -> float:
        """The share of right decisions; 0.0 for no case."""
        return sum(j.right for j in self.judged) / len(self.judged) if self.judged else 0.0

    def recall(self, decision: Decision) -> float | None:
        """The share of the cases with this answer that got it; None where there is none."""
        cases = [j for j in self.judged if j.case.answer == decision]
        return sum(j.right for j in cases) / len(cases) if cases else None

    def precision(self, decision: Decision) -> float | None:
        """The share of the verdicts of this kind that were right; None where there is none."""
        given = [j for j in self.judged if j.verdict.decision == decision]
        return sum(j.right for j in given) / len(given) if given else None

    @property
    def right_skill(self) -> float:
        """Of the right verdicts whose case names a skill, the share that named it too."""
        named = [j for j in self.judged if j.right and j.case.skills]
        return sum(j.verdict.skill in j.case.skills for j in named) / len(named) if named else 0.0

    @property
    def confusion(self) -> dict[Decision, dict[Decision, int]]:
        """Counts of verdicts by answer."""
        counts = Counter((j.case.answer, j.verdict.decision) for j in self.judged)
        return {answer: {given: counts[answer, given] for given in DECISIONS} for answer in DECISIONS}


def load_labelled() -> Labelled:
    """The labelled set that ships with HASTE."""
    text = (files("haste") / "data" / "judgements.jsonl").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    skills = [Skill.model_validate(_without_kind(row)) for row in rows if row["kind"] == "skill"]
    loaded = tuple(LoadedSkill(skill=s, version=s.version) for s in skills)
    cases = tuple(Case.model_validate(_without_kind(row)) for row in rows if row["kind"] == "case")
    return Labelled(skills=loaded, cases=cases)


def evaluate_judge(judge: Judge, labelled: Labelled, splits: Iterable[Split] = SPLITS) -> Report:
    """The verdicts of a judge on the cases of these splits; learnings are abstracted first, as curation does."""
    wanted = set(splits)
    return Report(
        tuple(
            Judged(case=c, verdict=judge(abstract(c.learning, c.columns), labelled.skills, c.others))
            for c in labelled.cases
            if c.split in wanted
        )
    )


def _without_kind(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "kind"}
