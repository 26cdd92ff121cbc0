"""What a question says about when: "this week", "last month", "in March 2017", as a range of publication dates.

A word relative to the day of asking is a limit: news of "this week" is not answered from another year's. A
date written out is only preferred, because later articles tell of that day too, and so is "two weeks ago", which is
rarely meant to the day. "The latest" and "now" prefer newer articles to older ones, whenever they are from. English,
by rule; the reader sees what was understood and can take it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.date_words import WrittenDate, find_dates
from bot.records import Implied, Question


@dataclass(frozen=True, slots=True)
class Timeframe:
    """A range of publication dates that a question implies, and the words that imply it.

    `is_limit` tells a limit from a preference. `rest` is the question without words that say only when. With
    `newest` it is the newest articles that are preferred, and the range says nothing.
    """

    since: date
    until: date
    phrase: str
    is_limit: bool
    rest: str
    newest: bool = False


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
# Words that ask for the newest there is, however old; not "until now", "recent years" or an ocean's current.
_NEWEST = re.compile(
    r"\b(?:(?:the )?(?:latest|newest)|most recent(?:ly)?|recent|currently|current(?= \w)|(?:right )?now(?!-)"
    r"|at present|at the moment|nowadays|these days|so far)\b"
    r"(?! (?:years|decades|history|times|memory|affairs|that|or)\b)",
    re.I,
)
# "What is it called today?" asks for no news of this day, but how things stand.
_TODAY = re.compile(r"\btoday\b(?!['’]s)", re.I)
_STANDING = re.compile(
    r"\b(?:called|used|known\s+as|spoken|considered|remain|exist|survive)\s+(?:[\w’']+\s+){0,3}today\b"
    r"|\btoday\s+(?:is\s+|are\s+)?(?:called|used|known\s+as|considered)\b",
    re.I,
)
_SUMMONED = re.compile(r"\bcalled\s+(?:to|for|up|in|on)\b|\bused\s+to\b", re.I)
_HAPPENED = re.compile(r"\b(?:was|were|did|has|have|had|will)\b", re.I)
_NOT_NEWEST = re.compile(r"\b(?:in|until|by|from|just|before|ocean|electric|direct|alternating|water|at the)\s+$", re.I)
_COUNTED = re.compile(
    r"\b(?:last|past|previous) (?P<count>\d{1,3}|two|three|four|five|six) (?P<unit>day|week|month|year)s\b", re.I
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_COUNTS |= {"a couple of": 2, "a few": 3}
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_YEAR = re.compile(r"\b(this|last) year\b", re.I)
_MONTH_NAMES = "January February March April May June July August September October November December".split()
_AGO = re.compile(
    r"\b(?P<count>an?|one|two|three|four|five|six|seven|eight|nine|ten|a couple of|a few|\d{1,3})\s+"
    r"(?P<unit>day|week|month|year)s?\s+ago\b",
    re.I,
)
# "Higher than a year ago" asks about now.
_COMPARED = re.compile(
    r"\b(?:than|compared (?:to|with)|from|versus|vs\.?|like|since)\s+"
    r"(?:(?:it|they|he|she|those|that|were|was|in|did)\s+){0,3}$",
    re.I,
)
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WEEKDAY = re.compile(rf"(?<=[a-z,] )(?:(?P<last>last)\s+)?(?P<day>{'|'.join(_WEEKDAYS)})\b(?!\s+[A-Z])(?!['’]?s\b)")
_AFTER_NAME = re.compile(r"\b[A-Z]\w*\s+$")  # "on Black Friday"
_NOT_THE_LAST = re.compile(r"\b(?:next|every|each|this|coming|the|a|any|until|by)\s+$", re.I)
_HOW = re.compile(
    r"\b(?P<how>in|on|of|since|before|until|after|during|between|from|as of)\s+(?:the\s+)?(?:early\s+|late\s+|mid-)?$",
    re.I,
)
# "Since the election on 8 November" is since that day.
_SINCE_EVENT = re.compile(
    r"\b(?P<how>since|before|until)\s+(?:the|an?|his|her|its|their)\s+(?:[\w’'-]+\s+){1,6}(?:on|of|in)\s+$", re.I
)
# May and March are also a name and a verb: "what became of May", "on March through the city".
_SURE_BEFORE_MAY = frozenset(("in", "since", "during", "until"))
_OF_AN_EVENT = frozenset(("in", "on", "of", "since", "before", "until", "after", "during"))
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]|(?<!\w)[‘'][^’'\n]*[’'](?!\w)")
_AFTERMATH_DAYS = 10  # reports of a day are published on it and in the week after
_STANDING_DAYS = 120  # what was so "as of" a day was reported not long before it


def read_timeframe(question: str, *, asked_on: date) -> Timeframe | None:
    """Return what `question`, asked on that day, says about when; None where it says nothing.

    With a relative word and a date apart from it ("this week", "in March 2011") nothing is ruled out.
    """
    unquoted = _QUOTED.sub(lambda match: "¤" * len(match.group()), question)
    dated = _read_dated(unquoted, asked_on)
    for read in (_read_counted, _read_relative, _read_year):
        found = read(unquoted, asked_on)
        if found:
            since, until, phrase, _ = found
            is_limit = not (dated and dated[3] and (dated[1] < since or dated[0] > until))
            return Timeframe(since, until, phrase, is_limit, _rest(question, unquoted) if is_limit else question)
    preferred = (dated and (*dated[:3], False)) or _read_ago(unquoted, asked_on) or _read_weekday(unquoted, asked_on)
    if preferred:
        return Timeframe(*preferred, question)
    newest = next(
        (match.group() for match in _NEWEST.finditer(unquoted) if _asks_for_newest(match)), _nowadays(unquoted)
    )
    return Timeframe(date.min, asked_on, newest, False, question, newest=True) if newest else None


def read_when(question: Question, standalone: str) -> tuple[Timeframe | None, str]:
    """Return what is to be applied of what the question says about when, and the question without it.

    The reader's own dates, or the wish for any date, go before the question's words.
    """
    if question.filters.since or question.filters.until:
        return None, standalone
    found = read_timeframe(standalone, asked_on=question.asked_on)
    return None if question.any_date else found, found.rest if found else standalone


def implied_by(timeframe: Timeframe | None) -> Implied | None:
    """Return what the reader is told of a timeframe."""
    if timeframe is None:
        return None
    since = None if timeframe.since == date.min else timeframe.since
    return Implied(timeframe.phrase, since, None if timeframe.newest else timeframe.until, timeframe.is_limit)


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
    if not match or re.search(r"\bmost $", text[: match.start()]):  # "most recently" is the newest there is
        return None
    if match[1].lower() == _nowadays(text).lower():
        return None
    return _back(asked_on, _REACH[match[1].lower()]), asked_on, match.group(), True


def _nowadays(text: str) -> str:
    """Return the "today" that means these days, or the empty string."""
    match = _first(_TODAY, text)
    is_event = _HAPPENED.search(text) or _SUMMONED.search(text)
    return match.group() if match and _STANDING.search(text) and not is_event else ""


def _asks_for_newest(match: re.Match[str]) -> bool:
    return not _is_name(match) and not _NOT_NEWEST.search(match.string[: match.start()])


def _read_ago(text: str, asked_on: date) -> _Found | None:
    """Return the days around that many days, weeks, months or years ago; "higher than a year ago" is no such time."""
    match = _first(_AGO, text)
    if not match or _COMPARED.search(text[: match.start()]):
        return None
    count, unit = match["count"].lower(), match["unit"].lower()
    number = _COUNTS.get(count) or (int(count) if count.isdigit() else 1)
    middle, around = number * _DAYS[unit], 1 + _DAYS[unit] // 4
    until = min(asked_on, _back(asked_on, middle - around - _AFTERMATH_DAYS))
    return _back(asked_on, middle + around), until, match.group(), False


def _read_weekday(text: str, asked_on: date) -> _Found | None:
    match = _WEEKDAY.search(text)
    if not match or _NOT_THE_LAST.search(text[: match.start()]) or _AFTER_NAME.search(text[: match.start()]):
        return None
    back = (asked_on.weekday() - _WEEKDAYS.index(match["day"])) % 7 + (7 if match["last"] else 0)
    return _back(asked_on, back), asked_on, match.group(), False


def _read_year(text: str, asked_on: date) -> _Found | None:
    match = _first(_YEAR, text)
    if not match:
        return None
    year = max(1, asked_on.year - (match[1].lower() == "last"))
    return date(year, 1, 1), min(asked_on, _back(date(year, 12, 31), -90)), match.group(), True


def _read_dated(text: str, asked_on: date) -> tuple[date, date, str, bool] | None:
    """Return the range that a written-out date asks for, its words, and whether they say when something happened.

    A date without a year counts after a word such as "in". "Records between 2013 and 2017" says what they are.
    """
    for found in find_dates(text, asked_on=asked_on):
        before = text[: found.start]
        said = _SINCE_EVENT.search(before) or _HOW.search(before)
        how = said["how"].lower() if said else ""
        if not how and found.is_sure and found.first == found.last and before.rstrip().endswith(","):
            how = "on"  # "on the first day of the flood, March 3"
        is_bare = text[found.start : found.end] in ("May", "March") and how not in _SURE_BEFORE_MAY
        if said and not found.is_sure and re.search(r"\bthe\b", said.group(), re.I):  # "of the November Uprising"
            how = ""
        if how == "from" and found.first == found.last and not found.has_year:  # "a fair that runs from 6 June"
            how = ""
        is_alone = not how and not (found.is_sure and found.has_year)
        if is_bare or is_alone or re.match(r"['’]s", text[found.end :]):
            continue
        since, until = _range_of(how, found, asked_on)
        return since, until, text[said.start() if said else found.start : found.end], how in _OF_AN_EVENT
    return None


def _range_of(how: str, found: WrittenDate, asked_on: date) -> tuple[date, date]:
    if how == "since":
        return found.first, max(found.first, asked_on)
    if how in ("before", "until"):
        return date.min, found.first
    if how == "after":
        return found.last, max(found.last, asked_on)
    if how == "as of":
        return _back(found.first, _STANDING_DAYS), found.last
    return found.first, _back(found.last, -_AFTERMATH_DAYS)
