"""Pairs of words of which a source that says one does not carry the other, though all other words agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from bot.facts import name_key

# What becomes of a person. Held against each quote by itself: one that says "killed" of the farmer does not say it
# of the survivor, whom another quote calls "alive".
_FATES = "dead/alive died/survived died/alive killed/survived killed/alive killed/rescued dead/survived".split()
# Only pairs that news uses of the same thing; "up/down" and "in/out" stand in too many other places.
_TURNS = (
    "won/lost win/lose winner/loser rose/fell rise/fall increase/decrease increase/reduce gain/loss grew/shrank "
    "higher/lower highest/lowest more/fewer more/less approve/reject accept/reject accept/refuse support/oppose "
    "allow/ban legal/illegal guilty/innocent convict/acquit arrest/release hire/fire open/closed open/shut "
    "reopen/close begin/end start/end pass/fail succeed/fail confirm/deny admit/deny true/false safe/dangerous "
    "cheaper/dearer early/late earliest/latest oldest/youngest largest/smallest biggest/smallest first/last buy/sell "
    "north/south east/west northern/southern eastern/western left/right male/female man/woman husband/wife "
    "son/daughter brother/sister mother/father majority/minority public/private import/export hot/cold "
    "warmest/coldest positive/negative"
).split()
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

Stem = Callable[[str], str]


def turned_round(text: str, quotes: Sequence[frozenset[str]], *, stem: Stem) -> list[str]:
    """Return the words of `text` of which the quotes, given as their stems, say only the opposite."""
    together = frozenset().union(*quotes)
    return [
        match.group()
        for match in _WORD.finditer(text)
        if _is_turned(word := stem(name_key(match.group())), [together], _pairs(tuple(_TURNS), stem))
        or _is_turned(word, quotes, _pairs(tuple(_FATES), stem))
    ]


def _is_turned(word: str, said: Sequence[frozenset[str]], opposites: dict[str, frozenset[str]]) -> bool:
    others = opposites.get(word, frozenset())
    return any(word not in words and others & words for words in said)


@cache
def _pairs(pairs: tuple[str, ...], stem: Stem) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for pair in pairs:
        one, other = (stem(word) for word in pair.split("/"))
        found[one] = found.get(one, frozenset()) | {other}
        found[other] = found.get(other, frozenset()) | {one}
    return found
