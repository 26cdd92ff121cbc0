"""The days, months and years that a text speaks of, resolved against the day on which it was published.

A mention is a set of tokens such as "y2017", "m6", "d6", "w1" (a Tuesday). Knows English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Mention:
    """A date as written at `text[start:end]`: what it says, or with `implied` what it means."""

    text: str
    start: int
    end: int
    tokens: frozenset[str]
    implied: frozenset[str] = frozenset()


_MONTH_NAMES = "january february march april may june july august september october november december".split()
_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_WEEKDAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAYS = {name[:3]: number for number, name in enumerate(_WEEKDAY_NAMES)}

_SHORT_MONTHS = (
    "Jan(?:uary|\\.)?|Feb(?:ruary|\\.)?|Mar(?:ch|\\.)?|Apr(?:il|\\.)?|May|June?\\.?|July?\\.?|Aug(?:ust|\\.)?"
    "|Sept?(?:ember|\\.)?|Oct(?:ober|\\.)?|Nov(?:ember|\\.)?|Dec(?:ember|\\.)?"
)
# A month beside a day may also stand in the capitals of a headline; in lower case it is a verb ("may 5 people").
_MONTH = rf"(?P<month>{_SHORT_MONTHS}|{'|'.join(name.upper() for name in _MONTH_NAMES)})"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)\b"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?![.,:/]\d|%)"
_AND_DAY = r"(?:\s?[-–]\s?|\s+to\s+|\s+(?:and|or)\s+(?=\d\d?(?:st|nd|rd|th)?(?:[.,;)]|\s*$|,?\s+\d{4})))"
_LAST_DAY = rf"(?:{_AND_DAY}(?P<last_day>[0-3]?\d)(?:st|nd|rd|th)?\b(?![.,:/]\d|%))?"
_CALENDAR = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}{_LAST_DAY}(?:,?\s*{_YEAR})?",
        rf"\b{_DAY}{_LAST_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?(?!\w)",
        r"\b(?P<year>(?:1[5-9]|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
    )
)
_LONE_MONTH = re.compile(
    r"\b(?:(?P<which>last|next|this)\s+)?(?P<month>January|February|April|June|July|August|September|October|November"
    r"|December|(?:(?<=in )|(?<=since )|(?<=last )|(?<=next )|(?<=this )|(?<=by )|(?<=until )|(?<=early )|(?<=late )"
    r"|(?<=mid-)|(?<=from )|(?<=of ))(?:March|May))\b"
)
_WEEKDAY = re.compile(
    rf"\b(?:(?P<which>last|next|coming|this|following)\s+)?(?P<weekday>{'|'.join(map(str.title, _WEEKDAY_NAMES))}"
    rf"|{'|'.join(map(str.upper, _WEEKDAY_NAMES))})s?\b"
)
# What is named after a weekday, or happens on every one, is no day of its own.
_BEFORE_NO_DAY = re.compile(
    r"\b(?:(?i:every|each|any|most|week|ago|from)|Black|Good|Super|Easter|Palm|Bloody|Cyber|Giving|Ash|Holy|Maundy|Whit"
    r"|Shrove|Fat|News|the\s+following|the\s+previous)\s+$"
)
_AFTER_NO_DAY = re.compile(
    r"\s+(?:Times|Post|Mail|Express|Mirror|Telegraph|Herald|Star|Sun|Review|Night|Morning|Best|Mass|School|League)\b"
)
_OF_A_WEEK = re.compile(r"\s+(?:of\s+)?(?P<which>last|this|next)\s+week\b", re.I)
_RELATIVE_DAY = re.compile(
    r"\b(?<!ago )(?<!USA )(?P<word>the day before yesterday|the day after tomorrow|yesterday|today|tonight|tomorrow"
    r"|last night)\b",
    re.I,
)
_STEPS = {"yesterday": -1, "last night": -1, "tomorrow": 1, "the day before yesterday": -2, "the day after tomorrow": 2}
# "Over the last year" is how long, not when.
_RELATIVE_SPAN = re.compile(
    r"\b(?P<which>(?<!the )last|this|next|earlier this|later this|previous|the following)\s+(?P<unit>week|month"
    r"|year)\b",
    re.I,
)
_COUNTS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_COUNTS |= {"a": 1, "an": 1}
_AGO = re.compile(
    r"(?P<rough>\b(?:about|around|almost|nearly|over|some|roughly|approximately|than|to|least|most)\s+)?"
    rf"(?<![\w.,-])(?P<count>{'|'.join(_COUNTS)}|\d\d?)\s+(?P<ago>day|week|month|year)s?\s+ago\b"
    r"(?!\s+(?:today|tomorrow|yesterday|this|last|next|\w+day\b))",
    re.I,
)
# A day to come: "will meet on Friday", "until Friday"; but "he said on Friday" is past, whatever else will be.
LOOKS_AHEAD = re.compile(
    r"\b(?:will|would|shall|scheduled|plan(?:s|ned)?|expected|due|upcoming|set\s+(?:for|to)|until|through|by|from"
    r"|next|coming|to\s+be)\b|['’]ll\b",
    re.I,
)
TELLING = re.compile(r"\b(?:said|told|announced|reported|added|wrote|tweeted)\b", re.I)


@lru_cache(maxsize=8192)
def read_days(text: str, published: date | None) -> tuple[Mention, ...]:
    """Return the dates that `text` mentions, in order, none overlapping another."""
    found: list[Mention] = []
    for pattern in (*_CALENDAR, _LONE_MONTH, _WEEKDAY, _AGO, _RELATIVE_DAY, _RELATIVE_SPAN):
        for match in pattern.finditer(text):
            if not any(known.start < match.end() and match.start() < known.end for known in found):
                found += _read(match, published)
    return tuple(_dated_weekdays(sorted(found, key=lambda mention: mention.start), text))


def _dated_weekdays(found: list[Mention], text: str) -> Iterator[Mention]:
    """Yield the mentions with a weekday that stands beside its date, as in "Tuesday, 14 March", meaning that date."""
    for mention, following in zip_longest(found, found[1:]):
        beside = following and re.fullmatch(r",?\s+(?:the\s+)?", text[mention.end : following.start])
        is_weekday = len(mention.tokens) == 1 and re.fullmatch(r"w\d", "".join(mention.tokens))
        if beside and is_weekday and any(re.fullmatch(r"d\d+", token) for token in following.tokens):
            yield replace(mention, implied=following.tokens | following.implied)
        else:
            yield mention


def _read(match: re.Match[str], published: date | None) -> Iterator[Mention]:
    groups = match.groupdict()
    mention = Mention(match.group(), match.start(), match.end(), frozenset())
    if groups.get("weekday"):
        weekday = _WEEKDAYS[groups["weekday"][:3].lower()]
        day = _nearest_weekday(weekday, published, match) if published else None
        yield replace(mention, tokens=frozenset({f"w{weekday}"}), implied=_tokens_of(day) if day else frozenset())
    elif groups.get("ago"):
        tokens = _resolve_ago(groups, published)
        if tokens:  # what resolves to nothing stays the number that it also is
            yield replace(mention, tokens=tokens)
    elif groups.get("word"):
        yield _read_relative_day(mention, groups["word"].lower(), published)
    elif groups.get("unit"):
        yield replace(mention, tokens=_resolve_span(groups["which"].lower(), groups["unit"].lower(), published))
    else:
        for day_of_month in (groups.get("day"), groups.get("last_day")):
            if day_of_month or day_of_month is groups.get("day"):
                yield _read_calendar(mention, match, day_of_month, published)
            if not groups.get("last_day"):
                break


def _read_relative_day(mention: Mention, word: str, published: date | None) -> Mention:
    if published is None:
        return replace(mention, tokens=frozenset({word}))
    day = _moved(published, _STEPS.get(word, 0))
    return replace(mention, tokens=_tokens_of(day)) if day else replace(mention, tokens=frozenset({word}))


def _moved(day: date, days: int) -> date | None:
    """Return the day that many days on; None beyond the calendar's ends."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return None


