"""An answer without a model: the one to three sentences of the articles that best answer, word for word.

And what a refusal shows instead of an answer: the sentence of each of the nearest articles that comes nearest to the
question. Knows nothing of models or stores; bot/relevance.py says how near a sentence is, this module which of them
answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.asked import fitness
from bot.cite import cite
from bot.confidence import share_held
from bot.own_words import quote, with_previous
from bot.records import Citation, Evidence, Signs
from bot.relevance import ScoredSentence, rank_sentences
from bot.stems import content_stems, stems
from bot.support import Similarity, denies_otherwise, ordinary_words
from index.records import Hit

# What counts beside bot/relevance.py's score: a fact of the kind asked for, a long sentence, and against it that it
# only repeats the question. Chosen on half of the development questions (89 of news, 300 of SQuAD 2.0, 25 of the
# samples); on the other half the first sentence holds a known answer for .46, .81 and .50 of them, one of the first
# three for .68, .91 and .67. Without the three it is .43, .82, .50 and .66, .93, .58.
FITNESS_WEIGHT = 0.15
LENGTH_WEIGHT = 0.05
LONG = 40  # words; a longer sentence counts no more
REPEATING = 0.3
MOST = 3  # sentences of an answer
CLOSE = 0.1  # a further sentence is given when its score is this near to the best one's; then 1.9 are, on average
SAME = 0.6  # share of common words from which two sentences tell the same
NEAREST = 3  # articles that a refusal quotes
LOOKED_AT = 5  # articles of which the nearest are quoted
NEAR = 0.25  # a sentence of a smaller cosine, that shares few words as well, is about something else
MUCH_SHARED = 0.5

_CLOSING = " \"'”’»)]"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with how well it would answer: `fit` in [0, 1] is whether it holds a fact of the kind asked for."""

    sentence: ScoredSentence
    fit: float
    score: float


def find_candidates(question: str, ranked: Sequence[ScoredSentence]) -> tuple[Candidate, ...]:
    """Return the sentences that may answer, best first; what is itself a question never does."""
    words = content_stems(question)
    ordinary = ordinary_words([each.source for each in ranked])
    found = []
    for each in ranked:
        source = each.source
        if source.text.rstrip(_CLOSING).endswith("?"):
            continue
        fit = fitness(question, source.text, published=source.published, ordinary=ordinary)
        length = min(1.0, len(source.text.split()) / LONG)
        repeats = not content_stems(source.text) - words
        score = each.score + FITNESS_WEIGHT * fit + LENGTH_WEIGHT * length - REPEATING * repeats
        found.append(Candidate(each, fit, score))
    return tuple(sorted(found, key=lambda candidate: -candidate.score))


def choose(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the best candidate and those that are about as good and tell something else, MOST at most."""
    chosen: list[Candidate] = []
    for candidate in candidates[: 2 * MOST]:
        if chosen and candidate.score < chosen[0].score - CLOSE:
            break
        if len(chosen) < MOST and not any(_tell_the_same(candidate, other) for other in chosen):
            chosen.append(candidate)
    return tuple(chosen)


def _tell_the_same(one: Candidate, other: Candidate) -> bool:
    left, right = stems(one.sentence.source.text), stems(other.sentence.source.text)
    return len(left & right) >= SAME * max(1, min(len(left), len(right)))


def add_signs(before: Signs, question: str, candidates: Sequence[Candidate], hits: Sequence[Hit]) -> Signs:
    """Return the signs with those of the best candidate: known before a model writes, and without one."""
    if not candidates:
        return before
    best = candidates[0]
    source = best.sentence.source
    titles = {hit.passage.article_id: hit.passage.source.title for hit in hits}
    around = f"{titles.get(source.article_id, '')}\n{with_previous(source, hits).text}"
    return replace(
        before,
        best=min(1.0, max(0.0, best.score)),
        best_cosine=best.sentence.cosine,
        best_covered=best.sentence.covered,
        fits=best.fit,
        facts_near=share_held(question, around, published=source.published),
        denied=float(denies_otherwise(question, source.text)),
    )


# --- quotes --------------------------------------------------------------------------------------------------


# --- refusals ------------------------------------------------------------------------------------------------


def nearest_quotes(question: str, hits: Sequence[Hit], similarity: Similarity) -> tuple[Citation, ...]:
    """Return what the nearest articles say, nearest first: a sentence of each, NEAREST at most, numbered from 1.

    Where nothing is near there are fewer, or none.
    """
    passages: dict[str, Hit] = {}
    for hit in hits:
        passages.setdefault(hit.passage.article_id, hit)
    looked_at = [Evidence(number, hit) for number, hit in enumerate(list(passages.values())[:LOOKED_AT], start=1)]
    best: dict[str, ScoredSentence] = {}
    for each in rank_sentences(question, looked_at, similarity):
        if each.cosine >= NEAR or each.covered >= MUCH_SHARED:
            best.setdefault(each.source.article_id, each)
    sources = {id: hit.passage.source for id, hit in passages.items()}
    return tuple(
        cite(number, quote(each.source, hits), sources[each.source.article_id])
        for number, each in enumerate(list(best.values())[:NEAREST], start=1)
    )
