"""One story carried by five outlets counts once: hits of near-copies become one hit that lists who carried it.

A hit gives way only to hits that say all of it, word for word but for case, punctuation, articles and the like. A copy
with another figure, name, day or a "not" more is another statement, and stays beside the one it differs from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from bot.days import read_days
from bot.number_words import TENS, UNITS
from bot.records import Citation
from index.records import Article, Carrier, Hit, Passage

Copies = Mapping[str, Sequence[Article]]  # of an article, by its id: its near-copies

# A reprint of the next morning leaves "today" as it was and means the same day. The same sentence a month or a year
# later, as in explainers that come back each season, means another.
REPRINT_DAYS = 3

_EDGE = "|"  # in folded text: where a sentence, a line or a dateline ends
_DATELINE = re.compile(
    r"^(?P<place>[ \t]*(?:[A-Z][\w.'’/-]*,?(?:[ \t]+|(?=[—–(]))){0,6}(?:\d{1,2}[ \t]+)?)"
    r"(?:\([^()\n]{1,40}\)[ \t]*)?(?:—|–|--|-(?=[ \t]))[ \t]*",
    re.MULTILINE,
)
_TOKEN = re.compile(
    r"(?P<edge>[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+)"
    r"|(?P<initials>(?:[^\W\d_]\.){2,})"
    r"|(?P<number>(?<![\w.])[-−]?(?:\d+(?:[.,:/]\d+)*|\.\d+))"
    r"|(?P<sign>[$£€¥%<>≤≥±])"
    r"|(?P<word>[^\W_]+(?:['’](?!s\b)[^\W_]+)*)"
)
_IDLE = frozenset("a an the that of on s".split())
_SAME = {"percent": "%", **{word: str(value) for word, value in (UNITS | TENS).items()}}


def collapse(hits: Sequence[Hit], copies: Copies) -> tuple[Hit, ...]:
    """Return the hits, best first, without those of near-copies that others say all of.

    The earliest copy stands, or the one that says more; it takes the best score among those it stands for, and
    lists them and the further copies that carry its words.
    """
    if not copies:
        return tuple(hits)
    standing: dict[str, _Standing] = {}
    for hit in sorted(hits, key=_age):  # sorted() keeps the order of rank among equals
        one = _Standing(hit, hit.score)
        if not _give_way(one, standing.values(), copies):
            standing[hit.passage.id] = one
    for id in list(standing):
        one = standing.pop(id)
        if not _give_way(one, standing.values(), copies):
            standing[id] = one
    left = [standing[hit.passage.id] for hit in hits if hit.passage.id in standing]
    return tuple(one.as_hit(copies) for one in sorted(left, key=lambda one: -one.score))


def name_carriers(
    citations: Sequence[Citation], hits: Sequence[Hit], read: Callable[[str], Article | None]
) -> tuple[Citation, ...]:
    """Return the citations with those carriers of their articles' hits that say the quoted words too."""
    listed: dict[str, dict[str, Carrier]] = {}
    for hit in hits:
        own = listed.setdefault(hit.passage.article_id, {})
        own.update((carrier.article_id, carrier) for carrier in hit.carried_by)
    articles = {id: read(id) for id in {id for own in listed.values() for id in own}}

    def carriers(citation: Citation) -> Iterator[Carrier]:
        for id, carrier in listed.get(citation.article_id, {}).items():
            article = articles[id]
            if article and says(article.text, citation.quote, article.source.published, citation.source.published):
                yield carrier

    return tuple(replace(citation, carried_by=_in_order(carriers(citation))) for citation in citations)


def says(text: str, words: str, day: date | None, other_day: date | None) -> bool:
    """Return whether a text of that day says the words, published on the other day, and means by them the same."""
    wanted = _fold(_without_dateline(words))
    return wanted != _EDGE and wanted in _fold(text) and _means_the_same_days(words, day, other_day)


