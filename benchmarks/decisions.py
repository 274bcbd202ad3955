"""Were kept changes really better? Holds the decisions of finished runs against the answers.

    python benchmarks/decisions.py WORKSPACE

Every solution with predictions on the search folds is graded as the submission it would have made. A change that
was kept is right when its graded score beats its parent's, one that was reverted when it doesn't. The second table
replays the rule with other numbers of standard errors over the same changes.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from haste.adapters.competitions import FolderCompetitions
from haste.adapters.event_files import EventFiles
from haste.core.events import Member
from haste.core.evolve import rebuild
from haste.core.run import RunState
from haste.core.statistics import is_better, mean, relative_gain
from haste.errors import HasteError

RULES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Decision:
    """One change that ran on every fold: what was seen out of fold, what the answers say, and what was decided."""

    competition: str
    gains: list[float]
    kept: bool
    graded: float
    """Relative gain on the answers."""


def graded(files: FolderCompetitions, root: Path, state: RunState, solution: str) -> float | None:
    """The score on the answers of the submission that one solution's search folds would make."""
    assert state.competition is not None and state.profile is not None
    folds = {solution: state.search_folds}
    members = [Member(solution=solution, weight=1.0)]
    try:
        path, _, _ = files.submit(state.run, state.competition, state.profile, members, folds)
        return files.grade(state.competition, root / path)
    except (HasteError, OSError):
        return None


def decisions(files: FolderCompetitions, root: Path, state: RunState) -> list[Decision]:
    """Every decided change of a run that has all its folds, against the parent it was held against."""
    assert state.competition is not None
    scores: dict[str, float | None] = {}
    made = []
    for solution, candidate in state.candidates.items():
        parent = candidate.solution.parent
        if candidate.verdict is None or parent is None or candidate.stopped_early or candidate.failure:
            continue
        gains = state.gains_over(solution, parent)
        if len(gains) < len(state.search_folds):
            continue
        for one in (solution, parent):
            if one not in scores:
                scores[one] = graded(files, root, state, one)
        new, old = scores[solution], scores[parent]
        if new is not None and old is not None:
            gain = relative_gain(state.competition.metric, new, old)
            made.append(Decision(state.competition.id, gains, candidate.verdict == "kept", gain))
    return made


def main(workspace: Path) -> None:
    """Print both tables."""
    log = EventFiles(workspace / "events")
    made: list[Decision] = []
    gaps = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / ".haste").symlink_to(workspace.resolve() / ".haste")
        files = FolderCompetitions(root)
        for stream in log.streams():
            state = rebuild(log.read(stream))
            if not state.done or state.competition is None or state.competition.answers is None:
                continue
            made += decisions(files, root, state)
            if state.ensemble is not None and state.submission is not None:
                reported = state.ensemble.score if state.ensemble_kept else state.ensemble.single_score
                score = files.grade(state.competition, workspace / state.submission.path)
                gaps.append((state, reported, score))
    print(f"{'run':<58} {'metric':<18} {'reported':>10} {'± se':>8} {'graded':>10} {'graded better by':>17}")
    for state, reported, score in gaps:
        assert state.competition is not None and state.ensemble is not None
        built = state.ensemble
        error = (built.error if state.ensemble_kept else built.single_error) or 0.0
        gap = relative_gain(state.competition.metric, score, reported)
        name = state.competition.metric_name
        print(f"{state.run:<58} {name:<18} {reported:>10.5g} {error:>8.2g} {score:>10.5g} {gap:>+16.1%}")
    tell(made)


def tell(made: list[Decision]) -> None:
    """How often decisions were right, and how often other rules would have been."""
    kept = [d for d in made if d.kept]
    reverted = [d for d in made if not d.kept]
    print(f"\n{len(made)} changes ran on every fold")
    print(f"kept:     {len(kept)}, really better {share([d.graded > 0 for d in kept])}")
    print(f"reverted: {len(reverted)}, really not better {share([d.graded <= 0 for d in reverted])}")
    print(f"\n{'keep beyond':>12} {'kept':>5} {'really better':>14} {'mean graded gain':>17} {'gain missed':>12}")
    for errors in RULES:
        chosen = [d for d in made if is_better(d.gains, errors=errors)]
        passed = [d for d in made if not is_better(d.gains, errors=errors)]
        gain = mean([d.graded for d in chosen])
        missed = sum(max(0.0, d.graded) for d in passed) / max(1, len(made))
        right = share([d.graded > 0 for d in chosen])
        print(f"{errors:>9.2f} se {len(chosen):>5} {right:>14} {gain:>+16.2%} {missed:>11.2%}")


def share(flags: list[bool]) -> str:
    """A share in words."""
    return f"{mean([float(f) for f in flags]):.0%} of {len(flags)}" if flags else "none"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/decisions.py WORKSPACE")
    main(Path(sys.argv[1]))
