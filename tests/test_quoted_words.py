import pytest

from bot.quoted_words import has_lone_mark, quoted_words_missing

QUOTES = ("“I was wrong about the wood,” he wrote.", "“Then the rain came.” It went on.")


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("“I was right about the wood,” he wrote.", ["I was right about the wood"]),
        ("“I was never wrong about the wood,” he wrote.", ["I was never wrong about the wood"]),
        ('He wrote: "I was about the wood."', ["I was about the wood"]),
        ("He wrote of “the wood. Then the rain came.”", ["the wood. Then the rain came"]),
        ("“I was wrong about the rain", ["I was wrong about the rain"]),
        ("and not about the wood,” he wrote.", ["and not about the wood"]),
        ("“I was wrong … about the rain,” he wrote.", ["about the rain"]),
    ],
    ids=["another word", "a word more", "a word less", "two put together", "not closed", "not opened", "after a gap"],
)
def test_words_between_marks_that_nobody_said_are_missing(sentence: str, missing: list[str]) -> None:
    assert quoted_words_missing(sentence, QUOTES) == missing


@pytest.mark.parametrize(
    "sentence",
    [
        "He wrote that he was right.",
        "“I was wrong about the wood.”",
        'He was "wrong about the wood" and then "the rain" came.',
        "“I was wrong … the wood,” he wrote.",
        "He wrote “WRONG”.",
    ],
    ids=["no marks", "all of it", "parts of both", "with a gap", "in capitals"],
)
def test_words_between_marks_that_were_said_are_not_missing(sentence: str) -> None:
    assert quoted_words_missing(sentence, QUOTES) == []


def test_a_mark_without_its_partner_is_told() -> None:
    assert has_lone_mark("“The dam is sound")
    assert has_lone_mark('The "dam is sound')
    assert not has_lone_mark("“The dam” is “sound”")
