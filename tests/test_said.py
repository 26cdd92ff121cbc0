from __future__ import annotations

from datetime import date

import pytest

from bot.attribution import asks_for_speaker, find_attribution, speaker_before
from bot.said import keep_speakers
from bot.support import SourceSentence, Verdict, check_sentence
from index.records import Source

DAY = date(2017, 6, 7)


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("The coalition said the strike killed three fighters.", "The coalition"),
        ("Three fighters died in the strike, according to SANA.", "SANA"),
        ("Three fighters died in the strike, SANA reported.", "SANA"),
        ("SANA reported that three fighters died.", "SANA"),
        ("“The road is shut,” Ann Lee told CNN on Monday.", "Ann Lee"),
        ("“The road is shut,” said Ann Lee, who lives nearby.", "Ann Lee"),
        ("Police said Tuesday that two men were held.", "Police"),
        ("Ann Lee tweeted: “The road is shut.”", "Ann Lee"),
        ("On Wednesday, the World Health Organization (WHO) said it had no doses.", "the World Health Organization"),
        ("Two cases were found, the US Centers for Disease Control and Prevention said Friday.",
         "the US Centers for Disease Control and Prevention"),
        ("Ann Lee, a professor of law at Leeds, said that the bill would fail.", "Ann Lee"),
        ("A study found that masks work well indoors.", "A study"),
        ("The road, Lee added, was not open to all of the residents.", "Lee"),
    ],
)  # fmt: skip
def test_the_speaker_is_found_in_the_articles_own_words(sentence: str, speaker: str) -> None:
    found = find_attribution(sentence)
    assert found is not None
    assert found.speaker == speaker == sentence[found.start : found.end]


@pytest.mark.parametrize(
    "sentence",
    [
        "The bridge closed on Monday.",
        "He was accused by prosecutors of fraud.",
        "The mayor told him to leave the town.",
        "It is said to be the oldest bridge.",
        "The company reported losses of $5 million.",
        "Beijing has reported 80 cases since Friday.",
        "The court confirmed the authenticity of the document.",
        "Lee found her dog in the park.",
        "The film’s success has already added to her fame abroad.",
        "",
    ],
)
def test_what_attributes_nothing_has_no_speaker(sentence: str) -> None:
    assert find_attribution(sentence) is None


def test_what_is_said_is_told_from_what_the_article_says_itself() -> None:
    sentence = "As the river rose, the mayor said the bridge would close for a week."
    found = find_attribution(sentence)
    assert found is not None
    assert sentence[found.said_start : found.said_end].strip() == "the bridge would close for a week."


def test_a_pronoun_means_the_person_named_just_before() -> None:
    before = ["The bridge is shut.", "“It is old,” said Ann Lee."]
    found = speaker_before(before)
    assert found is not None
    assert (found[0], found[1].speaker) == (1, "Ann Lee")


@pytest.mark.parametrize(
    "before",
    [
        [],
        ["The bridge is shut."],
        ["“It is old,” said Ann Lee.", "The bridge is shut."],
        ["The coalition said it was shut."],
    ],
    ids=["nothing", "no speaker", "not just before", "not a person"],
)
def test_a_pronoun_that_is_unclear_means_nobody(before: list[str]) -> None:
    assert speaker_before(before) is None


def test_a_question_for_the_speaker_is_told() -> None:
    assert asks_for_speaker("Who said that the bridge is old?")
    assert asks_for_speaker("Who has warned of floods?")
    assert asks_for_speaker("According to whom is it old?")
    assert not asks_for_speaker("How old is the bridge, according to the mayor?")
    assert not asks_for_speaker("Who built the bridge?")


# --- in an answer ----------------------------------------------------------------------------------------------


def sources_of(*texts: str) -> tuple[SourceSentence, ...]:
    found, start = [], 0
    for text in texts:
        found.append(SourceSentence(text, start, start + len(text), "p", "a", DAY))
        start += len(text) + 1
    return tuple(found)


