"""Days counted together by week, month, year or decade, so that a plot of them can be read. Knows only dates."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "year", "decade"]
MOST = 120  # bars that can be told apart, and hit, across a page


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week (from Monday), month, year or decade, with how much falls into it; both ends belong to it."""

    since: date
    until: date
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Periods of one length, one after the other without a gap."""

    unit: Unit
    periods: tuple[Period, ...]


def make_timeline(days: Sequence[tuple[date, int]], *, most: int = MOST) -> Timeline | None:
    """Return the days in the shortest periods of which there are at most `most`; None without a day.

    Decades are the longest there are, however many.
    """
    if not days:
        return None
    first, last = min(day for day, _ in days), max(day for day, _ in days)
    for unit, step in _STEPS.items():
        starts = _starts(step, first, last, most=sys.maxsize if unit == "decade" else most)
        if starts:
            break
    counts: Counter[date] = Counter()
    for day, count in days:
        counts[step.begin(day)] += count
    ends = [*(start - timedelta(days=1) for start in starts[1:]), _end(step, starts[-1])]
    return Timeline(unit, tuple(Period(*each, counts[each[0]]) for each in zip(starts, ends, strict=True)))


@dataclass(frozen=True, slots=True)
class _Step:
    """How to find the day on which a period begins, and from it the day on which the next one does."""

    begin: Callable[[date], date]
    follow: Callable[[date], date]


def _starts(step: _Step, first: date, last: date, *, most: int) -> list[date]:
    """Return the beginnings of all periods from the first day to the last; none if there are more than `most`."""
    starts, end = [step.begin(first)], step.begin(last)
    while starts[-1] < end:
        starts.append(step.follow(starts[-1]))
        if len(starts) > most:
            return []
    return starts


def _end(step: _Step, start: date) -> date:
    try:
        return step.follow(start) - timedelta(days=1)
    except (ValueError, OverflowError):  # the calendar ends before the period does
        return date.max


def _next_month(start: date) -> date:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


_STEPS: dict[Unit, _Step] = {
    "day": _Step(lambda day: day, lambda start: start + timedelta(days=1)),
    "week": _Step(lambda day: day - timedelta(days=day.weekday()), lambda start: start + timedelta(days=7)),
    "month": _Step(lambda day: day.replace(day=1), _next_month),
    "year": _Step(lambda day: date(day.year, 1, 1), lambda start: date(start.year + 1, 1, 1)),
    "decade": _Step(
        lambda day: date(max(1, day.year // 10 * 10), 1, 1),
        lambda start: date(start.year // 10 * 10 + 10, 1, 1),
    ),
}
