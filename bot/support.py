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
from dataclasses import dataclass, replace
from datetime import date

from bot.binding import counts_otherwise
from bot.facts import Fact, blank_values, find_facts, find_names, holds, name_key
from bot.negation import negation_gap
from bot.opposites import grave_words_missing, turned_round
from bot.plain_words import OPENERS
from bot.plans import condition_missing, told_as_done
from bot.quoted_words import quoted_words_missing
from bot.records import Support
from bot.roles import turned_roles
from bot.stems import STOP, WORD, content_stems, coverage, lower_stems, stem_of, stems
from index.records import Kind

Similarity = Callable[[str, Sequence[str]], Sequence[float]]  # cosines of a text with each of several

MAX_QUOTES = 3  # a claim that needs more sentences than this is a summary, and no reader checks one by quotes
CANDIDATES = 12  # sentences of the evidence whose meaning is compared with a sentence of the answer
# A sentence is carried when its quotes hold this share of its content words, or when their meaning is this near
# and they hold at least the lower share. Set by eye on some forty answers, not fitted.
FULL_COVERAGE = 0.62
NEAR_COSINE = 0.72
NEAR_COVERAGE = 0.45
# Under this it has nothing to do with its nearest quote, and showing that one would decorate it.
LEAST_COVERAGE = 0.34
# A further quote adds a missing fact or this share of the words, and speaks of the same thing: it shares this
# much, or its meaning is this near. One that carries less than the last of these alone is left out again.
MUCH_CONTENT = 0.25
LEAST_SHARED = 0.25
NEAR_ADDITION = 0.45
LEAST_CARRIED = 0.1
CLEARLY = 0.1  # more of the words in one article than in another

_CLOSING = " \"'”’»)]*_"
_ARTICLES = r"(?:(?:provided|given|above|news)\s+)?(?:articles?|passages?|texts?|excerpts?|information|evidence)"
# What a model says of its material is not a claim about the world, and its own citation marks are none of ours.
_ABOUT_THE_ARTICLES = re.compile(
    rf",?\s{{0,3}}\b(?:as\s+)?(?:reported|stated|mentioned|described|noted|indicated|given|provided)\s+(?:in|by)\s+"
    rf"(?:the|these|this)\s+{_ARTICLES}\b,?"
    rf"|,?\s{{0,3}}\b(?:according\s+to|based\s+on)\s+(?:the|these|this)\s+{_ARTICLES}\b(?:\s+provided)?,?"
    rf"|\b(?:the|these|this)\s+{_ARTICLES}\s+(?:say|state|mention|report|indicate|note)s?\s+(?:that\s+)?"
    r"|\[\d+(?:,\s*\d+)*\]|\((?:article|passage|source)s?\s*\d+(?:(?:,|\s+and)\s*\d+)*\)",
    re.I,
)
_ANSWERING = re.compile(r"^\s*(?:yes|no),\s+", re.I)


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of the evidence, with its place in the stored article."""

    text: str
    start: int
    end: int
    passage_id: str
    article_id: str
    published: date | None = None
    kind: Kind = "news"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the quotes carry a sentence, and what they lack.

    `strength` in [0, 1] is the share of the sentence's content that they hold. `said_by` is whom the quotes
    attribute it to, found later (see speakers.py).
    """

    support: Support
    quotes: tuple[SourceSentence, ...]
    missing: tuple[str, ...]
    strength: float
    said_by: str = ""


def check_sentence(sentence: str, sources: Sequence[SourceSentence], similarity: Similarity) -> Verdict:
    """Return the verdict on `sentence`, with its best quotes, all of one article.

    A sentence whose quotes lack one of its numbers, names, dates or negations is never "supported".
    """
    claim = _ABOUT_THE_ARTICLES.sub(" ", sentence)
    telling = sources if claim.rstrip(_CLOSING).endswith("?") else [each for each in sources if not _asks(each.text)]
    if not telling or not WORD.search(claim):
        return Verdict("unsupported", (), (), 0.0)
    cosines = _cosines_of_the_nearest(claim, telling, similarity)
    ordinary = ordinary_words(telling)
    verdicts = [_check_article(claim, group, ordinary) for group in _group_by_article(telling, cosines)]
    best = max(verdicts, key=lambda verdict: (_ORDER[verdict.support], -len(verdict.missing), verdict.strength))
    # An article that holds clearly more of its words, and yet says it of another, is the one it was taken from.
    fuller = [each for each in verdicts if each.missing and each.strength > best.strength + CLEARLY]
    return max(fuller, key=lambda verdict: verdict.strength) if best.support == "supported" and fuller else best


def _asks(text: str) -> bool:
    """Return whether `text` is a question, which states nothing."""
    return text.rstrip(_CLOSING).endswith("?")


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


