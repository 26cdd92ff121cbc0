import pytest

from bot.binding import counts_otherwise
from bot.numbers import read_amounts
from bot.stems import stems

MISSING = "Two missing, 112 moved out: the paper gave a wrong number of people."
TWICE = "The service said that 15 people had been counted twice at two shelters."


def is_misplaced(sentence: str, *quotes: str) -> bool:
    amount = read_amounts(sentence)[0]
    return counts_otherwise(sentence, amount, quotes, stems=stems)


def test_a_number_from_another_quote_than_the_one_that_counts_these_things_is_misplaced() -> None:
    assert is_misplaced("The count was wrong because 112 people had been counted twice.", MISSING, TWICE)


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
