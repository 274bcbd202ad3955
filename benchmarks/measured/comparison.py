"""What experience was worth: runs against the cold run of the same competition and seed, with 95 % intervals.

Any two runs would seem to differ: one that is held against another's best may stop at its own best instead, and is
never asked for more. So the control, a second cold run, is held against the first one in the same way, and the warm
ones are also held against the control, which has their folds, at the score that both of them reached.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from haste.core.metric import METRICS
from haste.core.statistics import relative_gain
from haste.projections.transfer import Climb
from measured.intervals import bootstrap
from measured.results import Row

COLD, CONTROL = "cold", "control"
Pair = tuple[Row, Row]
"""What is held against: first; what is measured: second."""
Statistic = Callable[[Sequence[Pair]], float | None]


def comparison(rows: Sequence[Row]) -> str:
    """Both tables: against the cold run, and against the control on the same folds."""
    arms = [CONTROL, *sorted({str(r["arm"]) for r in rows} - {COLD, CONTROL})]
    failed = [r for r in rows if "error" in r]
    against = [_against_cold(arm, pairs_of(rows, COLD, arm)) for arm in arms]
    direct = [_against_control(arm, pairs_of(rows, CONTROL, arm)) for arm in arms[1:]]
    head = ["run", "pairs", "skills", "learned", "cited", "changes tried", "cold run's"]
    head += ["changes to the cold best", "cold run's", "relative change"]
    head += ["kept", "cold run's", "out-of-fold gain", "graded gain", "graded better/worse"]
    lines = ["Against the cold run:", "", *_table(head, against)]
    if direct:
        head = ["run", "pairs", "changes to what both reached", "control's", "relative change", "kept, difference"]
        lines += ["", "Against the control, same folds:", "", *_table([*head, "graded gain"], direct)]
    if failed:
        lines += ["", "Left out, since they failed:"]
        lines += [f"- {r['competition']}, seed {r['seed']}, {r['arm']}: {r['error']}" for r in failed]
    return "\n".join(lines)


def pairs_of(rows: Iterable[Row], first: str, second: str) -> list[Pair]:
    """The runs of two arms on the same competition with the same seed, where neither failed."""
    found = {(r["competition"], r["seed"], r["arm"]): r for r in rows if "error" not in r}
    keys = sorted({(c, s) for c, s, _ in found})
    return [
        (found[c, s, first], found[c, s, second])
        for c, s in keys
        if {(c, s, first), (c, s, second)} <= found.keys()
    ]


def _against_cold(arm: str, pairs: Sequence[Pair]) -> list[str]:
    if not pairs:
        return [arm, "0"]
    skills = [f"{fmean(float(other[k]) for _, other in pairs):.1f}" for k in ("loaded", "learned", "cited")]
    better, worse = (sum(sign * gain(pair, "graded") > 0 for pair in pairs) for sign in (1, -1))
    return [
        arm,
        str(len(pairs)),
        *skills,
        *(f"{fmean(float(pair[place]['decided']) for pair in pairs):.1f}" for place in (1, 0)),
        _number(_mean(to_cold_best)(pairs)),
        _number(_mean(cold_own)(pairs)),
        _share(pairs, change_of(cold_own, to_cold_best)),
        _share(pairs, kept_share(1), signed=False),
        _number(kept_share(0)(pairs), 100, " %"),
        _share(pairs, lambda drawn: fmean(gain(pair, "score") for pair in drawn)),
        _share(pairs, lambda drawn: fmean(gain(pair, "graded") for pair in drawn)),
        f"{better}/{worse}",
    ]


def _against_control(arm: str, pairs: Sequence[Pair]) -> list[str]:
    if not pairs:
        return [arm, "0"]
    return [
        arm,
        str(len(pairs)),
        _number(_mean(second_to_shared)(pairs)),
        _number(_mean(first_to_shared)(pairs)),
        _share(pairs, change_of(first_to_shared, second_to_shared)),
        _share(pairs, _kept_difference),
        _share(pairs, lambda drawn: fmean(gain(pair, "graded") for pair in drawn)),
    ]


# ── what is counted ──────────────────────────────────────────────────────────────────────────────────


def climb(row: Row) -> Climb:
    """How a run's search climbed."""
    return Climb(metric=row["metric"], scores=tuple(row["climb"]))


def cold_own(pair: Pair) -> int | None:
    """Changes until the cold run first had its best."""
    return climb(pair[0]).to_reach(None)


def to_cold_best(pair: Pair) -> int | None:
    """Changes until the other run first had the cold run's best, or its own where that is worse."""
    return climb(pair[1]).to_reach(climb(pair[0]).best)


def first_to_shared(pair: Pair) -> int | None:
    """Changes of the first until it had what both reached in the end."""
    return climb(pair[0]).to_reach(climb(pair[1]).best)


def second_to_shared(pair: Pair) -> int | None:
    """Changes of the second until it had what both reached in the end."""
    return climb(pair[1]).to_reach(climb(pair[0]).best)


def gain(pair: Pair, field: str) -> float:
    """The share of the first run's remaining error that the second doesn't have; 0 where a score is missing."""
    first, second = pair[0][field], pair[1][field]
    if first is None or second is None:
        return 0.0
    return relative_gain(METRICS[pair[0]["metric"]], second, first)


def kept_share(place: int) -> Statistic:
    """The share of all changes that were kept."""

    def share(pairs: Sequence[Pair]) -> float | None:
        decided = sum(int(pair[place]["decided"]) for pair in pairs)
        return sum(int(pair[place]["kept"]) for pair in pairs) / decided if decided else None

    return share


def _kept_difference(pairs: Sequence[Pair]) -> float | None:
    first, second = kept_share(0)(pairs), kept_share(1)(pairs)
    return None if first is None or second is None else second - first


def change_of(before: Callable[[Pair], int | None], after: Callable[[Pair], int | None]) -> Statistic:
    """The relative change of a mean count, over the pairs that have both counts."""

    def change(pairs: Sequence[Pair]) -> float | None:
        counts = [(a, b) for pair in pairs if (a := before(pair)) is not None and (b := after(pair)) is not None]
        total = sum(a for a, _ in counts)
        return sum(b for _, b in counts) / total - 1.0 if total else None

    return change


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────


def _mean(count: Callable[[Pair], int | None]) -> Statistic:
    def mean(pairs: Sequence[Pair]) -> float | None:
        found = [number for pair in pairs if (number := count(pair)) is not None]
        return fmean(found) if found else None

    return mean


def _competition(pair: Pair) -> str:
    return str(pair[0]["competition"])


def _share(pairs: Sequence[Pair], statistic: Statistic, *, signed: bool = True) -> str:
    value, interval = statistic(pairs), bootstrap(pairs, statistic, group=_competition)
    if value is None:
        return ""
    form = "+.1f" if signed else ".1f"
    between = f" [{100 * interval[0]:{form}}, {100 * interval[1]:{form}}]" if interval else ""
    return f"{100 * value:{form}} %{between}"


def _number(value: float | None, times: float = 1.0, unit: str = "") -> str:
    return "" if value is None else f"{times * value:.1f}{unit}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    padded = ([*row, *[""] * (len(head) - len(row))] for row in rows)
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *padded)]
