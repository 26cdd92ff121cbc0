"""The hard facts of a sentence: its numbers, dates and names, in a form in which two sentences can be compared.

A fact compares by value, not by spelling: "five" is "5", "two million" is "2m", "June 6" is the Tuesday of an
article of 7 June 2017. Every digit of a sentence belongs to some fact. Knows English only, and nothing of which
sentence supports which (see support.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from bot.amounts import has_amount
from bot.days import read_days, says_day
from bot.names import find_name_words, fold, has_name, word_keys
from bot.numbers import Amount, amounts_outside

__all__ = ["Fact", "FactKind", "blank_values", "find_facts", "find_names", "holds", "name_key", "word_keys"]

FactKind = Literal["number", "date", "name"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, date or name of a sentence: `text` as it is written there, `key` its value for comparing.

    A number has its unit and bound in `amount`, which two facts of one value may differ in.
    """

    kind: FactKind
    text: str
    key: str
    amount: Amount | None = None


@lru_cache(maxsize=1024)
def find_facts(text: str, *, published: date | None = None) -> tuple[Fact, ...]:
    """Return the numbers, dates and names of `text`, in that order.

    `published` is the day against which "yesterday" and "last month" are understood; without it they are
    compared as words.
    """
    days = read_days(text, published)
    amounts = tuple(amounts_outside(text, [(day.start, day.end) for day in days]))
    return (
        *(Fact("number", amount.text, _number_key(amount), amount) for amount in amounts),
        *(Fact("date", day.text, " ".join(sorted(day.tokens))) for day in days),
        *find_names(blank_values(text, published=published)),
    )


def _number_key(amount: Amount) -> str:
    return min(amount.values, key=lambda value: (len(value), value))


@lru_cache(maxsize=8192)
def blank_values(text: str, *, published: date | None = None) -> str:
    """Return `text`, equally long, with spaces for its numbers and dates."""
    days = [(day.start, day.end) for day in read_days(text, published)]
    amounts = [(amount.start, amount.end) for amount in amounts_outside(text, days)]
    for start, end in (*days, *amounts):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def find_names(text: str) -> tuple[Fact, ...]:
    """Return the words of `text` that belong to names: capitalised, with capitals inside, or with a digit.

    A sentence's first word counts unless it is an ordinary one; the caller, who sees the sources, can tell
    better (see support.py).
    """
    return tuple(Fact("name", word, key) for word, key in find_name_words(text))


def name_key(word: str) -> str:
    """Return `word` without case, accents, possessive and final points."""
    return fold(word)


def holds(fact: Fact, source: str, *, published: date | None) -> bool:
    """Return whether the words of `source`, published on that day, hold `fact`."""
    if fact.kind == "name":
        return has_name(source, fact.key)
    if fact.kind == "date":
        return says_day(source, frozenset(_tokens(fact.key)), published=published)
    amount = fact.amount or Amount(fact.text, 0, 0, frozenset({fact.key}))
    if amount.is_bare_year and says_day(source, frozenset({f"y{fact.key}"}), published=published):
        return True
    return has_amount(_without_days(source), amount)


def _tokens(key: str) -> Iterator[str]:
    """Yield the tokens of a date's key; "last week" is one."""
    if key.split()[0] in ("last", "this", "next"):
        yield key
    else:
        yield from key.split()


@lru_cache(maxsize=8192)
def _without_days(text: str) -> str:
    for day in read_days(text, None):
        text = text[: day.start] + " " * (day.end - day.start) + text[day.end :]
    return text
