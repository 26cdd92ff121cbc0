from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from evaluation_material import TEXTS, make_answer, make_hit, make_outcome, make_question

from bot import measures
from bot.measures import Group, judge
from bot.outcome import Outcome, ends_with_any
from bot.records import Evidence, Sentence
from bot.remarks import remarks
from index.records import Span

HURT = make_question(answers=["5"], gold_article_ids=["dam"], also_supported_by=["gate"])
UNKNOWN = make_question("How old is the mayor?", answerable=False)


def test_hits_count_distinct_articles_in_both_readings() -> None:
    outcome = make_outcome(question=HURT, found=("cup", "cup", "gate", "cup", "dam"))
    ranks = {supporting: measures.first_rank(outcome, supporting=supporting) for supporting in (False, True)}
    assert ranks == {False: 3, True: 2}
    assert measures.article_hit(outcome, within=1, supporting=True) == (0, 1)
    assert measures.article_hit(outcome, within=2, supporting=True) == (1, 1)
    assert measures.article_hit(outcome, within=2, supporting=False) == (0, 1)
    assert measures.reciprocal_rank(outcome, supporting=False) == (1 / 3, 1)


def test_an_article_that_is_not_found_has_no_rank() -> None:
    outcome = make_outcome(question=HURT, found=("cup",))
    assert measures.reciprocal_rank(outcome, supporting=True) == (0, 1)
    assert measures.article_hit(make_outcome(question=HURT), within=10, supporting=True) == (0, 1)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(UNKNOWN, id="unanswerable"),
        pytest.param(make_question(), id="nothing known"),
        pytest.param(make_question(answers=["5"]), id="no article named"),
    ],
)
def test_questions_without_a_known_article_do_not_count_for_finding(question: Any) -> None:
    outcome = make_outcome(question=question, found=("dam",))
    assert measures.article_hit(outcome, within=5, supporting=True) is None


@pytest.mark.parametrize(
    ("path", "name", "same"),
    [
        pytest.param("news/flood.txt", "flood.txt", True, id="its name"),
        pytest.param("C:\\news\\flood.txt", "news/flood.txt", True, id="a Windows path"),
        pytest.param("flood.txt", "flood.txt", True, id="the whole path"),
        pytest.param("news/dry-flood.txt", "flood.txt", False, id="a longer name"),
        pytest.param("", "", False, id="no path"),
    ],
)
def test_paths_match_at_their_end_and_at_a_folders_edge(path: str, name: str, same: bool) -> None:
    assert ends_with_any(path, (name,)) is same


def test_gold_may_be_named_by_path() -> None:
    question = make_question(answers=["5"], gold_paths=["cup.txt"], also_supported_paths=["news/gate.txt"])
    outcome = make_outcome(question=question, found=("gate", "cup"))
    assert [outcome.relation(item) for item in outcome.retrieved] == ["supporting", "gold"]


def test_the_answer_was_found_only_where_a_right_article_says_it() -> None:
    points = make_question(answers=["17"], gold_article_ids=["dam"])
    assert measures.answer_was_retrieved(make_outcome(question=HURT, found=("dam",))) == (1, 1)
    assert measures.answer_was_retrieved(make_outcome(question=points, found=("dam", "cup"))) == (0, 1)


@pytest.mark.parametrize(
    ("question", "text", "group"),
    [
        pytest.param(HURT, "Five people were hurt.", "right answer", id="five is 5"),
        pytest.param(make_question(answers=["17"]), "It was built in 1976.", "wrong answer", id="17 is not in 1976"),
        pytest.param(HURT, "", "false refusal", id="a refusal of an answerable question"),
        pytest.param(UNKNOWN, "He is 61.", "missed refusal", id="an answer to an unanswerable one"),
        pytest.param(UNKNOWN, "", "right refusal", id="a refusal of an unanswerable one"),
        pytest.param(make_question(), "Five.", "not judged", id="nothing known"),
        pytest.param(make_question(gold_article_ids=["dam"]), "Five.", "not judged", id="only the article known"),
        pytest.param(
            make_question(gold_article_ids=["dam"]), "", "false refusal", id="only the article known, refused"
        ),
    ],
)
def test_every_outcome_has_one_verdict(question: Any, text: str, group: Group) -> None:
    assert judge(make_outcome(text, question=question)) == group


