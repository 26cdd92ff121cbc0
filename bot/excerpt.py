"""Which sentences of the evidence the model reads: those nearest to the question, within a budget of tokens.

Reading is nearly all of the time that an answer takes, and most of a passage does not bear on the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.prompt import show_passage
from bot.records import Evidence
from bot.relevance import ScoredSentence
from bot.support import SourceSentence
from index.records import Span

# Words with which a sentence leans on the one before it: without that one nobody knows who "he" is.
_LEANING = re.compile(
    r"^\W*(?:he|she|it|they|his|her|its|their|this|that|these|those|but|and|so|then|there|both"
    r"|such|instead|however|meanwhile|the (?:two|pair|duo|couple))\b",
    re.I,
)


def leans_back(sentence: str) -> bool:
    """Return whether `sentence` needs the one before it to be understood."""
    return bool(_LEANING.match(sentence))


def choose_sentences(
    evidence: Sequence[Evidence],
    ranked: Sequence[ScoredSentence],
    *,
    budget: int,
    count_tokens: Callable[[str], int],
) -> tuple[Evidence, ...]:
    """Return the evidence cut to its best sentences, at most `budget` tokens in all, numbered anew from 1.

    A sentence that leans on the one before it brings that one along. Passages of which nothing is read are left out;
    the best sentence is read whatever it costs.
    """
    chosen: dict[str, set[Span]] = {}
    passages = {item.hit.passage.id: item for item in evidence}
    left = budget
    for each in ranked:
        item = passages[each.source.passage_id]
        wanted = _with_what_it_leans_on(item, each.source) - chosen.get(each.source.passage_id, set())
        cost = _cost(item, wanted, each.source.passage_id not in chosen, count_tokens)
        if wanted and (cost <= left or not chosen):
            chosen.setdefault(each.source.passage_id, set()).update(wanted)
            left -= cost
    kept = [item for item in evidence if item.hit.passage.id in chosen]
    return tuple(
        replace(item, number=number, sentences=tuple(sorted(chosen[item.hit.passage.id], key=lambda span: span.start)))
        for number, item in enumerate(kept, start=1)
    )


def _with_what_it_leans_on(item: Evidence, source: SourceSentence) -> set[Span]:
    spans = item.hit.passage.sentences
    place = next(n for n, span in enumerate(spans) if span.start == source.start)
    wanted = {spans[place]}
    if place and leans_back(source.text):
        wanted.add(spans[place - 1])
    return wanted


def _cost(item: Evidence, spans: set[Span], is_first: bool, count_tokens: Callable[[str], int]) -> int:
    """Return how many tokens the sentences take, with the passage's title where they are the first of it."""
    passage = item.hit.passage
    cost = sum(1 + count_tokens(passage.text[span.start - passage.start : span.end - passage.start]) for span in spans)
    if is_first:
        cost += count_tokens(show_passage(replace(item, sentences=(Span(passage.start, passage.start),))))
    return cost
