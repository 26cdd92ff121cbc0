import pytest

from bot.binding import counts_otherwise
from bot.numbers import read_amounts
from bot.support import stems

MISSING = "Two missing, 112 moved out: the paper gave a wrong number of people."
TWICE = "The service said that 15 people had been counted twice at two shelters."


def is_misplaced(sentence: str, *quotes: str) -> bool:
    amount = read_amounts(sentence)[0]
    return counts_otherwise(sentence, amount, quotes, stems=stems)


def test_a_number_from_another_quote_than_the_one_that_counts_these_things_is_misplaced() -> None:
    assert is_misplaced("The count was wrong because 112 people had been counted twice.", MISSING, TWICE)


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        ("The count was wrong because 15 people had been counted twice.", (MISSING, TWICE)),
        ("In all 112 people were moved out.", (MISSING,)),
        ("In all 112 were moved out.", (MISSING, TWICE)),
        ("The service counted 99 people twice.", (MISSING, TWICE)),
    ],
    ids=["the right number", "one quote only", "no noun to tell by", "a number that no quote has"],
)
def test_a_number_is_not_misplaced_where(sentence: str, quotes: tuple[str, ...]) -> None:
    assert not is_misplaced(sentence, *quotes)