def test_a_refusal_whose_words_hold_the_answer_is_still_a_refusal() -> None:
    outcome = replace(make_outcome(question=HURT), text="The articles do not say how the 5 were hurt.")
    assert measures.contains_gold(outcome) == (0, 1)
    assert judge(outcome) == "false refusal"


def test_f1_and_exact_match_of_a_refusal_are_zero() -> None:
    assert measures.gold_f1(make_outcome("5", question=HURT)) == (1, 1)
    assert measures.exactly_gold(make_outcome("5", question=HURT)) == (1, 1)
    refused = replace(make_outcome(question=HURT), text="5")
    assert measures.gold_f1(refused) == measures.exactly_gold(refused) == (0, 1)
    assert measures.gold_f1(make_outcome("5", question=UNKNOWN)) is None


def test_right_of_the_answered_counts_answers_to_unanswerable_questions_as_wrong() -> None:
    assert measures.contains_gold_when_answered(make_outcome("It is 5.", question=UNKNOWN)) == (0, 1)
    assert measures.contains_gold_when_answered(make_outcome("It is 5.", question=HURT)) == (1, 1)
    assert measures.contains_gold_when_answered(make_outcome(question=HURT)) is None


def test_an_outdated_answer_counts_only_without_the_right_one() -> None:
    question = make_question(answers=["97"], outdated=["40", "112"])
    assert measures.gives_outdated(make_outcome("Forty.", question=question)) == (1, 1)
    assert measures.gives_outdated(make_outcome("First 40, then 97.", question=question)) == (0, 1)
    assert measures.gives_outdated(make_outcome(question=question)) is None


def test_citation_precision_by_citation_and_by_question() -> None:
    outcome = make_outcome("Five.", question=HURT, cited=("dam", "gate", "cup"))
    assert measures.citation_precision(outcome) == (2, 3)
    assert measures.citation_precision_by_question(outcome) == (2 / 3, 1)
    assert measures.cites_gold(outcome) == (1, 1)


def test_an_answer_without_citations_has_no_precision_but_cites_no_right_article() -> None:
    outcome = make_outcome("Five.", question=HURT)
    assert measures.citation_precision(outcome) is measures.citation_precision_by_question(outcome) is None
    assert measures.cites_gold(outcome) == measures.cited_words_hold_answer(outcome) == (0, 1)
    assert measures.quotes_not_exact(outcome) is None
    assert measures.sentences_supported(outcome) == (0, 1)


def test_cited_words_hold_the_answer_or_not() -> None:
    assert measures.cited_words_hold_answer(make_outcome("5.", question=HURT, cited=("cup", "dam"))) == (1, 1)
    assert measures.cited_words_hold_answer(make_outcome("5.", question=HURT, cited=("gate",))) == (0, 1)


def test_a_quote_one_letter_off_or_of_an_unknown_article_is_not_exact() -> None:
    outcome = make_outcome("Five.", question=HURT, cited=("dam",))
    assert measures.quotes_not_exact(outcome) == (0, 1)
    for change in ({"start": 1}, {"quote": TEXTS["dam"][:-1]}, {"article_id": "gone"}, {"end": 9999}, {"start": -5}):
        citation = replace(make_answer("Five.", cited=("dam",)).citations[0], **change)  # type: ignore[arg-type]
        assert measures.quotes_not_exact(make_outcome("Five.", question=HURT, citations=(citation,))) == (1, 1)


