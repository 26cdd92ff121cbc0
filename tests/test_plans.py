import pytest

from bot.plans import condition_missing, told_as_done
from bot.stems import stem_of


@pytest.mark.parametrize(
    ("sentence", "quote", "verb"),
    [
        ("The plant closed in May.", "The plant will close in May.", "closed"),
        ("The plant was closed in May.", "The plant is to be told that it would be closed in May.", "closed"),
        ("Lee has frozen the tax and moved the fair.", "Lee has promised to freeze the tax and to move the fair.",
         "frozen moved"),
        ("The state paid half.", "The state will also pay half, Lee said.", "paid"),
        ("The crew opened the gate.", "The crew plans to open the gate.", "opened"),
    ],
)  # fmt: skip
def test_a_plan_told_as_done_is_named(sentence: str, quote: str, verb: str) -> None:
    assert told_as_done(sentence, [quote], stem=stem_of) == verb.split()


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The plant closed in May.", "The plant closed in May."),
        ("The plant will be closed in May.", "The plant will close in May."),
        ("The plant closed in May.", "The plant closed in May and will not close again."),
        ("The crew closed the gate.", "The crew managed to close the gate."),
        ("The rain would have closed the road.", "The rain would have closed the road."),
        ("Lee planned to close the plant.", "Lee plans to close the plant."),
        ("The plant shut in May.", "The plant will close in May."),
    ],
    ids=["done", "a plan", "done before", "managed to", "would have", "planned", "another verb"],
)
def test_what_was_done_or_is_told_as_a_plan_is_not_named(sentence: str, quote: str) -> None:
    assert told_as_done(sentence, [quote], stem=stem_of) == []


def test_a_condition_that_was_left_out_is_named() -> None:
    quote = "The crew would open the third gate if the rain did not ease."
    assert condition_missing("The crew will open the third gate.", [quote], stem=stem_of) == ["if"]
    assert condition_missing("The crew may open the third gate.", [quote], stem=stem_of) == []
    assert condition_missing("The crew will open the third gate if it rains.", [quote], stem=stem_of) == []


def test_a_condition_of_something_else_is_not_missed() -> None:
    quote = "Asked if it was late, Lee said the crew will open the gate."
    assert condition_missing("The crew will open the gate.", [quote], stem=stem_of) == []
