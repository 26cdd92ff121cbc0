"""Whether a sentence tells as done what its quotes only announce, or without its condition: "closed", "will close if".

English, by rule: a verb in the past stands against the same verb behind "will", "would", "plans to" and the like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.plain_words import PRESENT_TENSE

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[,;:—–.]")
_MODALS = frozenset("will would shall should may might could can must won't wouldn't".split())
_WANTING = re.compile(
    r"(?:plan|promis|vow|pledg|intend|want|hop|expect|propos|ask|urg|aim|schedul|seek|sought|threaten|offer|hope|due|set"
    r"|try|tri)(?:s|ned|ning|ed|es|e|ing|ied|ies)?"
)
_REACH = 2  # words between "will" and its verb: "will also be", "would soon"
_TO_REACH = 8  # words between "plans" and its verb: "plans to freeze the tax and to move"
_CONDITION = re.compile(r"(?<!even )(?<!as )(?<!see )(?<!asked )(?<!ask )\b(?:if|unless|provided|as long as)\b", re.I)
_UNSURE = re.compile(r"\b(?:if|unless|provided|as long as|could|may|might|once|when|plan\w*|possibl[ey])\b", re.I)


@dataclass(frozen=True, slots=True)
class _Verb:
    word: str
    stem: str
    is_past: bool
    is_ahead: bool  # it stands behind "will", "plans to" and the like


def told_as_done(text: str, quotes: Sequence[str], *, stem: Callable[[str], str]) -> list[str]:
    """Return the past verbs of `text` that the quotes have only behind "will", "plans to" and the like."""
    there = [verb for quote in quotes for verb in _verbs(quote, stem)]
    missing = []
    for verb in _verbs(text, stem):
        same = [other for other in there if other.stem == verb.stem]
        is_done = verb.is_past and not verb.is_ahead
        if is_done and same and all(other.is_ahead for other in same):
            missing.append(verb.word)
    return missing


def condition_missing(text: str, quotes: Sequence[str], *, stem: Callable[[str], str]) -> list[str]:
    """Return the "if" or "unless" on which the quotes make depend what `text` says will be."""
    if _UNSURE.search(text):
        return []
    announced = {verb.stem for verb in _verbs(text, stem) if verb.is_ahead}
    for quote in quotes:
        found = _CONDITION.search(quote)
        before = {verb.stem for verb in _verbs(quote[: found.start()], stem) if verb.is_ahead} if found else set()
        if found and announced & before and not any(announced <= _plainly(q, stem) for q in quotes):
            return [found.group()]
    return []


def _plainly(quote: str, stem: Callable[[str], str]) -> frozenset[str]:
    """Return the stems of what is told to come without a condition."""
    if _CONDITION.search(quote):
        return frozenset()
    return frozenset(verb.stem for verb in _verbs(quote, stem) if verb.is_ahead)


def _verbs(text: str, stem: Callable[[str], str]) -> Iterator[_Verb]:
    """Yield the words of `text` that may be verbs, with what stands before them."""
    words = [match.group().replace("’", "'").lower() for match in _WORD.finditer(text)]
    for place, word in enumerate(words):
        if len(word) > 1:
            is_past = word.endswith("ed") or word in PRESENT_TENSE
            yield _Verb(word, stem(word), is_past, _is_ahead(words[max(0, place - _TO_REACH) : place]))


def _is_ahead(before: Sequence[str]) -> bool:
    near = before[-_REACH:]
    if "," in near or any(word in ",;:—–." for word in near):
        return False
    if _MODALS & set(near) or any(word.endswith("'ll") for word in near):
        return "have" not in near  # "would have closed" is told otherwise, and past
    clause = list(before)
    for place in range(len(clause) - 1, -1, -1):
        if clause[place] in ";:—–.":
            clause = clause[place + 1 :]
            break
    return clause[-1:] == ["to"] and any(_WANTING.fullmatch(word) for word in clause[:-1])
