"""Whether two sentences deny the same things: "did not resign" is neither "resigned" nor "did not stay".

Each content word stands affirmed or denied; what differs between a sentence and its quotes is a missing "not".
English, by rule; words of opposite meaning ("rose", "fell") are not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

# How many content words a negator reaches: "did not identify the forces" denies "identify", "none of the crew
# survived" both; what stands further off is another clause.
_HARD = {
    "not": 1, "never": 1, "cannot": 1, "without": 1, "no": 1, "nor": 2, "neither": 2, "none": 2, "nobody": 2,
    "nothing": 2, "hardly": 1, "barely": 1,
}  # fmt: skip
_SOFT = re.compile(
    r"(?:den(?:y|ies|ied|ying|ial)|refus(?:e|es|ed|ing|al)|reject(?:s|ed|ing|ion)?|lack(?:s|ed|ing)?"
    r"|dismiss(?:es|ed|ing)|disput(?:es|ed|ing))$"
)
_SOFT_BEFORE_TO = re.compile(r"(?:fail(?:s|ed|ing|ure)?|declin(?:e|es|ed|ing)|unable|unwilling)$")
_SOFT_REACH = 3
_UNSURE = 2  # "did not take bribes": the bribes are neither denied nor affirmed
_PREFIXED = {
    word: base
    for word, base in (
        pair.split(":")
        for pair in "unknown:known unclear:clear unlikely:likely unhurt:hurt uninjured:injured unharmed:harmed "
        "unpaid:paid unavailable:available unchanged:changed unsafe:safe unaware:aware impossible:possible "
        "illegal:legal unidentified:identified unconfirmed:confirmed undamaged:damaged unopposed:opposed".split()
    )
}
# "Not only", "no doubt", "no more than 60" deny nothing.
_IDLE = frozenset("only just merely simply least doubt matter more less fewer later earlier one's".split())
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[.;:!?,—–]")

_MARKS = frozenset(".;:!?,—–")

Stems = Callable[[str], str]


def negation_gap(sentence: str, quotes: Sequence[str], *, stem: Stems, stop: frozenset[str]) -> bool:
    """Return whether `sentence` denies what no quote denies, or affirms what the quotes only deny."""
    denied, affirmed = _polarities(sentence, stem, stop)
    denied_there: Counter[str] = Counter()
    affirmed_there: Counter[str] = Counter()
    for quote in quotes:
        there = _polarities(quote, stem, stop)
        denied_there += there[0]
        affirmed_there += there[1]
    if any(affirmed[word] > affirmed_there[word] and denied_there[word] > denied[word] for word in affirmed):
        return True
    known = denied_there.keys() | affirmed_there.keys()
    if any(denied[word] > denied_there[word] for word in denied if word in known):
        return True
    if denied and not denied_there:
        return True
    return _count(sentence) > sum(_count(quote) for quote in quotes)


@lru_cache(maxsize=4096)
def _polarities(text: str, stem: Stems, stop: frozenset[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how often each content word's stem stands denied, and how often affirmed."""
    denied: Counter[str] = Counter()
    affirmed: Counter[str] = Counter()
    reaches: list[int] = []  # of each negator that is still open, how many content words it has left
    unsure = 0  # how many words still may or may not belong to what was denied
    last, is_dangling = "", False  # "the ship did not." denies what stands before
    for word, reach in (*_read_words(text), (".", 0)):
        if word in _MARKS:
            if is_dangling and last and affirmed[last]:
                affirmed[last] -= 1
                denied[last] += 1
            reaches = [left for left in reaches if left == 1] if word == "," else []
            is_dangling, unsure = False, 0
            continue
        if word not in stop and word not in _HARD and not word.endswith("n't") and not _is_adverb(word):
            last, is_dangling = stem(_PREFIXED.get(word, word)), False
            if reaches or not unsure:
                (denied if (len(reaches) + (word in _PREFIXED)) % 2 else affirmed)[last] += 1
            unsure = _UNSURE if 1 in reaches else max(0, unsure - 1)
            reaches = [left - 1 for left in reaches if left > 1]
        if reach:
            reaches.append(reach)
            is_dangling = reach == 1
    return +denied, +affirmed


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and len(word) > 4


def _read_words(text: str) -> Iterator[tuple[str, int]]:
    """Yield the words and marks of `text`, each with how many content words it denies after it."""
    words = [match.group().replace("’", "'").lower() for match in _TOKEN.finditer(text)]
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        yield word, _reach(word, following)


def _reach(word: str, following: str) -> int:
    if word.endswith("n't"):
        return 0 if following in _IDLE else 1
    if word in _HARD:
        return 0 if following in _IDLE else _HARD[word]
    if _SOFT.match(word) or (_SOFT_BEFORE_TO.match(word) and following == "to"):
        return _SOFT_REACH
    return 0


@lru_cache(maxsize=4096)
def _count(text: str) -> int:
    """Return how many negators `text` has."""
    return sum(bool(reach) or word in _PREFIXED for word, reach in _read_words(text))
