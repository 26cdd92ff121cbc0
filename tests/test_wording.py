from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wording import exact_match, holds, holds_answer, numbers, token_f1, tokens


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("Five people were hurt.", "5", id="a number word for a figure"),
        pytest.param("5 people were hurt.", "five", id="a figure for a number word"),
        pytest.param("Twenty-three were counted.", "23", id="a hyphenated number word"),
        pytest.param("About two million people.", "2,000,000", id="a scale in words"),
        pytest.param("It cost $2.4bn in all.", "2.4 billion", id="a scale cut short"),
        pytest.param("one hundred and five thousand homes", "105,000", id="a long number in words"),
        pytest.param("He bid $19 million for lunch.", "$19 million", id="a sum"),
        pytest.param("Some 60 per cent agreed.", "60%", id="per cent for its sign"),
        pytest.param("They played Blink-182 songs.", "Blink 182", id="a hyphen"),
        pytest.param("It was Boris Johnson’s idea.", "Boris Johnson", id="a curly possessive"),
        pytest.param("J.K. Rowling wrote it.", "J. K. Rowling", id="initials"),
        pytest.param('"The pandemic is over," he said.', "“The pandemic is over.”", id="quotes straight for curly"),
        pytest.param("the US Open", "U.S. Open", id="an abbreviation's stops"),
        pytest.param("It took the few weeks.", "A few weeks", id="articles do not count"),
        pytest.param("Her blood type is A, he said.", "A", id="an article that is all there is"),
        pytest.param("It fell to −24.6 degrees.", "minus 24.6", id="a minus sign"),
        pytest.param("Dvořák was played.", "Dvorak", id="an accent"),
        pytest.param("the first time", "1st", id="an ordinal"),
    ],
)
def test_an_answer_is_found_in_another_spelling(text: str, wanted: str) -> None:
    assert holds(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("The dam was built in 1976.", "17", id="17 is not in 1976"),
        pytest.param("It was 12.5 percent.", "12", id="12 is not in 12.5"),
        pytest.param("Some 12 million came.", "12", id="12 is not 12 million"),
        pytest.param("It cost 5,000 crowns.", "5", id="5 is not in 5,000"),
        pytest.param("Fivefold growth.", "five", id="five is not in fivefold"),
        pytest.param("It stuck at 2:15.", "15", id="a minute is not a count"),
        pytest.param("They gave 2 million. Three left.", "2,000,003", id="a number ends with its sentence"),
        pytest.param("Johnson met Boris.", "Boris Johnson", id="the words in another order"),
        pytest.param("Boris, not Mr. Johnson.", "Boris Johnson", id="the words apart"),
        pytest.param("Something else.", "", id="nothing is held by nothing"),
    ],
)
def test_what_only_looks_like_the_answer_is_not_found(text: str, wanted: str) -> None:
    assert not holds(text, wanted)


def test_any_answer_will_do_but_of_every_group_one_is_needed() -> None:
    groups = [["23", "Twenty-three"], ["31", "Thirty-one"]]
    assert holds_answer("It was forty.", ["97", "40"])
    assert holds_answer("One says 23, the other thirty-one.", [], groups)
    assert not holds_answer("One says 23.", ["23", "31"], groups)
    assert not holds_answer("Anything.", [])


def test_exact_match_takes_squads_normalisation() -> None:
    assert exact_match("The “Succession”!", ["succession"])
    assert not exact_match("It was Succession.", ["Succession"])
    assert not exact_match("five", ["5"]), "SQuAD's script does not read number words"


def test_token_f1_by_hand() -> None:
    # predicted {boris, johnson}, gold {uk, prime, minister, boris, johnson}: precision 1, recall 2/5
    assert token_f1("Boris Johnson", ["UK Prime Minister Boris Johnson"]) == pytest.approx(2 * 1 * 0.4 / 1.4)
    assert token_f1("Boris Johnson", ["nobody", "the Boris Johnson."]) == 1
    assert token_f1("", ["x"]) == token_f1("x", []) == 0


def test_numbers_come_in_one_spelling_and_one_is_no_number() -> None:
    assert numbers("Five of 1,200 on one of the 2nd days") == {"5", "1200"}


@given(st.text())
def test_any_text_can_be_read_and_holds_itself(text: str) -> None:
    words = tokens(text)
    assert holds(text, text) == bool(words)