def test_supported_sentences_are_counted_and_their_numbers_looked_up() -> None:
    sentences = (
        Sentence("Five were hurt.", "supported", (1,)),
        Sentence("It was built in 1967.", "supported", (1,)),
        Sentence("It cost 9 crowns.", "partly", (1,), missing=("9",)),
    )
    outcome = make_outcome("Five.", question=HURT, cited=("dam",), sentences=sentences)
    assert measures.sentences_supported(outcome) == (2, 3)
    assert measures.numbers_not_cited(outcome) == (1, 2)
    assert measures.uncited_numbers(outcome, 1) == {"1967"}


@pytest.mark.parametrize(
    ("said", "uncited"),
    [
        ("The gate jammed on Tuesday, 25 February 2025.", set()),
        ("The gate jammed on 25 February 2025, at 4 in the morning.", {"4"}),
        ("The gate jammed on 26 February 2025.", {"26", "2025"}),
    ],
)
def test_a_day_is_cited_by_its_weekday_and_the_article_s_day(said: str, uncited: set[str]) -> None:
    outcome = make_outcome(said, question=HURT, cited=("dam",), sentences=(Sentence(said, "supported", (1,)),))
    (cited,) = outcome.citations
    told = replace(cited, quote="The gate jammed last Tuesday.")  # of an article of Monday, 3 March 2025
    assert measures.uncited_numbers(replace(outcome, citations=(told,)), 0) == uncited


def test_refusals_count_by_what_the_question_was() -> None:
    refused, answered = make_outcome(question=UNKNOWN), make_outcome("Old.", question=UNKNOWN)
    assert measures.refused_unanswerable(refused) == measures.refusal_precision(refused) == (1, 1)
    assert measures.refused_unanswerable(answered) == (0, 1)
    assert measures.refusal_precision(answered) is measures.false_refusal(refused) is None
    wrongly = make_outcome(question=HURT)
    assert measures.false_refusal(wrongly) == (1, 1)
    assert measures.refusal_precision(wrongly) == (0, 1)


def test_what_broke_is_neither_an_answer_nor_a_refusal() -> None:
    for question in (HURT, UNKNOWN):
        outcome = Outcome(question=question, error="the model failed")
        assert judge(outcome) == "failed"
        assert measures.refusal_precision(outcome) is None
        assert measures.failed(outcome) == (1, 1)
        assert measures.decided_rightly(outcome) == (0, 1)
    assert measures.refused_unanswerable(outcome) == (0, 1)


def test_remarks_say_what_is_wrong_in_words() -> None:
    question = replace(HURT, outdated=("3",))
    outcome = make_outcome("Three people.", question=question, found=("cup", "dam"), cited=("cup",))
    told = [remark.text for remark in remarks(outcome)]
    assert "the answer does not hold: 5" in told
    assert "it gives what is outdated: 3" in told
    assert "the first article that holds the answer has rank 2" in told
    assert "cites no article known to hold the answer" in told
    assert "sentence 1 is called supported, but its quotes lack 3" in told


def test_a_right_answer_with_right_citations_has_no_remarks() -> None:
    assert remarks(make_outcome("Five people.", question=HURT, found=("dam",), cited=("dam",))) == ()


def test_the_answer_was_read_only_where_a_right_article_says_it() -> None:
    read = {name: make_outcome(question=HURT, found=(name,), read=(name,)) for name in ("dam", "cup")}
    assert measures.answer_was_read(read["dam"]) == (1, 1)
    assert measures.answer_was_read(read["cup"]) == (0, 1)
    points = make_question(answers=["17"])  # no article is named: any will do
    assert measures.answer_was_read(make_outcome(question=points, found=("cup",), read=("cup",))) == (1, 1)


