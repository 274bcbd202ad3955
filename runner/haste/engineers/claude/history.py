"""A run's history in at most twenty lines, however long it is; and what each part of a solution has brought."""

from collections.abc import Sequence

from haste.core.run import Candidate, RunState
from haste.core.solution import Solution
from haste.core.statistics import standard_error
from haste.engineers.claude.plain import one_line

LONGEST = 20
_PROTOTYPES, _KEPT, _RECENT = 3, 6, 6
_LINE, _MERGED = 220, 700


def history_lines(state: RunState) -> list[str]:
    """Prototypes, kept changes and the latest ones line by line; older ones merged. At most `LONGEST` lines."""
    shown = _shown(state)
    if not shown:
        return []
    drafts = [c for c in shown if c.track is None]
    changes = [c for c in shown if c.track is not None]
    if len(shown) < LONGEST:
        return [_summary(state, shown), *(describe(state, c) for c in shown)]
    kept = [c for c in changes if c.verdict == "kept"]
    recent = changes[-_RECENT:]
    singly = {c.solution.id for c in [*kept[-_KEPT:], *recent]}
    older = [c for c in changes if c.solution.id not in singly]
    groups = (
        ("earlier and kept", [c for c in older if c.verdict == "kept"]),
        ("earlier and without a gain", [c for c in older if c.verdict != "kept" and c.failure is None]),
        ("earlier and failed to run", [c for c in older if c.verdict != "kept" and c.failure is not None]),
    )
    lines = [_summary(state, shown)]
    lines += [describe(state, c) for c in drafts[:_PROTOTYPES]]
    if len(drafts) > _PROTOTYPES:
        lines.append(_merged("further prototypes", drafts[_PROTOTYPES:]))
    lines += [_merged(title, group) for title, group in groups if group]
    lines += [describe(state, c) for c in changes if c.solution.id in singly]
    return lines


def ablation_lines(state: RunState, solution: str) -> list[str]:
    """What each part of a solution has brought: the changes kept on its way, and what else was tried on a part."""
    lineage = _lineage(state, solution)
    parts: dict[str, list[Candidate]] = {}
    for candidate in _shown(state):
        if candidate.track is not None:
            parts.setdefault(_part(candidate.solution), []).append(candidate)
    lines = []
    for part, tried in sorted(parts.items(), key=lambda item: -_brought(item[1], lineage)):
        inside = [c for c in tried if c.solution.id in lineage and c.verdict == "kept"]
        missed = [c for c in tried if c.verdict != "kept"]
        has = "; ".join(f"{c.solution.change.move} {_spread(state, c)}" for c in inside) or "nothing kept"
        lost = f"; {len(missed)} without a gain ({_names(missed, 160)})" if missed else ""
        lines.append(one_line(f"{part}: {has}{lost}", _MERGED))
    root = state.candidates[lineage[-1]].solution
    lines.append(one_line(f"the rest stands as prototype {root.id} made it: {root.change.summary}", _LINE))
    return lines[:LONGEST]


def table_lines(state: RunState, limit: int = 60) -> list[str]:
    """Every solution with its change and its outcome; beyond `limit` the least telling are left out."""
    shown = _shown(state)
    if len(shown) > limit:
        drafts = [c for c in shown if c.track is None]
        changes = sorted((c for c in shown if c.track is not None), key=lambda c: -abs(c.relative_gain or 0.0))
        chosen = {c.solution.id for c in [*drafts[:5], *changes[: limit - 5]]}
        shown = [c for c in shown if c.solution.id in chosen]
    return [f"{describe(state, c)} — {one_line(c.solution.change.summary, 200)}" for c in shown]


def describe(state: RunState, candidate: Candidate) -> str:
    """One solution as one line: what was done, on what, why, and how it went."""
    solution = candidate.solution
    mended = " (mended)" if solution.mends else ""
    diagnosis = f" [{solution.diagnosis}]" if solution.diagnosis else ""
    cites = f" citing {', '.join(solution.reason.skills)}" if solution.reason.skills else ""
    if candidate.track is None:
        what = f"prototype {solution.change.move} ({solution.approach or 'no name'}){mended}"
    else:
        what = f"{solution.change.move} on {solution.parent}{diagnosis}{mended}{cites}"
    return one_line(f"{solution.id} {what}: {_outcome(state, candidate)}", _LINE)


def _shown(state: RunState) -> list[Candidate]:
    """Candidates in the order of proposal; of a failed one and its mends only the last."""
    mended = {c.solution.mends for c in state.candidates.values() if c.solution.mends}
    return [c for s, c in state.candidates.items() if s not in mended]


def _outcome(state: RunState, candidate: Candidate) -> str:
    if candidate.failure is not None:
        return f"failed, {candidate.failure.kind.value}: {one_line(candidate.failure.message, 80)}"
    if candidate.verdict is not None:
        early = ", stopped early" if candidate.stopped_early else ""
        return f"{candidate.verdict}, {_spread(state, candidate)}{early}"
    if candidate.score is not None:
        return f"scored {candidate.score:.6g} on {candidate.score_folds} fold{'s' * (candidate.score_folds != 1)}"
    return "not scored yet"


def _spread(state: RunState, candidate: Candidate) -> str:
    if candidate.gain is None:
        return "no score"
    parent = candidate.solution.parent
    error = None
    if parent in state.candidates:
        error = standard_error(state.gains_over(candidate.solution.id, parent))
    return f"{candidate.gain:+.4g}" + (f" ± {error:.2g}" if error is not None else "")


def _summary(state: RunState, shown: Sequence[Candidate]) -> str:
    kept = sum(c.verdict == "kept" for c in shown)
    reverted = sum(c.verdict == "reverted" and c.failure is None for c in shown)
    failed = sum(c.failure is not None for c in shown)
    best = state.best
    score = "" if best is None else f"; best so far {best} with {state.candidates[best].score:.6g}"
    return (
        f"{len(shown)} solution{'s' * (len(shown) != 1)}, {kept} changes kept, {reverted} without a gain, "
        f"{failed} failed{score}"
    )


def _merged(title: str, group: Sequence[Candidate]) -> str:
    return one_line(f"{title} ({len(group)}): {_names(group, _MERGED - 60)}", _MERGED)


def _names(group: Sequence[Candidate], limit: int) -> str:
    counts: dict[str, int] = {}
    for candidate in group:
        counts[candidate.solution.change.move] = counts.get(candidate.solution.change.move, 0) + 1
    names = [move + (f" ×{n}" if n > 1 else "") for move, n in counts.items()]
    return one_line(", ".join(names), limit)


def _lineage(state: RunState, solution: str) -> list[str]:
    """The solution, its parent, and so on to the prototype it goes back to."""
    found = [solution]
    while (parent := state.candidates[found[-1]].solution.parent) in state.candidates and parent not in found:
        found.append(parent)
    return found


def _part(solution: Solution) -> str:
    return str(solution.change.parameters.get("part") or "unnamed part")


def _brought(tried: Sequence[Candidate], lineage: Sequence[str]) -> float:
    return sum(c.gain or 0.0 for c in tried if c.solution.id in lineage and c.verdict == "kept")
