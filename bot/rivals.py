"""Whether a fact of one sentence stands in the place of a fact of another, and is another value of the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.attribution import find_attribution
from bot.facts import FactKind
from bot.slots import Setting, Slot, find_slots, setting_of, shared_context
from bot.sought import Asked, gives, is_name, same_day, slots_of
from bot.stems import content_stems, coverage, stem_of
from bot.support import SourceSentence

# Two sentences are copies with another fact when this much around the fact is the same, and this share of the words.
COPIED_CONTEXT = 2.4
COPIED_WORDS = 0.6
MOST_GROWTH = 20  # a figure this many times another counts something else
ROUNDED = 0.05  # figures nearer than this are one, rounded
_COPY = 10.0  # what stands in a copy comes before all else


@dataclass(frozen=True, slots=True)
class Told:
    """A key fact of the answer, where a sentence of an article gives it."""

    slot: Slot
    witness: SourceSentence


def copied_words(fact: Told, source: SourceSentence) -> float:
    """Return the share of the words around a fact that `source` has too."""
    text, slot = fact.witness.text, fact.slot
    words = content_stems(f"{text[: slot.start]} {text[slot.end :]}")
    return coverage(words, source.text) if len(words) > 2 else 0.0


def in_place(facts: Sequence[Told], source: SourceSentence, asked: Asked, cosine: float) -> Slot | None:
    """Return the fact of `source` that stands where one of `facts` stands, or None."""
    is_about = asked.is_about(source, cosine)
    slots = [slot for slot in slots_of(source.text, source.published, asked) if _is_other(slot, facts, asked)]
    speaking = {slot for slot in slots if _only_says_so(slot, source.text)}
    scored = [
        (_agreement(fact, slot, source, asked, is_about=is_about), slot)
        for fact in facts
        for slot in slots
        if slot not in speaking or _says_the_same(fact, slot, source)
    ]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best if score else None


def _only_says_so(slot: Slot, text: str) -> bool:
    """Return whether a name is that of one who tells what is told, not of themselves."""
    found = find_attribution(text)
    if found is None or not found.start <= slot.start < found.end:
        return False
    return not re.match(r"\W*(?:(?:\w+day|today)\s+)?(?:that\s+)?(?:it|they|he|she)\b", text[found.said_start :])


def _says_the_same(fact: Told, slot: Slot, source: SourceSentence) -> bool:
    """Return whether both only tell what is told, of which another holds the same office: "the mayor, X, said"."""
    if not _only_says_so(fact.slot, fact.witness.text):
        return False
    one, other = setting_of(fact.witness.text, fact.slot), setting_of(source.text, slot)
    return bool(one.beside & other.beside)


def _is_other(slot: Slot, facts: Sequence[Told], asked: Asked) -> bool:
    """Return whether a fact of another article is another value of the same kind, that the answer's quote lacks."""
    if not facts or slot.kind != facts[0].slot.kind or gives(asked.text, slot, None):
        return False
    if slot.kind == "name" and not is_name(slot, asked.ordinary):
        return False
    if not _as_exact(facts[0].slot, slot):
        return False
    # A year elsewhere, or in the event's name, makes no two days one.
    return not any(_is_compatible(fact.slot, slot) for fact in facts if _as_exact(fact.slot, slot))


def _is_known(slot: Slot, asked: Asked) -> bool:
    """Return whether a name has two words, or stands somewhere with its capital within a sentence."""
    word = re.compile(rf"[a-z,]\s+{re.escape(slot.text)}\b")
    return " " in slot.text or slot.start > 0 or any(word.search(scope) for scope in asked.scopes.values())


def _as_exact(one: Slot, other: Slot) -> bool:
    """Return whether two dates say as much: the day, the month or the year. All else is as exact."""
    return one.kind != "date" or {token[0] for token in one.keys} == {token[0] for token in other.keys}


def _is_compatible(one: Slot, other: Slot) -> bool:
    if one.kind == "name":
        return same_name(one.keys, other.keys)
    if one.kind == "date":
        return same_day(one, other)
    if one.amount is None or other.amount is None or one.amount.unit != other.amount.unit:
        return True
    pairs = [(value_of(left), value_of(right)) for left in one.keys for right in other.keys]
    return any(a is None or b is None or abs(a - b) <= ROUNDED * max(abs(a), abs(b)) for a, b in pairs)


def same_name(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two names, by their words, may be of one: "Lee" and "Ann Lee of Ireland", not "Ida of Ireland".

    Beside a word that they share "Joe" may stand for "Joseph", which begins alike.
    """
    fewer, more = sorted((sorted(one), sorted(other)), key=len)
    shared = [left for left in fewer if any(_is_short_for(left, right) for right in more)]
    alike = {left for left in fewer if shared and left[:1].casefold() in {right[:1].casefold() for right in more}}
    count = len(alike | set(shared))
    return count == len(fewer) or (len(fewer) > 2 and 2 * count > len(fewer))


def _is_short_for(one: str, other: str) -> bool:
    """Return whether two words of names may be one: "Fla." and "Florida", "Syria" and "Syrian"."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return len(short) > 1 and long.startswith(short[:4] if len(short) > 3 else short)


def value_of(reading: str) -> float | None:
    """Return the value of a plain reading of a number, None of any other."""
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?(?:e[+]?\d+)?)%?", reading)
    return float(match[1]) if match else None


