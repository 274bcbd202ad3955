"""A small competition, runs in every state that prompts speak of, and an engineer whose model is a script."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from haste.adapters.fakes import MemoryLog
from haste.adapters.messages_server.in_memory import InMemoryMessages
from haste.adapters.messages_server.wire import Answerer, Fault, Reply, Script
from haste.adapters.skill_files import parse_skill
from haste.core.competition import ColumnKind, ColumnProfile, Competition, Fold, FoldPlan, Profile, TaskKind
from haste.core.events import (
    AnyEvent,
    ChangeKept,
    ChangeReverted,
    CompetitionProfiled,
    DomainChosen,
    EvaluationFailed,
    Event,
    FoldScored,
    RunStarted,
    SolutionProposed,
    SolutionScored,
    StageFinished,
)
from haste.core.evolve import evolve, rebuild
from haste.core.knowledge import Context, Knowledge
from haste.core.run import RunState
from haste.core.skill import Evidence, LoadedSkill, Skill
from haste.core.solution import Change, Failure, FailureKind, FailureMode, Reason, Solution
from haste.core.statistics import mean, standard_error
from haste.engineers.claude.engineer import ClaudeEngineer
from haste.ports import Messages
from haste.settings import Settings

RUN = "rooms/20260101-000000"
INVENTORY = Path(__file__).parents[2] / "skills"
ENVIRONMENT = {
    "cores": "2",
    "memory_bytes": str(16 * 2**30),
    "python": "3.11.7",
    "package lightgbm": "4.7.0",
    "package pandas": "3.1.1",
    "package scikit-learn": "1.9.1",
}
CODE = '''"""A plain start."""

import pandas as pd
from sklearn.linear_model import LogisticRegression

train = pd.read_csv("input/train.csv")
test = pd.read_csv("input/test.csv")
features = ["size", "floor"]
model = LogisticRegression(C=1.0)
model.fit(train[features].fillna(0), train["let"])
out = test[["id"]].assign(let=model.predict_proba(test[features].fillna(0))[:, 1])
out.to_csv("submission.csv", index=False)
'''
HEADER = """```json
{"move": "%s", "summary": "Try it.", "approach": "linear", "diagnosis": "%s", "skills": [], "part": "%s"}
```
"""


def competition(**changes: object) -> Competition:
    """Rooms to let: two columns and a description."""
    values: dict[str, Any] = {
        "id": "rooms",
        "title": "Rooms",
        "description": "# Rooms\n\nWhich rooms are let within a week?\n",
        "domain": None,
        "root": "rooms/public",
        "train": "train.csv",
        "test": "test.csv",
        "sample": "sample_submission.csv",
        "metric_name": "roc_auc",
        "id_column": "id",
        "targets": ("let",),
        "prediction_columns": ("let",),
    }
    return Competition.model_validate(values | changes)


def profile(**changes: object) -> Profile:
    """A thousand rows, no surprises."""
    columns = (
        ColumnProfile(name="size", kind=ColumnKind.NUMERIC, unique=90, skew=1.2, examples=("12", "30", "18")),
        ColumnProfile(name="street", kind=ColumnKind.CATEGORICAL, unique=40, missing=0.1, unseen=0.05),
    )
    values: dict[str, Any] = {
        "rows": 1000,
        "test_rows": 400,
        "task": TaskKind.BINARY,
        "columns": columns,
        "classes": ("0", "1"),
        "class_shares": (0.7, 0.3),
        "folds": FoldPlan(kind="stratified", folds=5, reason="classes are uneven"),
        "traits": {"rows": 1000.0, "missing": 0.05, "metric": "roc_auc", "has_text": False},
        "remarks": ("street has values in the test rows that training never saw",),
    }
    return Profile.model_validate(values | changes)


def skill(
    name: str, scope: str = "global", owner: str = "", body: str = "Do it.", **evidence: object
) -> LoadedSkill:
    """A skill as a run loaded it."""
    one = Skill.model_validate(
        {"name": name, "description": f"What {name} says.", "scope": scope, "owner": owner, "body": body}
    )
    return LoadedSkill(skill=one, version=one.version, evidence=Evidence.model_validate(evidence))


def shipped_skills() -> list[LoadedSkill]:
    """The starter inventory, from the repository's own tree."""
    found = []
    for path in sorted(INVENTORY.glob("**/SKILL.md")):
        one = parse_skill(path.parent.relative_to(INVENTORY.parent).as_posix(), path.read_text("utf-8"))
        found.append(LoadedSkill(skill=one, version=one.version))
    return found


