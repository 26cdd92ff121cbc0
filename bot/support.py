"""Which words of the articles carry a sentence of the answer, and what is missing from them.

A small model cites almost at random, so it is not asked to. Each sentence it wrote is held against the
sentences of the evidence: the one to three of a single article that share most of its words and meaning are
its quotes, and its verdict is what they do not hold. Numbers, dates, names and negations must be there to the
letter of their value (see facts.py); the rest must be there in substance. Knows nothing of models or stores:
the similarity of meaning comes in as a function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.facts import Fact, find_facts, holds, name_key, word_keys
from bot.records import Support

Similarity = Callable[[str, Sequence[str]], Sequence[float]]  # cosines of a text with each of several

MAX_QUOTES = 3  # a claim that needs more sentences than this is a summary, and no reader checks one by quotes
CANDIDATES = 12  # sentences of the evidence whose meaning is compared with a sentence of the answer
# A sentence is carried when its quotes hold this share of its content words, or when their meaning is this near
# and they hold at least the lower share. Read off 200 sentences of answers to the development questions.
FULL_COVERAGE = 0.62
NEAR_COSINE = 0.72
NEAR_COVERAGE = 0.45
# Under this it has nothing to do with its nearest quote, and showing that one would decorate it.
LEAST_COVERAGE = 0.34

_STOP = frozenset(
    "a about after again all also am an and any are as at be because been before being but by can could did do does "
    "doing during each for from had has have having he her here hers him his how i if in into is it its itself just "
    "may me might more most must my of off on once one only or other our out over own per said same say says she "
    "should so some such than that the their them then there these they this those through to too under until up "
    "very was we were what when where which while who whom whose why will with would you your according article "
    "articles stated reported".split()
)
_NEGATORS = frozenset("not no never nor neither without cannot none nobody nothing".split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of the evidence, with its place in the stored article."""

    text: str
    start: int
    end: int
    passage_id: str
    article_id: str
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the quotes carry a sentence, and what they lack.

    `strength` in [0, 1] is the share of the sentence's content that they hold.
    """

    support: Support
    quotes: tuple[SourceSentence, ...]
    missing: tuple[str, ...]
    strength: float


def check_sentence(sentence: str, sources: Sequence[SourceSentence], similarity: Similarity) -> Verdict:
    """Return the verdict on `sentence`, with its best quotes, all of one article.

    A sentence whose quotes lack one of its numbers, names, dates or negations is never "supported".
    """
    if not sources or not _WORD.search(sentence):
        return Verdict("unsupported", (), (), 0.0)
    cosines = _cosines_of_the_nearest(sentence, sources, similarity)
    ordinary = _ordinary_words(sources)
    verdicts = [_check_article(sentence, group, ordinary) for group in _group_by_article(sources, cosines)]
    return max(verdicts, key=lambda verdict: (_ORDER[verdict.support], -len(verdict.missing), verdict.strength))


def _cosines_of_the_nearest(sentence: str, sources: Sequence[SourceSentence], similarity: Similarity) -> list[float]:
    """Return a cosine for each source, 0 for all but those that share most words.

    Embedding is the costly part, and a sentence that shares few words would not be a reader's proof anyway.
    """
    words = content_stems(sentence)
    nearest = sorted(range(len(sources)), key=lambda place: -coverage(words, sources[place].text))[:CANDIDATES]
    measured = similarity(sentence, [sources[place].text for place in nearest])
    known = dict(zip(nearest, measured, strict=True))
    return [known.get(place, 0.0) for place in range(len(sources))]


_ORDER = {"supported": 2, "partly": 1, "unsupported": 0}
_Scored = list[tuple[SourceSentence, float]]


def _group_by_article(sources: Sequence[SourceSentence], cosines: Sequence[float]) -> list[_Scored]:
    groups: dict[str, _Scored] = {}
    for source, cosine in zip(sources, cosines, strict=True):
        groups.setdefault(source.article_id, []).append((source, cosine))
    return list(groups.values())


def _check_article(sentence: str, scored: _Scored, ordinary: frozenset[str]) -> Verdict:
    """Return the verdict with quotes from one article only: the best one, and those that add what it lacks."""
    facts = _facts_to_hold(sentence, scored[0][0].published, ordinary)
    words = content_stems(sentence)
    quotes = [max(scored, key=lambda pair: coverage(words, pair[0].text) + 0.5 * pair[1] + _held(facts, pair[0]))[0]]
    while len(quotes) < MAX_QUOTES:
        addition = _best_addition(quotes, facts, words, scored)
        if addition is None:
            break
        quotes.append(addition)
    cosine = max(cosine for source, cosine in scored if source in quotes)
    return _judge(sentence, quotes, facts, words, cosine)


def _held(facts: Sequence[Fact], source: SourceSentence) -> float:
    """Return the share of `facts` that `source` holds."""
    return sum(holds(fact, source.text, published=source.published) for fact in facts) / max(1, len(facts))


def _best_addition(
    quotes: list[SourceSentence], facts: Sequence[Fact], words: frozenset[str], scored: _Scored
) -> SourceSentence | None:
    """Return the sentence that adds most of what the quotes lack, or None where none is worth reading."""
    text = _joined(quotes)
    lacking = [fact for fact in facts if not holds(fact, text, published=quotes[0].published)]
    uncovered = words - stems(text)
    best, most = None, 0.0
    for source, cosine in scored:
        if source in quotes:
            continue
        gained = sum(holds(fact, source.text, published=source.published) for fact in lacking)
        share = len(uncovered & stems(source.text)) / max(1, len(words))
        worth = gained + share + 0.1 * cosine if gained or share >= 0.25 else 0.0
        if worth > most:
            best, most = source, worth
    return best


def _judge(
    sentence: str, quotes: list[SourceSentence], facts: Sequence[Fact], words: frozenset[str], cosine: float
) -> Verdict:
    text = _joined(quotes)
    share = coverage(words, text)
    missing = [fact.text for fact in facts if not holds(fact, text, published=quotes[0].published)]
    missing += _negation_gap(sentence, quotes)
    carried = share >= FULL_COVERAGE or (cosine >= NEAR_COSINE and share >= NEAR_COVERAGE)
    in_order = tuple(sorted(quotes, key=lambda quote: quote.start))
    if share < LEAST_COVERAGE:
        return Verdict("unsupported", (), tuple(dict.fromkeys(missing)), share)
    if missing or not carried:
        return Verdict("partly", in_order, tuple(dict.fromkeys(missing)), share)
    return Verdict("supported", in_order, (), share)


def _joined(quotes: Sequence[SourceSentence]) -> str:
    return "\n".join(quote.text for quote in quotes)


# --- words ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return lru_cache(maxsize=50_000)(snowballstemmer.stemmer("english").stemWord)


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of `text`, stop words left out."""
    stem = _stemmer()
    return frozenset(stem(key) for key in word_keys(text) | _plain_words(text) if key not in _STOP)


