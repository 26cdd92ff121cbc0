"""Votes on answers to questions that `byline eval` asks again, saying no more than the reader's thumb did.

Up on an answer: these articles, and these sentences of them, hold the answer. Up on a refusal: the archive does not
hold it. Down says only that something was wrong: such a question is asked, and not judged until somebody reviewed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.kept import Conversation, KeptExchange
from bot.records import Answer, Citation, Question

REVIEW = "thumb down, to be reviewed"


def questions_of(conversations: Iterable[Conversation]) -> Iterator[dict[str, Any]]:
    """Yield each answer with a vote as a question of a questions file, in the order they were asked."""
    for conversation in conversations:
        for kept in conversation.kept:
            answer = kept.exchange.answer
            if kept.vote and answer and not answer.stopped:
                yield _question(conversation.place.id, kept, answer)


def _question(id: str, kept: KeptExchange, answer: Answer) -> dict[str, Any]:
    assert kept.vote
    asked = {"id": f"{id}-{kept.exchange.number}", **_asked(answer.question)}
    if kept.vote.thumb == "down":
        judged: dict[str, Any] = {"kind": REVIEW}
    elif answer.answered:
        judged = {"kind": "thumb up", "answerable": True, **_gold(answer)}
    else:
        judged = {"kind": "thumb up on a refusal", "answerable": False}
    # What was shown is for whoever reviews the file; eval passes it over.
    shown = {"shown": answer.text, "shown_articles": _articles(answer.quoted), "voted_on": kept.at.date().isoformat()}
    return {**asked, **judged, **({"why": kept.vote.reason} if kept.vote.reason else {}), **shown}


def _asked(question: Question) -> dict[str, Any]:
    limits = question.filters
    given = {
        "since": limits.since.isoformat() if limits.since else None,
        "until": limits.until.isoformat() if limits.until else None,
        "outlets": list(limits.outlets),
        "authors": list(limits.authors),
        "any_date": question.any_date,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in question.history],
    }
    set_ones = {name: value for name, value in given.items() if value}
    return {"question": question.text, "asked_on": question.asked_on.isoformat(), **set_ones}


def _gold(answer: Answer) -> dict[str, Any]:
    """Return what a reader who calls an answer right has called right: its articles and the words it rests on.

    No answer is picked from the words: which of them answer is for a person to say.
    """
    sentences = [sentence for citation in answer.citations for sentence in _sentences(answer, citation)]
    return {"gold_article_ids": _articles(answer.citations), "gold_sentences": [sentences]}


def _articles(citations: Iterable[Citation]) -> list[str]:
    return list(dict.fromkeys(citation.article_id for citation in citations))


def _sentences(answer: Answer, citation: Citation) -> list[str]:
    """Return a quote cut into the article's sentences, whole where its passage is not among what was found."""
    passage = next((hit.passage for hit in answer.retrieved if hit.passage.id == citation.passage_id), None)
    start, end = citation.start, citation.end
    spans = [span for span in passage.sentences if start <= span.start and span.end <= end] if passage else []
    return [citation.quote[span.start - start : span.end - start] for span in spans] or [citation.quote]
