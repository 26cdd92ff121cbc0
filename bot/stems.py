"""The words of a text as they compare: their stems, without the words that every sentence has."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from bot.facts import name_key, word_keys
from bot.plain_words import PRESENT_TENSE

STOP = frozenset(
    "a about after again all also am an and any are as at be because been before being but by can could did do does "
    "doing during each for from had has have having he her here hers him his how i if in into is it its itself just "
    "may me might more most must my of off on once one only or other our out over own per said same say says she "
    "should so some such than that the their them then there these they this those through to too under until up "
    "very was we were what when where which while who whom whose why will with would you your according article "
    "articles stated reported yes".split()
)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return lru_cache(maxsize=50_000)(snowballstemmer.stemmer("english").stemWord)


def stem_of(word: str) -> str:
    """Return the stem of a word; of an irregular verb, that of its present."""
    return _stemmer()(PRESENT_TENSE.get(word, word))


@lru_cache(maxsize=8192)
def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of `text`, stop words left out."""
    return frozenset(stem_of(key) for key in word_keys(text) | _plain_words(text) if key.casefold() not in STOP)


@lru_cache(maxsize=8192)
def content_stems(sentence: str) -> frozenset[str]:
    """Return the stems of the content words of a sentence of the answer."""
    return frozenset(stem_of(word) for word in _plain_words(sentence) if word not in STOP)


def _plain_words(text: str) -> frozenset[str]:
    return frozenset(name_key(match.group()) for match in WORD.finditer(text))


def coverage(words: frozenset[str], text: str) -> float:
    """Return the share of `words` (stems) that `text` holds; 0 where there are none."""
    return len(words & stems(text)) / len(words) if words else 0.0


@lru_cache(maxsize=8192)
def lower_stems(text: str) -> frozenset[str]:
    """Return the stems of the words that `text` writes in lower case."""
    return frozenset(stem_of(match.group()) for match in WORD.finditer(text) if match.group().islower())