@dataclass(frozen=True, slots=True)
class _Claim:
    """What must be found in the quotes: facts to the letter of their value, words in substance."""

    said: str  # the whole sentence, in which the facts have their places
    text: str  # the same without an opening "Yes,"
    facts: tuple[Fact, ...]
    words: frozenset[str]

    def share(self, quotes: Sequence[SourceSentence]) -> float:
        """Return the share of the words, and of the numbers and dates, that the quotes hold."""
        values = [fact for fact in self.facts if fact.kind != "name"]
        held = sum(_held_by_any(fact, quotes) for fact in values)
        held += len(self.words & frozenset().union(*(stems(quote.text) for quote in quotes)))
        return held / max(1, len(self.words) + len(values))

    def lacking(self, quotes: Sequence[SourceSentence]) -> list[Fact]:
        """Return the facts that no quote holds."""
        return [fact for fact in self.facts if not _held_by_any(fact, quotes)]

    def misplaced(self, quotes: Sequence[SourceSentence]) -> list[Fact]:
        """Return the numbers that the quotes hold, but of something else."""
        texts = [quote.text for quote in quotes]
        amounts = [(fact, fact.amount) for fact in self.facts if fact.amount is not None]
        return [fact for fact, amount in amounts if counts_otherwise(self.said, amount, texts, stems=stems)]

    def denies_otherwise(self, quotes: Sequence[SourceSentence]) -> bool:
        """Return whether the quotes deny what is said here, or do not deny what is denied here."""
        return negation_gap(self.text, [quote.text for quote in quotes], stem=stem_of, stop=STOP)

    def untied(self, said: Sequence[frozenset[str]]) -> list[str]:
        """Return the words beside the names, where the quotes hold none of them: then names are all that they share.

        "Rovers are owned by Palmer and Okafor" is in no article that tells only that the two are captain and coach.
        """
        names = [fact for fact in self.facts if fact.kind == "name"]
        tying = [word for word in _words_beside(self.text, names) if content_stems(word) & self.words]
        held = frozenset().union(*said)
        return tying if names and not any(content_stems(word) & held for word in tying) else []


_BY_STEM = "stem:"  # begins the key of a first word that may be no name, and is then wanted in any form


def _held_by_any(fact: Fact, quotes: Sequence[SourceSentence]) -> bool:
    if fact.key.startswith(_BY_STEM):
        return any(fact.key[len(_BY_STEM) :] in stems(quote.text) for quote in quotes)
    return any(holds(fact, quote.text, published=quote.published) for quote in quotes)


def _group_by_article(sources: Sequence[SourceSentence], cosines: Sequence[float]) -> list[_Scored]:
    groups: dict[str, _Scored] = {}
    for source, cosine in zip(sources, cosines, strict=True):
        groups.setdefault(source.article_id, []).append((source, cosine))
    return list(groups.values())


def _check_article(sentence: str, scored: _Scored, ordinary: frozenset[str]) -> Verdict:
    """Return the verdict with quotes from one article only: the best one, and those that add what it lacks."""
    published = scored[0][0].published
    claim = _Claim(
        said=sentence,
        text=_ANSWERING.sub("", sentence),
        facts=_facts_to_hold(sentence, published, ordinary),
        words=content_stems(blank_values(sentence, published=published)),
    )
    quotes = [max(scored, key=lambda pair: _fitness(claim, *pair))[0]]
    while len(quotes) < MAX_QUOTES:
        addition = _best_addition(quotes, claim, scored)
        if addition is None:
            break
        quotes.append(addition)
    quotes = _without_idle(quotes, claim)
    cosine = max(cosine for source, cosine in scored if source in quotes)
    return _judge(claim, quotes, cosine)


def _fitness(claim: _Claim, source: SourceSentence, cosine: float) -> float:
    held = 1 - len(claim.lacking([source])) / max(1, len(claim.facts))
    return claim.share([source]) + 0.5 * cosine + held - 0.5 * claim.denies_otherwise([source])


def _best_addition(quotes: list[SourceSentence], claim: _Claim, scored: _Scored) -> SourceSentence | None:
    """Return the sentence that adds most of what the quotes lack, or None where none is worth reading.

    A sentence that shares nothing but the missing fact speaks of something else.
    """
    lacking = claim.lacking(quotes)
    uncovered = claim.words - frozenset().union(*(stems(quote.text) for quote in quotes))
    best, most = None, 0.0
    for source, cosine in scored:
        if source in quotes:
            continue
        gained = len(lacking) - len([fact for fact in lacking if not _held_by_any(fact, [source])])
        share = len(uncovered & stems(source.text)) / max(1, len(claim.words))
        is_near = claim.share([source]) >= LEAST_SHARED or cosine >= NEAR_ADDITION
        worth = gained + share + 0.1 * cosine if is_near and (gained or share >= MUCH_CONTENT) else 0.0
        if worth > most:
            best, most = source, worth
    return best


