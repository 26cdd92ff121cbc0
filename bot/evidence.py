"""Which of the hits the model reads: distinct passages, within a budget of tokens, numbered once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from bot.prompt import show_passage
from bot.records import Evidence
from bot.support import SourceSentence
from bot.timeframe import Timeframe
from index.records import Hit, Span

MOST_OF_ONE_ARTICLE = 2  # further passages of one article are left out while others still tell something else
PREFERRED_DATE_BONUS = 0.15  # on a fused score in [0, 1]; enough to put the asked month first among equals
# A question about the news is mostly about the latest of it (Li and Croft 2003, "Time-Based Language Models"): on 89
# questions over 1,000 articles of 2012 to 2022 the gold article is first for .78 of them instead of .72. Any bonus from
# .05 to .2 that fades in 7 to 90 days helped. Asked long after the last article, every hit keeps its place.
RECENT_BONUS = 0.1
RECENT_DAYS = 30.0  # after which a third of the bonus is left
HALF_OF_THE_BONUS_AFTER = 30  # days, where the newest is asked for: a story's figures change within weeks


def select_evidence(
    hits: Sequence[Hit], *, most: int, budget: int, count_tokens: Callable[[str], int]
) -> tuple[Evidence, ...]:
    """Return up to `most` hits that together take at most `budget` tokens, best first, numbered from 1.

    The same words carried by several outlets are read once, and one article fills at most
    MOST_OF_ONE_ARTICLE places.
    """
    chosen: list[Hit] = []
    told: set[str] = set()
    left = budget
    for hit in hits:
        words = _fold(hit.passage.text)
        of_its_article = sum(other.passage.article_id == hit.passage.article_id for other in chosen)
        if words in told or of_its_article >= MOST_OF_ONE_ARTICLE:
            continue
        cost = count_tokens(show_passage(Evidence(len(chosen) + 1, hit))) + _SEPARATOR_TOKENS
        if cost > left:
            continue
        chosen.append(hit)
        told.add(words)
        left -= cost
        if len(chosen) == most:
            break
    return tuple(Evidence(number, hit) for number, hit in enumerate(chosen, start=1))


_SEPARATOR_TOKENS = 2  # the empty line between two passages in the prompt


def _fold(text: str) -> str:
    return re.sub(r"\W+", " ", text).casefold()


def prefer_dates(hits: Sequence[Hit], timeframe: Timeframe | None, *, asked_on: date) -> tuple[Hit, ...]:
    """Return the hits with those of a preferred range, or the newer ones, moved up; without one, recent news a little.

    No hit passes one that matches better by more than the bonus. Scores stay in [0, 1].
    """
    preferred = timeframe if timeframe and not timeframe.is_limit else None
    most = PREFERRED_DATE_BONUS if preferred else RECENT_BONUS
    newest = _newest_of_the_best(hits, until=preferred.until) if preferred else None

    def raised(hit: Hit) -> Hit:
        day = hit.passage.source.published
        share = _preference(day, preferred, newest) if preferred else _recency(day, asked_on)
        return replace(hit, score=(hit.score + most * share) / (1 + most))

    return tuple(sorted(map(raised, hits), key=lambda hit: -hit.score))


def _preference(day: date | None, timeframe: Timeframe, newest: date | None) -> float:
    if day is None or not timeframe.since <= day <= timeframe.until:
        return 0.0
    if not timeframe.newest or newest is None:
        return 1.0
    return 1 / (1 + max(0, (newest - day).days) / HALF_OF_THE_BONUS_AFTER)


def _newest_of_the_best(hits: Sequence[Hit], *, until: date) -> date | None:
    """Return the newest day among the hits that may come first at all; what only shares a word is no measure."""
    least = max((hit.score for hit in hits), default=0.0) - PREFERRED_DATE_BONUS
    days = (hit.passage.source.published for hit in hits if hit.score >= least)
    return max((day for day in days if day is not None and day <= until), default=None)


def newest_first(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence by its day, the newest first and numbered anew, undated last.

    For a question that asks how things stand now, so that the model reads the last of several figures first.
    """
    by_day = sorted(evidence, key=lambda item: -(item.hit.passage.source.published or date.min).toordinal())
    return tuple(replace(item, number=number) for number, item in enumerate(by_day, start=1))


def quoted_evidence(evidence: Sequence[Evidence], quotes: Sequence[SourceSentence]) -> tuple[Evidence, ...]:
    """Return the passages that hold the quotes, with only these to read, in the evidence's order."""
    spans: dict[str, set[Span]] = {}
    for quote in quotes:
        spans.setdefault(quote.passage_id, set()).add(Span(quote.start, quote.end))
    return tuple(
        replace(item, sentences=tuple(sorted(wanted, key=lambda span: span.start)))
        for item in evidence
        if (wanted := spans.get(item.hit.passage.id))
    )


def _recency(day: date | None, asked_on: date) -> float:
    """Return 1 for an article of the day of asking, less the older it is; what came later cannot be meant."""
    age = (asked_on - day).days if day else -2
    return math.exp(-max(age, 0) / RECENT_DAYS) if age >= -1 else 0.0  # -1: that day may have begun elsewhere


def source_sentences(evidence: Sequence[Evidence]) -> tuple[SourceSentence, ...]:
    """Return the sentences of the evidence with their places in their articles, each once."""
    return sentences_of([item.hit for item in evidence])


def sentences_of(hits: Sequence[Hit]) -> tuple[SourceSentence, ...]:
    """Return the sentences of the passages with their places in their articles, each once."""
    found: dict[tuple[str, int], SourceSentence] = {}
    for hit in hits:
        passage = hit.passage
        for span in passage.sentences:
            found.setdefault(
                (passage.article_id, span.start),
                SourceSentence(
                    text=passage.text[span.start - passage.start : span.end - passage.start],
                    start=span.start,
                    end=span.end,
                    passage_id=passage.id,
                    article_id=passage.article_id,
                    published=passage.source.published,
                    kind=passage.kind,
                ),
            )
    return tuple(found.values())
