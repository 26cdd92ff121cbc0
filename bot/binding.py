"""Whether a number of a sentence counts the same things in its quotes: "two people counted twice" is not "two missing".

A number may stand in one quote while another one, which speaks of the same thing, gives another number for it. Then the
sentence has put together what belongs apart. English, by rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.amounts import has_amount
from bot.numbers import Amount, read_amounts

_BEFORE, _AFTER = 4, 6  # words around a number that tell what it counts
_WORD = re.compile(r"\S+")

Stems = Callable[[str], frozenset[str]]


def counts_otherwise(sentence: str, amount: Amount, quotes: Sequence[str], *, stems: Stems) -> bool:
    """Return whether the quote nearest to the words around `amount` gives another number of the same things.

    `amount` was read from `sentence`. False where no quote holds the number at all: then it is missing anyway.
    """
    holding = [quote for quote in quotes if has_amount(quote, amount)]
    if not amount.noun or not holding:
        return False
    around = stems(_around(sentence, amount))
    nearest = max(len(around & stems(quote)) for quote in holding)
    return any(
        len(around & stems(quote)) > nearest and _counts_the_same(amount, quote)
        for quote in quotes
        if quote not in holding
    )


def _around(sentence: str, amount: Amount) -> str:
    before = _WORD.findall(sentence[: amount.start])[-_BEFORE:]
    after = _WORD.findall(sentence[amount.end :])[:_AFTER]
    return " ".join((*before, *after))


def _counts_the_same(amount: Amount, quote: str) -> bool:
    return any(other.noun == amount.noun and not other.values & amount.values for other in read_amounts(quote))
