from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.periods import MOST, Period, make_timeline


@pytest.mark.parametrize(
    ("first", "last", "unit", "number"),
    [
        (date(2017, 3, 7), date(2017, 3, 7), "day", 1),
        (date(2017, 3, 1), date(2017, 4, 30), "day", 61),
        (date(2017, 1, 1), date(2017, 12, 31), "week", 53),
        (date(2008, 1, 15), date(2017, 12, 1), "month", 120),
        (date(2008, 1, 15), date(2018, 1, 1), "year", 11),
        (date(1, 1, 1), date(2017, 1, 1), "decade", 202),
        (date(1, 1, 1), date.max, "decade", 1000),
    ],
)
def test_the_unit_is_the_shortest_that_can_be_shown(first: date, last: date, unit: str, number: int) -> None:
    found = make_timeline([(first, 1), (last, 2)])
    assert found is not None
    assert (found.unit, len(found.periods)) == (unit, number)


def test_without_a_day_there_is_no_timeline() -> None:
    assert make_timeline([]) is None


def test_weeks_begin_on_monday_and_empty_ones_are_kept() -> None:
    found = make_timeline([(date(2017, 3, 8), 2), (date(2017, 3, 26), 1), (date(2017, 3, 10), 5)], most=3)
    assert found is not None
    assert found.periods == (
        Period(date(2017, 3, 6), date(2017, 3, 12), 7),
        Period(date(2017, 3, 13), date(2017, 3, 19), 0),
        Period(date(2017, 3, 20), date(2017, 3, 26), 1),
    )


DAYS = st.lists(st.tuples(st.dates(), st.integers(1, 99)), min_size=1, max_size=30)


@given(days=DAYS)
def test_periods_follow_one_another_and_lose_nothing(days: list[tuple[date, int]]) -> None:
    found = make_timeline(days)
    assert found is not None
    periods = found.periods
    assert sum(period.count for period in periods) == sum(count for _, count in days)
    assert all(one.until + timedelta(days=1) == other.since for one, other in pairwise(periods))
    for day, _ in days:
        assert sum(period.since <= day <= period.until for period in periods) == 1
    assert len(periods) <= MOST or found.unit == "decade"
