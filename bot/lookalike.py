"""Names that pass for another by letters that only look alike: "Tribunе" with a Cyrillic e is not the Tribune."""

from __future__ import annotations

import re
import unicodedata

NOTE = "letters of two alphabets"
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")
_WORD = re.compile(r"[^\W\d_]+")


def mixes_alphabets(name: str) -> bool:
    """Return whether a word of `name` is written in letters of more than one alphabet, as no language does."""
    return any(len(_alphabets(word)) > 1 for word in _WORD.findall(name)) if not name.isascii() else False


def with_note(name: str) -> str:
    """Return a name with a note behind it where it mixes alphabets."""
    return f"{name} ({NOTE})" if mixes_alphabets(name) else name


def _alphabets(word: str) -> set[str]:
    first = (unicodedata.name(letter, "").split(" ", 1)[0] for letter in word)
    return {alphabet for alphabet in first if alphabet in _ALPHABETS}
