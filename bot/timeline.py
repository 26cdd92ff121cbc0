"""A topic's development: what the articles report of it as dated events, each in their own words.

Searched broadly, then gated three times: an article must be about the topic (bot/about.py), a sentence must tell
something of it, and some sentence must speak of the topic as a whole: else the archive does not cover it. Needs no
model that writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from bot.about import About, find_articles, heading
from bot.carriers import name_carriers
from bot.cite import cite
from bot.evidence import sentences_of
from bot.own_words import quote
from bot.records import Timeline, TimelineEvent
from bot.retold import Told, tell_once
from bot.similarity import remembering_similarity
from bot.stories import find_stories
from bot.support import Similarity, SourceSentence
from bot.telling import corrects, eventfulness, is_background, own_day, tells_something
from bot.topic import Topic, read_topic
from index.archive import Archive
from index.embed import Embedder
from index.records import Article, Filters, Hit

LOOKED_AT = 60  # passages, near-copies once
COUNTED = 1_000  # passages at most that a word is counted in: from there on it is common
OF_ONE_ARTICLE = 3  # events at most, so that one long report does not crowd out the others
READ_OF_ONE_ARTICLE = 6  # sentences that are compared in meaning
READ = 96  # in all: embedding them is most of the time that a timeline takes

# How near a sentence is: its cosine with the topic, half the share of its words, .3 of its passage's cosine.
WORDS_WEIGHT = 0.5
PASSAGE_WEIGHT = 0.3
COVERED = 0.95
LEAST_NEAR = 0.75
BELOW_BEST = 0.5
EVENTFUL_WEIGHT = 0.25
LEAD_WEIGHT = 0.15  # what is new stands in the first sentence of a report
SHORT_LINE = 4  # words; a line like "CNN —" is no beginning

# "(CNN) ", "New York (CNN Business) ": what is left where the dash after the agency was lost.
_AGENCY = re.compile(r"(?:[A-Z][\w.’']*[ ,]+){0,4}\([A-Z][\w ]{1,18}\)\s+(?=[“\"A-Z])")

Read = Callable[[str], Article | None]


@dataclass(frozen=True, slots=True)
class _Rough:
    """A sentence as far as it can be judged without comparing meanings; `told` is how much it tells."""

    source: SourceSentence
    about: About
    hit: Hit
    covered: float
    told: float
    sums_up: bool  # its article: its first sentence, or of a correction what is right
    names_all: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence with how near it is to the topic, and its score, which also counts how much it tells."""

    source: SourceSentence
    hit: Hit
    names_all: bool  # of the topic, it or what stands above it
    own: float  # without what it has of its article, where it sums that up
    near: float
    score: float


def build_timeline(
    archive: Archive, embedder: Embedder, text: str, *, limit: int, filters: Filters = Filters()
) -> Timeline:
    """Return at most `limit` events of the topic that `text` names, by day; none where the archive lacks the topic."""

    def count(word: str) -> int:
        return len(archive.search_lexical(word, limit=COUNTED))

    topic = read_topic(text, passages=archive.status().passages, count=count)
    found = find_stories(archive, embedder, text, limit=LOOKED_AT, filters=filters)
    similarity = remembering_similarity(embedder)
    candidates = _score(topic, find_articles(topic, found, archive, embedder), similarity)
    if not any(each.own >= COVERED and each.names_all for each in candidates):
        return Timeline(text, filters, ())
    told = tell_once([_tell(each) for each in _choose(candidates)], similarity)
    best = sorted(told, key=lambda each: -each.score)[:limit]
    return Timeline(text, filters, tuple(_number(_by_day(best), found, cache(archive.article))))


# --- which sentences -----------------------------------------------------------------------------------------


def _score(topic: Topic, articles: Sequence[About], similarity: Similarity) -> list[_Candidate]:
    """Return the sentences that tell something, each scored."""
    kept = _roughly_best([list(_judge(topic, about)) for about in articles])
    cosines = similarity(topic.text, [each.source.text for each in kept])
    scored = []
    for each, cosine in zip(kept, cosines, strict=True):
        own = near = cosine + WORDS_WEIGHT * each.covered + PASSAGE_WEIGHT * (each.hit.raw("dense") or 0.0)
        if each.sums_up and each.about.is_focused:  # be it in other words than the topic's
            near = max(near, (1 + PASSAGE_WEIGHT) * each.about.nearest + WORDS_WEIGHT * each.about.covered)
        scored.append(_Candidate(each.source, each.hit, each.names_all, own, near, near + each.told))
    return scored


