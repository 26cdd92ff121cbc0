"""The hard facts of a sentence: its numbers, dates and names, in a form in which two sentences can be compared.

A fact compares by value, not by spelling: "five" is "5", "two million" is "2m", "June 6" is the Tuesday of an
article of 7 June 2017. Knows English only, and nothing of which sentence supports which (see support.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

FactKind = Literal["number", "date", "name"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, date or name of a sentence: `text` as it is written there, `key` its value for comparing."""

    kind: FactKind
    text: str
    key: str


_UNITS = {word: value for value, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)}  # fmt: skip
_TENS = {word: 10 * value for value, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
)}  # fmt: skip
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "tn": 1e12, "dozen": 12.0,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_MONTHS = {name[:3]: number for number, name in enumerate(
    "january february march april may june july august september october november december".split(), start=1
)}  # fmt: skip
_WEEKDAYS = {name[:3]: number for number, name in enumerate(
    "monday tuesday wednesday thursday friday saturday sunday".split()
)}  # fmt: skip

_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>(?:1[5-9]|20)\d\d)\b)?",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:\s+(?P<year>(?:1[5-9]|20)\d\d)\b)?(?!\w)",
        r"\b(?P<year>(?:1[5-9]|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b",
        rf"\b{_MONTH}\s+(?P<year>(?:1[5-9]|20)\d\d)\b",
    )
)
_LONE_MONTH = re.compile(
    r"\b(?P<month>January|February|April|June|July|August|September|October|November|December"
    r"|(?<=in )March|(?<=in )May|(?<=since )March|(?<=since )May|(?<=last )March|(?<=last )May)\b"
)
_WEEKDAY = re.compile(r"\b(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)s?\b")
_RELATIVE_DAY = re.compile(r"\b(?P<word>yesterday|today|tonight|tomorrow)\b", re.I)
_RELATIVE_SPAN = re.compile(
    r"\b(?P<which>last|this|next|earlier this|later this|previous|the following)\s+(?P<unit>week|month|year)\b", re.I
)
_NUMERAL = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER_WORD = "|".join(sorted((*_UNITS, *_TENS), key=len, reverse=True))
_NUMBER = re.compile(
    # Not inside a word or a number ("COVID-19", "19760"), but each side of a score ("2-0").
    rf"(?P<currency>[$£€¥])?(?<![\w.,])(?<![^\W\d]-)"
    rf"(?:(?P<numeral_scale>{_NUMERAL})(?P<short>k|mn|m|bn|b|tn)\b"
    rf"|(?P<numeral>{_NUMERAL})(?P<ordinal>(?:st|nd|rd|th)\b)?(?!\.?\d)"
    rf"|(?P<words>(?:{_NUMBER_WORD})(?:[\s-](?:{_NUMBER_WORD})\b)*)\b)"
    rf"(?P<scales>(?:[\s-](?:hundred|thousand|million|billion|trillion|dozen|m|bn|tn)\b"
    rf"(?:\s+(?:and\s+)?(?:{_NUMBER_WORD})(?:[\s-](?:{_NUMBER_WORD})\b)*\b)?)*)"
    r"(?P<unit>\s?(?:%|percent\b|per\s?cent\b|dollars?\b|pounds?\b|euros?\b))?",
    re.I,
)
_ORDINAL_WORD = re.compile(rf"\b(?P<word>{'|'.join(_ORDINALS)})\b", re.I)
# "one of the", "no one", "one another": a pronoun, not a count.
_PRONOUN_ONE = re.compile(
    r"\b(?:no|any|every|some|each)[\s-]?one\b|\bone (?:of|another|day|by)\b|\b(?:this|that|the) one\b", re.I
)

_WORD = re.compile(r"[^\W\d_](?:[\w’'&-]|\.(?=\w))*\.?|\d[\w’'-]*", re.UNICODE)
_ALIASES = {
    "us": ("united", "states"), "u.s": ("united", "states"), "usa": ("united", "states"), "u.s.a": ("united", "states"),
    "uk": ("united", "kingdom"), "u.k": ("united", "kingdom"), "un": ("united", "nations"),
    "u.n": ("united", "nations"), "eu": ("european", "union"), "e.u": ("european", "union"),
}  # fmt: skip
_NUMBER_WORDS = frozenset((*_UNITS, *_TENS, *_SCALES, *_ORDINALS))
_NOT_NAMES = frozenset(
    "i a an the this that these those he she it they we you his her its their our your my who what when where why how "
    "which there here and but or nor so yet if then than as at by for from in into of on onto to with without after "
    "before during since until while because although though however also according despite under over about between "
    "no not yes one two some many most more all both each every any several other another such only just even still "
    "new old first last next earlier later currently today yesterday tomorrow recently meanwhile additionally "
    "article articles mr mrs ms dr sen rep gov gen lt col sgt capt prof president minister".split()
)


