"""Which questions are offered to go on with, and which names they are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fake_desk import ARTICLES, BY_ID, CITATIONS, HITS, answer_of, cite

from bot.records import Answer, Question, Sentence
from bot.suggest import follow_ups
from bot.title_words import find_titled
from index.records import Article, Hit, Mark, Source

ASKED = "What does the repair of the harbour bridge cost?"
QUESTION = Question(ASKED, date(2026, 1, 2))


def offered(answer: Answer, *asked: str, **articles: Article) -> tuple[str, ...]:
    return follow_ups(answer, [ASKED, *asked], {**BY_ID, **articles}.get)


def hit_of(article: Article) -> Hit:
    passage = replace(HITS[0].passage, id=f"{article.id}:0", article_id=article.id, source=article.source)
    return replace(HITS[0], passage=passage)


def test_who_says_more_in_a_cited_article_can_be_asked_next() -> None:
    assert offered(answer_of(QUESTION)) == ("What did Mayor Mara Lind say?", "What did Jonas Weir say?")


def test_what_was_asked_already_is_not_offered() -> None:
    asked = ("What did Jonas Weir say about larger vessels?", "Who is Mayor Mara Lind?")
    assert offered(answer_of(QUESTION), *asked) == ()


def test_a_statement_that_the_answer_quotes_is_not_offered_again() -> None:
    words = "Its head, Jonas Weir, said that larger vessels would go elsewhere."
    answer = answer_of(QUESTION, citations=(cite(1, "bridge", words),))
    assert "What did Jonas Weir say?" not in offered(answer)


def test_what_a_stopped_or_empty_answer_found_nothing_for_offers_nothing() -> None:
    assert offered(answer_of(QUESTION, citations=(), retrieved=())) == ()


def test_an_article_that_is_gone_offers_nothing() -> None:
    assert follow_ups(answer_of(QUESTION), [ASKED], lambda _: None) == ()


def test_another_outlet_is_asked_for_what_it_has_on_the_same_name() -> None:
    letter = Article("letter", Source("x", "Northern Post"), "It was a long day for Mara Lind, who was away.")
    sentence = Sentence("Mara Lind called it the only one we can afford.", "supported", (1,))
    answer = answer_of(QUESTION, sentences=(sentence,), citations=CITATIONS[:1], retrieved=(HITS[0], hit_of(letter)))
    assert "What did Northern Post report about Mara Lind?" in offered(answer, letter=letter)


def test_another_month_of_the_same_outlet_is_asked_for() -> None:
    text = "In a long session the deputy of Mara Lind, who was away, opened the fishery."
    later = Article("later", Source("x", "The Saltmarsh Courier", "", date(2018, 5, 4)), text)
    sentence = Sentence("Mara Lind called it the only one we can afford.", "supported", (1,))
    answer = answer_of(QUESTION, sentences=(sentence,), citations=CITATIONS[:1], retrieved=(HITS[0], hit_of(later)))
    assert "What was reported about Mara Lind in May 2018?" in offered(answer, later=later)


def test_a_name_that_the_answer_left_out_is_asked_for_when_its_article_has_it_twice() -> None:
    text = "Ships wait for the Old Sluice, the harbour master wrote. Nobody has seen the Old Sluice in use."
    article = Article("sluice", Source("x", "Northern Post"), text)
    citation = replace(CITATIONS[0], quote="Ships wait", start=0, end=10, article_id="sluice")
    answer = answer_of(QUESTION, citations=(citation,), retrieved=())
    assert offered(answer, sluice=article) == ("What is reported about the Old Sluice?",)


def test_never_more_than_three_are_offered_and_never_two_on_one_name() -> None:
    said = " ".join(f"“It is so,” said Anna {name}." for name in "Berg Dahl Falk Holm Lund Nord".split())
    article = Article("many", Source("x", "Northern Post"), said + " “It is,” said Dr. Anna Berg.")
    citation = replace(CITATIONS[0], start=0, end=3, article_id="many")
    found = offered(answer_of(QUESTION, citations=(citation,), retrieved=()), many=article)
    assert 1 <= len(found) <= 3
    names = [question.split()[-2] for question in found]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "sentence",
    [
        "Officials said that the bridge would stay closed for now.",
        "He said that the bridge would stay closed for now.",
        "The Prime Minister said that the bridge would stay closed for now.",
        "Weir said that the bridge would stay closed for now.",  # by a last name that the article never gives in full
        "A report said that the bridge would stay closed for now.",
    ],
)
def test_who_is_not_clearly_named_is_not_asked_for(sentence: str) -> None:
    article = Article("one", Source("x", "Northern Post"), sentence)
    citation = replace(CITATIONS[0], start=900, end=910, article_id="one")
    assert offered(answer_of(QUESTION, citations=(citation,), retrieved=()), one=article) == ()


def test_a_speaker_by_last_name_is_asked_for_in_full() -> None:
    text = "The company is led by Jonas Weir, a captain. Weir said that larger vessels would go elsewhere."
    article = Article("one", Source("x", "Northern Post"), text)
    citation = replace(CITATIONS[0], start=900, end=910, article_id="one")
    assert offered(answer_of(QUESTION, citations=(citation,), retrieved=()), one=article) == (
        "What did Jonas Weir say?",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was said by Mara Lind on Monday.", ("Mara Lind",)),
        ("It was told to the White House and then to White House.", ("the White House", "the White House")),
        ("The talks with Prime Minister Theresa May in London went on.", ("Prime Minister Theresa May",)),
        ("He was at a White House meeting.", ()),
        ("He was at a Trump Tower.", ()),
        ("It was approved by the Food and Drug Administration.", ()),
        ("It was decided by Major League Baseball’s board of owners.", ("Major League Baseball",)),
        ("It was decided by National Football League owners.", ()),
        ("It rained on the first Monday Night in May.", ()),
        ("Mara Lind opened it.", ()),  # at the start of a sentence every word has a capital
        ("New Bridge Opens, says Mara Lind", ()),  # as in a headline
        ("It was opened by Ida Holm.", ()),  # who wrote it
    ],
)
def test_names_are_found_whole_and_by_themselves_or_not_at_all(text: str, names: tuple[str, ...]) -> None:
    assert find_titled(Article("a", Source("x", "Northern Post", "Ida Holm"), text)) == names


def test_names_of_captions_are_not_taken_for_the_articles() -> None:
    text = "The bridge seen by Mara Lind.\n\nIt was opened by Jonas Weir."
    assert find_titled(Article("a", Source("x"), text, (Mark(0, 29, "caption"),))) == ("Jonas Weir",)


def test_every_question_ends_as_one() -> None:
    for article in ARTICLES:
        citation = replace(CITATIONS[0], start=0, end=1, article_id=article.id)
        for question in offered(answer_of(QUESTION, citations=(citation,))):
            assert question.startswith("What ")
            assert question.endswith("?")
