"""Publication dates: what is stated in full is read, and nothing is filled in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dates import find_published, find_published_in_url, parse_published


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2017-06-07", date(2017, 6, 7), id="iso"),
        pytest.param("2017-06-07T04:40:00-04:00", date(2017, 6, 7), id="iso_with_zone_keeps_the_publishers_day"),
        pytest.param("2017-06-07 23:59:59.123Z", date(2017, 6, 7), id="iso_with_space"),
        pytest.param("2022/05/24", date(2022, 5, 24), id="slashes_year_first"),
        pytest.param("20170607", date(2017, 6, 7), id="compact"),
        pytest.param("Wed, 07 Jun 2017 04:40:00 GMT", date(2017, 6, 7), id="rfc_2822"),
        pytest.param("June 7, 2017", date(2017, 6, 7), id="american"),
        pytest.param("7 June 2017", date(2017, 6, 7), id="british"),
        pytest.param("Sept. 3rd 2021", date(2021, 9, 3), id="abbreviated_ordinal"),
        pytest.param("Tuesday, September 1, 2015", date(2015, 9, 1), id="weekday"),
        pytest.param("Published 3:04 PM EST Mar 4, 2022", date(2022, 3, 4), id="time_before"),
        pytest.param("1496810400", date(2017, 6, 7), id="epoch_seconds"),
        pytest.param("1496810400000", date(2017, 6, 7), id="epoch_milliseconds"),
        pytest.param("1496810400.25", date(2017, 6, 7), id="epoch_fraction"),
        pytest.param("25/12/2017", date(2017, 12, 25), id="day_above_12_is_not_ambiguous"),
        pytest.param("12/25/2017", date(2017, 12, 25), id="month_first_is_not_ambiguous_either"),
        pytest.param("04.04.2017", date(2017, 4, 4), id="both_parts_the_same"),
    ],
)
def test_a_full_date_is_read(text: str, expected: date) -> None:
    assert parse_published(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("03/04/2017", id="day_and_month_ambiguous"),
        pytest.param("June 2017", id="no_day"),
        pytest.param("June 7", id="no_year"),
        pytest.param("Tuesday", id="weekday_only"),
        pytest.param("4:40am EDT", id="time_only"),
        pytest.param("yesterday", id="relative"),
        pytest.param("2017", id="year_only"),
        pytest.param("0000-00-00", id="zeroes"),
        pytest.param("2017-02-30", id="impossible_day"),
        pytest.param("2017-13-01", id="impossible_month"),
        pytest.param("9999-12-31", id="filler"),
        pytest.param("1066-10-14", id="before_newspapers"),
        pytest.param("-1", id="negative_epoch"),
        pytest.param("99999999999999999999", id="epoch_beyond_all_days"),
        pytest.param("", id="empty"),
        pytest.param("The council met on June 7, 2017 " + "and talked " * 30, id="a_whole_text"),
    ],
)
def test_a_date_that_is_not_stated_in_full_stays_unknown(text: str) -> None:
    assert parse_published(text) is None


def test_an_address_with_a_dated_path_gives_its_date() -> None:
    assert find_published_in_url("https://courier.example/2017/06/07/pier-opens") == date(2017, 6, 7)
    assert find_published_in_url("https://courier.example/2017/Jun/07/pier-opens") == date(2017, 6, 7)
    assert find_published_in_url("https://courier.example/2017/story-1234567") is None


@settings(deadline=None)
@given(st.dates(min_value=date(1600, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_is_read_in_each_common_form(day: date) -> None:
    assert parse_published(day.isoformat()) == day
    assert parse_published(f"{day:%B} {day.day}, {day.year}") == day
    assert parse_published(f"{day:%a}, {day.day} {day:%b} {day.year} 10:00:00 +0000") == day


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    for found in (parse_published(text), find_published(text), find_published_in_url(text)):
        assert found is None or 1600 <= found.year <= 2099