def find_facts(text: str, *, published: date | None = None) -> tuple[Fact, ...]:
    """Return the numbers, dates and names of `text`, in that order.

    `published` is the day against which "on Tuesday" and "last month" are understood; without it they are
    compared as words.
    """
    dates = tuple(_find_dates(text, published))
    blanked = _blank(text, [match for match, _ in dates])
    return (
        *(fact for fact in _find_numbers(blanked)),
        *(fact for _, facts in dates for fact in facts),
        *(fact for fact in find_names(blanked)),
    )


def _blank(text: str, matches: list[re.Match[str]]) -> str:
    """Return `text` with the matched ranges as spaces, so that a date's parts are not read as numbers."""
    for match in matches:
        text = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    return text


# --- dates ---------------------------------------------------------------------------------------------------


def _find_dates(text: str, published: date | None) -> Iterator[tuple[re.Match[str], tuple[Fact, ...]]]:
    taken: list[tuple[int, int]] = []
    for pattern in (*_DATES, _LONE_MONTH, _WEEKDAY, _RELATIVE_DAY, _RELATIVE_SPAN):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            facts = _read_date(match, published)
            if facts:
                taken.append(match.span())
                yield match, facts


def _read_date(match: re.Match[str], published: date | None) -> tuple[Fact, ...]:
    """Return the facts of one date: its year, its month and day, or its weekday, each as far as it is given."""
    groups = match.groupdict()
    text = match.group()
    if groups.get("weekday"):
        return (Fact("date", text, f"weekday {_WEEKDAYS[groups['weekday'][:3].lower()]}"),)
    if groups.get("word"):
        return (Fact("date", text, _resolve_day(groups["word"].lower(), published)),)
    if groups.get("unit"):
        return (Fact("date", text, _resolve_span(groups["which"].lower(), groups["unit"].lower(), published)),)
    return tuple(_calendar_facts(text, groups))


def _calendar_facts(text: str, groups: dict[str, str | None]) -> Iterator[Fact]:
    written = groups["month"] or ""
    month = int(written) if written.isdigit() else _MONTHS[written[:3].lower()]
    day = groups.get("day")
    yield Fact("date", text, f"day {month}-{int(day)}" if day else f"month {month}")
    if groups.get("year"):
        yield Fact("date", text, f"year {groups['year']}")


def _resolve_day(word: str, published: date | None) -> str:
    if published is None:
        return word
    day = published + timedelta({"yesterday": -1, "tomorrow": 1}.get(word, 0))
    return f"day {day.month}-{day.day}"


def _resolve_span(which: str, unit: str, published: date | None) -> str:
    step = -1 if which in ("last", "previous") else 1 if which in ("next", "the following") else 0
    if published is None or unit == "week":
        return f"{('last', 'this', 'next')[step + 1]} {unit}"
    if unit == "year":
        return f"year {published.year + step}"
    return f"month {(published.month - 1 + step) % 12 + 1}"


def date_keys(text: str, *, published: date | None) -> frozenset[str]:
    """Return every key under which the dates of a source sentence may be spoken of.

    A weekday in an article of 7 June 2017 is a day of that week, a day has its month, its year and its
    weekday, and a date that leaves the year out is of the year of publication or the one before.
    """
    keys: set[str] = set()
    for _, facts in _find_dates(text, published):
        group = {fact.key for fact in facts}
        keys |= group
        for key in group:
            keys |= _implied(key, group, published)
    return frozenset(keys)


def _implied(key: str, group: set[str], published: date | None) -> set[str]:
    kind, _, value = key.partition(" ")
    if published is None or kind not in ("weekday", "day", "month"):
        return {f"month {value.split('-')[0]}"} if kind == "day" else set()
    if kind == "weekday":
        return _keys_of(_nearest_weekday(int(value), published))
    if kind == "month":
        return set() if any(k.startswith("year") for k in group) else {f"year {published.year}"}
    month, day = map(int, value.split("-"))
    year = next((int(k[5:]) for k in group if k.startswith("year")), _nearest_year(month, published))
    try:
        return _keys_of(date(year, month, day))
    except ValueError:  # 31 June: an article's own slip; its words still count
        return set()


def _nearest_weekday(weekday: int, published: date) -> date:
    """Return the day meant by a bare weekday: the latest one up to the day of publication.

    News is about what was; "on Friday" of a coming day is told by its tense, which is not read here, so the
    week ahead is not offered.
    """
    return published - timedelta((published.weekday() - weekday) % 7)


def _nearest_year(month: int, published: date) -> int:
    return published.year if month <= published.month + 6 else published.year - 1


def _keys_of(day: date) -> set[str]:
    return {f"day {day.month}-{day.day}", f"month {day.month}", f"year {day.year}", f"weekday {day.weekday()}"}


# --- numbers -------------------------------------------------------------------------------------------------


