"""What a topic is about: its words, rare ones counting more, and its names; and how near a sentence comes to it.

"The ferry accident in Havenbrook" is no question: nothing is asked of it, and every article about it is wanted. What
must be told is whether the archive speaks of it at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.facts import name_key
from bot.names import find_name_words, has_name
from bot.stems import STOP, WORD, stem_of, stems

MOST_WORDS = 24  # of a topic; a pasted paragraph must not take seconds
ABOVE = 0.7  # what a word of the article's title or of the sentence before counts, against one in the sentence
BESIDE = 0.4  # and one anywhere in the passage


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it was typed, the weights of its words by their stems, and the keys of its names."""

    text: str
    weights: Mapping[str, float]
    names: tuple[str, ...]

    def covered(self, inside: str, above: str = "", beside: str = "") -> float:
        """Return the share of the topic's words, weighted, that `inside` holds; what stands around it counts less."""
        total = sum(self.weights.values())
        held, near, far = stems(inside), stems(above), stems(beside)
        worth = (
            weight * (1.0 if word in held else ABOVE if word in near else BESIDE if word in far else 0.0)
            for word, weight in self.weights.items()
        )
        return sum(worth) / total if total else 0.0

    def named(self, text: str) -> float:
        """Return the share of the topic's names that `text` holds; 1 for a topic without any."""
        return sum(has_name(text, name) for name in self.names) / len(self.names) if self.names else 1.0


def read_topic(text: str, *, passages: int, count: Callable[[str], int]) -> Topic:
    """Return what `text` is about, in an archive of so many passages of which `count` tells how many hold a word."""
    words: dict[str, str] = {}
    for match in WORD.finditer(text):
        word = match.group()
        if name_key(word) not in STOP:
            words.setdefault(stem_of(name_key(word)), word)
    weights = {stem: math.log1p(passages / (count(word) + 0.5)) for stem, word in list(words.items())[:MOST_WORDS]}
    return Topic(text, weights, tuple(dict.fromkeys(_names_of(text))))


def _names_of(text: str) -> Iterator[str]:
    """Yield the key of each name; the first word's only where its capital is not that of a first word."""
    found = WORD.search(text)
    start = found.start() if found else 0
    for word, key in find_name_words(text):
        opens = text.startswith(word, start) and not any(map(str.isupper, word[1:]))
        if not opens or re.match(r"\s+[A-Z]", text[start + len(word) :]):
            yield key
