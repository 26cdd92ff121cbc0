"""A word that stands in nothing a sentence was written from is the model's own."""

from __future__ import annotations

import pytest

from bot.coined import coined_words
from bot.stems import stems

ARTICLE = (
    "There are 40 councillors, one for each ward. The assembly of the county meets in Harrow and opposes the tax. "
    "Lee won the vote and pays for the colour of the theatre."
)


@pytest.mark.parametrize(
    ("sentence", "coined"),
    [
        ("The assembly is a unicameral body with 40 members.", ["unicameral", "members"]),
        ("The county's assembly meets in Harrow.", []),
        ("The opposition of the assembly to taxes is known.", []),  # other forms of its words
        ("The winner of the vote made the payment.", []),
        ("The color of the theater was paid for.", []),  # other spellings
        ("The assembly includes approximately 40 councillors because of the wards.", []),  # what any retelling adds
        ("The assembly of Wendlebury has 40 councillors.", []),  # names are checked elsewhere, to the letter
        ("Wendlebury has the assembly of 40 councillors.", []),
        ("The assembly met on Wednesday, 4 March 2020.", []),  # and so are days
        ("Die Versammlung der Grafschaft tagt in Harrow.", []),  # not English
    ],
)
def test_words_of_its_own_are_found(sentence: str, coined: list[str]) -> None:
    assert coined_words(sentence, stems(ARTICLE)) == coined
