"""The same event told twice is told once: the earliest report stands and names the others that tell it.

A report with another figure or another day tells something new: that is how a story develops. Of what comes back as
background weeks later, nothing is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.facts import find_facts
from bot.records import Citation, TimelineEvent
from bot.stems import stems
from bot.support import Similarity
from bot.telling import is_to_come

SAME_MEANING = 0.85  # a cosine from which two sentences tell the same
NEAR_MEANING = 0.7
SAME_WORDS = 0.6  # share of common words, of the shorter sentence, from which they do
NEAR_WORDS = 0.4
SAME_WEEKS = 21  # days within which two reports without a day of their own are of one event


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the whole sentence that tells it, and its score."""

    event: TimelineEvent
    sentence: str
    score: float


def tell_once(told: Sequence[Told], similarity: Similarity) -> tuple[Told, ...]:
    """Return what is left when each event is told once, earliest report first, with the best score of its tellings."""
    standing: list[Told] = []
    for each in sorted(told, key=_age):
        place = _same_as(each, standing, similarity)
        if place is None:
            standing.append(each)
        else:
            standing[place] = _with(standing[place], each)
    return tuple(standing)


def _age(told: Told) -> tuple[date, float]:
    return told.event.citation.source.published or date.max, -told.score


def _same_as(told: Told, standing: Sequence[Told], similarity: Similarity) -> int | None:
    cosines = similarity(told.sentence, [each.sentence for each in standing])
    for place, (other, cosine) in enumerate(zip(standing, cosines, strict=True)):
        if _is_same(other, told, cosine):
            return place
    return None


def _is_same(earlier: Told, later: Told, cosine: float) -> bool:
    if _overlap(earlier.event.citation, later.event.citation):
        return True
    first, second = stems(earlier.sentence), stems(later.sentence)
    shared = len(first & second) / max(1, min(len(first), len(second)))
    near = cosine >= SAME_MEANING or shared >= SAME_WORDS or (cosine >= NEAR_MEANING and shared >= NEAR_WORDS)
    return near and _may_be_one_day(earlier.event, later.event) and not _is_news(earlier, later)


def _overlap(one: Citation, other: Citation) -> bool:
    """Return whether two quotes share words of one article: a sentence may be quoted with the one before it."""
    return one.article_id == other.article_id and one.start < other.end and other.start < one.end


def _may_be_one_day(earlier: TimelineEvent, later: TimelineEvent) -> bool:
    if earlier.said and later.said:
        return earlier.said.since <= later.said.until and later.said.since <= earlier.said.until
    if earlier.day is None or later.day is None:
        return True
    return abs((later.day - earlier.day).days) <= SAME_WEEKS


def _is_news(earlier: Told, later: Told) -> bool:
    """Return whether the later report has a figure that the earlier one had not, or what was to come has come."""
    has_come = is_to_come(earlier.sentence) and not is_to_come(later.sentence)
    return has_come or bool(_figures(later) - _figures(earlier))


def _figures(told: Told) -> frozenset[str]:
    published = told.event.citation.source.published
    return frozenset(fact.key for fact in find_facts(told.sentence, published=published) if fact.kind == "number")


def _with(standing: Told, other: Told) -> Told:
    """Return what stands, with who else tells it."""
    event, citation = standing.event, other.event.citation
    known = {event.citation.article_id, *(one.article_id for one in event.retold_by)}
    more = () if citation.article_id in known else (citation,)
    return replace(
        standing,
        event=replace(event, retold_by=(*event.retold_by, *more)),
        score=max(standing.score, other.score),
    )