def content_stems(sentence: str) -> frozenset[str]:
    """Return the stems of the content words of a sentence of the answer."""
    stem = _stemmer()
    return frozenset(stem(word) for word in _plain_words(sentence) if word not in _STOP)


def _plain_words(text: str) -> frozenset[str]:
    return frozenset(name_key(match.group()) for match in _WORD.finditer(text))


def coverage(words: frozenset[str], text: str) -> float:
    """Return the share of `words` (stems) that `text` holds; 0 where there are none."""
    return len(words & stems(text)) / len(words) if words else 0.0


def _ordinary_words(sources: Sequence[SourceSentence]) -> frozenset[str]:
    """Return the stems of words that the evidence writes in lower case somewhere, so that they are no names."""
    stem = _stemmer()
    return frozenset(
        stem(match.group()) for source in sources for match in _WORD.finditer(source.text) if match.group().islower()
    )


def _facts_to_hold(sentence: str, published: date | None, ordinary: frozenset[str]) -> tuple[Fact, ...]:
    """Return the facts of `sentence`, without a first word that is capitalised only for standing first."""
    first = _WORD.search(sentence)
    opener = name_key(first.group()) if first else ""
    opener_is_plain = _stemmer()(opener) in ordinary
    return tuple(
        fact
        for fact in find_facts(sentence, published=published)
        if not (fact.kind == "name" and fact.key == opener and opener_is_plain)
    )


# --- negation ------------------------------------------------------------------------------------------------


def _negation_gap(sentence: str, quotes: Sequence[SourceSentence]) -> list[str]:
    """Return what is said about a negation that only one side has, as a list of at most one."""
    said = _negated_stems(sentence)
    best = max(quotes, key=lambda quote: coverage(content_stems(sentence), quote.text))
    words = content_stems(sentence)
    if said is None:
        denied = _negated_stems(best.text) or frozenset()
        return ["not"] if denied & words else []
    return [] if any(_negated_stems(quote.text) is not None for quote in quotes) else ["not"]


def _negated_stems(text: str) -> frozenset[str] | None:
    """Return the stems of the content words right after a negator, or None where nothing is negated.

    "Did not identify the forces" negates "identify"; what stands further off is another clause.
    """
    words = [match.group().replace("’", "'").lower() for match in _WORD.finditer(text)]
    negated: set[str] = set()
    found = False
    for place, word in enumerate(words):
        if word in _NEGATORS or word.endswith("n't"):
            if word == "no" and words[place + 1 : place + 2] in (["longer"], ["doubt"]):
                continue
            found = True
            following = [w for w in words[place + 1 : place + 4] if w not in _STOP]
            negated.update(_stemmer()(w) for w in following[:1])
    return frozenset(negated) if found else None
