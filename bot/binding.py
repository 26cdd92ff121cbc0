"""Whether a number of a sentence counts the same things in its quotes: "two people counted twice" is not "two missing".

A number may stand in one quote while another one, which speaks of the same thing, gives another number for it. Then the
sentence has put together what belongs apart. English, by rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.amounts import has_amount
from bot.names import find_name_words, has_name
from bot.numbers import Amount, read_amounts

FAR = 2  # shared words
_BEFORE, _AFTER = 4, 6  # words around a number that tell what it counts
_WORD = re.compile(r"\S+")
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


def _around(sentence: str, amount: Amount) -> str:
    """Return the words by which a number says what it counts: those beside it, or all where it ends a sentence."""
    if not amount.noun:
        return f"{sentence[: amount.start]} {sentence[amount.end :]}"
    before = _WORD.findall(sentence[: amount.start])[-_BEFORE:]
    after = _WORD.findall(sentence[amount.end :])[:_AFTER]
    return " ".join((*before, *after))


def _counts_the_same(amount: Amount, quote: str) -> bool:
    if not amount.noun:
        return False
    return any(other.noun == amount.noun and not other.values & amount.values for other in read_amounts(quote))