def _judge(topic: Topic, about: About) -> Iterator[_Rough]:
    """Yield the sentences of an article that tell something of its own days."""
    hits = {hit.passage.id: hit for hit in about.hits}
    before = ""
    for source in sentences_of(about.hits):
        above, before = f"{heading(about.article.source)}\n{before}", source.text
        if not tells_something(source.text):
            continue
        hit, is_lead = hits[source.passage_id], _is_lead(source, about.article)
        eventful = eventfulness(source.text, source.published)
        if is_lead or (eventful and not is_background(source.text, source.published)):
            covered = topic.covered(source.text, above, hit.passage.text)
            told = EVENTFUL_WEIGHT * eventful + LEAD_WEIGHT * is_lead
            names_all = topic.named(f"{above}\n{source.text}") == 1
            sums_up = is_lead or (source.kind == "correction" and corrects(source.text))
            yield _Rough(source, about, hit, covered, told, sums_up, names_all)


def _is_lead(source: SourceSentence, article: Article) -> bool:
    """Return whether a sentence begins the article's body."""
    place = 0
    for line in article.text[: source.start].splitlines(keepends=True):
        marked = any(mark.start <= place < mark.end for mark in article.marks)
        if not marked and len(line.split()) > SHORT_LINE:
            return False
        place += len(line)
    return True


def _roughly_best(articles: Sequence[Sequence[_Rough]]) -> list[_Rough]:
    """Return the sentences worth embedding: of every article a few before more of any."""
    ranked: list[tuple[int, int, _Rough]] = []
    for place, sentences in enumerate(articles):
        best = sorted(sentences, key=lambda each: -(WORDS_WEIGHT * each.covered + each.told))[:READ_OF_ONE_ARTICLE]
        ranked += [(rank // 2, place, each) for rank, each in enumerate(best)]
    return [each for _, _, each in sorted(ranked, key=lambda each: each[:2])[:READ]]


def _choose(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the best sentences of each article that are near enough, beside the best of all."""
    least = max(LEAST_NEAR, max(each.own for each in candidates) - BELOW_BEST)
    taken: Counter[str] = Counter()
    chosen = []
    for each in sorted(candidates, key=lambda each: -each.score):
        if each.near >= least and taken[each.source.article_id] < OF_ONE_ARTICLE:
            taken[each.source.article_id] += 1
            chosen.append(each)
    return chosen


# --- the events ----------------------------------------------------------------------------------------------


def _tell(candidate: _Candidate) -> Told:
    source = candidate.source
    words = _without_agency(quote(source, [candidate.hit]))
    cited = cite(0, words, candidate.hit.passage.source)
    said = own_day(source.text, source.published, offset=source.start)
    return Told(TimelineEvent(cited, said), source.text, candidate.score)


def _without_agency(words: SourceSentence) -> SourceSentence:
    found = _AGENCY.match(words.text)
    return replace(words, text=words.text[found.end() :], start=words.start + found.end()) if found else words


def _by_day(told: Iterable[Told]) -> list[TimelineEvent]:
    def place(event: TimelineEvent) -> tuple[date, date, str, int]:
        published = event.citation.source.published or date.max
        return event.day or date.max, published, event.citation.article_id, event.citation.start

    return sorted((each.event for each in told), key=place)


def _number(events: Sequence[TimelineEvent], found: Sequence[Hit], read: Read) -> list[TimelineEvent]:
    """Return the events numbered from 1, each with the near-copies that say its words."""
    named = name_carriers([event.citation for event in events], found, read)
    return [
        replace(
            event,
            citation=replace(citation, number=number),
            retold_by=tuple(replace(one, number=number) for one in event.retold_by),
        )
        for number, (event, citation) in enumerate(zip(events, named, strict=True), start=1)
    ]