def _agreement(fact: Told, slot: Slot, source: SourceSentence, asked: Asked, *, is_about: bool) -> float:
    """Return how surely `slot` stands in the place of `fact`; 0 where it does not, from _COPY on in a copy."""
    days = (fact.witness.published, source.published)
    if slot.kind == "number" and source.published and _tells_of_another_year(source.text, source.published, asked):
        return 0.0
    is_unknown = slot.kind == "name" and not _is_known(slot, asked)
    context = shared_context((fact.witness.text, fact.slot), (source.text, slot), days)
    if (
        context >= COPIED_CONTEXT
        and copied_words(fact, source) >= COPIED_WORDS
        and asked.names_same(fact.witness, source)
    ):
        # "Athletes collected" in the place of "Norway collected" is no name.
        return 0.0 if is_unknown and slot.text.endswith("s") else _COPY + context
    if not is_about or is_unknown:
        return 0.0
    one, other = setting_of(fact.witness.text, fact.slot), setting_of(source.text, slot)
    if slot.kind == "number":
        return (1.0 + context) if _counts_the_same(fact.slot, slot, source, asked) else 0.0
    return (1.0 + context) if _same_setting(one, other, slot.kind, asked) else 0.0


def _same_setting(one: Setting, other: Setting, kind: FactKind, asked: Asked) -> bool:
    """Return whether both stand in the same part of what is asked: the one who did it, what is beside "director"."""
    if _acts(one, asked) and _acts(other, asked):
        return True
    if one.beside & other.beside & asked.beside:
        return True
    if kind == "date":
        return bool(one.left & asked.anchors) and bool(other.left & asked.anchors)
    return one.before == other.before and bool(one.left & other.left & asked.anchors)


def _acts(setting: Setting, asked: Asked) -> bool:
    """Return whether it is the subject of what is asked: "X won", "won by X"."""
    if setting.before == "by":
        return bool(setting.left & asked.anchors)
    return setting.opens and bool(setting.right & asked.anchors)


def _counts_the_same(one: Slot, other: Slot, source: SourceSentence, asked: Asked) -> bool:
    """Return whether two numbers count the same things: of one unit or noun, and of no part or change of it."""
    if one.amount is None or other.amount is None or one.amount.unit != other.amount.unit:
        return False
    sizes = [max(filter(None, map(value_of, slot.keys)), default=0.0) for slot in (one, other)]
    if max(sizes) > MOST_GROWTH * min(sizes) or _is_part(other, source, asked):
        return False
    if one.amount.unit:
        return True
    told = {_alike(word) for word in content_stems(source.text)}
    nouns = [_alike(stem_of(slot.amount.noun)) for slot in (one, other) if slot.amount]
    wanted = {_alike(word) for word in asked.anchors} - set(nouns)
    if wanted and not wanted & told:
        return False
    return bool(nouns[0]) and (nouns[0] == nouns[1] or set(nouns) <= {"die", "people"})


def _alike(word: str) -> str:
    return "die" if word in _DEAD else word


_DEAD = frozenset(map(stem_of, "dead deaths death killed kill fatalities lives died die toll perished".split()))
_CHANGE = re.compile(
    r"\b(?:down|up|by|fell|rose|dropped|increased|climbed|gained?|jumped|another|gain of|increase of)\s+"
    r"(?:(?:by|of|more than|about|nearly|almost|another|an?|at least|over|some)\s+)*\Z",
    re.I,
)


def _is_part(slot: Slot, source: SourceSentence, asked: Asked) -> bool:
    """Return whether a number is a change ("up by 5"), or that of a place that the question does not name."""
    text = source.text
    if _CHANGE.search(text[max(0, slot.start - 40) : slot.start]):
        return True
    place = re.match(r"[^.;]{0,50}?\b(?:in|of|from)\s+(?=[A-Z])", text[slot.end :])
    start = slot.end + place.end() if place else -1
    names = [each for each in find_slots(text, None) if each.kind == "name" and each.start == start]
    return any(not gives(asked.text, each, None) for each in names)


def _tells_of_another_year(text: str, published: date, asked: Asked) -> bool:
    years = {f"y{published.year}", *(f"y{year}" for year in re.findall(r"\d{4}", asked.text))}
    said = [{key for key in slot.keys if re.fullmatch(r"y\d{4}", key)} for slot in find_slots(text, published)]
    return any(each and not each & years for each in said)