def no_likeness(text: str, others: object) -> list[float]:
    return [0.0] * len(others)  # type: ignore[arg-type]


def kept(text: str, *articles: str, question: str = "How many died?", outlet: str = "Echo") -> tuple[str, Verdict]:
    sources = sources_of(*articles)
    verdict = check_sentence(text, sources, no_likeness)
    assert verdict.support == "supported"
    [sentence] = keep_speakers([(text, verdict)], sources, {"a": Source(outlet=outlet)}, question, no_likeness)
    assert check_sentence(sentence[0], sentence[1].quotes, no_likeness).support == "supported"
    return sentence


@pytest.mark.parametrize(
    ("article", "longer", "said_by"),
    [
        ("The coalition said the strike killed three fighters.", ", according to the coalition.", "The coalition"),
        ("The strike killed three fighters, SANA reported.", ", according to SANA.", "SANA"),
        ("The strike killed three fighters, officials of the U.S. said.", ", according to officials of the U.S.",
         "officials of the U.S."),
    ],
    ids=["before", "after", "a point of its own"],
)  # fmt: skip
def test_what_is_only_attributed_stays_attributed(article: str, longer: str, said_by: str) -> None:
    text, verdict = kept("The strike killed three fighters.", article)
    assert text == f"The strike killed three fighters{longer}"
    assert verdict.said_by == said_by


def test_an_attribution_that_is_kept_is_not_said_twice() -> None:
    text = "The coalition said the strike killed three fighters."
    assert kept(text, text)[0] == text
    assert kept(text, text)[1].said_by == "The coalition"


@pytest.mark.parametrize(
    ("article", "question", "outlet"),
    [
        ("The strike killed three fighters.", "How many died?", "Echo"),
        ("The strike killed three fighters, the Daily Echo reported.", "How many died?", "Daily Echo"),
        ("The coalition said the strike killed three fighters.", "Who said that the strike killed three?", "Echo"),
        ("The strike killed three fighters as the mayor said the town would stay calm.", "How many died?", "Echo"),
    ],
    ids=["states it", "the outlet itself", "asked who said it", "something else is attributed"],
)
def test_nothing_is_added_where_nothing_is_attributed(article: str, question: str, outlet: str) -> None:
    text = "The strike killed three fighters."
    longer, verdict = kept(text, article, question=question, outlet=outlet)
    assert (longer, verdict.said_by) == (text, "")


def test_he_said_is_attributed_to_the_one_named_before_and_quoted_too() -> None:
    articles = ("“We saw smoke,” said General Omar Haddad.", "He said the strike killed three fighters.")
    text, verdict = kept("The strike killed three fighters.", *articles)
    assert text == "The strike killed three fighters, according to General Omar Haddad."
    assert [quote.text for quote in verdict.quotes] == list(articles)


def test_he_said_without_a_name_before_is_left_alone() -> None:
    text = "The strike killed three fighters."
    assert kept(text, "Smoke rose.", "He said the strike killed three fighters.")[0] == text


def test_a_quoted_end_keeps_its_marks() -> None:
    article = "The strike was “a plain success,” the coalition said."
    assert kept("The strike was “a plain success.”", article)[0] == (
        "The strike was “a plain success,” according to the coalition."
    )


def test_the_articles_own_sentence_is_shown_as_it_is() -> None:
    text = "He said the strike killed three fighters."
    longer, verdict = kept(text, "“We saw smoke,” said General Omar Haddad.", text)
    assert longer == text
    assert verdict.said_by == "General Omar Haddad"


def test_a_day_does_not_end_the_speaker_with_half_of_it() -> None:
    found = find_attribution("She spent 61,000 crowns, according to statements filed last week.")
    assert found is not None
    assert found.speaker == "statements filed"


def test_nothing_is_added_to_a_quotation_that_is_not_closed() -> None:
    article = "“The strike killed three fighters, and we saw smoke,” said Ann Lee."
    assert kept("“The strike killed three fighters.", article)[0] == "“The strike killed three fighters."