def _find_numbers(text: str) -> Iterator[Fact]:
    pronouns = [match.span() for match in _PRONOUN_ONE.finditer(text)]
    for match in _NUMBER.finditer(text):
        if match["words"] and any(start <= match.start() < end for start, end in pronouns):
            continue
        yield Fact("number", match.group().strip(), _number_key(match))
    for match in _ORDINAL_WORD.finditer(text):
        if match["word"].lower() != "second" or not re.match(r"s?\s+(?:later|after|ago|before)", text[match.end() :]):
            yield Fact("number", match.group(), f"#{_ORDINALS[match['word'].lower()]}")


def _number_key(match: re.Match[str]) -> str:
    value = _value(match)
    if match["ordinal"]:
        return f"#{value:g}"
    unit = (match["unit"] or "").strip().lower()
    percent = "%" if unit in ("%", "percent", "per cent") else ""
    # Years stay apart from counts: "in 2017" is not "2,017 people".
    return f"{value:.10g}{percent}"


def _value(match: re.Match[str]) -> float:
    numeral = match["numeral"] or match["numeral_scale"]
    value = float(numeral.replace(",", "")) if numeral else _spelled(match["words"])
    if match["short"]:
        value *= _SCALES[match["short"].lower()]
    return _scaled(value, match["scales"] or "")


def _scaled(value: float, scales: str) -> float:
    """Return `value` times its scale words, further number words added: "two hundred and five" is 205."""
    total = 0.0
    for word in re.findall(r"[a-z]+", scales.lower()):
        if word == "hundred" or (word in _SCALES and value):
            value *= _SCALES[word]
        elif word in _SCALES:
            total *= _SCALES[word]
        elif word != "and":
            total, value = total + value, float(_UNITS.get(word, _TENS.get(word, 0)))
    return total + value


def _spelled(words: str) -> float:
    parts = [word for word in re.split(r"[\s-]+", words.lower()) if word]
    return float(sum(_UNITS.get(part, _TENS.get(part, 0)) for part in parts))


def number_keys(text: str) -> frozenset[str]:
    """Return the keys of the numbers in a source sentence; "a" and "an" may stand for one."""
    blanked = _blank(text, [match for match, _ in _find_dates(text, None)])
    keys = {fact.key for fact in _find_numbers(blanked)}
    keys |= {key[5:] for key in date_keys(text, published=None) if key.startswith("year ")}
    keys |= {match["year"] for pattern in _DATES for match in pattern.finditer(text) if match.groupdict().get("year")}
    if re.search(r"\b(?:an?|single|sole)\b", text, re.I):
        keys.add("1")
    if re.search(r"\b(?:both|couple|pair|twins?)\b", text, re.I):
        keys.add("2")
    if re.search(r"\bhalf\b", text, re.I):
        keys |= {"50%", "0.5"}
    return frozenset(keys)


# --- names ---------------------------------------------------------------------------------------------------


def find_names(text: str) -> tuple[Fact, ...]:
    """Return the words of `text` that belong to names: capitalised, or with capitals inside.

    A sentence's first word counts unless it is an ordinary one; the caller, who sees the sources, can tell
    better (see support.py).
    """
    return tuple(
        Fact("name", word, name_key(word))
        for match in _WORD.finditer(text)
        if _is_name(word := match.group().rstrip("."))
    )


def _is_name(word: str) -> bool:
    bare = word.replace("’", "'")
    bare = bare[:-2] if bare.endswith("'s") else bare
    ordinary = bare.lower() in _NOT_NAMES or bare.lower().split("-")[0] in _NUMBER_WORDS
    return any(letter.isupper() for letter in bare) and not ordinary and not bare[0].isdigit()


def name_key(word: str) -> str:
    """Return `word` without case, accents, possessive and final points."""
    bare = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter)).strip(".'-")
    return bare[:-2] if bare.endswith("'s") else bare


def word_keys(text: str) -> frozenset[str]:
    """Return the keys of all words of a source sentence, of the parts of hyphenated ones, and of its aliases."""
    keys = set()
    for match in _WORD.finditer(text):
        key = name_key(match.group())
        keys.add(key)
        keys.update(key.split("-"))
        keys.update(_ALIASES.get(key, ()))
    for short, long in _ALIASES.items():
        if all(word in keys for word in long):
            keys.add(short)
    return frozenset(keys)


def holds(fact: Fact, source: str, *, published: date | None) -> bool:
    """Return whether the words of `source`, published on that day, hold `fact`."""
    if fact.kind == "number":
        return fact.key in number_keys(source)
    if fact.kind == "date":
        return fact.key in date_keys(source, published=published) or (
            fact.key.startswith("year ") and fact.key[5:] in number_keys(source)
        )
    keys = word_keys(source)
    return fact.key in keys or all(part in keys for part in fact.key.split("-"))
