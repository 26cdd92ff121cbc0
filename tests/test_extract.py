"""An answer of the articles' own sentences, and what a refusal quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from answer_material import ASKED_ON, BRIDGE, CARRIED, EMBEDDER, article_of, ask, make_archive, parts_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.extract import MOST, NEAREST, choose, find_candidates, nearest_quotes, quote
from bot.generate import NoModel
from bot.records import EXTRACTION, Answer, Citation, Evidence, Found, Question, Stage, Turn
from bot.relevance import rank_sentences
from bot.similarity import remembering_similarity
from index.archive import Archive
from index.records import Filters, Hit, Passage, Source
from index.sentences import split_sentences

SIMILARITY = remembering_similarity(EMBEDDER)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make_archive(tmp_path_factory.mktemp("extract")) as archive:
        yield archive


def hit(article: str, text: str, *, title: str = "", score: float = 0.5) -> Hit:
    passage = Passage(article, article, Source(title), 0, len(text), text, tuple(split_sentences(text)))
    return Hit(passage, score, (), ())


def best_of(question: str, *hits: Hit) -> list[str]:
    evidence = [Evidence(number, each) for number, each in enumerate(hits, start=1)]
    candidates = find_candidates(question, rank_sentences(question, evidence, SIMILARITY))
    return [candidate.sentence.source.text for candidate in choose(candidates)]


def extracted(archive: Archive, question: str | Question, strictness: float = 0.4) -> Answer:
    return ask(parts_of(archive, NoModel(), strictness=strictness), question)[1]


# --- which sentence -------------------------------------------------------------------------------------------


def test_a_sentence_with_the_kind_of_fact_asked_for_comes_first() -> None:
    text = "The bridge of Saltmarsh closes for repairs. The bridge of Saltmarsh closes for 14 months."
    assert best_of("How long does the bridge of Saltmarsh close?", hit("a", text))[0].endswith("14 months.")


def test_a_question_in_an_article_answers_none() -> None:
    text = "How long does the bridge close? The bridge closes for 14 months."
    assert best_of("How long does the bridge close?", hit("a", text)) == ["The bridge closes for 14 months."]


def test_the_same_news_is_told_once_and_three_sentences_at_most() -> None:
    same = "The harbour bridge closes for 14 months."
    others = [
        f"The harbour bridge closes to {who} for {n} months." for n, who in enumerate(("ships", "carts", "geese"))
    ]
    told = best_of(BRIDGE, *(hit(str(n), text) for n, text in enumerate([same, same, *others])))
    assert told.count(same) == 1
    assert len(told) <= MOST


def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it() -> None:
    text = "Pupils built a robot.  It sorts letters. Gulls sing."
    found = hit("a", text)
    ranked = rank_sentences("What does the robot do?", [Evidence(1, found)], SIMILARITY)
    sources = {each.source.text: each.source for each in ranked}
    leaning, alone = quote(sources["It sorts letters."], [found]), quote(sources["Gulls sing."], [found])
    assert (leaning.text, leaning.start) == ("Pupils built a robot.  It sorts letters.", 0)
    assert alone == sources["Gulls sing."]


# --- the whole way --------------------------------------------------------------------------------------------


def test_the_articles_own_sentence_answers_without_a_model(archive: Archive) -> None:
    events, answer = ask(parts_of(archive, NoModel()), BRIDGE)
    assert [event.name for event in events if isinstance(event, Stage)] == ["searching", "checking"]
    assert [type(event) for event in events if not isinstance(event, Stage)] == [Found, Answer]
    assert (answer.answered, answer.model, answer.sentences[0].text) == (True, EXTRACTION, CARRIED)
    assert (answer.nearest, answer.fallback) == ((), "")


def assert_verbatim(archive: Archive, citations: Sequence[Citation]) -> None:
    for citation in citations:
        assert article_of(archive, citation.article_id).text[citation.start : citation.end] == citation.quote


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abridge harbou?cost$4 é\n“”", min_size=1, max_size=60).filter(str.strip))
def test_every_quote_is_the_articles_words_whatever_is_asked(archive: Archive, text: str) -> None:
    answer = extracted(archive, text, strictness=0.1)
    assert_verbatim(archive, answer.quoted)
    quotes = {citation.number: citation.quote for citation in answer.citations}
    for sentence in answer.sentences:
        assert sentence.support == "supported"
        assert [quotes[number] for number in sentence.citations] == [sentence.text]


def test_an_unlikely_answer_is_refused(archive: Archive) -> None:
    answer = extracted(archive, "Who won the chess tournament in Oslo?")
    assert not answer.answered
    assert answer.reason
    assert answer.confidence < extracted(archive, BRIDGE).confidence


def test_strictness_moves_the_point_of_refusal(archive: Archive) -> None:
    assert extracted(archive, BRIDGE, strictness=0.0).answered
    assert not extracted(archive, BRIDGE, strictness=1.0).answered or extracted(archive, BRIDGE).confidence >= 0.75


def test_a_follow_up_is_understood_without_a_model(archive: Archive) -> None:
    question = Question("And who will repair it?", ASKED_ON, history=(Turn(BRIDGE, CARRIED),))
    answer = extracted(archive, question, strictness=0.0)
    assert "harbour bridge" in answer.standalone_question
    assert "Calder" in answer.text


# --- refusals -------------------------------------------------------------------------------------------------


def test_a_refusal_quotes_the_nearest_sentence_of_each_of_three_articles_at_most(archive: Archive) -> None:
    answer = extracted(archive, "Who painted the harbour bridge?", strictness=1.0)
    assert not answer.answered
    assert 0 < len(answer.nearest) <= NEAREST
    assert [one.number for one in answer.nearest] == list(range(1, len(answer.nearest) + 1))
    assert len({one.article_id for one in answer.nearest}) == len(answer.nearest)
    assert answer.nearest[0].article_id == "bridge"
    assert_verbatim(archive, answer.nearest)


def test_a_refusal_for_its_days_quotes_what_was_published_on_others(archive: Archive) -> None:
    answer = extracted(archive, Question("What was said of the harbour bridge yesterday?", date(2021, 6, 20)))
    assert not answer.answered
    assert answer.nearest[0].article_id == "bridge"
    assert_verbatim(archive, answer.nearest)


def test_where_nothing_is_near_nothing_is_quoted() -> None:
    far = [hit("a", "Gulls sing."), hit("b", "Pupils won a prize.")]
    assert nearest_quotes("Zyx qwv?", far, lambda text, others: [0.01] * len(others)) == ()


def test_without_hits_nothing_is_quoted(archive: Archive) -> None:
    limits = Filters(since=date(1999, 1, 1), until=date(1999, 2, 1))
    assert extracted(archive, Question(BRIDGE, ASKED_ON, limits)).nearest == ()
