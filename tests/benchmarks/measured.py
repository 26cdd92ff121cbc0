"""What was measured, against what it may be at best, and whether that is good enough; and how times are taken.

Pure but for the clock. A figure whose goal is a ratio is held against a bound measured beside it, in the same run.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.report import align

Sense = Literal["at least", "at most"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. With a `bound` its goal is for the ratio of the two, else for the figure itself; None is no goal.

    `ratio` is the median of the pairs' ratios where both were measured in turn, which noise of the machine moves less
    than the ratio of the medians. `n` is how many times it was measured.
    """

    row: str
    what: str
    value: float
    unit: str
    n: int
    bound: float | None = None
    bound_is: str = ""
    ratio: float | None = None
    goal: float | None = None
    sense: Sense = "at most"
    note: str = ""

    @property
    def judged(self) -> float:
        """Return what the goal is for."""
        if self.ratio is not None:
            return self.ratio
        return self.value / self.bound if self.bound else self.value

    @property
    def met(self) -> bool | None:
        """Return whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.judged >= self.goal if self.sense == "at least" else self.judged <= self.goal


@dataclass(frozen=True, slots=True)
class Measured:
    """A row's figures, and what its plots are drawn from."""

    figures: tuple[Figure, ...] = ()
    data: Any = None


def to_json(figure: Figure) -> dict[str, Any]:
    """Return the figure as plain values, with what follows from them."""
    return {**asdict(figure), "judged": figure.judged, "met": figure.met}


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned lines: measured, bound, ratio, goal, met or missed."""
    rows = [("what", "measured", "bound", "ratio", "goal", "", "n")]
    for row in dict.fromkeys(figure.row for figure in figures):
        rows.append((row.upper(), "", "", "", "", "", ""))
        rows += [_line(figure) for figure in figures if figure.row == row]
    notes = dict.fromkeys(f"{figure.row}: {figure.note}" for figure in figures if figure.note)
    return "\n".join([*align(rows), *(["", *notes] if notes else [])])


def _line(figure: Figure) -> tuple[str, ...]:
    is_ratio = figure.bound is not None or figure.ratio is not None
    sign = "≥" if figure.sense == "at least" else "≤"
    unit = "" if is_ratio else figure.unit
    return (
        f"  {figure.what}" + (f", of {figure.bound_is}" if figure.bound_is else ""),
        show(figure.value, figure.unit),
        show(figure.bound, figure.unit) if figure.bound is not None else "",
        show(figure.judged, "") if is_ratio else "",
        f"{sign} {show(figure.goal, unit)}" if figure.goal is not None else "",
        {True: "met", False: "MISSED", None: ""}[figure.met],
        str(figure.n),
    )


def show(value: float | None, unit: str) -> str:
    """Return a number in three figures with its unit."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return f"- {unit}".rstrip()
    size = 0 if value == 0 else math.floor(math.log10(abs(value)))
    return f"{value:,.{max(0, 2 - size)}f} {unit}".rstrip()


# --- times ----------------------------------------------------------------------------------------------------


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def repeated(work: Callable[[], Any], *, times: int, warm: int = 1) -> list[float]:
    """Return the seconds of each of `times` runs, after `warm` runs that do not count."""
    for _ in range(warm):
        work()
    return [seconds_of(work) for _ in range(times)]


def median_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Return the median of the ratios of what was measured in turn."""
    return statistics.median(one / other for one, other in zip(over, under, strict=True))


def percentile(values: Iterable[float], share: float) -> float:
    """Return the least of the values that `share` of them do not exceed: of ten the ninth for .9, never between two."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
