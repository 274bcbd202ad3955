"""Runs that end in learnings, told event by event, and a workspace to curate them in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from haste.adapters.fakes import FixedClock, MemoryLog
from haste.adapters.git import GitRepository, init_repository
from haste.adapters.history import LoggedHistory
from haste.adapters.rehearsal import RehearsalFiles, RehearsalSandbox
from haste.adapters.skill_tree import GitSkills
from haste.core import events as e
from haste.core.competition import ColumnKind, ColumnProfile, Competition, FoldPlan, Profile, TaskKind
from haste.core.condition import Condition
from haste.core.learning import Learning, Verdict
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill, Skill
from haste.core.skill_text import render_skill
from haste.engineers.offline.judging import judge
from haste.engineers.scripted import ScriptedEngineer
from haste.ports import Clock, Engineer, EventLog
from haste.settings import Settings

WIDE = (Condition(trait="max_cardinality", at_least=20),)


_RECIPE = ("effect", "gain", "error", "trials", "parameters", "conditions", "plan")


def _recipe(move: str, facts: dict[str, object], **otherwise: object) -> dict[str, object]:
    return {"move": move, **otherwise, **{key: facts.pop(key) for key in _RECIPE if key in facts}}


def learning(competition: str = "churn", move: str = "rank-gauss", **facts: object) -> Learning:
    """A clear gain of 0.05 in a table, unless told otherwise."""
    recipe = _recipe(move, facts, gain=0.05, error=0.01, trials=5)
    told: dict[str, object] = {
        "id": "l1",
        "title": f"{move} seen",
        "text": f"The change {move} was tried beside its parent on the same folds.",
        "tier": Scope.DOMAIN,
        "competition": competition,
        "domain": "tabular",
        "metric": "roc_auc",
        "engineer": "offline",
        "run": f"{competition}/r1",
    }
    return Learning.model_validate({**told, **facts, "recipe": recipe})


def skill(name: str, move: str = "", **facts: object) -> Skill:
    """A standing skill of the tabular domain, unless told otherwise; without a move it is mere prose."""
    recipe = _recipe(move, facts, gain=0.03, error=0.01) if move else None
    told: dict[str, object] = {
        "name": name,
        "description": f"What {name} says. Use when it fits.",
        "scope": Scope.DOMAIN,
        "owner": "tabular",
        "body": f"# {name}\n\n**What.** Do as {name.replace('-', ' ')} says.",
    }
    return Skill.model_validate({**told, **facts, "recipe": recipe})


def loaded(*skills: Skill) -> list[LoadedSkill]:
    """Skills as a judge sees them."""
    return [LoadedSkill(skill=one, version=one.version) for one in skills]


def verdict(one: Learning, *skills: Skill, others: Sequence[Learning] = ()) -> Verdict:
    """The offline engineer's verdict."""
    return list(judge(one, loaded(*skills), others))[-1]


class JudgingEngineer(ScriptedEngineer):
    """Judges as the offline engineer does."""

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",
    ) -> Iterator[e.AnyEvent | Verdict]:
        yield from judge(learning, inventory, others)


def competition(name: str) -> Competition:
    """A competition that has no files."""
    return Competition(
        id=name,
        domain="tabular",
        root=name,
        train="train.csv",
        test="test.csv",
        sample="sample.csv",
        metric_name="roc_auc",
        id_column="id",
        targets=("y",),
        prediction_columns=("y",),
    )


def tell_run(log: EventLog, *learnings: Learning, columns: Sequence[str] = ("Deck",), score: float = 0.8) -> str:
    """A finished run with these learnings, in its stream."""
    name = learnings[0].run
    profile = Profile(
        rows=1000,
        test_rows=400,
        task=TaskKind.BINARY,
        columns=tuple(ColumnProfile(name=c, kind=ColumnKind.CATEGORICAL) for c in columns),
        folds=FoldPlan(kind="stratified"),
    )
    built = e.EnsembleBuilt(
        members=(e.Member(solution="s001", weight=1.0),), method="uniform", score=score, error=0.01,
        single="s001", single_score=score, single_error=0.01, rows="fresh folds",
    )  # fmt: skip
    events: list[e.Event] = [
        e.RunStarted(
            competition=competition(learnings[0].competition), settings=Settings(), engineer="offline",
            arm="tiered", commit="c0", environment={}, data={},
        ),
        e.CompetitionProfiled(profile=profile),
        e.DomainChosen(domain="tabular", why="told"),
        built,
        e.EnsembleKept(gain=0.001),
        *(e.LearningRecorded(learning=one) for one in learnings),
        e.RunFinished(score=score, error=0.01, best="s001"),
    ]  # fmt: skip
    for position, event in enumerate(events):
        log.append(name, event, expected=position)
    return name


@dataclass
class BenchPorts:
    """Real skills and a real history; the rest is a rehearsal."""

    log: EventLog
    engineer: Engineer
    skills: GitSkills
    history: LoggedHistory
    files: RehearsalFiles
    clock: Clock = field(default_factory=FixedClock)
    sandbox: RehearsalSandbox = field(default_factory=RehearsalSandbox)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """A workspace with some skills, a log, and ports over both."""

    ports: BenchPorts
    repository: GitRepository
    log: MemoryLog

    def names(self, commit: str | None = None) -> dict[str, str]:
        """Path and version of every skill."""
        return {one.path: one.version for one in self.ports.skills.load(commit)}

    def find(self, name: str, commit: str | None = None) -> Skill:
        """The skill called `name`."""
        return next(one for one in self.ports.skills.load(commit) if one.name == name)


def bench(folder: Path, *skills: Skill, log: MemoryLog | None = None) -> Bench:
    """A fresh workspace that holds these skills."""
    files = {"README.md": b"hello\n", **{f"{s.path}/SKILL.md": render_skill(s).encode() for s in skills}}
    return over(init_repository(folder, files), log or MemoryLog())


def over(repository: GitRepository, log: MemoryLog) -> Bench:
    """Ports over a workspace and a log that are there already."""
    at = BenchPorts(
        log=log,
        engineer=JudgingEngineer(log, drafts=()),
        skills=GitSkills(repository),
        history=LoggedHistory(log),
        files=RehearsalFiles(repository.folder),
    )
    return Bench(at, repository, log)
