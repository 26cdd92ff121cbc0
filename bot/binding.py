"""Whether a number of a sentence counts the same things in its quotes: "two people counted twice" is not "two missing".

A number may stand in one quote while another one, which speaks of the same thing, gives another number for it. Then the
sentence has put together what belongs apart. English, by rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.amounts import agreeing, counts_things, has_amount
from bot.days import read_days
from bot.names import find_name_words, has_name
from bot.number_words import TIME_UNITS
from bot.numbers import Amount, amounts_outside, read_amounts

FAR = 2  # shared words
_BEFORE, _AFTER = 4, 6  # words around a number that tell what it counts
_BESIDE = 4  # words from a number to one that tells whose it is
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BECOMES = re.compile(
    r"[^,;]{0,14}?,?\s+(?:to|up from|down from|against|compared with|instead of|rather than|not)\s+(?:about\s+)?", re.I
)
_STEP = re.compile(r"\b(?P<step>from|to|by)\s+(?:(?:about|around|nearly|almost|some|over|more than)\s+)?\Z", re.I)
_CHANGES = re.compile(
    r"\b(?:rais|ris|rose|fall|fell|drop|increas|decreas|reduc|cut|grow|grew|climb|gain|jump|shr[aiu]nk|go up|went up)",
    re.I,
)
_CLAUSE = re.compile(r"\s(?:when|while|as|after|before|since|because|who|which|where|that|but)\s|[,;:]\s", re.I)
# A correction names the number that was wrong.
_DISOWNED = re.compile(r"\b(?:wrong(?:ly)?|incorrect(?:ly)?|misstated|erroneous(?:ly)?|mistakenly)\b", re.I)
_ATTRIBUTED = re.compile(r",? according to [^,.;]+(?=[,.;]|$)")

Stems = Callable[[str], frozenset[str]]


def counts_otherwise(sentence: str, amount: Amount, quotes: Sequence[str], *, stems: Stems) -> bool:
    """Return whether a quote without `amount` is nearer to the words around it than those that hold it.

    That is so when the nearer one gives another number of the same things, or is nearer by FAR words while those that
    hold the number name nobody whom the sentence names: then it was taken from where it counts something else.
    `amount` was read from `sentence`. False where no quote holds the number at all: then it is missing anyway.
    """
    holding = [quote for quote in quotes if has_amount(quote, amount)]
    if not holding:
        return False
    if all(_stands_elsewhere(sentence, amount, quote, stems) for quote in holding):
        return True
    if all(map(_DISOWNED.search, holding)) and not _DISOWNED.search(sentence):
        return True
    own = _ATTRIBUTED.sub("", sentence)
    around = stems(_around(own, amount))
    nearest = max(len(around & stems(quote)) for quote in holding)
    is_named = any(
        has_name(quote, name) for quote in holding for _, name in find_name_words(own) if name != amount.text
    )
    for quote in quotes:
        ahead = len(around & stems(quote)) - nearest
        if quote not in holding and (
            (ahead >= FAR and not is_named) or (ahead > 0 and _counts_the_same(amount, quote))
        ):
            return True
    return False


def _stands_elsewhere(sentence: str, amount: Amount, quote: str, stems: Stems) -> bool:
    """Return whether the words right beside a number stand beside another one of the same quote, or "by" for "to"."""
    given = _amounts(quote)
    same = agreeing(given, amount)
    if not same:
        return False
    if all(_goes_otherwise(sentence, amount, quote, each) for each in same):
        return True
    own = _beside(sentence, amount, _amounts(sentence), stems)
    mine = frozenset[str]().union(*(_beside(quote, each, given, stems) for each in same))
    for other in given:
        if other not in same and _may_be_taken_for(amount, other) and not _is_change(quote, other, same):
            theirs = _beside(quote, other, given, stems)
            counted = stems(amount.noun) if counts_things(amount) and all(map(counts_things, same)) else frozenset()
            if counted & theirs - mine or len(own & theirs - mine) > len(own & mine - theirs):
                return True
    return False


@lru_cache(maxsize=4096)
def _amounts(text: str) -> tuple[Amount, ...]:
    return tuple(amounts_outside(text, [(day.start, day.end) for day in read_days(text, None)]))


def _beside(text: str, amount: Amount, amounts: Sequence[Amount], stems: Stems) -> frozenset[str]:
    """Return the stems of the words that stand nearer to `amount` than to any other, and within _BESIDE words."""
    found: set[str] = set()
    # Beyond the next amount on either side every word is nearer to that one; a table may hold hundreds of them.
    left = max((each.end for each in amounts if each.start < amount.start), default=0)
    right = min((each.start for each in amounts if each.start > amount.start), default=len(text))
    near = [each for each in amounts if each.end >= left and each.start <= right]
    for match in _PLAIN.finditer(text, left, max(left, right)):
        if any(each.start <= match.start() < each.end for each in near):
            continue
        distances = [(_distance(text, match, each), each.start) for each in near]
        nearest, start = min(distances, default=(0, -1))
        if start == amount.start and nearest <= _BESIDE:
            found |= stems(match.group())
    return frozenset(found - stems(amount.unit))


def _distance(text: str, word: re.Match[str], amount: Amount) -> int:
    between = text[word.end() : amount.start] if word.end() <= amount.start else text[amount.end : word.start()]
    return len(between.split()) + 2 * bool(re.search(r"[,;]\s+(?:and\b|[^,;]*\s)", between)) + 1


def _may_be_taken_for(one: Amount, other: Amount) -> bool:
    if any(value[:1] in "#t" for value in one.values | other.values) or one.is_bare_year or other.is_bare_year:
        return False
    if one.unit != other.unit and ((one.unit and other.unit) or {one.unit, other.unit} & TIME_UNITS):
        return False
    if any("%" in value for value in one.values) != any("%" in value for value in other.values):
        return False
    return not ((one.unit and counts_things(other)) or (other.unit and counts_things(one)))


def _is_change(text: str, one: Amount, others: Sequence[Amount]) -> bool:
    """Return whether one of the numbers becomes the other: "from 9 to 7", "7, up from 9", "7 against 9"."""
    for other in others:
        first, second = sorted((one, other), key=lambda each: each.start)
        if _BECOMES.fullmatch(text[first.end : second.start]):
            return True
    return False


def _goes_otherwise(sentence: str, amount: Amount, quote: str, given: Amount) -> bool:
    """Return whether one says from, to or by how much, and the other another of these."""
    own, there = (_STEP.search(text[: each.start]) for text, each in ((sentence, amount), (quote, given)))
    if own is None or there is None:
        return False
    return own["step"].lower() != there["step"].lower() and bool(_CHANGES.search(sentence))


def _around(sentence: str, amount: Amount) -> str:
    """Return the words of a number's own clause that say what it counts: those beside it, or without a noun all.

    "The wind was 52 knots when the ferry struck": what was when is told elsewhere.
    """
    rest = _CLAUSE.split(sentence[amount.end :], maxsplit=1)[0]
    if not amount.noun or _CLAUSE.fullmatch(f" {amount.noun} "):
        return f"{sentence[: amount.start]} {rest}"
    before = _WORD.findall(sentence[: amount.start])[-_BEFORE:]
    after = _WORD.findall(rest)[:_AFTER]
    return " ".join((*before, *after))


def _counts_the_same(amount: Amount, quote: str) -> bool:
    if not amount.noun:
        return False
    return any(other.noun == amount.noun and not other.values & amount.values for other in read_amounts(quote))
