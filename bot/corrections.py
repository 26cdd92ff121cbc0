"""What an article says was wrong before: "The correct number is 97, not 112".

An answer with the wrong value rests on true quotes of the earlier article, and a small model that reads both copies the
wrong one as soon as the right one. So whatever a correction calls wrong is shown as the correction says it. English, by
rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.facts import Fact, find_facts, holds
from bot.stems import content_stems, coverage
from bot.support import SourceSentence

ABOUT = 0.5  # share of the question's content words in what was found of a correction that bears on it
_MENDING = re.compile(
    r"\b(?:correct(?:ed|ion|ly)?|wrong(?:ly)?|incorrect(?:ly)?|mistaken(?:ly)?|erroneous(?:ly)?|misstated)\b", re.I
)
_IN_PLACE = re.compile(
    r"(?P<right>[^,;:.!?\n]{1,60}(?:[.,]\d[^,;:.!?\n]{0,30}){0,3}),?\s+(?:and\s+)?(?:not|rather\s+than|instead\s+of)\s+"
    r"(?P<wrong>[^,;:!?\n]{1,60}(?:,\d[^,;:!?\n]{0,30}){0,3})"
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence that puts the fact `right` in the place of `wrong`, of the same kind; of a name it is one word."""

    source: SourceSentence
    right: Fact
    wrong: Fact


def find_corrections(sources: Sequence[SourceSentence]) -> tuple[Correction, ...]:
    """Return what the sentences correct: those of corrections, and others that say that something was wrong."""
    mending = [each for each in sources if each.kind == "correction" or _MENDING.search(each.text)]
    return tuple(found for source in mending for found in _corrections_in(source))


def _corrections_in(source: SourceSentence) -> Iterator[Correction]:
    for match in _IN_PLACE.finditer(source.text):
        rights = find_facts(match["right"], published=source.published)
        for wrong in find_facts(match["wrong"], published=source.published)[:1]:
            for right in [fact for fact in rights if fact.kind == wrong.kind and fact.key != wrong.key][-1:]:
                yield Correction(source, right, wrong)


def correction_of(
    text: str, quotes: Sequence[SourceSentence], asked: str, sources: Sequence[SourceSentence]
) -> SourceSentence | None:
    """Return the sentence by which what `text` says is corrected, None where nothing of it is.

    It is no earlier than the quotes, it calls a fact of `text` wrong whose right value `text` lacks, and its article
    is about what is asked.
    """
    day = max((quote.published for quote in quotes if quote.published), default=None)
    own = {(quote.article_id, quote.start) for quote in quotes}
    for each in find_corrections(sources):
        source = each.source
        is_later = day is None or source.published is None or source.published >= day
        if not is_later or (source.article_id, source.start) in own:
            continue
        is_wrong = holds(each.wrong, text, published=day) and not holds(each.right, text, published=day)
        if is_wrong and _is_about(asked, source, sources):
            return source
    return None


def _is_about(asked: str, source: SourceSentence, sources: Sequence[SourceSentence]) -> bool:
    beside = " ".join(each.text for each in sources if each.article_id == source.article_id)
    return coverage(content_stems(asked), beside) >= ABOUT
