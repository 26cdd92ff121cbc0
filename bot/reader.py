"""Where an article answers the question, and how surely, by a small model that reads both together.

The embedder compares a question with a sentence by two vectors that know nothing of each other; the generator is asked
whether the articles answer and says Yes too easily. The reader was taught on questions with passages that answer them
and passages that only look as if (tests/quality/train_reader.py). It finds the words that answer best in each sentence,
and says how much better they are than no answer (Devlin et al., "BERT", arXiv 1810.04805, section 4.3). Knows nothing
of models or stores.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.records import Evidence
from bot.relevance import ScoredSentence
from bot.support import SourceSentence
from index.records import Passage, Span

Numbers = NDArray[np.float32]  # one a token

LONGEST = 24  # tokens of an answer, as it was taught
SPREAD = 4.0  # that the answer is better by so much than none becomes .73, and worse by so much .27
# What a reading counts beside bot/relevance.py's score of its sentence, whose parts add to 1. Of 89 news questions, 300
# of SQuAD 2.0 and 25 of the samples the first sentence then holds a known answer for .66, .87 and .64, and for .56,
# .79 and .64 with 0; .15 to .3 differ little.
READING_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Ends:
    """What the reader says of a passage: for each token how well an answer would begin and end there.

    `none` is how well "there is no answer" does; `places[n]` is where token n stands in the text.
    """

    none: float
    begins: Numbers
    ends: Numbers
    places: Sequence[tuple[int, int]]


class Reader(Protocol):
    """Reads passages for a question. Several threads may use one at the same time."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Ends]:
        """Return what it says of each passage, given as title and text; what is too long is not read to its end.

        Nothing at all is returned where there is no model to read with.
        """


class LaterReader:
    """A reader that is opened when it first reads: by then the evidence is shown, and nothing waits for it."""

    def __init__(self, open_it: Callable[[], Reader | None]) -> None:
        self._open_it = open_it
        self._opening = Lock()
        self._opened: list[Reader | None] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Ends]:
        """Return what it says of each passage; nothing where there is none."""
        with self._opening:
            if not self._opened:
                self._opened.append(self._open_it())
        (reader,) = self._opened
        return reader.read(question, passages) if reader else []


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a sentence that answer best, at `start` to `end` of the stored article; `score` is in (0, 1)."""

    article_id: str
    start: int
    end: int
    score: float


def find_readings(question: str, evidence: Sequence[Evidence], reader: Reader | None) -> tuple[Reading, ...]:
    """Return the best words of each sentence of the evidence, the best first; none without a reader."""
    if reader is None or not evidence:
        return ()
    passages = [item.hit.passage for item in evidence]
    said = reader.read(question, [(passage.source.title, passage.text) for passage in passages])
    found = [reading for passage, ends in zip(passages, said, strict=False) for reading in _readings(passage, ends)]
    return tuple(sorted(found, key=lambda reading: -reading.score))


def _readings(passage: Passage, ends: Ends) -> Iterable[Reading]:
    for sentence in passage.sentences:
        first, last = sentence.start - passage.start, sentence.end - passage.start
        inside = [n for n, (start, end) in enumerate(ends.places) if first <= start and end <= last and start < end]
        if inside:
            tokens = slice(inside[0], inside[-1] + 1)
            one, other, better = _best(ends.begins[tokens], ends.ends[tokens])
            span = Span(ends.places[inside[0] + one][0], ends.places[inside[0] + other][1])
            score = 1 / (1 + math.exp(-(better - ends.none) / SPREAD))
            yield Reading(passage.article_id, passage.start + span.start, passage.start + span.end, score)


def _best(begins: Numbers, ends: Numbers) -> tuple[int, int, float]:
    """Return the first and the last token of the best answer, LONGEST at most, and how good it is."""
    both = begins[:, None] + ends[None, :]
    allowed = np.triu(np.tri(len(begins), k=LONGEST - 1, dtype=bool))
    best = int(np.argmax(np.where(allowed, both, -np.inf)))
    one, other = divmod(best, len(begins))
    return one, other, float(both[one, other])


def best_score(readings: Sequence[Reading]) -> float:
    """Return the score of the best reading; 0 for none, which is less than any reading has."""
    return readings[0].score if readings else 0.0


def best_in(readings: Sequence[Reading], sources: Iterable[SourceSentence]) -> float:
    """Return the score of the best reading that lies within one of the sentences; 0 for none."""
    places = [(source.article_id, source.start, source.end) for source in sources]
    return max(
        (
            each.score
            for each in readings
            if any(id == each.article_id and start <= each.start and each.end <= end for id, start, end in places)
        ),
        default=0.0,
    )


def rank_as_read(ranked: Sequence[ScoredSentence], readings: Sequence[Reading]) -> tuple[ScoredSentence, ...]:
    """Return the sentences with what the reader finds in them added to their score, the best first."""
    if not readings:
        return tuple(ranked)
    scored = [replace(each, score=each.score + READING_WEIGHT * best_in(readings, [each.source])) for each in ranked]
    return tuple(sorted(scored, key=lambda each: -each.score))