def _resolve_ago(groups: dict[str, str], published: date | None) -> frozenset[str]:
    """Return the day, week, month or year that "three weeks ago" surely means; nothing where it may be another.

    Counts are rounded when they are large, and near the turn of a month or year a small error is another one.
    """
    count, unit = groups["count"].lower(), groups["ago"].lower()
    number = _COUNTS.get(count) or int(count)
    if published is None or groups["rough"] or number == 0:
        return frozenset()
    if unit == "day":
        day = _moved(published, -number) if number < 20 else None
        return _tokens_of(day) if day else frozenset()
    if unit == "week":
        return frozenset({f"weeks-ago:{number}"}) if number <= 8 else frozenset()
    if unit == "year":
        is_sure = number < 10 and 3 <= published.month <= 10
        return frozenset({f"y{published.year - number}"}) if is_sure else frozenset()
    months = published.year * 12 + published.month - 1 - number
    is_sure = number < 12 and 5 <= published.day <= 25
    return frozenset({f"y{months // 12}", f"m{months % 12 + 1}"}) if is_sure else frozenset()


def _resolve_span(which: str, unit: str, published: date | None) -> frozenset[str]:
    step = -1 if which in ("last", "previous") else 1 if which in ("next", "the following") else 0
    if published is None or unit == "week":
        return frozenset({f"{('last', 'this', 'next')[step + 1]} {unit}"})
    if unit == "year":
        return frozenset({f"y{published.year + step}"})
    months = published.year * 12 + published.month - 1 + step
    return frozenset({f"y{months // 12}", f"m{months % 12 + 1}"})


