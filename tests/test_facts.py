"""Facts compare by value: what is the same in other words, and what only looks alike."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import blank_values, find_facts, holds, word_keys

DAY = date(2017, 6, 7)  # a Wednesday

SAME = (
    ("five", "5 people"), ("2m", "two million"), ("2,300,000", "two million three hundred thousand"),
    ("205", "two hundred and five"), ("1.5 million", "one and a half million"), ("500,000", "half a million"),
    ("12 eggs", "a dozen eggs"), ("100", "a hundred people"), ("hundreds", "450 people"), ("two men", "both men"),
    ("One man", "a man"), ("$5 million", "5 million dollars"), ("5 million", "$5 million"),
    ("$1.2bn", "1.2 billion dollars"),
    ("5.5%", "5.5 per cent"), ("20-25%", "between 20 and 25 percent"), ("20 to 25", "20–25"), ("2-0", "won 2–0"),
    ("50%", "half of them"), ("two-thirds", "two thirds"), ("one in six", "a sixth of them"), ("21st", "twenty-first"),
    ("more than 60", "over 60 people"), ("60 people", "more than 60 people"), ("at least 60", "more than 60"),
    ("17-year-old", "aged 17"), ("3-year", "three years"), ("twice", "two times"), ("−5 degrees", "minus 5 degrees"),
    ("4:40 a.m.", "4:40am"), ("4.40pm", "at 16:40"), ("at noon", "12 p.m."),
    ("in 1980", "nineteen eighty"), ("the 1990s", "the ’90s"), ("in 2017", "in June"), ("2017-18", "2017–18"),
    ("on June 6", "on Tuesday"), ("yesterday", "June 6"), ("Sept. 7", "September 7th"), ("7 June 2017", "Wednesday"),
    ("JUNE 6", "6 June"), ("last month", "May 2017"), ("June 6-8", "June 6 to 8"), ("2017-06-06", "Tuesday"),
    ("At Tanf", "At-Tanf"), ("José", "Jose"), ("St. Brannoc's", "Saint Brannoc’s"), ("J.K. Rowling", "JK Rowling"),
    ("U.S.", "the United States"), ("US", "U.S. troops"), ("United States", "US-led"),
    ("WHO", "World Health Organization"),
    ("Russia", "Russian"), ("F-16", "an F16"), ("Dr. Pell", "Pell"), ("John F. Kennedy", "John Kennedy"),
    ("Lowmarsh", "LOWMARSH FLOODS"), ("9/11", "9/11"),
)  # fmt: skip
OTHER = (
    ("1976", "19760"), ("5", "15"), ("5", "5.5"), ("2017", "20170"), ("in 2017", "2,017 people"),
    ("2,017 people", "in 2017"),
    ("2 million", "2 billion"), ("$5 million", "£5 million"), ("5 million people", "$5 million"), ("5%", "5 people"),
    ("5", "5%"), ("five years", "five days"), ("-5 degrees", "5 degrees"), ("half", "a third"),
    ("third", "a three-day"),
    ("more than 60", "60"), ("more than 60", "fewer than 60"), ("one in six", "six people and one"),
    ("One man", "Two men"),
    ("1990s", "1990"), ("1990", "1990s"), ("6 a.m.", "6 p.m."), ("3:27:15", "3:27:16"), ("5,10,15", "6,11"),
    ("F-16", "16 jets"), ("16 jets", "F-16"), ("COVID-19", "19 people"), ("5G", "5 people"),
    ("G7", "7 men"), ("9/11", "9 people"),
    ("7 people", "7/11"), ("June 6", "June 7"), ("June 2017", "June 2016"), ("on June 2", "will meet on Friday"),
    ("on Monday", "on Tuesday"), ("WHO", "who said"), ("US", "told us"), ("Bill", "the bill"), ("Biden", "Bidenism"),
    ("five", "a hot day"), ("twice", "both"),
)  # fmt: skip


def held(said: str, source: str) -> list[bool]:
    return [holds(fact, source, published=DAY) for fact in find_facts(said, published=DAY)]


@pytest.mark.parametrize(("said", "source"), SAME)
def test_the_same_in_other_words_is_held(said: str, source: str) -> None:
    verdicts = held(said, source)
    assert verdicts
    assert all(verdicts)


@pytest.mark.parametrize(("said", "source"), OTHER)
def test_what_only_looks_alike_is_not_held(said: str, source: str) -> None:
    assert not all(held(said, source)) or not held(said, source)
    assert find_facts(said, published=DAY)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("5 people", "number"), ("June 6", "date"), ("Lowmarsh", "name"), ("COVID-19", "name"), ("9/11", "name")],
)
def test_each_fact_has_its_kind(text: str, kind: str) -> None:
    assert [fact.kind for fact in find_facts(text)] == [kind]


def test_titles_pronouns_and_common_openers_are_no_names() -> None:
    assert find_facts("President of the council, he said no one came. That one did.") == ()


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_one_number_never_passes_for_another(first: int, second: int) -> None:
    assert held(f"{first:,} people", f"about {second:,} people") == [first == second]


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.dates(date(1900, 1, 1), date(2090, 1, 1)))
def test_one_day_never_passes_for_another(first: date, second: date) -> None:
    said, source = (f"on {day:%B} {day.day}, {day.year}" for day in (first, second))
    assert all(held(said, source)) == (first == second)


@given(st.text(max_size=80), st.none() | st.dates())
def test_any_text_is_read_and_holds_its_own_facts(text: str, published: date | None) -> None:
    facts = find_facts(text, published=published)
    assert all(holds(fact, text, published=published) for fact in facts)


@given(st.text(alphabet="0123456789 .,:/-$%£apmstndk x", max_size=24))
def test_every_digit_belongs_to_a_fact(text: str) -> None:
    facts = find_facts(text)
    left = blank_values(text)
    names = "".join(fact.text for fact in facts if fact.kind == "name")
    assert [mark for mark in left if mark.isdigit()] == [mark for mark in names if mark.isdigit()]


def test_word_keys_know_both_forms_of_a_country() -> None:
    assert {"united-states", "troops"} <= word_keys("U.S. troops")
    assert "united-states" not in word_keys("He told us")
