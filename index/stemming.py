"""The stems of words in the languages that Snowball knows, beside English, whose stems SQLite's porter makes.

A text in such a language is indexed with the stems of its words behind it, and a question asks for them too: FTS5 then
needs to know one way to cut words only, and what is in English is indexed as if there were no other language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

_SNOWBALL = {
    "da": "danish", "de": "german", "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 60  # letters: a longer "word" is none, and a stemmer is not made for it


def stems_of(words: Iterable[str], language: str) -> list[str]:
    """Return the stems of the words that are not their own, in order; none where the language has no stemmer."""
    if language not in _SNOWBALL:
        return []
    stem = _stemmer(language)
    found = (word.casefold() for word in words if len(word) <= _LONGEST)
    return [stemmed for word in found if (stemmed := stem(word)) != word]


def with_stems(text: str, language: str) -> str:
    """Return what is indexed of a text: itself, and the stems of its words behind it where SQLite makes others."""
    stems = stems_of(_WORD.findall(text), language) if language in _SNOWBALL else []
    return f"{text}\n{' '.join(stems)}" if stems else text


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    import snowballstemmer

    return lru_cache(maxsize=20_000)(snowballstemmer.stemmer(_SNOWBALL[language]).stemWord)