def _without_idle(quotes: list[SourceSentence], claim: _Claim) -> list[SourceSentence]:
    """Return the quotes without any that carries nothing which the others do not."""
    for quote in reversed(quotes):
        others = [other for other in quotes if other is not quote]
        if (
            others
            and len(claim.lacking(others)) == len(claim.lacking(quotes))
            and claim.share(quotes) - claim.share(others) < LEAST_CARRIED
            and claim.denies_otherwise(others) == claim.denies_otherwise(quotes)
        ):
            quotes = others
    return quotes


def _judge(claim: _Claim, quotes: list[SourceSentence], cosine: float) -> Verdict:
    share = claim.share(quotes)
    misplaced = claim.misplaced(quotes)
    missing = _name_once(claim.text, claim.lacking(quotes) + misplaced) + ["not"] * claim.denies_otherwise(quotes)
    said = [stems(quote.text) for quote in quotes]
    missing += turned_round(claim.text, said, stem=stem_of) or grave_words_missing(claim.text, said, stem=stem_of)
    if share >= LEAST_COVERAGE:
        missing += _said_otherwise(claim.text, [quote.text for quote in quotes])
    carried = share >= FULL_COVERAGE or (cosine >= NEAR_COSINE and share >= NEAR_COVERAGE)
    in_order = tuple(sorted(quotes, key=lambda quote: quote.start))
    if share < LEAST_COVERAGE:
        return Verdict("unsupported", (), tuple(missing), share)
    if missing or not carried:
        return Verdict("partly", in_order, tuple(missing), share)
    if untied := claim.untied(said):
        return Verdict("unsupported", (), tuple(untied), share)
    return Verdict("supported", in_order, (), share)


def _said_otherwise(text: str, quotes: Sequence[str]) -> list[str]:
    """Return the words of `text` whose quotes say them of another, only as a plan, or in other words."""
    missing = quoted_words_missing(text, quotes) + turned_roles(text, quotes)
    return missing + told_as_done(text, quotes, stem=stem_of) + condition_missing(text, quotes, stem=stem_of)


def _name_once(sentence: str, facts: Sequence[Fact]) -> list[str]:
    """Return the facts as written, the words of one name together."""
    said: list[str] = []
    for fact in facts:
        if said and fact.kind == "name" and f"{said[-1]} {fact.text}" in sentence:
            said[-1] = f"{said[-1]} {fact.text}"
        elif fact.text not in said:
            said.append(fact.text)
    return said


def borrowed_words(claim: str, question: str, quotes: Sequence[SourceSentence]) -> list[str]:
    """Return the words of `claim` beside names, numbers and days that the question holds and none of the quotes."""
    asked = content_stems(question)
    held = frozenset().union(*(stems(quote.text) for quote in quotes))
    beside = _words_beside(blank_values(claim), find_names(claim))
    return [word for word in beside if content_stems(word) & asked - held]


def _words_beside(text: str, names: Sequence[Fact]) -> list[str]:
    for name in names:
        text = text.replace(name.text, " ")
    return WORD.findall(text)


def denies_otherwise(claim: str, text: str) -> bool:
    """Return whether `text` denies what `claim` says, or says what it denies."""
    return negation_gap(claim, [text], stem=stem_of, stop=STOP)


def ordinary_words(sources: Sequence[SourceSentence]) -> frozenset[str]:
    """Return the stems of words that the evidence writes in lower case somewhere, so that they are no names."""
    return frozenset().union(*(lower_stems(source.text) for source in sources))


def _facts_to_hold(sentence: str, published: date | None, ordinary: frozenset[str]) -> tuple[Fact, ...]:
    """Return the facts of `sentence`, with its first word judged for what it is besides standing first."""
    facts = find_facts(sentence, published=published)
    first = WORD.search(sentence)
    opener = name_key(first.group()) if first else ""
    place = next((n for n, fact in enumerate(facts) if fact.kind == "name" and name_key(fact.text) == opener), None)
    if first is None or place is None:
        return facts
    before, after = facts[:place], facts[place + 1 :]
    if opener in OPENERS or opener in STOP:
        return (*before, *after)
    # "Bill Cosby" is not the bill of another sentence: a capital after it makes it a name.
    next_is_name = re.match(r"\s+[A-Z]", sentence[first.end() :])
    if stem_of(opener) in ordinary and not next_is_name:
        return (*before, replace(facts[place], key=f"{_BY_STEM}{stem_of(opener)}"), *after)
    return facts
