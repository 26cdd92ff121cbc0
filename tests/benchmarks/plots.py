"""The README's plots as SVG files of their own: bars, lines, a time line, each readable on a light and a dark page.

A picture in a README does not take the page's colours, so each brings paper of its own and changes with the reader's
preference. Pure: numbers to text. The plots of `byline eval` are part of its page and have other axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
_LEFT, _RIGHT = 200, 90  # for names, and for the figures behind bars
_STYLE = """
svg { color-scheme: light dark; font: 13px system-ui, sans-serif }
.paper { fill: #fff } text { fill: #1b1b1f } .dim { fill: #5c5c66 } .rule { stroke: #d9d9e0 } .goal { stroke: #a3191f }
.c0 { fill: #1f4fa3 } .c1 { fill: #b35c00 } .c2 { fill: #14692f } .c3 { fill: #7a3fa0 } .c4 { fill: #5c5c66 }
.c5 { fill: #0a7a86 } .l0 { stroke: #1f4fa3 } .l1 { stroke: #b35c00 } .l2 { stroke: #14692f } .l3 { stroke: #7a3fa0 }
@media (prefers-color-scheme: dark) { .paper { fill: #16161a } text { fill: #e8e8ec } .dim { fill: #a2a2ad }
  .rule { stroke: #3a3a44 } .goal { stroke: #ff8d8d } .c0 { fill: #9dbcff } .c1 { fill: #e8b45a } .c2 { fill: #6fce8c }
  .c3 { fill: #cda3ee } .c4 { fill: #a2a2ad } .c5 { fill: #67ccd6 } .l0 { stroke: #9dbcff } .l1 { stroke: #e8b45a }
  .l2 { stroke: #6fce8c } .l3 { stroke: #cda3ee } }
"""
_COLOURS, _LINES = 6, 4


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one line, from left to right."""

    name: str
    points: tuple[tuple[float, float], ...]


def bars(title: str, values: Mapping[str, float], *, unit: str, digits: int = 0) -> str:
    """Return one bar a name, its figure behind it."""
    most = max(values.values(), default=0.0) or 1.0
    drawn = []
    for place, (name, value) in enumerate(values.items()):
        y = 44 + 30 * place
        long = (WIDTH - _LEFT - _RIGHT) * value / most
        drawn.append(
            f'<text x="{_LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="c0" x="{_LEFT}" y="{y}" width="{long:.1f}" height="20" rx="2"/>'
            f'<text x="{_LEFT + long + 6:.1f}" y="{y + 15}">{value:,.{digits}f} {escape(unit)}</text>'
        )
    return _picture(title, 44 + 30 * len(values) + 8, drawn)


def spans(title: str, parts: Mapping[str, float], *, unit: str, digits: int = 0) -> str:
    """Return the parts one after another on one bar, each named below with its length."""
    whole = sum(parts.values()) or 1.0
    x, drawn = 16.0, []
    for place, (name, value) in enumerate(parts.items()):
        colour = place % _COLOURS
        long = (WIDTH - 32) * value / whole
        drawn.append(f'<rect class="c{colour}" x="{x:.1f}" y="44" width="{max(long, 0):.1f}" height="28"/>')
        x += long
        column, line = place % 3, place // 3
        there = 16 + column * (WIDTH - 32) / 3
        drawn.append(
            f'<rect class="c{colour}" x="{there:.1f}" y="{88 + 22 * line}" width="12" height="12"/>'
            f'<text x="{there + 18:.1f}" y="{99 + 22 * line}">{escape(name)}: {value:,.{digits}f} {escape(unit)}</text>'
        )
    return _picture(title, 88 + 22 * -(-len(parts) // 3) + 10, drawn)


def lines(
    title: str, drawn: Sequence[Line], *, across: str, up: str, is_log: bool = False, goal: float | None = None
) -> str:
    """Return lines on common axes from zero; with `is_log` each ten times as much across is as far apart."""
    points = [point for line in drawn for point in line.points]
    if not points:
        return _picture(title, 60, ['<text x="16" y="50">nothing was measured</text>'])
    frame = _Frame(
        min(x for x, _ in points) if is_log else 0.0, max(x for x, _ in points), _round_up(points, goal), is_log
    )
    inside = [frame.axes(across, up)]
    for place, line in enumerate(drawn):
        inside.append(_line(frame, line, place % _LINES))
        x = 70 + 200 * place
        inside.append(f'<rect class="c{place % _LINES}" x="{x}" y="36" width="12" height="12"/>')
        inside.append(f'<text x="{x + 18}" y="47">{escape(line.name)}</text>')
    if goal is not None:
        y = frame.y(goal)
        inside.append(
            f'<path class="goal" d="M70 {y:.1f} H{WIDTH - 20}" stroke-dasharray="5 4"/>'
            f'<text class="dim" x="{WIDTH - 22}" y="{y - 5:.1f}" text-anchor="end">goal: {goal:g}</text>'
        )
    return _picture(title, 360, inside)


def _line(frame: _Frame, line: Line, colour: int) -> str:
    path = " L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in line.points)
    dots = "".join(
        f'<circle class="c{colour}" cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}" r="3.5"/>' for x, y in line.points
    )
    return f'<path class="l{colour}" d="M{path}" fill="none" stroke-width="2"/>' + (
        dots if len(line.points) < 30 else ""
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values stand inside the axes."""

    left: float
    right: float
    top: float
    is_log: bool

    def x(self, value: float) -> float:
        low, high = (math.log10(max(end, 1e-9)) if self.is_log else end for end in (self.left, self.right))
        here = math.log10(max(value, 1e-9)) if self.is_log else value
        return 70 + (WIDTH - 90) * ((here - low) / (high - low) if high > low else 0.5)

    def y(self, value: float) -> float:
        return 310 - 245 * value / self.top

    def axes(self, across: str, up: str) -> str:
        rules = "".join(
            f'<path class="rule" d="M70 {self.y(value):.1f} H{WIDTH - 20}"/>'
            f'<text class="dim" x="62" y="{self.y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
            for value in (self.top * step / 4 for step in range(5))
        )
        ticks = "".join(
            f'<text class="dim" x="{self.x(value):.1f}" y="328" text-anchor="middle">{value:,g}</text>'
            for value in self.ticks()
        )
        names = (
            f'<text class="dim" x="{(WIDTH + 50) / 2}" y="350" text-anchor="middle">{escape(across)}</text>'
            f'<text class="dim" x="16" y="187" text-anchor="middle" transform="rotate(-90 16 187)">{escape(up)}</text>'
        )
        return rules + ticks + names

    def ticks(self) -> list[float]:
        if not self.is_log:
            return [_neat(self.right * step / 4) for step in range(5)]
        powers = range(math.floor(math.log10(self.left)), math.ceil(math.log10(self.right)) + 1)
        inside = [10.0**power for power in powers if self.left <= 10.0**power <= self.right]
        return inside if len(inside) > 1 else [self.left, self.right]


def _neat(value: float) -> float:
    return float(f"{value:.2g}")


def _round_up(points: Sequence[tuple[float, float]], goal: float | None) -> float:
    """Return a round number not below what is to be seen."""
    most = max([*(y for _, y in points), goal or 0.0]) or 1.0
    unit = 10.0 ** math.floor(math.log10(most))
    return next(unit * step for step in (1, 2, 4, 6, 8, 10) if unit * step >= most)


def _picture(title: str, height: int, inside: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}"><style>{_STYLE}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>'
        f'<text x="16" y="26" font-weight="600">{escape(title)}</text>{"".join(inside)}</svg>\n'
    )
