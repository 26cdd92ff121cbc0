import pytest

from bot.binding import counts_otherwise
from bot.numbers import read_amounts
from bot.stems import stems

MISSING = "Two missing, 112 moved out: the paper gave that number of people."
CORRECTION = "Two missing, 112 moved out: the paper gave a wrong number of people."
TWICE = "The service said that 15 people had been counted twice at two shelters."


def is_misplaced(sentence: str, *quotes: str) -> bool:
    amount = read_amounts(sentence)[0]
    return counts_otherwise(sentence, amount, quotes, stems=stems)


def test_a_number_from_another_quote_than_the_one_that_counts_these_things_is_misplaced() -> None:
    assert is_misplaced("The count was wrong because 112 people had been counted twice.", MISSING, TWICE)


def test_a_number_that_a_correction_calls_wrong_is_not_carried_by_it() -> None:
    assert is_misplaced("In all 112 people were moved out.", CORRECTION)
    assert not is_misplaced("The paper wrongly said that 112 people were moved out.", CORRECTION)


def test_words_of_another_clause_do_not_bind_a_number() -> None:
    wind = "The board said the wind gusted to 52 knots at dawn."
    ferry = "Ann was aboard when the ferry Orrow Star struck the pier."
    assert not is_misplaced("The wind was 52 knots when the ferry Orrow Star struck.", wind, ferry)


def test_a_number_that_counts_something_else_is_misplaced_without_a_noun_too() -> None:
    homes = "The number of homes reported flooded, 210, has not changed."
    assert is_misplaced("The number of people moved out because of the wrong paper was 210.", MISSING, homes)


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        ("The count was wrong because 15 people had been counted twice.", (MISSING, TWICE)),
        ("In all 112 people were moved out.", (MISSING,)),
        ("In all 112 were moved out.", (MISSING, TWICE)),
        (
            "Ann Pell, 71, was found in the stable of the farm.",
            ("Ann Pell was found dead.", "Ms. Pell, 71, was found in a stable."),
        ),
        ("The service counted 99 people twice.", (MISSING, TWICE)),
    ],
    ids=["the right number", "one quote only", "no noun to tell by", "nearly as near", "a number that no quote has"],
)
def test_a_number_is_not_misplaced_where(sentence: str, quotes: tuple[str, ...]) -> None:
    assert not is_misplaced(sentence, *quotes)


VOTES = "Fenwick had 8,431 votes and Finch 8,207 when the last station reported."
FALL = "Upkeep of dams falls from 9.1 million to 6.7 million crowns."


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Fenwick had 8,207 votes.", VOTES),
        ("Nadia Corrie is 71.", "The missing are Edwin Pell, 71, a farmer, and Nadia Corrie, 34, a postal worker."),
        ("Homes account for 9.8 million crowns.", "Homes account for 14.2 million crowns, roads for 9.8 million."),
        ("Twelve infants were treated.", "Twelve people were treated in hospital, nine of them infants."),
        ("Upkeep of dams falls to 9.1 million crowns.", FALL),
        ("The tax rises by 1.5 percent.", "It raises the tax from 1 to 1.5 percent."),
    ],
)
def test_a_number_of_the_same_quote_that_stands_beside_something_else_is_misplaced(sentence: str, quote: str) -> None:
    assert is_misplaced(sentence, quote)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Finch had 8,207 votes.", VOTES),
        ("Fenwick had 8,431 votes.", VOTES),
        ("Upkeep of dams falls to 6.7 million crowns.", FALL),
        ("Upkeep of dams was 9.1 million crowns.", FALL),
        ("The tax is 1.5 percent.", "It raises the tax from 1 to 1.5 percent."),
        ("Hale was sentenced to four years.", "Desmond Hale, 58, was sentenced to four years."),
        ("61 of the evacuated went home.", "Of the 97 people who were evacuated, 61 went home by Friday."),
    ],
)
def test_a_number_beside_its_own_words_is_not_misplaced(sentence: str, quote: str) -> None:
    assert not is_misplaced(sentence, quote)


@pytest.mark.timeout(30)
def test_a_table_of_hundreds_of_numbers_is_compared_in_no_time() -> None:
    table = "1234567890 " * 70
    assert not is_misplaced(table, table)