@dataclass(slots=True)
class _Standing:
    """A hit that still stands, with the best score of those it stands for, and who carried what of it."""

    hit: Hit
    score: float
    carriers: dict[Carrier, frozenset[str]] = field(default_factory=dict)

    def take(self, other: _Standing) -> None:
        """Stand for the other one, which another hit may stand for in part, and for whom that one stood for."""
        passage = other.hit.passage
        self.score = max(self.score, other.score)
        itself = {Carrier(passage.article_id, passage.source): frozenset(_sentences(passage))}
        text = _fold(self.hit.passage.text)
        for carrier, sentences in (other.carriers | itself).items():
            said = frozenset(sentence for sentence in sentences if sentence in text)
            if said:
                self.carriers[carrier] = self.carriers.get(carrier, frozenset()) | said

    def as_hit(self, copies: Copies) -> Hit:
        """Return the hit with every near-copy that carries its words, found by this search or not."""
        passage = self.hit.passage
        carriers = {carrier.article_id: carrier for carrier in self.carriers}
        for copy in copies.get(passage.article_id, ()):
            if copy.id not in carriers and says(
                copy.text, passage.text, copy.source.published, passage.source.published
            ):
                carriers[copy.id] = Carrier(copy.id, copy.source)
        carriers.pop(passage.article_id, None)
        return replace(self.hit, score=self.score, carried_by=_in_order(carriers.values()))


def _age(hit: Hit) -> tuple[date, str]:
    # An undated copy may be a late one. Of equally old copies the same one stands in every passage.
    return hit.passage.source.published or date.max, hit.passage.article_id


def _in_order(carriers: Iterable[Carrier]) -> tuple[Carrier, ...]:
    return tuple(
        sorted(carriers, key=lambda one: (one.source.published or date.max, one.source.outlet, one.article_id))
    )


def _give_way(one: _Standing, standing: Collection[_Standing], copies: Copies) -> bool:
    """Let the hits of one near-copy that together say all of `one` stand for it; False where there are none."""
    near = {copy.id for copy in copies.get(one.hit.passage.article_id, ())}
    told: dict[str, list[_Standing]] = {}
    for other in standing:
        if other.hit.passage.article_id in near:
            told.setdefault(other.hit.passage.article_id, []).append(other)
    for those in told.values():
        needed = _needed(one.hit.passage, those)
        if needed:
            for other in needed:
                other.take(one)
            return True
    return False


def _needed(passage: Passage, those: Sequence[_Standing]) -> list[_Standing]:
    """Return the fewest first of `those` hits that together say every sentence of the passage; none if they do not."""
    left = set(_sentences(passage))
    needed: list[_Standing] = []
    for other in sorted(those, key=lambda other: -other.score):
        text = _fold(other.hit.passage.text)
        said = {sentence for sentence in left if sentence in text}
        if said and _means_the_same_days(passage.text, passage.source.published, other.hit.passage.source.published):
            needed.append(other)
            left -= said
    return needed if not left else []


def _sentences(passage: Passage) -> Iterator[str]:
    for span in passage.sentences:
        folded = _fold(passage.text[span.start - passage.start : span.end - passage.start])
        if folded != _EDGE:
            yield folded


def _means_the_same_days(words: str, day: date | None, other: date | None) -> bool:
    """Return whether the words name the same days when published on either; of an undated copy nothing is known."""
    if day is None or other is None or abs((day - other).days) <= REPRINT_DAYS:
        return True
    return _days(words, day) == _days(words, other)


def _days(words: str, published: date) -> list[frozenset[str]]:
    return [mention.tokens | mention.implied for mention in read_days(words, published)]


def _without_dateline(words: str) -> str:
    """Return a quote without the place and agency before its first sentence, which each outlet writes its own way."""
    found = _DATELINE.match(words)
    return words[found.end() :] if found and re.search(r"\b[A-Z]{2,}\b", found.group()) else words


@lru_cache(maxsize=1024)
def _fold(text: str) -> str:
    """Return the words and figures of a text that matter, with an edge around each sentence."""
    tokens = [_EDGE]
    for match in _TOKEN.finditer(_DATELINE.sub(r"\g<place>\n", text)):
        token = _EDGE if match["edge"] else _spell(match)
        if token not in _IDLE and not (token == _EDGE and tokens[-1] == _EDGE):
            tokens.append(token)
    return " ".join(tokens if tokens[-1] == _EDGE else [*tokens, _EDGE])


def _spell(match: re.Match[str]) -> str:
    token = match.group().casefold().replace("’", "'").replace("−", "-")
    if match["initials"]:
        return token.replace(".", "")
    if match["number"] and re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", token):
        return token.replace(",", "")
    return _SAME.get(token, token)
