"""The facts of a sentence where they stand: each number, date and name with its place and the words around it.

Two sentences that tell the same thing with another fact agree in what surrounds it. Knows nothing of articles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.days import Mention, read_days
from bot.facts import FactKind, blank_values
from bot.names import WORD, find_name_words
from bot.numbers import Amount, amounts_outside
from bot.stems import content_stems


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact at `text[start:end]`. `keys` compare: the words of a name, the tokens of a date, readings of a number."""

    kind: FactKind
    text: str
    start: int
    end: int
    keys: frozenset[str]
    amount: Amount | None = None


@lru_cache(maxsize=4096)
def find_slots(text: str, published: date | None) -> tuple[Slot, ...]:
    """Return the facts of `text` in order, the words of one name together, none overlapping another."""
    days = read_days(text, published)
    amounts = list(amounts_outside(text, [(day.start, day.end) for day in days]))
    found = [Slot("date", day.text, day.start, day.end, _said_of(day)) for day in days]
    found += [_number_or_year(amount) for amount in amounts]
    found += _names(text, blank_values(text, published=published))
    return tuple(sorted(found, key=lambda slot: slot.start))


def _said_of(day: Mention) -> frozenset[str]:
    """Return what a date means, its weekday left out when the day is known."""
    tokens = day.tokens | day.implied
    known = {token[0] for token in tokens if token[1:].isdigit()}
    return frozenset(token for token in tokens if not (token[0] == "w" and "d" in known))


def _number_or_year(amount: Amount) -> Slot:
    if amount.is_bare_year and not amount.unit and not amount.noun.endswith("s"):
        return Slot("date", amount.text, amount.start, amount.end, frozenset({f"y{amount.text}"}))
    return Slot("number", amount.text, amount.start, amount.end, amount.values, amount)


def _names(text: str, blank: str) -> Iterator[Slot]:
    """Yield each run of name words; a lower-case "of" or "the" inside a name belongs to it."""
    run: list[re.Match[str]] = []
    for match in WORD.finditer(blank):
        if not any(find_name_words(match.group())):
            continue
        gap = text[run[-1].end() : match.start()] if run else ""
        joined = bool(run) and not run[-1].group().endswith(("’s", "'s"))
        if joined and re.fullmatch(r"\s+|\s+(?:of|of the|the|de|for)\s+", gap):
            run.append(match)
        else:
            yield from _name(text, run)
            run = [match]
    yield from _name(text, run)


def _name(text: str, run: Sequence[re.Match[str]]) -> Iterator[Slot]:
    if run:
        start, end = run[0].start(), run[-1].start() + len(re.sub(r"(?:['’]s|\.)\Z", "", run[-1].group()))
        words = text[start : run[-1].end()]
        yield Slot("name", text[start:end], start, end, frozenset(key for _, key in find_name_words(words)))


# --- what surrounds a fact ---------------------------------------------------------------------------------------

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")
_FUNCTION = frozenset("in on at by of to for from with as is was were the a an and".split())


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark or a whole fact of a sentence; `weight` tells how much it says that another has it too."""

    value: str
    weight: float
    start: int


@lru_cache(maxsize=4096)
def tokens_of(text: str, published: date | None) -> tuple[Token, ...]:
    """Return the sentence as tokens, each fact as one; names of one kind are told apart, but weigh little."""
    found: list[Token] = []
    done = 0
    for slot in (*find_slots(text, published), None):
        for match in _TOKEN.finditer(text, done, slot.start if slot else len(text)):
            word = match.group().lower()
            weight = 0.2 if not word[0].isalnum() else 0.4 if word in _FUNCTION else 1.0
            found.append(Token(word, weight, match.start()))
        if slot:
            found.append(Token(f"<{slot.kind}> {' '.join(sorted(slot.keys))}", 1.0, slot.start))
            done = slot.end
    return tuple(found)


def shared_context(one: tuple[str, Slot], other: tuple[str, Slot], published: tuple[date | None, date | None]) -> float:
    """Return how much of what stands right before and after a fact of two sentences is the same, token by token."""
    lefts, rights = zip(
        *(_around(text, slot, day) for (text, slot), day in zip((one, other), published, strict=True)), strict=True
    )
    return _run(lefts[0], lefts[1]) + _run(rights[0], rights[1])


def _around(text: str, slot: Slot, published: date | None) -> tuple[list[Token], list[Token]]:
    tokens = tokens_of(text, published)
    left = [token for token in tokens if token.start < slot.start]
    right = [token for token in tokens if token.start >= slot.end]
    if slot.kind == "name" and "." in slot.text and right and (right[0].value, right[0].start) == (".", slot.end):
        right = right[1:]  # the last dot of "U.S.", which is left out of a name
    return left[::-1], right


def _run(one: Sequence[Token], other: Sequence[Token]) -> float:
    total = 0.0
    for left, right in zip(one, other, strict=False):
        if left.value == right.value:
            total += left.weight
        elif left.value[0] == "<" and left.value.split()[0] == right.value.split()[0]:
            total += 0.2  # another fact of the same kind: "Tampa, Florida" and "Glendale, Arizona"
        else:
            break
    return total


@dataclass(frozen=True, slots=True)
class Setting:
    """The words beside a fact: stems of four before it and a dozen after it, and the word right before it."""

    left: frozenset[str]
    right: frozenset[str]
    before: str
    opens: bool  # it begins its sentence, as a subject does; a title or a day before it does not count
    beside: frozenset[str]  # the beginning of the word of substance right before it: "direct" of "director X"


@lru_cache(maxsize=8192)
def setting_of(text: str, slot: Slot) -> Setting:
    """Return what stands nearest to a fact of `text`, within its part of the sentence."""
    left = re.split(r"[;·()]|\.\.\.|…", text[: slot.start])[-1]
    right = re.split(r"[;:·()]|\.\.\.|…", text[slot.end :])[0]
    before = [match.group().lower() for match in _TOKEN.finditer(left) if match.group()[0].isalnum()]
    plain = [word for word in before if word not in _FUNCTION]
    return Setting(
        left=_stems(plain[-4:]),
        right=_stems([match.group().lower() for match in _TOKEN.finditer(right)][:12]),
        before=before[-1] if before else "",
        opens=len(before) <= 4 and not re.search(r"\b[a-z]", left),
        beside=frozenset(word[:5] for word in plain[-1:] if before[-1] in (*plain[-1:], "by")),
    )


def _stems(words: Sequence[str]) -> frozenset[str]:
    return content_stems(" ".join(words))