@dataclass
class Desk:
    """A run's log and the engineer that works on it; `state` follows what is recorded."""

    messages: Messages
    settings: Settings = field(default_factory=lambda: Settings(jobs=1))
    skills: Sequence[LoadedSkill] = ()
    log: MemoryLog = field(default_factory=MemoryLog)
    competition: Competition = field(default_factory=competition)
    profile: Profile = field(default_factory=profile)
    domain: str | None = "tabular"

    def __post_init__(self) -> None:
        self.engineer = ClaudeEngineer(self.messages, self.log, self.settings)
        if self.log.read(RUN):
            self.state = rebuild(self.log.read(RUN))
            return
        self.state = RunState()
        self.add(
            RunStarted(
                competition=self.competition, settings=self.settings, engineer=self.engineer.name,
                arm="tiered", commit="c0ffee", environment=ENVIRONMENT, data={},
            ),
            CompetitionProfiled(profile=self.profile),
        )  # fmt: skip
        if self.domain is not None:
            self.add(DomainChosen.model_validate({"domain": self.domain, "why": "it says so"}))

    @property
    def context(self) -> Context:
        """What the engineer works with."""
        return Context(run=RUN, knowledge=Knowledge(skills=tuple(self.skills)), hardware=ENVIRONMENT)

    def add(self, *events: Event) -> None:
        """Record events."""
        for event in events:
            recorded = self.log.append(RUN, event, expected=self.state.position)
            self.state = evolve(self.state, recorded)

    def play(self, events: Iterable[Any]) -> list[AnyEvent]:
        """Record what an engineer yields, one by one as the loop does, and return it."""
        kept = []
        for event in events:
            self.add(event)
            kept.append(event)
        return kept

    def draft(self, number: int = 0) -> list[AnyEvent]:
        """Ask for a prototype."""
        return self.play(self.engineer.draft(self.state, self.context, number=number))

    def improve(self, parent: str = "s001", escalation: int = 0, track: int = 0) -> list[AnyEvent]:
        """Ask for a change."""
        return self.play(
            self.engineer.improve(self.state, self.context, parent=parent, track=track, escalation=escalation)
        )

    def debug(self, solution: str, track: int | None = None) -> list[AnyEvent]:
        """Ask for a mend."""
        return self.play(self.engineer.debug(self.state, self.context, solution=solution, track=track))

    def distil(self) -> list[AnyEvent]:
        """Ask what was found out."""
        return self.play(self.engineer.distil(self.state, self.context))

    # ── what the runner would record ─────────────────────────────────────────────────────────────────

    def solution(
        self, code: str = CODE, *, track: int | None = None, mends: str | None = None, **more: object
    ) -> str:
        """Propose a solution by hand."""
        name = f"s{len(self.state.candidates) + 1:03d}"
        values: dict[str, object] = {
            "move": "plain-start", "summary": "A plain start.", "part": "model", "skills": (), "parent": None,
            "approach": "linear", "diagnosis": None,
        } | more  # fmt: skip
        part, move, summary = values.pop("part"), values.pop("move"), values.pop("summary")
        one = Solution.model_validate(
            values
            | {
                "id": name,
                "change": Change.model_validate({"move": move, "summary": summary, "parameters": {"part": part}}),
                "code": self.log.put(RUN, f"{name}.py", code.encode()),
                "mends": mends,
                "reason": Reason.model_validate({"skills": values.pop("skills")}),
            }
        )
        self.add(SolutionProposed(solution=one, track=track))
        return name

    def score(self, solution: str, scores: Sequence[float], output: str = "fitted") -> None:
        """Score a solution's folds."""
        for number, score in enumerate(scores):
            self.add(
                FoldScored(
                    solution=solution, fold=Fold(number=number), score=score, seconds=2.0, memory_bytes=2**28,
                    predictions=f"{solution}-{number}", output=output,
                )
            )  # fmt: skip
        self.add(
            SolutionScored(solution=solution, score=mean(scores), error=standard_error(scores), folds=len(scores))
        )

    def fail(self, solution: str, message: str = "KeyError: 'floor'", output: str = "Traceback") -> None:
        """Let a solution crash on its first fold."""
        failure = Failure(kind=FailureKind.CRASHED, message=message, output=output)
        self.add(EvaluationFailed(solution=solution, fold=Fold(number=0), failure=failure, seconds=0.3))

    def prototypes_done(self, scores: Sequence[float] = (0.70, 0.71, 0.69, 0.70, 0.72)) -> None:
        """One prototype with every fold scored, and refinement about to begin."""
        self.score(self.solution(), scores)
        self.add(StageFinished(stage="prototypes", reason="one is enough"))

    def decide(self, solution: str, parent: str, gain: float, *, track: int = 0) -> None:
        """Keep a change that gained, revert one that didn't."""
        common = {"solution": solution, "parent": parent, "track": track, "gain": gain, "error": 0.001}
        kind = ChangeKept if gain > 0 else ChangeReverted
        self.add(kind.model_validate(common | {"relative_gain": gain / 0.3, "reason": "by its folds"}))

    def change(self, gain: float, parent: str = "s001", **more: object) -> str:
        """A change that was proposed, scored and decided."""
        code = f"{CODE}# {len(self.state.candidates)}\n"
        name = self.solution(code, track=0, parent=parent, **more)  # type: ignore[arg-type]
        before = list(self.state.candidates[parent].scores.values())
        self.score(name, [s + gain + 0.0004 * (k % 3) for k, s in enumerate(before)])
        self.decide(name, parent, gain)
        return name


def desk(*answers: Reply | Fault | str, then: Answerer | None = None, **more: object) -> Desk:
    """A desk whose model answers from a list."""
    made = [Reply(a) if isinstance(a, str) else a for a in answers]
    return Desk(InMemoryMessages(Script(*made, after=then)), **more)  # type: ignore[arg-type]


def draft_answer(move: str = "logistic", code: str = CODE, diagnosis: str = "UNDERFITTING") -> str:
    """A usable draft."""
    return HEADER % (move, diagnosis, "model") + f"```python\n{code}```\n"


def edit_answer(search: str, replace: str, move: str = "weaker-penalty", diagnosis: str = "UNDERFITTING") -> str:
    """A usable change of one passage."""
    return (
        HEADER % (move, diagnosis, "model") + f"\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"
    )


GOOD_EDIT = edit_answer("model = LogisticRegression(C=1.0)", "model = LogisticRegression(C=0.1)")


def messages_of(desk: Desk) -> InMemoryMessages:
    """The script behind a desk."""
    assert isinstance(desk.messages, InMemoryMessages)
    return desk.messages


def kinds(events: Iterable[Event]) -> list[str]:
    """Names of events; a refusal with its kind."""
    return [f"{type(e).__name__}:{e.kind}" if hasattr(e, "kind") else type(e).__name__ for e in events]


def modes() -> Iterator[FailureMode]:
    """Every failure mode."""
    yield from FailureMode
