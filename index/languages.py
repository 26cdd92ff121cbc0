"""Which language a text is in, as an ISO 639-1 code; the empty string where it is not sure.

English is told by its commonest words, which takes no model; the rest by py3langid's, which is loaded (2 s, 100 MB)
where a text is not English. Knows nothing of articles or of the archive.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from index.function_words import FUNCTION_WORDS, OPENS_A_QUESTION

ENGLISH = "en"
# For telling a reader; a language that is not here is told by its code.
NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovene",
    "sr": "Serbian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

_SAMPLE = 4_000  # characters: what follows rarely changes it
_FEWEST_LETTERS = 80
_MANY_LETTERS = 400  # a shorter text without an accent or a foreign function word is a list or a headline
_SURE = 0.9
# Words that English prose is full of and other languages have not. Of 5,000 news articles two have fewer: tables.
_TELLING = frozenset("the and that with from this have which their they were has been are would".split())
_LEAST_ENGLISH = 0.04
_LETTERS = {"de": frozenset("äöüß"), "fr": frozenset("œêûç"), "pt": frozenset("ãõç"), "es": frozenset("ñ")}
_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str:
    """Return the language of an article's text."""
    words = _WORD.findall(text[:_SAMPLE].casefold())
    letters = sum(map(len, words))
    if letters < _FEWEST_LETTERS:
        return ""
    if sum(word in _TELLING for word in words) >= _LEAST_ENGLISH * len(words):
        return ENGLISH
    if letters < _MANY_LETTERS and not _looks_foreign(words):
        return ""
    return _classify(text[:_SAMPLE])


def detect_question_language(text: str) -> str:
    """Return the language of a question that is surely not in English; the empty string for all others.

    So few words say little: one English function word is enough to take it for English.
    """
    if "¿" in text:
        return "es"
    words = frozenset(_WORD.findall(text.casefold()))
    english = FUNCTION_WORDS[ENGLISH]
    best, most = "", 1.0
    for code, own in FUNCTION_WORDS.items():
        others = english - own
        held = len(words & own) + 0.5 * (not _LETTERS.get(code, frozenset()).isdisjoint(text.casefold()))
        asks = words & OPENS_A_QUESTION[code] or held >= 5
        if code != ENGLISH and not words & others and words & (own - english) and asks and held > most:
            best, most = code, held
    return best


def name_language(code: str) -> str:
    """Return a language's English name."""
    return NAMES.get(code, f"the language “{code}”")


def _looks_foreign(words: list[str]) -> bool:
    # So that no test and no folder of English lists loads a model for nothing.
    english = FUNCTION_WORDS[ENGLISH]
    foreign = sum(any(word in own for own in FUNCTION_WORDS.values()) and word not in english for word in words)
    return foreign >= 0.05 * len(words) or sum(not word.isascii() for word in words) >= 0.05 * len(words)


@lru_cache(maxsize=500)  # an article is asked about when it is cut, and again when it is stored
def _classify(text: str) -> str:
    code, probability = _identifier().classify(text)
    return str(code) if probability >= _SURE else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
