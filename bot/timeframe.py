"""What a question says about when: "this week", "last month", "in March 2017", as a range of publication dates.

A word relative to the day of asking is a limit: news of "this week" is not answered from another year's. A
date written out is only preferred, because later articles tell of that day too. English, by rule; the reader
sees what was understood and can take it away.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


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
    "recently": 120, "recent": 120, "lately": 60, "the latest": 120, "in recent days": 10, "in recent weeks": 40,
    "in recent months": 150, "this spring": 150, "this summer": 150, "this fall": 150, "this autumn": 150,
    "this winter": 150, "this season": 200, "past year": 400,
}  # fmt: skip
_ONLY_WHEN = re.compile(
    r",?\s*\b(?:in the |over the |during the )?(?:"
    r"today|tonight|this (?:morning|afternoon|evening|week|weekend|month|spring|summer|fall|autumn|winter|season)"
    r"|yesterday|(?:last|past) (?:week|weekend|month|year)|recently|lately|in recent (?:days|weeks|months))\b",
    re.I,
)
_RELATIVE = re.compile(
    r"\b(" + "|".join(sorted((re.escape(word) for word in _REACH), key=len, reverse=True)) + r")\b", re.I
)
_COUNTED = re.compile(
    r"\b(?:last|past|previous) (?P<count>\d{1,3}|two|three|four|five|six) (?P<unit>day|week|month|year)s\b", re.I
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_YEAR = re.compile(r"\b(this|last) year\b", re.I)
_MONTH_NAMES = "January February March April May June July August September October November December".split()
_DATED = re.compile(
    rf"\b(?P<how>in|on|of|since|before|until|after|during)\s+(?:early |mid-|late )?(?:"
    rf"(?P<month>{'|'.join(_MONTH_NAMES)})(?:\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?)?,?(?:\s+(?P<year>(?:19|20)\d\d))?"
    rf"|(?P<day_first>\d{{1,2}})\s+(?P<month_after>{'|'.join(_MONTH_NAMES)})(?:\s+(?P<year_after>(?:19|20)\d\d))?"
    r"|(?P<lone_year>(?:19|20)\d\d))\b"
)
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
_AFTERMATH = timedelta(days=10)  # reports of a day are published on it and in the week after


def read_timeframe(question: str, *, asked_on: date) -> Timeframe | None:
    """Return what `question`, asked on that day, says about when; None where it says nothing."""
    unquoted = _QUOTED.sub(lambda match: " " * len(match.group()), question)
    for read in (_read_counted, _read_relative, _read_year, _read_dated):
        found = read(unquoted, asked_on)
        if found:
            since, until, phrase, is_limit = found
            rest = _ONLY_WHEN.sub("", question).strip() if is_limit else question
            return Timeframe(since, until, phrase, is_limit, rest or question)
    return None


_Found = tuple[date, date, str, bool]


def _read_counted(text: str, asked_on: date) -> _Found | None:
    match = _COUNTED.search(text)
    if not match:
        return None
    count = _COUNTS.get(match["count"].lower()) or int(match["count"])
    days = min(count * _DAYS[match["unit"].lower()] + 3, (asked_on - date.min).days)
    return asked_on - timedelta(days), asked_on, match.group(), True


def _read_relative(text: str, asked_on: date) -> _Found | None:
    match = _RELATIVE.search(text)
    if not match:
        return None
    return asked_on - timedelta(_REACH[match[1].lower()]), asked_on, match.group(), True


def _read_year(text: str, asked_on: date) -> _Found | None:
    match = _YEAR.search(text)
    if not match:
        return None
    year = asked_on.year - (match[1].lower() == "last")
    return date(year, 1, 1), min(asked_on, date(year + 1, 3, 31)), match.group(), True


def _read_dated(text: str, asked_on: date) -> _Found | None:
    match = _DATED.search(text)
    if not match:
        return None
    first, last = _named_range(match, asked_on)
    if first is None or last is None:
        return None
    how = match["how"].lower()
    if how == "since":
        return first, asked_on, match.group(), False
    if how in ("before", "until"):
        return date.min, first, match.group(), False
    if how == "after":
        return last, asked_on, match.group(), False
    return first, last + _AFTERMATH, match.group(), False


def _named_range(match: re.Match[str], asked_on: date) -> tuple[date, date] | tuple[None, None]:
    """Return the first and last day of the named day, month or year; a month without a year is the latest one past."""
    if match["lone_year"]:
        year = int(match["lone_year"])
        return date(year, 1, 1), date(year, 12, 31)
    month = _MONTH_NAMES.index(match["month"] or match["month_after"]) + 1
    written = match["year"] or match["year_after"]
    year = int(written) if written else asked_on.year - (month > asked_on.month)
    day = match["day"] or match["day_first"]
    if not day:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if not 1 <= int(day) <= monthrange(year, month)[1]:
        return None, None
    return date(year, month, int(day)), date(year, month, int(day))
