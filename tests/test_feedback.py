from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from answer_material import BRIDGE, CARRIED, ask, make_archive, parts_of, says
from fake_desk import CITATIONS, NEAREST, answer_of

from bot.conversations import Conversations
from bot.evaluate import evaluate
from bot.exchange import Exchange
from bot.feedback import REVIEW, questions_of
from bot.kept import Conversation, KeptExchange, Place, Thumb, Vote
from bot.measures import judge
from bot.questions import parse_questions
from bot.records import Answer, Question, Turn
from index.records import Filters

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ASKED = Question(
    "And in June?",
    date(2026, 3, 1),
    Filters(date(2017, 1, 1), None, ("Northern Post",), ("Peter Aske",)),
    (Turn("What does it cost?", "4.2 million."),),
    any_date=True,
)


def voted(answer: Answer, thumb: Thumb, reason: str = "") -> Conversation:
    kept = KeptExchange(Exchange(3, answer.question, answer=answer), AT, Vote(thumb, reason))
    return Conversation(Place("a1b2c3", 1), "t", AT, AT, (kept,))


def one_question(conversation: Conversation) -> dict[str, Any]:
    (question,) = questions_of([conversation])
    return question


def test_a_thumb_up_says_that_the_cited_articles_and_their_sentences_answer_and_no_more() -> None:
    question = one_question(voted(answer_of(ASKED), "up"))
    assert question["gold_article_ids"] == ["bridge", "cost"]
    assert question["gold_sentences"] == [[one.quote for one in CITATIONS]]
    assert question["answerable"] is True
    assert "answers" not in question


def test_what_eval_asks_is_what_was_asked() -> None:
    (parsed,) = parse_questions([json.dumps(one_question(voted(answer_of(ASKED), "up")))], name="test")
    assert parsed.to_question() == replace(ASKED, id="a1b2c3-3")


def test_a_thumb_up_on_a_refusal_says_that_the_archive_does_not_answer() -> None:
    refusal = answer_of(ASKED, answered=False, sentences=(), citations=(), nearest=NEAREST)
    question = one_question(voted(refusal, "up"))
    assert question["answerable"] is False
    assert "gold_article_ids" not in question
    assert question["shown_articles"] == ["cost", "opinion"]


def test_a_thumb_down_is_a_question_to_be_reviewed_with_the_reason() -> None:
    question = one_question(voted(answer_of(ASKED), "down", "it is the other bridge"))
    assert (question["kind"], question["why"]) == (REVIEW, "it is the other bridge")
    assert not {"answerable", "gold_article_ids", "gold_sentences"} & question.keys()
    (parsed,) = parse_questions([json.dumps(question)], name="test")
    assert parsed.answerable is None


def test_a_quote_of_several_sentences_is_cut_into_them() -> None:
    with_two = replace(answer_of(ASKED), citations=(CITATIONS[0],))
    hit = with_two.retrieved[0]
    passage = hit.passage
    cut = passage.text.index(" Nine") + 1
    spans = tuple(
        replace(passage.sentences[0], start=passage.start + start, end=passage.start + end)
        for start, end in ((0, cut - 1), (cut, len(passage.text)))
    )
    whole = replace(CITATIONS[0], quote=passage.text, start=passage.start, end=passage.end)
    answer = replace(with_two, citations=(whole,), retrieved=(replace(hit, passage=replace(passage, sentences=spans)),))
    (sentences,) = one_question(voted(answer, "up"))["gold_sentences"]
    assert sentences == [passage.text[: cut - 1], passage.text[cut:]]


def test_what_has_no_vote_or_was_stopped_is_no_question() -> None:
    stopped = voted(answer_of(ASKED, stopped=True), "up")
    without = replace(stopped, kept=(replace(voted(answer_of(ASKED), "up").kept[0], vote=None),))
    assert list(questions_of([stopped, without])) == []


def test_eval_runs_the_votes_of_a_real_conversation(tmp_path) -> None:
    with make_archive(tmp_path) as archive:
        parts = parts_of(archive, says(CARRIED, yes=0.95))
        _, answer = ask(parts, BRIDGE)
        assert answer.answered
        kept = Conversations(archive.folder)
        place = kept.keep((Exchange(1, answer.question, answer=answer),))
        kept.vote(place.id, 1, Vote("up"))
        found = kept.open(place.id)
        assert found
        lines = [json.dumps(question) for question in questions_of([found])]
        outcomes: list[Any] = []
        evaluation = evaluate(
            parse_questions(lines, name="votes"),
            lambda question: ask(parts_of(archive, says(CARRIED)), question)[1],
            article_text=lambda id: article.text if (article := archive.article(id)) else "",
            on_result=outcomes.append,
        )
    assert evaluation
    assert (outcomes[0].error, judge(outcomes[0])) == ("", "not judged")
    assert outcomes[0].relation(outcomes[0].citations[0]) == "gold"
