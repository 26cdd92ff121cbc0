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
    r"^\W*(?:he|she|it(?! (?:is|was) (?:the|a|an|only|about)\b)|they|his|her|its|their|this|that|these|those|but|and"
    r"|so|then|there|both|such|instead|however|meanwhile|the (?:two|pair|duo|couple))\b",
    re.I,
)

# Words with which a sentence only announces the one after it: "gave two reasons", "The wrong age was given".
_ANNOUNCING = re.compile(
    r":[”\"’]?\s*$"
    r"|\b(?:gave|gives|give|cited|cites|named|names|listed|lists|offered|offers|for|are|were)\s"
    r"(?:the\s+following|two|three|four|five|several|a\s+few)\s+(?:\w+\s+){0,2}?"
    r"(?:reasons?|causes?|explanations?|conditions?|demands?|options?|examples?|figures?|changes?|steps?|points?)\b"
    r"|\b(?:wrong|incorrect|erroneous|mistaken)\s+(?:\w+\s+){0,2}?"
    r"(?:number|figure|name|date|day|year|age|title|place|amount|total|sum|count)s?\b"
    r"|\b(?:misstated|misspelled|misidentified|wrongly\s+\w+ed|incorrectly\s+\w+ed)\b",
    re.I,
)
# How much of the score of the sentence before counts, or of its own where there is none. Of 25 sample questions and 89
# of news the known answer is then read for 23 and 75, without it for 22 and 75; any share from .1 to .3 does as well.
BEFORE = 0.2
FIRST = 0.8


def leans_forward(sentence: str) -> bool:
    """Return whether `sentence` only announces what the one after it says."""
    return bool(_ANNOUNCING.search(sentence))


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

    A sentence that leans on the one before it, or announces the one after it, brings that one along. Passages of which
    nothing is read are left out; the best sentence is read whatever it costs.
    """
    chosen: dict[str, set[Span]] = {}
    passages = {item.hit.passage.id: item for item in evidence}
    left = budget
    for each in _going_on(ranked):
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


def _going_on(ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Return the sentences with those moved up that follow a near one, because what it tells of goes on in them."""
    before: dict[tuple[str, int], float] = {}
    last: ScoredSentence | None = None
    for each in sorted(ranked, key=lambda each: (each.source.passage_id, each.source.start)):
        follows = last is not None and last.source.passage_id == each.source.passage_id
        before[each.source.passage_id, each.source.start] = last.score if last and follows else FIRST * each.score
        last = each
    return sorted(ranked, key=lambda each: -(each.score + BEFORE * before[each.source.passage_id, each.source.start]))


def _with_what_it_leans_on(item: Evidence, source: SourceSentence) -> set[Span]:
    spans = item.hit.passage.sentences
    place = next(n for n, span in enumerate(spans) if span.start == source.start)
    wanted = {spans[place]}
    if place and leans_back(source.text):
        wanted.add(spans[place - 1])
    if leans_forward(source.text) and place + 1 < len(spans):
        wanted.add(spans[place + 1])
    return wanted


def _cost(item: Evidence, spans: set[Span], is_first: bool, count_tokens: Callable[[str], int]) -> int:
    """Return how many tokens the sentences take, with the passage's title where they are the first of it."""
    passage = item.hit.passage
    cost = sum(1 + count_tokens(passage.text[span.start - passage.start : span.end - passage.start]) for span in spans)
    if is_first:
        cost += count_tokens(show_passage(replace(item, sentences=(Span(passage.start, passage.start),))))
    return cost
