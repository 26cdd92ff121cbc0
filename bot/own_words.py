"""A sentence of an article as an answer shows it, word for word: without its dateline, with what it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.excerpt import leans_back, leans_forward
from bot.support import SourceSentence
from index.records import Hit, Passage, Span

# "LOWMARSH — ", "WASHINGTON (AP) - ", "LONDON, March 3 (Reuters) — ": where it was written, which tells nothing.
_DATELINE = re.compile(
    r"[A-Z][A-Z’'.-]+(?:[ ,]+[A-Z][\w’'.-]*){0,4}(?:[ ,]+\d{1,2})?(?:[ ]*\([^()\n]{1,40}\))?[ ]*(?:—|–|--|-(?=[ ]))[ ]*"
)


def quote(source: SourceSentence, hits: Sequence[Hit]) -> SourceSentence:
    """Return the sentence after its dateline, together with the one that it leans on, or that announces it."""
    before, after = _beside(source, hits)
    first = before if before and (leans_back(source.text) or leans_forward(before.text)) else source
    last = after if after and leans_forward(source.text) else source
    return _after_dateline(_joined(first, last, hits))


def _after_dateline(source: SourceSentence) -> SourceSentence:
    found = _DATELINE.match(source.text)
    if found is None or found.end() == len(source.text):
        return source
    return replace(source, text=source.text[found.end() :], start=source.start + found.end())


def with_previous(source: SourceSentence, hits: Sequence[Hit]) -> SourceSentence:
    """Return the words of the article from the sentence before to the end of `source`; unchanged for a first one."""
    before, _ = _beside(source, hits)
    return _after_dateline(_joined(before or source, source, hits))


def _beside(source: SourceSentence, hits: Sequence[Hit]) -> tuple[SourceSentence | None, SourceSentence | None]:
    """Return the sentences before and after `source` in its passage."""
    for passage in (hit.passage for hit in hits if hit.passage.id == source.passage_id):
        around: list[SourceSentence | None] = [None, *(_cut(source, passage, span) for span in passage.sentences), None]
        for before, this, after in zip(around, around[1:], around[2:], strict=False):
            if this and this.start == source.start:
                return (
                    before if before and _adjoin(passage, before, this) else None,
                    after if after and _adjoin(passage, this, after) else None,
                )
    return None, None


def _adjoin(passage: Passage, one: SourceSentence, two: SourceSentence) -> bool:
    """Return whether nothing stands between two sentences; what does is not to be quoted (bot/addressed.py)."""
    return not passage.text[one.end - passage.start : two.start - passage.start].strip()


def _cut(source: SourceSentence, passage: Passage, span: Span) -> SourceSentence:
    text = passage.text[span.start - passage.start : span.end - passage.start]
    return replace(source, text=text, start=span.start, end=span.end)


def _joined(first: SourceSentence, last: SourceSentence, hits: Sequence[Hit]) -> SourceSentence:
    """Return the article's words from the beginning of one sentence to the end of another of the same passage."""
    if first.start == last.start:
        return first
    passage = next(hit.passage for hit in hits if hit.passage.id == last.passage_id)
    return _cut(last, passage, Span(first.start, last.end))
