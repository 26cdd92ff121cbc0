"""A refusal speaks of the articles or of the model; a source that is silent is an answer."""

import pytest

from bot.refusals import is_refusal

DECLINING = (
    "The articles do not say.",
    "The provided information does not specify the number.",
    "The text doesn’t say why.",
    "The articles do not explicitly mention the mayor’s age.",
    "None of the articles mention it.",
    "Neither article mentions it.",
    "There is no information about this.",
    "There is no mention of a strike in the articles.",
    "There is not enough information to answer.",
    "It is not specified in the article who did.",
    "It is not specified.",
    "The name of the suspect is not mentioned in the provided articles.",
    "The number of people is not provided.",
    "The answer is not given in the articles.",
    "The question cannot be answered with the given articles.",
    "Based on the given articles, it cannot be determined.",
    "Based on the provided articles, there is no information about a strike.",
    "It cannot be determined from the articles.",
    "I'm sorry, but I cannot answer that.",
    "I could not find the answer in the articles.",
    "I don't know.",
    "Unknown",
    "Answer: Unknown",
    "N/A",
    "Not stated.",
)
ANSWERING = (
    "The minister did not say why.",
    "The company does not provide refunds.",
    "The cause could not be determined.",
    "There is no evidence that he lied.",
    "According to the article, the minister did not say why.",
    "The article says the minister did not name anyone.",
    "Sources did not say why he left.",
    "Article 5 does not mention cyber attacks.",
    "The text message did not say who sent it.",
    "None.",
    "None of the crew survived.",
    "It was not clear why the gate jammed.",
    "97 people were evacuated. The articles do not say when.",
    "Details were not provided by the police.",
    "The suspect was not named by police.",
    "Police do not have a motive.",
    "It is not known who set the fire.",
    "No mention of the deal was made in the speech.",
    "The newspaper apologised and said it was sorry.",
    "He could not find his car.",
)


@pytest.mark.parametrize("text", DECLINING)
def test_a_model_that_declines_is_understood(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize("text", ANSWERING)
def test_an_answer_about_silence_is_an_answer(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize("text", ["", "  \n", "…"], ids=["empty", "blank", "a mark"])
def test_nothing_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