def test_of_a_passage_only_the_sentences_given_to_the_model_were_read() -> None:
    first = Span(0, TEXTS["dam"].index(" Five"))
    outcome = make_outcome(question=HURT, found=("dam",), evidence=(Evidence(1, make_hit("dam"), (first,)),))
    assert [item.text for item in outcome.read] == ["The Quarrow Dam was built in 1976."]
    assert measures.answer_was_read(outcome) == (0, 1)
    assert measures.answer_was_retrieved(outcome) == (1, 1)


def test_what_older_results_do_not_say_is_not_judged() -> None:
    older = make_outcome(question=HURT, found=("dam",))
    assert older.read == ()
    assert measures.answer_was_read(older) is measures.gold_sentences_read(older) is None
    assert measures.answer_was_read(make_outcome(question=HURT)) == (0, 1)  # nothing was found, so nothing read


def test_gold_sentences_are_found_by_their_words_and_by_the_nearest_annotator() -> None:
    hurt = "Five people were hurt when its gate stuck ."  # the spaces of a tokenizer
    question = make_question(gold_sentences=[["The gate broke.", hurt], [hurt]], gold_article_ids=["dam"])
    assert question.answerable
    assert measures.gold_sentences_read(make_outcome(question=question, found=("dam",), read=("dam",))) == (1, 1)
    assert measures.gold_sentences_read(make_outcome(question=question, found=("cup",), read=("cup",))) == (0, 1)
    assert measures.answer_was_read(make_outcome(question=question, found=("dam",), read=("dam",))) == (1, 1)


def test_cited_sentences_are_compared_by_their_words() -> None:
    question = make_question(gold_sentences=[[TEXTS["cup"]], [TEXTS["gate"]]])
    assert measures.cited_sentences_f1(make_outcome("2:15.", question=question, cited=("gate",))) == (1, 1)
    half = measures.cited_sentences_f1(make_outcome("5.", question=question, cited=("dam",)))
    assert half is not None
    assert 0 < half[0] < 0.5
    assert measures.cited_sentences_f1(make_outcome(question=question)) == (0, 1)
    assert measures.cited_sentences_f1_when_answered(make_outcome(question=question)) is None
    assert measures.cited_sentences_f1(make_outcome("5.", question=HURT, cited=("dam",))) is None


def test_a_quote_within_another_is_not_counted_twice() -> None:
    question = make_question(gold_sentences=[[TEXTS["cup"]]])
    answer = make_answer("17.", cited=("cup", "cup"))
    short = replace(answer.citations[1], quote=TEXTS["cup"][:20], end=20)
    outcome = make_outcome("17.", question=question, citations=(answer.citations[0], short))
    assert measures.cited_sentences_f1(outcome) == (1, 1)


def test_a_remark_tells_what_was_found_and_not_read() -> None:
    told = [remark.text for remark in remarks(make_outcome(question=HURT, found=("dam", "cup"), read=("cup",)))]
    assert "what holds the answer was found, but not given to the model" in told


BOTH = make_question("When did it stick?", all_of=[["2:15"], ["17 points", "17"]], gold_article_ids=["gate", "cup"])


def test_another_version_may_stand_beside_the_answer() -> None:
    outcome = make_outcome("At 2:15 a.m.", question=BOTH, cited=("gate", "cup"))
    assert measures.contains_gold(outcome) == measures.gives_all_versions(outcome) == (0, 1)
    beside = replace(outcome, versions=(f"17 points: {TEXTS['cup']}",))
    assert measures.contains_gold(beside) == measures.gives_all_versions(beside) == (1, 1)
    assert measures.gives_all_versions(replace(beside, citations=beside.citations[:1])) == (0, 1)
    assert measures.gives_all_versions(make_outcome(question=BOTH)) == (0, 1)
    assert measures.gives_all_versions(make_outcome("5.", question=HURT)) is None


def test_a_version_beside_it_does_not_make_a_wrong_answer_right() -> None:
    wrong = replace(make_outcome("Six.", question=HURT), versions=("5: Five people were hurt.",))
    assert measures.contains_gold(wrong) == (0, 1)
