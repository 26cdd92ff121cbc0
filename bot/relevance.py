"""Which sentences of the passages found come nearest to the question: what the model reads first, and what is quoted.

A passage is found as a whole, but one or two of its sentences answer. Each sentence gets the sum of what it shares with
the question in words, rare ones counting more, in meaning, and of how well its passage was found. Knows nothing of
models or stores: the similarity of meaning comes in as a function.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.evidence import source_sentences
from bot.records import Evidence
from bot.stems import content_stems, stems
from bot.support import Similarity, SourceSentence

WORDS_WEIGHT = 0.4
MEANING_WEIGHT = 0.4
PASSAGE_WEIGHT = 0.2
AROUND = 0.5  # what a word of the title or of the sentence before counts, against one in the sentence itself


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence with its nearness to the question.

    `score` is comparable within one question; `cosine` in [-1, 1] and `covered`, the share of the question's content
    words (weighted by rarity) in it and around it, in [0, 1], are comparable between questions too.
    """

    source: SourceSentence
    score: float
    cosine: float
    covered: float


def rank_sentences(question: str, evidence: Sequence[Evidence], similarity: Similarity) -> tuple[ScoredSentence, ...]:
    """Return the sentences of the evidence, each once, nearest to `question` first; ties in the evidence's order."""
    sources = source_sentences(evidence)
    if not sources:
        return ()
    wanted = content_stems(question)
    rarity = _rarity(wanted, sources)
    cosines = similarity(question, [source.text for source in sources])
    found = {item.hit.passage.id: item.hit.score for item in evidence}
    titles = {item.hit.passage.article_id: stems(item.hit.passage.source.title) for item in evidence}
    scored = []
    before: SourceSentence | None = None
    for source, cosine in zip(sources, cosines, strict=True):
        around = titles[source.article_id]
        if before is not None and before.passage_id == source.passage_id:
            around = around | stems(before.text)
        covered = _covered(wanted, rarity, stems(source.text), around)
        score = WORDS_WEIGHT * covered + MEANING_WEIGHT * cosine + PASSAGE_WEIGHT * found[source.passage_id]
        scored.append(ScoredSentence(source, score, float(cosine), covered))
        before = source
    return tuple(sorted(scored, key=lambda each: -each.score))


def _rarity(words: frozenset[str], sources: Sequence[SourceSentence]) -> Mapping[str, float]:
    """Return for each word the logarithm of how few of the sentences hold it: the inverse document frequency."""
    holding: Counter[str] = Counter()
    for source in sources:
        holding.update(words & stems(source.text))
    return {word: math.log1p(len(sources) / (1 + holding[word])) for word in words}


def _covered(
    wanted: frozenset[str], rarity: Mapping[str, float], inside: frozenset[str], around: frozenset[str]
) -> float:
    total = sum(rarity.values())
    held = sum(rarity[word] * (1.0 if word in inside else AROUND) for word in wanted if word in inside | around)
    return held / total if total else 0.0
