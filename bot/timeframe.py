"""What a question says about when: "this week", "last month", "in March 2017", as a range of publication dates.

A word relative to the day of asking is a limit: news of "this week" is not answered from another year's. A
date written out is only preferred, because later articles tell of that day too. English, by rule; the reader
sees what was understood and can take it away.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Timeframe:
    """A range of publication dates that a question implies, and the words that imply it.

    `is_limit` tells a limit from a preference. `rest` is the question without words that say only when.
    """

    since: date
    until: date
    phrase: str
    is_limit: bool
    rest: str


# How far back each word may reach, in days. Longer than the words say: a weekly review still speaks of "this
# week" when its news is nine days old, and on the 42 development questions with "this week" 41 of the articles
# that answer were at most 6 days old.
_REACH = {
    "today": 2, "tonight": 2, "this morning": 2, "this afternoon": 2, "this evening": 2, "yesterday": 3,
    "this week": 10, "this weekend": 10, "past week": 10, "last week": 17, "last weekend": 12,
    "this month": 40, "past month": 40, "last month": 70,
    "recently": 120, "lately": 60, "in recent days": 10, "in recent weeks": 40,
    "in recent months": 150, "this spring": 150, "this summer": 150, "this fall": 150, "this autumn": 150,
    "this winter": 150, "this season": 200, "past year": 400,
}  # fmt: skip
# Words that ask for the newest there is, however old: a preference, of as many days.
_PREFERENCES = {"recent": 120, "most recently": 120, "the latest": 120, "the newest": 120}
_ONLY_WHEN = re.compile(
    r",?\s{0,3}\b(?:in the |over the |during the )?(?:"
    r"today|tonight|this (?:morning|afternoon|evening|week|weekend|month|spring|summer|fall|autumn|winter|season)"
    r"|yesterday|(?:last|past) (?:week|weekend|month|year)|recently|lately|recent (?:days|weeks|months))\b(?!['’]s)",
    re.I,
)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for the words, longest first; "today's" says what kind of thing, not when."""
    listed = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(rf"\b(?!to(?:day|night)['’]s)({listed})\b", re.I)


_RELATIVE = _any_of(_REACH)
_PREFERRED = re.compile(
    rf"(?<!in )\b({'|'.join(sorted(_PREFERENCES, key=len, reverse=True))})\b"
    r"(?! (?:years|decades|history|times|memory))",
    re.I,
)
_COUNTED = re.compile(
    r"\b(?:last|past|previous) (?P<count>\d{1,3}|two|three|four|five|six) (?P<unit>day|week|month|year)s\b", re.I
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_YEAR = re.compile(r"\b(this|last) year\b", re.I)
_MONTH_NAMES = "January February March April May June July August September October November December".split()
_DATED = re.compile(
    rf"\b(?P<how>(?i:in|on|of|since|before|until|after|during))\s+(?:early |mid-|late )?(?:"
    rf"(?P<month>{'|'.join(_MONTH_NAMES)})(?:\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?)?,?(?:\s+(?P<year>(?:19|20)\d\d))?"
    rf"|(?P<day_first>\d{{1,2}})\s+(?P<month_after>{'|'.join(_MONTH_NAMES)})(?:\s+(?P<year_after>(?:19|20)\d\d))?"
    r"|(?P<lone_year>(?:19|20)\d\d)(?!\s+(?:people|per\s?cent|homes|men|women|votes)|[.,]\d|-\d|%))\b(?!['’]s)"
)
# May and March are also a name and a verb: "what became of May", "on March through the city".
_SURE_BEFORE_MAY = frozenset(("in", "since", "during", "until"))
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]|(?<!\w)[‘'][^’'\n]*[’'](?!\w)")
_AFTERMATH_DAYS = 10  # reports of a day are published on it and in the week after


def read_timeframe(question: str, *, asked_on: date) -> Timeframe | None:
    """Return what `question`, asked on that day, says about when; None where it says nothing.

    With a relative word and a date apart from it ("this week", "in March 2011") nothing is ruled out.
    """
    unquoted = _QUOTED.sub(lambda match: "¤" * len(match.group()), question)
    dated = _read_dated(unquoted, asked_on)
    for read in (_read_counted, _read_relative, _read_year, _read_preference):
        found = read(unquoted, asked_on)
        if found:
            since, until, phrase, is_limit = found
            is_limit = is_limit and not (dated and (dated[1] < since or dated[0] > until))
            return Timeframe(since, until, phrase, is_limit, _rest(question, unquoted) if is_limit else question)
    return Timeframe(*dated, question) if dated else None


_Found = tuple[date, date, str, bool]


def _rest(question: str, unquoted: str) -> str:
    """Return the question without its words that say only when; quoted words and names stay."""
    kept, place = "", 0
    for match in _ONLY_WHEN.finditer(unquoted):
        if not _is_name(match):
            kept += question[place : match.start()]
            place = match.end()
    rest = (kept + question[place:]).strip().lstrip(", ")
    return rest if re.search(r"\w", rest) else question


def _is_name(match: re.Match[str]) -> bool:
    """Return whether the words are capitalised inside a sentence: "the Today Show", "USA Today"."""
    words = match.group().lstrip(", ")
    begins = not match.string[: match.start()].strip()
    capital_follows = re.match(r"\s+[A-Z]", match.string[match.end() :])
    return words[:1].isupper() and not (begins and not capital_follows) and not match.string.isupper()


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(text) if not _is_name(match)), None)


