"""The score over the iterations as a picture: plain SVG, drawn from numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from haste.projections.run_report import BestPoint

WIDTH, HEIGHT = 860, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 16, 36


@dataclass(frozen=True)
class _Scale:
    """From a value to a place on the picture."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value; one beyond the scale stands at its end."""
        span = self.high - self.low or 1.0
        value = min(self.high, max(self.low, value))
        return round(self.begin + (value - self.low) / span * (self.end - self.begin), 2)


def score_chart(points: Sequence[BestPoint], *, metric: str) -> str:
    """Every decided solution as a mark, and the best so far as a line. '' for fewer than one."""
    if not points:
        return ""
    across = _Scale(0, max(1, len(points) - 1), LEFT + 12, WIDTH - RIGHT - 12)
    ticks = _ticks(*_range([p.score for p in points] + [p.best for p in points]))
    up = _Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(metric)} over the iterations">',
        *[_grid_line(up.at(tick), tick, ticks) for tick in ticks],
        f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">solutions, in order</text>',
        f'<path class="best" d="{_steps(points, across, up)}"/>',
        *[_mark(point, across.at(i), up.at(point.score)) for i, point in enumerate(points)],
        "</svg>",
    ]
    return "\n".join(parts)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest of what is drawn to scale: a score far off may not flatten all the others."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    low, high = ordered[quarter], ordered[-1 - quarter]
    fence = 3 * (high - low)
    near = [value for value in ordered if low - fence <= value <= high + fence] if fence else ordered
    if near[-1] > near[0]:
        return near[0], near[-1]
    return near[0] - abs(near[0]) * 0.01 - 1e-9, near[0] + abs(near[0]) * 0.01 + 1e-9


def _ticks(low: float, high: float) -> list[float]:
    """Four to nine round numbers that hold a range."""
    raw = (high - low) / 5
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first = floor(low / step)
    count = 2
    while (first + count - 1) * step < high:
        count += 1
    return [(first + i) * step for i in range(count)]


def _grid_line(y: float, tick: float, ticks: Sequence[float]) -> str:
    decimals = max(0, -floor(log10(ticks[1] - ticks[0]) + 1e-9))
    label = f'<text class="axis" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{tick:.{decimals}f}</text>'
    return f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>{label}'


def _steps(points: Sequence[BestPoint], across: _Scale, up: _Scale) -> str:
    path = f"M{across.at(0)} {up.at(points[0].best)}"
    for i, point in enumerate(points[1:], start=1):
        path += f" H{across.at(i)} V{up.at(point.best)}"
    return path


def _mark(point: BestPoint, x: float, y: float) -> str:
    told = escape(f"{point.solution} {point.move}: {point.score:.5g}, {point.outcome}")
    if point.outcome == "prototype":
        shape = f'<path class="prototype" d="M{x} {y - 6} L{x + 6} {y} L{x} {y + 6} L{x - 6} {y} Z">'
        return f"{shape}<title>{told}</title></path>"
    css = "kept" if point.outcome == "kept" else "reverted"
    return f'<circle class="{css}" cx="{x}" cy="{y}" r="5"><title>{told}</title></circle>'
