"""What a question says about when, and what only looks like it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.timeframe import Timeframe, read_timeframe

ASKED = date(2024, 3, 1)


def read(question: str, asked_on: date = ASKED) -> Timeframe:
    found = read_timeframe(question, asked_on=asked_on)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "question",
    [
        "Which host of The Today Show resigned?",
        "What did USA Today report?",
        "What is today's Toyota?",
        "Who sang “Yesterday”?",
        "Who presents 'This Week'?",
        "What about the Last Week Tonight show?",
        "What became of May after the vote?",
        "May he run again?",
        "In recent years, what rose?",
        "Were there 5 in 2000 people?",
        "Who won the cup?",
        "How do 7 people die in 24 hours?",
        "What did the Sunday Times say?",
        "Who sang on Black Friday?",
        "Who sat for May?",
        "What did the January 6 committee find?",
        "What happened on 11/8/2016?",
        "What followed the November Uprising?",
        "How high are prices compared to a year ago?",
        "Which party runs from December 26?",
        "Who starred in Apocalypse Now?",
        "What happened to the now-defunct firm?",
        "What was known until now?",
        "Where does the ocean current flow?",
        "What will happen next Monday?",
        "How many passed in the third quarter?",
    ],
)
def test_a_name_or_a_verb_is_no_date(question: str) -> None:
    assert read_timeframe(question, asked_on=ASKED) is None


@pytest.mark.parametrize(
    ("question", "since", "rest"),
    [
        ("What did Toyota say this week?", date(2024, 2, 20), "What did Toyota say?"),
        ("This week, what did it say?", date(2024, 2, 20), "what did it say?"),
        ("What did last week's storm do?", date(2024, 2, 13), "What did last week's storm do?"),
        ("Who left in the last 3 weeks?", date(2024, 2, 6), "Who left in the last 3 weeks?"),
        ("Who presented “This Week” this week?", date(2024, 2, 20), "Who presented “This Week”?"),
    ],
)
def test_a_relative_word_is_a_limit(question: str, since: date, rest: str) -> None:
    found = read(question)
    assert (found.since, found.until, found.rest, found.is_limit) == (since, ASKED, rest, True)


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest on the dam?",
        "What did a recent study of geese find?",
        "Who is currently mayor?",
        "What is the current price?",
        "How many have died so far?",
        "How many are missing now?",
        "Who left most recently?",
    ],
)
def test_the_newest_is_preferred_and_nothing_ruled_out(question: str) -> None:
    found = read(question)
    assert (found.is_limit, found.rest, found.newest) == (False, question, True)


@pytest.mark.parametrize(
    "question",
    [
        "What is the bridge at Lowmarsh called today?",
        "How many of the mills remain today?",
        "the kind of machine used on farms today is called a",
        "Which languages are spoken in Vellmark today?",
        "What do the mills today called Harrow Works make?",
    ],
)
def test_today_may_mean_these_days(question: str) -> None:
    found = read_timeframe(question, asked_on=date(2024, 3, 6))
    assert found is not None
    assert (found.is_limit, found.newest, found.phrase) == (False, True, "today")


@pytest.mark.parametrize(
    "question",
    [
        "Is the court open today?",
        "What was used today?",
        "Who will be called today?",
        "Is the airport still closed today?",
        "How many people are left without power today after the storm?",
        "Who is called to testify before the assembly today?",
        "Where is the hurricane located today?",
        "Which stocks are worth watching today?",
        "Is it known today who set the fire?",
    ],
)
def test_today_means_this_day_of_what_happens(question: str) -> None:
    found = read_timeframe(question, asked_on=date(2024, 3, 6))
    assert found is not None
    assert (found.is_limit, found.since) == (True, date(2024, 3, 4))


def test_a_written_date_says_more_than_the_latest() -> None:
    found = read("What was the latest count on 8 November 2016?")
    assert (found.since, found.newest) == (date(2016, 11, 8), False)


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What happened in May?", date(2023, 5, 1), date(2023, 6, 10)),
        ("Who won in December?", date(2023, 12, 1), date(2024, 1, 10)),
        ("What happened on February 29?", date(2024, 2, 29), date(2024, 3, 10)),
        ("What has closed since the vote on 8 November 2016?", date(2016, 11, 8), ASKED),
        ("What has closed since the election on 8 November?", date(2023, 11, 8), ASKED),
        ("Who left on the first day of the flood, November 8?", date(2023, 11, 8), date(2023, 11, 18)),
        ("What happened on 8 Nov 2016?", date(2016, 11, 8), date(2016, 11, 18)),
        ("What did 2016-11-08 bring?", date(2016, 11, 8), date(2016, 11, 18)),
        ("What happened on 25/12/2016?", date(2016, 12, 25), date(2017, 1, 4)),
        ("What happened on the 8th of November, 2016?", date(2016, 11, 8), date(2016, 11, 18)),
        ("What happened between March and May 2017?", date(2017, 3, 1), date(2017, 6, 10)),
        ("What happened between November and January?", date(2023, 11, 1), date(2024, 2, 10)),
        ("What happened from 3 to 9 June?", date(2023, 6, 3), date(2023, 6, 19)),
        ("What happened from December 28 to January 3?", date(2023, 12, 28), date(2024, 1, 13)),
        ("What happened between 30 May and 3 June 2017?", date(2017, 5, 30), date(2017, 6, 13)),
        ("What grew in the first half of 2017?", date(2017, 1, 1), date(2017, 7, 10)),
        ("What grew in Q3 2021?", date(2021, 7, 1), date(2021, 10, 10)),
        ("What grew in the third quarter of 2021?", date(2021, 7, 1), date(2021, 10, 10)),
        ("How many had died as of 8 November 2016?", date(2016, 7, 11), date(2016, 11, 8)),
        ("What did it say two weeks ago?", date(2024, 2, 14), date(2024, 2, 28)),
        ("Who left a month ago?", date(2024, 1, 22), date(2024, 2, 17)),
        ("Who left a couple of days ago?", date(2024, 2, 27), ASKED),
        ("Who met on Monday?", date(2024, 2, 26), ASKED),
        ("Who met last Monday?", date(2024, 2, 19), ASKED),
        ("What was known before March 2017?", date.min, date(2017, 3, 1)),
        ("What has changed since 2019?", date(2019, 1, 1), ASKED),
    ],
)
def test_a_written_date_is_a_preference(question: str, since: date, until: date) -> None:
    found = read(question)
    assert (found.since, found.until, found.is_limit) == (since, until, False)


def test_a_leap_day_without_a_year_is_the_latest_there_was() -> None:
    assert read("What happened on February 29?", date(2023, 3, 1)).since == date(2020, 2, 29)


def test_a_day_that_no_month_has_is_passed_over() -> None:
    assert read_timeframe("What happened on June 31?", asked_on=ASKED) is None


def test_a_relative_word_beside_another_date_rules_nothing_out() -> None:
    assert not read("How do the floods of March 2011 compare with those of this week?").is_limit


def test_years_that_say_what_something_is_about_leave_the_limit() -> None:
    assert read("Which files of deals between 2013 and 2017 were published this week?").is_limit


def test_last_year_reaches_over_the_turn_of_the_year() -> None:
    found = read("Who won last year?")
    assert (found.since, found.until) == (date(2023, 1, 1), ASKED)


QUESTIONS = (
    "this week", "last year", "this year", "in December", "on 29 February", "last 900 years", "a recent one",
    "since May", "after June", "on December 31", "in 2017", "before 1990", "yesterday", "until March",
    "two weeks ago", "900 years ago", "on Monday", "last Sunday", "now", "from 28 December to 3 January", "in Q3",
    "between November and March", "as of 1 March", "since the vote on 29 February", "from 9 to 3 June",
    "in May and June",
)  # fmt: skip


@given(st.sampled_from(QUESTIONS), st.dates())
def test_a_range_is_never_backwards_on_any_day(question: str, asked_on: date) -> None:
    found = read_timeframe(question, asked_on=asked_on)
    assert found is None or found.since <= found.until


@pytest.mark.parametrize("asked_on", [date.min, date(1, 3, 1), date(9999, 1, 1), date.max], ids=str)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_ends_of_the_calendar_hold(question: str, asked_on: date) -> None:
    found = read_timeframe(question, asked_on=asked_on)
    assert found is None or found.since <= found.until


@given(st.text(max_size=60), st.dates())
def test_any_text_can_be_asked(question: str, asked_on: date) -> None:
    found = read_timeframe(question, asked_on=asked_on)
    assert found is None or (found.phrase in question and found.rest)
