"""Compares the words of an answer with the words of a known one: pure functions on text.

This is the judge's own reading of numbers and names. It shares nothing with the checks that the pipeline makes
of its answers (bot/facts.py): a mistake there would else hide itself here.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

_ARTICLES = frozenset({"a", "an", "the"})
_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SHORT_SCALES = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "tn": "trillion"}
_ORDINALS = dict(
    zip(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
        "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th".split(),
        strict=True,
    )
)

_QUOTES = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-"})
_INITIALS = re.compile(r"\b(?:(?:[a-z]\.\s?){2,}|(?:[a-z]\.)+[a-z]\b)")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_PERCENT = re.compile(r"%|\bper cent\b")
_MINUS = re.compile(r"(?<![\w.,)])-(?=[$€£]?\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SHORT_SUM = re.compile(r"(?<=[$€£])\s?(\d+(?:\.\d+)?)\s?(k|mn?|bn?|tn)\b")  # "$19m", "£2 bn"
_SHORT_COUNT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(m|mn|bn|tn)\b")  # "2m people"; "5k" is a run
# A day, a number ("5.9", "2:15", "63rd") or a word. A number's marks are its own, so "12" is not in "12.5".
# Stops are read so that no number runs across one ("two million. Three people"), and dropped afterwards.
_TOKEN = re.compile(r"\d{4}-\d{2}-\d{2}|\d+(?:[.:]\d+)*[^\W\d_]*|[^\W_]+|[.,;:!?]")
_STOPS = frozenset(".,;:!?")
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,7})?")


def tokens(text: str) -> tuple[str, ...]:
    """Return the words that count: lower case, no punctuation, accents or articles, numbers in one spelling.

    "Twenty-three", "23" and "23.0" are one; so are "$2m" and "two million", "60%" and "60 percent", "U.S." and
    "US". Where only articles stand ("blood type A") they are kept.
    """
    words = _all_words(text)
    return _without_articles(words) or words


def _without_articles(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _ARTICLES)


def _all_words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES)).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character)).translate(_QUOTES)
    plain = _INITIALS.sub(lambda match: re.sub(r"[.\s]", "", match[0]) + " ", plain)
    plain = _POSSESSIVE.sub("", plain).replace("'", "")
    plain = _MINUS.sub(" minus ", _PERCENT.sub(" percent ", plain))
    plain = _THOUSANDS.sub("", plain)
    for short in (_SHORT_SUM, _SHORT_COUNT):
        plain = short.sub(lambda match: f"{match[1]} {_SHORT_SCALES[match[2]]}", plain)
    return tuple(_ORDINALS.get(word, word) for word in _fold_numbers(_TOKEN.findall(plain)) if word not in _STOPS)


def holds(text: str, wanted: str) -> bool:
    """True when the words of `wanted` stand in `text`, whole and in a row, by `tokens`."""
    needle, hay = tokens(wanted), _all_words(text)
    hay = hay if _ARTICLES.issuperset(needle) else _without_articles(hay)
    return bool(needle) and any(
        hay[start : start + len(needle)] == needle for start in range(len(hay) - len(needle) + 1)
    )


def holds_answer(text: str, answers: Sequence[str], all_of: Sequence[Sequence[str]] = ()) -> bool:
    """True when `text` holds any of `answers` and of each group of `all_of` at least one.

    With nothing to hold it is False.
    """
    groups = [*([answers] if answers else []), *all_of]
    return bool(groups) and all(any(holds(text, wanted) for wanted in group) for group in groups)


def exact_match(text: str, answers: Sequence[str]) -> bool:
    """True when `text` is one of `answers` and nothing more, by SQuAD's normalisation (and straight quotes)."""
    return any(squad_tokens(text) == squad_tokens(answer) for answer in answers)


def token_f1(text: str, answers: Sequence[str]) -> float:
    """Return SQuAD's F1: the harmonic mean of the shares of common words, of the best of `answers`."""
    return max((_f1(squad_tokens(text), squad_tokens(answer)) for answer in answers), default=0.0)


def squad_tokens(text: str) -> list[str]:
    """Return the words as SQuAD's own script counts them: lower case, no ASCII punctuation, no articles."""
    plain = text.translate(_QUOTES).lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", plain).split()


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of `text` in one spelling; the words "one" and "zero" are too often none."""
    found = {word for word in tokens(text) if word[0].isdigit()}
    return frozenset(found - {"0", "1", "1st", "2nd"})


def _f1(predicted: list[str], gold: list[str]) -> float:
    common = sum((Counter(predicted) & Counter(gold)).values())
    if not common:
        return 0.0
    precision, recall = common / len(predicted), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def _fold_numbers(words: list[str]) -> list[str]:
    """Return `words` with each number, spelled out or in figures, as one word of figures."""
    folded: list[str] = []
    at = 0
    while at < len(words):
        value, end = _read_number(words, at)
        folded.append(words[at] if value is None else _figures(value))
        at = max(end, at + 1)
    return folded


def _read_number(words: list[str], at: int) -> tuple[Decimal | None, int]:
    total, end = Decimal(0), at
    value, after = _read_group(words, at)
    while value is not None:
        scale = _SCALES.get(words[after]) if after < len(words) else None
        total, end = total + value * (scale or 1), after + (1 if scale else 0)
        if scale is None:
            break
        # "two thousand and five" is one number, "3 million, 31 of them" two: figures begin a new one.
        following = end + 1 if words[end : end + 1] == ["and"] else end
        value, after = _read_group(words, following) if _is_spelled(words, following) else (None, end)
    return (total, end) if end > at else (None, at)


def _read_group(words: list[str], at: int) -> tuple[Decimal | None, int]:
    """Read figures, or a number below a thousand in words."""
    word = words[at] if at < len(words) else ""
    if _NUMBER.fullmatch(word):
        return Decimal(word), at + 1
    if word in ("a", "an") and words[at + 1 : at + 2] and (words[at + 1] == "hundred" or words[at + 1] in _SCALES):
        value, end = 1, at + 1
    else:
        value, end = _read_below_hundred(words, at)
    if end == at:
        return None, at
    if words[end : end + 1] == ["hundred"]:
        following = end + 2 if words[end + 1 : end + 2] == ["and"] else end + 1
        rest, after = _read_below_hundred(words, following)
        value, end = 100 * value + rest, after if after > following else end + 1
    return Decimal(value), end


def _read_below_hundred(words: list[str], at: int) -> tuple[int, int]:
    word = words[at] if at < len(words) else ""
    if word in _TENS:
        unit = _UNITS.get(words[at + 1], 0) if at + 1 < len(words) else 0
        return (_TENS[word] + unit, at + 2) if 0 < unit < 10 else (_TENS[word], at + 1)
    return (_UNITS[word], at + 1) if word in _UNITS else (0, at)


def _is_spelled(words: list[str], at: int) -> bool:
    return at < len(words) and (words[at] in _UNITS or words[at] in _TENS)


def _figures(value: Decimal) -> str:
    figures = format(value, "f")
    return figures.rstrip("0").rstrip(".") if "." in figures else figures
