"""Which articles are about a topic, with every passage of them and how near each is to it.

A report of a flood may never say "flood" in its first sentence. So an article is judged as a whole: by its nearest
passage, by the topic's words that it holds anywhere, and by whether it speaks of the topic throughout or in passing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.addressed import without_orders
from bot.prompt import long_date
from bot.topic import Topic
from index.archive import Archive
from index.embed import Embedder
from index.records import Article, Hit, Passage, Source

MOST_ARTICLES = 40
# The cosine of its nearest passage and half the share of the topic's words: on the samples .71 and more for articles
# about a topic, .68 and less for those that share a place or a word with it.
ABOUT = 0.7
WORDS_WEIGHT = 0.5
NAMED = 0.5  # of the topic's names, so that "Sweden joins NATO" is about "Finland and Sweden joining NATO"
FOCUSED = 0.7  # the mean cosine of an article's passages, against its best; of a round-up of the day it is about .35

_REPORTS = ("news", "correction")  # what is only thought or said in conversation is no event


@dataclass(frozen=True, slots=True)
class About:
    """An article about a topic. `hits` are the passages of its body in order, each with its cosine as dense score."""

    article: Article
    hits: tuple[Hit, ...]
    nearest: float
    covered: float
    is_focused: bool


def find_articles(topic: Topic, found: Sequence[Hit], archive: Archive, embedder: Embedder) -> tuple[About, ...]:
    """Return the articles of the passages found that are about the topic, best found first."""
    ids = [hit.passage.article_id for hit in found if hit.passage.kind in _REPORTS]
    vector = embedder.embed([topic.text])[0]
    kept = []
    for id in list(dict.fromkeys(ids))[:MOST_ARTICLES]:
        article, passages = archive.article(id), archive.article_passages(id)
        vectors = archive.passage_vectors([passage.id for passage in passages])
        cosines = {passage: float(vectors[passage.id] @ vector) for passage in passages if passage.id in vectors}
        if article is not None and cosines:
            about = _judge(topic, article, cosines)
            if about is not None:
                kept.append(about)
    return tuple(kept)


def _judge(topic: Topic, article: Article, cosines: Mapping[Passage, float]) -> About | None:
    text = f"{heading(article.source)}\n{article.text}"
    nearest, covered = max(cosines.values()), topic.covered(text)
    body = {passage: cosine for passage, cosine in cosines.items() if passage.role == "body"}
    is_about = nearest + WORDS_WEIGHT * covered >= ABOUT or (covered == 1 and _in_one_sentence(topic, list(body)))
    if not body or not is_about or topic.named(text) < NAMED:
        return None
    hits = without_orders([Hit(passage, cosine, (), (("dense", cosine),)) for passage, cosine in body.items()])
    is_focused = sum(body.values()) / len(body) >= FOCUSED * nearest
    return About(article, hits, nearest, covered, is_focused)


def _in_one_sentence(topic: Topic, passages: Sequence[Passage]) -> bool:
    """Return whether one sentence holds all words of a topic, as "Brandt resigned" does in a report of an inquiry."""
    return any(
        topic.covered(passage.text[span.start - passage.start : span.end - passage.start]) == 1
        for passage in passages
        for span in passage.sentences
    )


def heading(source: Source) -> str:
    """Return what stands above an article: its title and its day, which a topic may name."""
    return f"{source.title}\n{long_date(source.published) if source.published else ''}"