def _read_calendar(mention: Mention, match: re.Match[str], day: str | None, published: date | None) -> Mention:
    """Return a month with its day and year as far as they are given; what is meant besides is implied."""
    groups = match.groupdict()
    written = groups["month"]
    month = int(written) if written.isdigit() else _MONTHS[written[:3].lower()]
    year = int(groups["year"]) if groups.get("year") else None
    said = {f"m{month}"} | ({f"d{int(day)}"} if day else set()) | ({f"y{year}"} if year else set())
    if year is None and published is not None:
        year = _nearest_year(month, published, match)
    implied = {f"y{year}"} if year else set()
    try:
        implied |= _tokens_of(date(year, month, int(day))) if year and day else set()
    except ValueError:  # 31 June: an article's own slip; its words still count
        implied = set()
    return replace(mention, tokens=frozenset(said), implied=frozenset(implied))


def _nearest_weekday(weekday: int, published: date, match: re.Match[str]) -> date | None:
    """Return the day that a weekday means: the latest one, or None where it may be one to come."""
    which = (match.groupdict().get("which") or "").lower()
    back = (published.weekday() - weekday) % 7
    of_week = _OF_A_WEEK.match(match.string, match.end())
    if of_week:
        is_last = of_week["which"].lower() == "last" and weekday != _WEEKDAYS["sun"]  # where weeks begin differs
        return _moved(published, weekday - published.weekday() - 7) if is_last else None
    if _is_no_single_day(match):
        return None
    if which == "last":
        return _moved(published, -(back or 7))
    if which in ("next", "coming", "this", "following") or _looks_ahead(match):
        return None
    return _moved(published, -back)


def _is_no_single_day(match: re.Match[str]) -> bool:
    """Return whether the weekday is a name's, "the Sunday Times", or every week's, "on Sundays"."""
    text = match.string
    return bool(
        match.group()[-2:].lower() == "ys"
        or _BEFORE_NO_DAY.search(text[: match.start()])
        or _AFTER_NO_DAY.match(text, match.end())
    )


def _nearest_year(month: int, published: date, match: re.Match[str]) -> int | None:
    """Return the year that a month without one means, or None where it is unclear."""
    which = (match.groupdict().get("which") or "").lower()
    ahead = _looks_ahead(match)
    if which == "last":
        return published.year - (month >= published.month)
    if which == "next":
        return published.year + (month <= published.month)
    months_on = month - published.month
    if months_on == 0 or (months_on < 0 and not ahead) or (months_on > 0 and ahead):
        return published.year
    if months_on <= -6:
        return published.year + 1
    return published.year - 1 if months_on >= 6 else None


def _looks_ahead(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 48) : match.start()]
    cues = list(LOOKS_AHEAD.finditer(before))
    return bool(cues) and not TELLING.search(before[cues[-1].end() :])


def says_day(text: str, wanted: frozenset[str], *, published: date | None) -> bool:
    """Return whether one date of `text` is the wanted one, in all that is wanted of it.

    A year that the text gives elsewhere is taken for that of its dates without one.
    """
    for mention in read_days(text, published):
        known = mention.tokens | mention.implied
        lacking = wanted - known
        if not lacking:
            return True
        has_year = any(token[0] == "y" and token[1:].isdigit() for token in known)
        if known & wanted and not has_year and all(_stands_alone(token, text) for token in lacking):
            return True
    return all(_stands_alone(token, text) for token in wanted)


def _stands_alone(token: str, text: str) -> bool:
    return bool(re.fullmatch(r"y\d{4}", token) and re.search(rf"(?<![\w.,$£€]){token[1:]}(?![\w%]|[.,]\d)", text))


def _tokens_of(day: date) -> frozenset[str]:
    return frozenset({f"y{day.year}", f"m{day.month}", f"d{day.day}", f"w{day.weekday()}"})
