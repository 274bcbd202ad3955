"""States of a run, made by hand, for the engineer to answer in."""

import hashlib
from dataclasses import replace

from haste.core.competition import Fold
from haste.core.condition import Condition
from haste.core.events import Event, LoadedRef, SkillsLoaded, SolutionProposed
from haste.core.knowledge import Context, Knowledge
from haste.core.learning import Effect, Recipe
from haste.core.run import Candidate, RunState, Track
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill, Skill
from haste.core.solution import FileRef
from haste.engineers.offline.engineer import OfflineEngineer
from haste.settings import Settings
from offline.tables import Table


class Shelf:
    """Files in memory, as the event log keeps them beside a stream."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, stream: str, name: str, data: bytes) -> FileRef:
        """Keep a file."""
        self.files[f"{stream}/{name}"] = data
        return FileRef(name=name, sha256=hashlib.sha256(data).hexdigest())

    def get(self, stream: str, ref: FileRef) -> bytes:
        """A kept file."""
        return self.files[f"{stream}/{ref.name}"]


def engineer(shelf: Shelf | None = None) -> OfflineEngineer:
    """An engineer with a shelf of its own."""
    shelf = shelf or Shelf()
    return OfflineEngineer(put=shelf.put, get=shelf.get)


def begun(table: Table) -> RunState:
    """A run whose data is known and whose skills are loaded."""
    loaded = SkillsLoaded(
        arm="tiered",
        commit="c0ffee",
        skills=(LoadedRef(name="x", scope="global", version="1"),),
        characters=0,
        tokens=0,
        knowledge=FileRef(name="knowledge.json", sha256="0"),
    )
    return RunState(
        run=f"{table.competition.id}/1",
        competition=table.competition,
        settings=Settings(folds=3, jobs=2),
        profile=table.profile,
        domain="tabular",
        loaded=loaded,
    )


def context(table: Table, *skills: LoadedSkill) -> Context:
    """The context of a question."""
    hardware = {"cores": "2", "package catboost": "1", "package xgboost": "1"}
    return Context(run=f"{table.competition.id}/1", knowledge=Knowledge(skills=skills), hardware=hardware)


def skill(
    move: str,
    gain: float,
    *,
    error: float = 0.002,
    scope: Scope = Scope.DOMAIN,
    owner: str = "tabular",
    conditions: tuple[Condition, ...] = (),
    plan: dict[str, object] | None = None,
) -> LoadedSkill:
    """A skill about a move."""
    effect: Effect = "helps" if gain >= 0 else "hurts"
    recipe = Recipe(move=move, effect=effect, gain=gain, error=error, trials=5, conditions=conditions, plan=plan)
    made = Skill(name=f"know-{move}", description="d", scope=scope, owner=owner, body="b", recipe=recipe)
    return LoadedSkill(skill=made, version=made.version)


def answer(events: list[Event]) -> Event:
    """The last event, which is the answer."""
    return events[-1]


def with_scored(state: RunState, event: Event, scores: tuple[float, ...], **more: object) -> RunState:
    """The state after a proposal was scored; `seconds` a view is 1."""
    assert isinstance(event, SolutionProposed)
    folds = {Fold(number=k).key: s for k, s in enumerate(scores)}
    candidate = Candidate(
        solution=event.solution,
        track=event.track,
        scores=folds,
        seconds=dict.fromkeys(folds, 1.0),
        scored="failure" not in more,
        score=sum(scores) / len(scores),
        error=0.01,
        **more,  # type: ignore[arg-type]
    )
    tracks = state.tracks or (Track(start=event.solution.id, best=event.solution.id),)
    candidates = {**state.candidates, event.solution.id: candidate}
    return replace(state, candidates=candidates, tracks=tracks)
