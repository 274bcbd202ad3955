"""One run of HASTE in a workspace, under a given name, and what its log says about its search."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from haste.adapters.competitions import FolderCompetitions
from haste.adapters.starter import starter_skills
from haste.bootstrap import Workspace
from haste.core.competition import Competition
from haste.core.events import Recorded, RunResumed, SolutionProposed
from haste.core.evolve import rebuild
from haste.core.run import RunState
from haste.projections.transfer import climb_of, refinement_of
from haste.settings import Settings
from measured.contest import Outcome, graded, load, public_copy, timed
from measured.results import Row
from measured.systems import plain_environment


@dataclass(frozen=True)
class Search:
    """A run that is to be measured: where, under which name, with which settings."""

    workspace: Path
    run: str
    folder: Path
    settings: Settings
    cores: int = 2


def search(one: Search, bench: Path) -> Row:
    """Run it, or go on with it, and read its log. It judges nothing: that is done apart from it."""
    competition = FolderCompetitions(one.folder).describe(one.folder)
    copied = public_of(competition, one.folder, bench)
    before = load()
    command = [sys.executable, "-m", "haste.cli.one_run", str(one.workspace), one.run, str(copied)]
    outcome = timed(
        [*command, json.dumps(one.settings.model_dump(mode="json"))],
        cwd=one.workspace,
        log=bench / "logs" / f"{one.run.replace('/', '-')}.log",
        cores=one.cores,
        seconds=one.settings.time_limit,
        env=plain_environment(),
    )
    recorded = Workspace(one.workspace).log.read(one.run)
    return {"wall": outcome.wall, "load": before, **read(recorded, one.workspace, competition, outcome)}


def public_of(competition: Competition, folder: Path, bench: Path) -> Path:
    """The one copy of a competition's public folder that all of its runs have."""
    copied = bench / "public" / competition.id
    return copied if copied.is_dir() else public_copy(competition, folder, bench / "public")


def read(recorded: list[Recorded], workspace: Path, competition: Competition, outcome: Outcome) -> Row:
    """What the log says: how far the search had come after each change, what was kept, and the final scores."""
    state = rebuild(recorded)
    wrong = outcome.error or state.failed or ("" if state.done else "the run is not finished")
    score, wrong_grade = _grade(state, workspace, competition) if not wrong else (None, "")
    climb, refinement = climb_of(recorded), refinement_of(recorded)
    found: Row = {
        "metric": competition.metric_name,
        "direction": competition.metric.direction,
        "climb": list(climb.scores) if climb else [],
        "decided": refinement.iterations if refinement else 0,
        "kept": refinement.kept if refinement else 0,
        "score": state.reported[0],
        "graded": score,
        "resumed": sum(isinstance(one.event, RunResumed) for one in recorded),
        **_skills(state, recorded),
    }
    told = wrong or wrong_grade
    return found | ({"error": told} if told else {})


def _grade(state: RunState, workspace: Path, competition: Competition) -> tuple[float | None, str]:
    if state.submission is None:
        return None, "it wrote no submission"
    return graded(competition, workspace / state.submission.path)


def _skills(state: RunState, recorded: list[Recorded]) -> Mapping[str, int]:
    """How many skills were loaded, how many of those were learned, and how many the run's changes rested on."""
    written = {path.split("/")[-2] for path in starter_skills() if path.endswith("/SKILL.md")}
    names = {skill.name for skill in state.loaded.skills} if state.loaded else set()
    proposals = [one.event.solution for one in recorded if isinstance(one.event, SolutionProposed)]
    cited = {skill for solution in proposals for skill in solution.reason.skills}
    return {"loaded": len(names), "learned": len(names - written), "cited": len(cited & names)}
