"""Published question sets as articles and questions that Byline can read: pure functions from rows to rows.

Texts are taken as the sets have them. Questions come in a fixed random order, so that a run that is cut short has
asked a fair sample. Where a set gives each question passages of its own, so does an archive for each question.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.questions import SEED
from bot.wording import holds_answer

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
ASKED_ON = "2023-09-04"  # one day for all, later than what the sets tell: an answer must not depend on today
SHARED = ""  # the name of the archive that every question asks that has none of its own


@dataclass(frozen=True, slots=True)
class Bench:
    """Questions, and the articles of each archive by its name: the question's id, or SHARED for all others."""

    questions: tuple[Row, ...]
    articles: Mapping[str, tuple[Row, ...]]


def squad(topics: Rows, *, each: int, seed: int = SEED) -> Bench:
    """Return every paragraph as an article and `each` answerable and as many unanswerable questions."""
    articles, questions = [], []
    for topic in topics:
        title = topic["title"].replace("_", " ")
        for number, paragraph in enumerate(topic["paragraphs"]):
            id = f"{topic['title']}-{number}"
            articles.append({"id": id, "title": title, "text": paragraph["context"]})
            questions += [_squad_question(asked, id, topic["title"]) for asked in paragraph["qas"]]
    chosen = [
        question
        for kind in (True, False)
        for question in draw([item for item in questions if item["answerable"] is kind], each, seed=seed)
    ]
    return Bench(shuffle(chosen, seed=seed), {SHARED: tuple(articles)})


def _squad_question(asked: Mapping[str, Any], article: str, topic: str) -> Row:
    answerable = not asked["is_impossible"]
    return {
        "id": asked["id"],
        "question": asked["question"].strip(),
        "asked_on": ASKED_ON,
        "answerable": answerable,
        "answers": list(dict.fromkeys(answer["text"] for answer in asked["answers"])) if answerable else [],
        "gold_article_ids": [article] if answerable else [],
        "kind": "answerable" if answerable else "unanswerable",
        "topic": topic,
    }


def clapnq(answerable: Rows, unanswerable: Rows, *, seed: int = SEED) -> Bench:
    """Return the passages of both files as the articles of one archive, and all their questions.

    The answers are free prose of several sentences, so what is known is which sentences carry them, by annotator.
    """
    articles: dict[str, Row] = {}
    questions = []
    for row in (*answerable, *unanswerable):
        passage = row["passages"][0]
        article = {"id": f"clapnq-{len(articles):03}", "title": passage["title"], "text": passage["text"].strip()}
        article = articles.setdefault(passage["text"].strip(), article)  # one passage may answer two questions
        picked = [output["selected_sentences"] for output in row["output"] if output["selected_sentences"]]
        questions.append(
            {
                "id": row["id"],
                "question": row["input"].strip(),
                "asked_on": ASKED_ON,
                "answerable": bool(picked),
                "gold_sentences": picked,
                "gold_article_ids": [article["id"]] if picked else [],
                "kind": "answerable" if picked else "unanswerable",
            }
        )
    return Bench(shuffle(questions, seed=seed), {SHARED: tuple(articles.values())})


def rgb(rows: Rows, *, seed: int = SEED) -> Bench:
    """Return each question three times, each with an archive of five passages or fewer, as RGB gives them.

    noise80: one passage that answers and four that do not. noise_only: five that do not; one that holds the answer
    all the same, as some do, is left out. wrong_mixed: two that answer, two in which the answer was replaced by
    another, and one that does not answer; both versions are to be given.
    """
    questions, articles = [], {}
    for row in rows:
        generator = random.Random(f"{seed} {row['id']}")
        right, wrong, noise = (
            generator.sample(row[name], len(row[name])) for name in ("positive", "positive_wrong", "negative")
        )
        answers = _alternatives(row["answer"])
        silent = [text for text in noise if not holds_answer(text, answers)]
        both = [answers, _alternatives(row["fakeanswer"])]
        for kind, gold, others, known in (
            ("noise80", right[:1], noise[:4], {"answers": answers}),
            ("noise_only", [], silent[:5], {}),
            ("wrong_mixed", right[:2] + wrong[:2], noise[:1], {"all_of": both}),
        ):
            if not gold and not others:
                continue  # all its noise holds the answer
            id = f"{kind}-{row['id']}"
            articles[id] = _sources(id, [*gold, *others], generator)
            holding = [article["id"] for article in articles[id] if article["text"] in gold]
            asked = {"id": id, "question": row["query"].strip(), "asked_on": ASKED_ON, "answerable": bool(gold)}
            questions.append({**asked, **known, "gold_article_ids": holding, "kind": kind})
    return Bench(shuffle(questions, seed=seed), articles)


def _alternatives(answer: str | list[Any]) -> list[str]:
    """Return the spellings any of which will do; RGB writes a list of them inside another."""
    if isinstance(answer, str):
        return [answer.strip()]
    return [spelling for item in answer for spelling in _alternatives(item)]


def _sources(id: str, passages: Sequence[str], generator: random.Random) -> tuple[Row, ...]:
    texts = list(dict.fromkeys(passages))
    generator.shuffle(texts)
    return tuple(
        {"id": f"{id}-{number}", "outlet": f"Source {number}", "text": text}
        for number, text in enumerate(texts, start=1)
    )


def news(articles: Rows, questions: Rows) -> Bench:
    """Return the articles and the questions as they are."""
    return Bench(tuple(map(dict, questions)), {SHARED: tuple(map(dict, articles))})


def draw(items: Sequence[Row], count: int, *, seed: int) -> list[Row]:
    """Return `count` of the items, or all, in their order; the same ones every time."""
    chosen = random.Random(seed).sample(range(len(items)), min(count, len(items)))
    return [items[at] for at in sorted(chosen)]


def shuffle(items: Sequence[Row], *, seed: int) -> tuple[Row, ...]:
    """Return all items in an order that is random and the same every time."""
    return tuple(random.Random(seed).sample(list(items), len(items)))
