"""Results of systems as Markdown: scores side by side, mean ranks, and who beats whom at which time."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median

from measured.intervals import half_width
from measured.results import Row

Contestant = tuple[str, str, float]
"""System, preset, seconds."""
ORDER = ("haste", "autogluon", "flaml", "lightgbm")


def contestants(rows: Iterable[Row]) -> list[Contestant]:
    """Who took part, HASTE first, the shorter time first."""
    found = {(str(r["system"]), str(r["preset"]), float(r["seconds"])) for r in rows}
    return sorted(found, key=lambda c: (ORDER.index(c[0]) if c[0] in ORDER else len(ORDER), c[2], c[1]))


def label(one: Contestant) -> str:
    """How a contestant is called in a table."""
    system, preset, seconds = one
    return " ".join(
        part for part in (system, preset, f"{seconds:g} s" if system != "lightgbm" else "defaults") if part
    )


def standings(rows: Sequence[Row]) -> str:
    """All tables of these results."""
    if not rows:
        return "no results yet"
    who = contestants(rows)
    names = sorted({str(r["competition"]) for r in rows})
    by_match = {(r["competition"], _who(r)): [] for r in rows}  # type: dict[tuple[str, Contestant], list[Row]]
    for row in rows:
        by_match[row["competition"], _who(row)].append(row)
    lines = [_line(["competition", "metric", *map(label, who)]), _line(["---"] * (len(who) + 2))]
    for name in names:
        found = [by_match.get((name, one), []) for one in who]
        sample = next(cell[0] for cell in found if cell)
        arrow = "↑" if sample["direction"] == "maximize" else "↓"
        lines.append(_line([name, f"{sample['metric']} {arrow}", *(_cell(cell) for cell in found)]))
    lines.append(
        _line(["mean wall, s", "", *(f"{fmean(float(r['wall']) for r in _of(rows, w)):.1f}" for w in who)])
    )
    failed = [sum("error" in r for r in _of(rows, w)) for w in who]
    lines.append(_line(["failed runs", "", *map(str, failed)]))
    loads = f"\nLoad of the machine before a run: median {median(float(r['load']) for r in rows):.2f}."
    return "\n".join([*lines, loads, "", *_ranks(rows), "", duels(rows), *_failures(rows)])


def _ranks(rows: Sequence[Row]) -> list[str]:
    """Mean ranks at each time, over the competitions on which all of that time were measured."""
    lines = [_line(["time", "competitions", "mean rank, the best first"]), _line(["---"] * 3)]
    for seconds in sorted({one[2] for one in contestants(rows)} - {0.0}):
        ranked, shared = mean_ranks([r for r in rows if float(r["seconds"]) in (seconds, 0.0)])
        told = [f"{label(one)}: {rank:.2f}" for one, rank in sorted(ranked.items(), key=lambda pair: pair[1])]
        lines.append(_line([f"{seconds:g} s", str(shared), ", ".join(told)]))
    return lines


def mean_ranks(rows: Sequence[Row]) -> tuple[dict[Contestant, float], int]:
    """The mean rank of each over the competitions that all took part in, seed by seed, and how many those are.

    What crashed or was invalid ranks last; equals share the mean of their places.
    """
    who = contestants(rows)
    ranks: dict[Contestant, dict[str, list[float]]] = {one: {} for one in who}
    seeds = sorted({(str(r["competition"]), int(r["seed"])) for r in rows})
    for name, seed in seeds:
        found = {_who(r): r for r in rows if (r["competition"], r["seed"]) == (name, seed)}
        if len(found) < len(who):
            continue
        losses = {one: _loss(row) for one, row in found.items()}
        for one, loss in losses.items():
            better = sum(other < loss for other in losses.values())
            same = sum(other == loss for other in losses.values())
            ranks[one].setdefault(name, []).append(better + (same + 1) / 2)
    shared = len(next(iter(ranks.values())))
    return {one: fmean(fmean(r) for r in by.values()) for one, by in ranks.items() if by}, shared


def duels(rows: Sequence[Row]) -> str:
    """How often each of HASTE's contestants beats each other one, on the mean over the seeds that both have."""
    who = contestants(rows)
    lines = [_line(["HASTE", "against", "better", "equal", "worse", "of"]), _line(["---"] * 6)]
    for ours in (one for one in who if one[0] == "haste"):
        for theirs in (one for one in who if one[0] != "haste"):
            signs = [sign for name in sorted({r["competition"] for r in rows})
                     if (sign := _duel(rows, str(name), ours, theirs)) is not None]  # fmt: skip
            if not signs:
                continue
            counts = [signs.count(1), signs.count(0), signs.count(-1), len(signs)]
            lines.append(_line([label(ours), label(theirs), *map(str, counts)]))
    return "\n".join(lines) if len(lines) > 2 else ""


def _duel(rows: Sequence[Row], name: str, ours: Contestant, theirs: Contestant) -> int | None:
    ours_by, theirs_by = (
        {int(r["seed"]): _loss(r) for r in rows if r["competition"] == name and _who(r) == one}
        for one in (ours, theirs)
    )
    seeds = sorted(ours_by.keys() & theirs_by.keys())
    if not seeds:
        return None
    a, b = fmean(ours_by[s] for s in seeds), fmean(theirs_by[s] for s in seeds)
    return (a < b) - (a > b)


def _loss(row: Mapping[str, object]) -> float:
    """The score with less being better; infinite for a run without one."""
    score = row.get("score")
    if not isinstance(score, int | float):
        return float("inf")
    return -float(score) if row["direction"] == "maximize" else float(score)


def _cell(rows: Sequence[Row]) -> str:
    scores = [float(r["score"]) for r in rows if r.get("score") is not None]
    if not rows:
        return ""
    failed = len(rows) - len(scores)
    if not scores:
        return f"**{rows[0]['error'].split(':')[0]}**"
    half = half_width(scores)
    told = f"{fmean(scores):.5g}" + (f" ± {half:.2g}" if half is not None else "")
    return told + (f" ({failed} of {len(rows)} failed)" if failed else "")


def _failures(rows: Sequence[Row]) -> list[str]:
    failed = [r for r in rows if "error" in r]
    told = [f"- {r['competition']}, {label(_who(r))}, seed {r['seed']}: {r['error']}" for r in failed]
    return ["", "What failed:", *told] if told else []


def _of(rows: Iterable[Row], one: Contestant) -> list[Row]:
    return [r for r in rows if _who(r) == one]


def _who(row: Mapping[str, object]) -> Contestant:
    return str(row["system"]), str(row["preset"]), float(str(row["seconds"]))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
