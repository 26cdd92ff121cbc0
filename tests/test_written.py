"""What a model wrote, made ready to be checked."""

import pytest

from bot.written import tidy


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("It broke on Tuesday [6 June 2017].", "It broke on Tuesday (6 June 2017)."),
        ("It broke on [6 June 2017].", "It broke on 6 June 2017."),
        ("It rose last year [2016].", "It rose last year (2016)."),
        ("It closed in [December 2016] [2].", "It closed in December 2016."),
        ("It has [sic] 14 piers [1, 2].", "It has [sic] 14 piers."),
        ("It costs 4 crowns, as stated in the articles.", "It costs 4 crowns."),
        ("It costs 4 crowns, as stated in the article of May.", "It costs 4 crowns, as stated in the article of May."),
        ("Board to meet (Northern Post, Tuesday, 6 June 2017)", "Board to meet"),
        ("It met the day after (Tuesday, 6 June 2017).", "It met the day after (Tuesday, 6 June 2017)."),
    ],
)
def test_marks_copied_from_the_prompt_are_cleaned(written: str, clean: str) -> None:
    assert tidy(written, cut=False) == clean


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The article mentions that the mill burned in 1902.", "The mill burned in 1902."),
        ("It burned. The articles also state that nobody was hurt.", "It burned. Nobody was hurt."),
        ("The article says that iPhone sales fell.", "iPhone sales fell."),
        ("He said the articles state that rents fell.", "He said the articles state that rents fell."),
        ("The article does not say that.", "The article does not say that."),
    ],
)
def test_what_only_says_that_an_article_says_it_is_left_out(written: str, shown: str) -> None:
    assert tidy(written, cut=False) == shown