def _back(day: date, days: int) -> date:
    """Return the day that many days earlier, or the calendar's end."""
    return date.fromordinal(min(max(day.toordinal() - days, 1), date.max.toordinal()))


def _read_counted(text: str, asked_on: date) -> _Found | None:
    match = _first(_COUNTED, text)
    if not match:
        return None
    count = _COUNTS.get(match["count"].lower()) or int(match["count"])
    return _back(asked_on, count * _DAYS[match["unit"].lower()] + 3), asked_on, match.group(), True


def _read_relative(text: str, asked_on: date) -> _Found | None:
    match = _first(_RELATIVE, text)
    if not match or re.search(r"\bmost $", text[: match.start()]):
        return None
    return _back(asked_on, _REACH[match[1].lower()]), asked_on, match.group(), True


def _read_preference(text: str, asked_on: date) -> _Found | None:
    match = _first(_PREFERRED, text)
    if not match:
        return None
    return _back(asked_on, _PREFERENCES[match[1].lower()]), asked_on, match.group(), False


def _read_year(text: str, asked_on: date) -> _Found | None:
    match = _first(_YEAR, text)
    if not match:
        return None
    year = max(1, asked_on.year - (match[1].lower() == "last"))
    return date(year, 1, 1), min(asked_on, _back(date(year, 12, 31), -90)), match.group(), True


def _read_dated(text: str, asked_on: date) -> _Found | None:
    for match in _DATED.finditer(text):
        how = match["how"].lower()
        is_bare = match["month"] in ("May", "March") and not (match["day"] or match["year"])
        first, last = _named_range(match, asked_on)
        if first is None or last is None or (is_bare and how not in _SURE_BEFORE_MAY):
            continue
        return *_range_of(how, first, last, asked_on), match.group(), False
    return None


def _range_of(how: str, first: date, last: date, asked_on: date) -> tuple[date, date]:
    if how == "since":
        return first, max(first, asked_on)
    if how in ("before", "until"):
        return date.min, first
    if how == "after":
        return last, max(last, asked_on)
    return first, _back(last, -_AFTERMATH_DAYS)


def _named_range(match: re.Match[str], asked_on: date) -> tuple[date, date] | tuple[None, None]:
    """Return the first and last day of the named day, month or year; a month without a year is the latest one past."""
    if match["lone_year"]:
        year = int(match["lone_year"])
        return date(year, 1, 1), date(year, 12, 31)
    month = _MONTH_NAMES.index(match["month"] or match["month_after"]) + 1
    written = match["year"] or match["year_after"]
    year = int(written) if written else max(1, asked_on.year - (month > asked_on.month))
    day = match["day"] or match["day_first"]
    if not written and month == 2 and day == "29":  # the latest year that had the day
        year = next((each for each in range(year, max(0, year - 9), -1) if isleap(each)), year)
    if not day:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if not 1 <= int(day) <= monthrange(year, month)[1]:
        return None, None
    return date(year, month, int(day)), date(year, month, int(day))
