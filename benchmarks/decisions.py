"""Were kept changes really better? Holds the decisions of finished runs against the answers.

    python benchmarks/decisions.py WORKSPACE [WORKSPACE ...] [--markdown]

Every solution with predictions on the search folds is graded as the submission it would have made. A change that
was kept is right when its graded score beats its parent's, one that was reverted when it doesn't. The first table
holds what each run reported against its grade; the last one replays the rule with other numbers of standard errors
over the same changes, each against the parent it was held against at the time.
"""

import argparse
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

RULES = (0.0, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Decision:
    """One change that ran on every fold: what was seen out of fold, what the answers say, and what was decided."""

    competition: str
    gains: list[float]
    kept: bool
    seen: float
    """Relative gain out of fold."""
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
            metric = state.competition.metric
            seen = relative_gain(metric, *(mean(state.search_scores(s)) for s in (solution, parent)))
            gain, kept = relative_gain(metric, new, old), candidate.verdict == "kept"
            made.append(Decision(state.competition.id, gains, kept, seen, gain))
    return made


@dataclass(frozen=True)
class Gap:
    """What a run reported beside what the answers say. `gap` is relative: above zero it was graded better."""

    run: str
    metric: str
    reported: float
    error: float
    graded: float
    gap: float


def gap_of(files: FolderCompetitions, workspace: Path, state: RunState) -> Gap | None:
    """The reported score of a finished run against its grade."""
    reported, error = state.reported
    if reported is None or state.competition is None or state.submission is None:
        return None
    try:
        score = files.grade(state.competition, workspace / state.submission.path)
    except (HasteError, OSError):
        return None
    gap = relative_gain(state.competition.metric, score, reported)
    return Gap(state.run, state.competition.metric_name, reported, error or 0.0, score, gap)


def look(workspace: Path) -> tuple[list[Decision], list[Gap]]:
    """Every decision and every gap of a workspace's finished runs whose answers are there."""
    log, made, gaps = EventFiles(workspace / "events"), [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / ".haste").symlink_to(workspace.resolve() / ".haste")
        files = FolderCompetitions(root)
        for stream in log.streams():
            state = rebuild(log.read(stream))
            if not state.done or state.competition is None or state.competition.answers is None:
                continue
            made += decisions(files, root, state)
            if (gap := gap_of(files, workspace, state)) is not None:
                gaps.append(gap)
    return made, gaps


def tell_gaps(gaps: list[Gap]) -> None:
    """Reported and graded, run by run, and how far they are apart over all of them."""
    print(f"{'run':<58} {'metric':<18} {'reported':>10} {'± se':>8} {'graded':>10} {'graded better by':>17}")
    for g in gaps:
        print(f"{g.run:<58} {g.metric:<18} {g.reported:>10.5g} {g.error:>8.2g} {g.graded:>10.5g} {g.gap:>+16.1%}")
    if gaps:
        middle, spread = mean([g.gap for g in gaps]), mean([abs(g.gap) for g in gaps])
        print(f"{len(gaps)} runs: graded better than reported by {middle:+.1%} on average, {spread:.1%} in size")


def tell_decisions(made: list[Decision]) -> None:
    """How often decisions were right."""
    kept = [d for d in made if d.kept]
    reverted = [d for d in made if not d.kept]
    print(f"\n{len(made)} changes ran on every fold")
    print(f"kept:     {len(kept)}, really better {share([d.graded > 0 for d in kept])}")
    print(f"reverted: {len(reverted)}, really not better {share([d.graded <= 0 for d in reverted])}")
    if kept:
        seen, true = mean([d.seen for d in kept]), mean([d.graded for d in kept])
        print(f"kept changes gained {seen:+.2%} out of fold, {true:+.2%} on the answers: {seen - true:+.2%} apart")


def tell_rules(made: list[Decision], *, markdown: bool) -> None:
    """How often other rules would have been right over the same changes."""
    columns = ("keep beyond", "kept", "really better", "reverted", "rightly", "gain missed", "out of fold − graded")
    form = "| {} |".format(" | ".join(["{}"] * 7)) if markdown else "{:>12} {:>5} {:>14} {:>9} {:>12} {:>12} {:>21}"
    print("\n" + form.format(*columns))
    if markdown:
        print(form.format(*["---"] * 7))
    for errors in RULES:
        chosen = [d for d in made if is_better(d.gains, errors=errors)]
        passed = [d for d in made if not is_better(d.gains, errors=errors)]
        missed = sum(max(0.0, d.graded) for d in passed) / max(1, len(made))
        flattery = f"{mean([d.seen - d.graded for d in chosen]):+.2%}" if chosen else "none"
        right, rightly = share([d.graded > 0 for d in chosen]), share([d.graded <= 0 for d in passed])
        print(form.format(f"{errors:g} se", len(chosen), right, len(passed), rightly, f"{missed:.2%}", flattery))


def share(flags: list[bool]) -> str:
    """A share in words."""
    return f"{mean([float(f) for f in flags]):.0%} of {len(flags)}" if flags else "none"


def main() -> None:
    """Print all tables over all workspaces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspaces", nargs="+", type=Path, metavar="WORKSPACE")
    parser.add_argument("--markdown", action="store_true", help="print the table of rules as Markdown")
    arguments = parser.parse_args()
    made: list[Decision] = []
    gaps: list[Gap] = []
    for workspace in arguments.workspaces:
        if not (workspace / "events").is_dir():
            parser.error(f"{workspace} is no workspace: it has no events/")
        decided, found = look(workspace)
        made += decided
        gaps += found
    tell_gaps(gaps)
    tell_decisions(made)
    tell_rules(made, markdown=arguments.markdown)


if __name__ == "__main__":
    main()
