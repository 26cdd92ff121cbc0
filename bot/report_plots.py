"""Two plots as inline SVG in the page's own colours: reliability, and the refusal curve. Shares on both axes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.intervals import Bin, CurvePoint

_LEFT, _TOP, _SIDE = 48, 12, 260  # the plot's square inside a 330 by 326 drawing


def plot_reliability(bins: Sequence[Bin]) -> str:
    """Return the share of right answers against their confidence, one dot for each bin."""
    if not bins:
        return "<p>No answers to judge confidence by.</p>"
    most = max(item.n for item in bins)
    dots = "".join(
        f'<circle cx="{_x(item.confidence):.1f}" cy="{_y(item.right):.1f}" r="{3 + 5 * (item.n / most) ** 0.5:.1f}" '
        f'fill="var(--link)" fill-opacity="0.8"/><text x="{_x(item.confidence):.1f}" y="{_label_y(item.right):.1f}" '
        f'text-anchor="middle">{item.n}</text>'
        for item in bins
    )
    diagonal = f'<path d="M{_x(0)} {_y(0)} L{_x(1)} {_y(1)}" stroke="currentColor" stroke-dasharray="4 4" fill="none"/>'
    return _frame(diagonal + dots, across="confidence", up="share right", title="Reliability of the confidence")


def plot_refusals(curve: Sequence[CurvePoint], chosen: tuple[float | None, float | None]) -> str:
    """Return unanswerable refused against answerable refused, with the run's own point as a dot."""
    if not curve:
        return "<p>No refusal curve: it takes answerable and unanswerable questions.</p>"
    points = " L".join(f"{_x(item.refused_answerable):.1f} {_y(item.refused_unanswerable):.1f}" for item in curve)
    drawn = f'<path d="M{points}" stroke="var(--link)" stroke-width="2" fill="none"/>'
    across, up = chosen
    if across is not None and up is not None:
        drawn += f'<circle cx="{_x(across):.1f}" cy="{_y(up):.1f}" r="5" fill="var(--bad)"/>'
    return _frame(drawn, across="answerable refused", up="unanswerable refused", title="Refusal curve")


def _frame(inside: str, *, across: str, up: str, title: str) -> str:
    ticks = "".join(
        f'<text x="{_x(share):.1f}" y="{_TOP + _SIDE + 16}" text-anchor="middle">{share:g}</text>'
        f'<text x="{_LEFT - 6}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:g}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    middle = _TOP + _SIDE / 2
    return (
        f'<svg viewBox="0 0 330 326" role="img" aria-label="{title}" font-size="11" fill="currentColor">'
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="currentColor" '
        f'stroke-opacity="0.4"/>{ticks}{inside}'
        f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 38}" text-anchor="middle">{across}</text>'
        f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">{up}</text></svg>'
    )


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _label_y(share: float) -> float:
    """Return where a dot's number stands: above it, or below where there is no room."""
    return _y(share) - 11 if share < 0.95 else _y(share) + 19
