"""Verdicts to numbered citations: each quote gets one number, in the order in which the answer uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.records import Citation, Sentence
from bot.resolved import resolve_days
from bot.support import SourceSentence, Verdict
from index.records import Source


def number_citations(
    checked: Sequence[tuple[str, Verdict]], sources: Mapping[str, Source]
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Return the sentences with their citations' numbers, and the citations in order, numbered from 1.

    `sources` maps an article id to its source. A quote used twice has one number.
    """
    numbers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    sentences: list[Sentence] = []
    for text, verdict in checked:
        used = []
        for quote in verdict.quotes:
            place = (quote.article_id, quote.start, quote.end)
            if place not in numbers:
                numbers[place] = len(citations) + 1
                citations.append(cite(numbers[place], quote, sources[quote.article_id]))
            used.append(numbers[place])
        sentences.append(Sentence(text, verdict.support, tuple(used), verdict.missing, verdict.said_by))
    return tuple(sentences), tuple(citations)


def cite(number: int, quote: SourceSentence, source: Source) -> Citation:
    """Return the citation of that number for a quote."""
    return Citation(
        number=number,
        quote=quote.text,
        start=quote.start,
        end=quote.end,
        passage_id=quote.passage_id,
        article_id=quote.article_id,
        source=source,
        kind=quote.kind,
        days=resolve_days(quote.text, source.published, offset=quote.start),
    )
