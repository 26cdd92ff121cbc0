"""What an article's words about when mean, and when that is not sure enough to be said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cite import number_citations
from bot.facts import find_facts, holds
from bot.resolved import annotate, in_words, resolve_days
from bot.support import SourceSentence, Verdict, check_sentence
from index.records import Source, Span

DAY = date(2017, 6, 7)  # a Wednesday


def meant(sentence: str, published: date | None = DAY) -> list[tuple[str, str]]:
    return [(day.text, in_words(day)) for day in resolve_days(sentence, published)]


def shown(text: str, published: date | None = DAY) -> str:
    return annotate(text, published, (Span(0, len(text)),))


@pytest.mark.parametrize(
    ("sentence", "words", "day"),
    [
        ("The dam broke on Tuesday, officials said.", "Tuesday", "6 June 2017"),
        ("It was shut on Tuesday of last week.", "Tuesday", "30 May 2017"),
        ("Yesterday the council met.", "Yesterday", "6 June 2017"),
        ("It snowed last night.", "last night", "6 June 2017"),
        ("It snowed the day before yesterday.", "the day before yesterday", "5 June 2017"),
        ("She left two days ago.", "two days ago", "5 June 2017"),
        ("It fell last week.", "last week", "29 May to 4 June 2017"),
        ("It fell three weeks ago.", "three weeks ago", "15 to 21 May 2017"),
        ("It fell last month.", "last month", "May 2017"),
        ("It fell a month ago.", "a month ago", "May 2017"),
        ("Earlier this year it fell.", "Earlier this year", "2017"),
        ("It rose from last year’s low.", "last year", "2016"),
        ("It opened a year ago.", "a year ago", "2016"),
        ("It opened two years ago.", "two years ago", "2015"),
        ("It opened in March.", "March", "March 2017"),
        ("It closed in December.", "December", "December 2016"),
        ("It closed last June.", "last June", "June 2016"),
        ("It reopened on May 30.", "May 30", "30 May 2017"),
        ("Officials said today that it fell.", "today", "7 June 2017"),
    ],
)
def test_words_under_a_dateline_mean_a_day(sentence: str, words: str, day: str) -> None:
    assert (words, day) in meant(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The boats came in on Tuesdays.",
        "Every Tuesday they came.",
        "The Sunday Times reported it.",
        "The council votes on Monday.",
        "It will open on Tuesday, they said.",
        "Tuesday's meeting will decide what they wanted.",
        "They must win Tuesday's game, he said.",
        "On Thursday he wanted to leave.",
        "She arrived last Tuesday.",
        "“We met on Tuesday,” he said.",
        '"It snowed yesterday," she said.',
        "In 2001, on a Tuesday, it fell; on Tuesday it rose.",
        "Today the town is rich.",
        "He told USA TODAY that it fell.",
        "A better tomorrow was promised.",
        "Prices rose over the last year.",
        "It was built about two years ago.",
        "It was built 20 years ago.",
        "The 2011 flood was worse than the one in June.",
        "The panel on the January 6 attack met.",
        "It ended five years ago today.",
        "It began on 6 June 2017.",
        "The next day they left.",
        "The fair was held on June 2-5.",
    ],
)
def test_what_is_not_sure_is_not_said(sentence: str) -> None:
    assert meant(sentence) == []


def test_a_day_known_by_its_date_is_not_of_this_year() -> None:
    assert meant("He warmed the crowd on Jan. 6, they said.", date(2022, 1, 10)) == []


def test_without_a_day_of_publication_nothing_is_resolved() -> None:
    assert meant("She left two days ago, on Monday, in June, last year.", None) == []


@pytest.mark.parametrize(
    ("sentence", "published"),
    [
        ("She left a month ago.", date(2017, 6, 1)),
        ("She left a year ago.", date(2017, 1, 10)),
        ("It fell last week.", date(2017, 6, 4)),
    ],
    ids=["the end of a month", "the turn of the year", "a Sunday"],
)
def test_near_a_turn_a_count_is_not_sure(sentence: str, published: date) -> None:
    assert meant(sentence, published) == []


def test_a_day_is_said_once_and_not_when_it_is_written_out() -> None:
    assert meant("On Tuesday they met and on Tuesday they left.") == [("Tuesday", "6 June 2017")]
    assert meant("They met on Tuesday, 6 June 2017, they said.") == []
    assert meant("They met on Tuesday, May 30, they said.") == [("May 30", "30 May 2017")]


def test_a_passage_is_shown_with_each_day_once_and_otherwise_as_it_is() -> None:
    text = "They met on Tuesday. They left on Tuesday and rose on last year’s low. It was in March."
    assert shown(text) == (
        "They met on Tuesday [6 June 2017]. They left on Tuesday and rose on last year’s [2016] low. It was in March."
    )


def test_a_month_of_another_year_is_shown_with_it_and_weeks_are_not() -> None:
    assert shown("It closed in December, last week or so.") == "It closed in December [December 2016], last week or so."


@given(st.text(max_size=80), st.none() | st.dates())
def test_any_text_is_resolved_within_itself(text: str, published: date | None) -> None:
    for day in resolve_days(text, published, offset=7):
        assert text[day.start - 7 : day.end - 7] == day.text
        assert day.since <= day.until
        assert in_words(day)


WORDS = ("on Tuesday it fell", "last week", "two weeks ago", "tomorrow it ended", "next year", "9 years ago", "in May ")


@pytest.mark.parametrize("published", [date.min, date(1, 3, 8), date(9999, 12, 9), date.max], ids=str)
@pytest.mark.parametrize("words", WORDS)
def test_the_ends_of_the_calendar_hold(words: str, published: date) -> None:
    assert all(day.since <= day.until for day in resolve_days(f"It fell {words}.", published))


@given(st.lists(st.sampled_from(WORDS), max_size=4), st.dates())
def test_annotating_only_adds(parts: list[str], published: date) -> None:
    text = ", ".join(parts)
    left = shown(text, published)
    for day in resolve_days(text, published):
        left = left.replace(f" [{in_words(day)}]", "")
    assert left == text


# What the model makes of it


def source(text: str, published: date | None = DAY) -> SourceSentence:
    return SourceSentence(text, 0, len(text), "a:0", "a", published)


def alike(text: str, others: list[str]) -> list[float]:
    return [0.9] * len(others)


@pytest.mark.parametrize(
    ("said", "carrier"),
    [
        ("The dam broke on 6 June 2017.", "The dam broke on Tuesday, officials said."),
        ("The dam broke on Tuesday (6 June 2017).", "The dam broke on Tuesday, officials said."),
        ("The dam broke in 2016.", "The dam broke last year, officials said."),
        ("The dam broke in May 2017.", "The dam broke a month ago, officials said."),
        ("The dam broke on 5 June 2017.", "The dam broke two days ago, officials said."),
    ],
)
def test_the_day_that_was_shown_is_carried_by_the_words_it_was_shown_for(said: str, carrier: str) -> None:
    assert check_sentence(said, [source(carrier)], alike).support == "supported"


@pytest.mark.parametrize(
    ("said", "carrier"),
    [
        ("The dam broke on 7 June 2017.", "The dam broke on Tuesday, officials said."),
        ("The dam broke in 2016.", "The dam broke over the last year, officials said."),
        ("The dam broke on 6 June 2017.", "The dam broke on Tuesday, March 14, officials said."),
        ("The dam broke on 4 June 2017.", "The dam broke, the Sunday Times said."),
    ],
)
def test_another_day_is_not(said: str, carrier: str) -> None:
    assert check_sentence(said, [source(carrier)], alike).support == "partly"


def test_without_a_day_of_publication_no_day_is_carried() -> None:
    verdict = check_sentence("The dam broke on 6 June 2017.", [source("The dam broke on Tuesday.", None)], alike)
    assert verdict.missing == ("6 June 2017",)


@pytest.mark.parametrize("said", ["He left two days ago.", "He left for two days."])
def test_a_count_of_days_is_still_a_number_where_it_is_no_day(said: str) -> None:
    facts = find_facts(said, published=DAY)
    assert facts
    assert all(holds(fact, "He left two days ago.", published=DAY) for fact in facts)


def test_a_citation_tells_what_its_words_mean_at_their_place_in_the_article() -> None:
    article = "A first sentence. The dam broke on Tuesday, officials said."
    quote = SourceSentence(article[18:], 18, len(article), "a:0", "a", DAY)
    _, [citation] = number_citations([("x", Verdict("supported", (quote,), (), 1.0))], {"a": Source(published=DAY)})
    [day] = citation.days
    assert (article[day.start : day.end], day.since, day.unit) == ("Tuesday", date(2017, 6, 6), "day")
