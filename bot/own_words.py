"""A sentence of an article as an answer shows it, word for word: without its dateline, with what it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bot.excerpt import leans_back
from bot.support import SourceSentence
from index.records import Hit

# "LOWMARSH — ", "WASHINGTON (AP) - ", "LONDON, March 3 (Reuters) — ": where it was written, which tells nothing.
_DATELINE = re.compile(
    r"[A-Z][A-Z’'.-]+(?:[ ,]+[A-Z][\w’'.-]*){0,4}(?:[ ,]+\d{1,2})?(?:[ ]*\([^()\n]{1,40}\))?[ ]*(?:—|–|--|-(?=[ ]))[ ]*"
)


def quote(source: SourceSentence, hits: Sequence[Hit]) -> SourceSentence:
    """Return the sentence after its dateline, or together with the one before it where it leans on that one."""
    return with_previous(source, hits) if leans_back(source.text) else _after_dateline(source)


def _after_dateline(source: SourceSentence) -> SourceSentence:
    found = _DATELINE.match(source.text)
    if found is None or found.end() == len(source.text):
        return source
    return replace(source, text=source.text[found.end() :], start=source.start + found.end())


def with_previous(source: SourceSentence, hits: Sequence[Hit]) -> SourceSentence:
    """Return the words of the article from the sentence before to the end of `source`; unchanged for a first one."""
    for passage in (hit.passage for hit in hits if hit.passage.id == source.passage_id):
        for before, this in pairwise(passage.sentences):
            if this.start == source.start:
                text = passage.text[before.start - passage.start : source.end - passage.start]
                return _after_dateline(replace(source, text=text, start=before.start))
    return source
