"""The dates that a question writes out: "8 Nov 2016", "2016-11-08", "March", "Q3 2021", "from 3 to 9 June".

The only importer of dateparser, which reads what stands in a span but not where one is: its own search takes "May" in
"What became of May?", "sat" and "in 24 hours" for dates (so in 126 of the 208 development questions). So the spans are
found here, by shapes that only dates have.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """The days that `text[start:end]` names.

    Without `has_year` the year is the latest past. `is_sure` is False for a lone month, year or quarter, which is
    a date after a word such as "in" or "since" only.
    """

    start: int
    end: int
    first: date
    last: date
    has_year: bool
    is_sure: bool


MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = rf"(?:{MONTHS}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_LOWER = r"(?i:january|february|april|june|july|august|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?|december)\b\.?"
_ANY_MONTH = rf"(?:{_MONTH}|{_LOWER}|{MONTHS.upper()})"
_YEAR = r"(?:19|20)\d\d\b(?!-\d|[.,]\d|%)"
_SUFFIX = r"(?:st|nd|rd|th)?"
_DAY = rf"[0-3]?\d{_SUFFIX}\b(?![.,:/]\d|%)"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
# What follows a number of four digits makes it a count.
_NO_COUNT = r"(?!\s+(?:people|per\s?cent|homes|men|women|votes|troops|dollars|miles)\b)"
_JOINED = r"(?:\s?[-–]\s?|\s+(?:to|and|until|till|through)\s+)"
_FIRST_OF_TWO = re.compile(rf"(?P<first>\d{{1,2}}){_SUFFIX}{_JOINED}(?:the\s+)?(?=\d{{1,2}}\b|\d{{1,2}}[a-z])")
_SHAPES = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d\d-\d\d)\b"
    r"|(?P<numbers>\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d)\b"
    rf"|(?:[0-3]?\d{_SUFFIX}{_JOINED}(?:the\s+)?)?{_DAY}\s+(?:of\s+)?{_ANY_MONTH}(?:,?\s+{_YEAR})?(?!\w)"
    rf"|{_ANY_MONTH}\s+(?:the\s+)?{_DAY}(?:{_JOINED}{_DAY}(?!\s+{_ANY_MONTH}))?(?:,?\s+{_YEAR})?(?!\w)"
    rf"|(?P<month_year>(?:{_ANY_MONTH}|(?i:march|may)),?\s+(?:of\s+)?{_YEAR})"
    rf"|(?:Q(?P<q>[1-4])|(?i:(?P<quarter>{'|'.join(_ORDINALS)})\s+quarter))(?:,?\s+(?:of\s+)?(?P<q_year>{_YEAR}))?"
    rf"|(?i:(?P<half>first|second)\s+half\s+of)\s+(?P<half_year>{_YEAR})"
    rf"|(?P<month>{MONTHS})\b(?!/)"
    rf"|(?P<year>{_YEAR}){_NO_COUNT})"
)


_MOST_DATES = 40  # of a text; a question has two, and a list of thousands pasted for one takes half a minute to read


def find_dates(text: str, *, asked_on: date) -> tuple[WrittenDate, ...]:
    """Return the dates written in `text`, in order; two that are joined, "between March and May", as one span."""
    matches = islice(_SHAPES.finditer(text), _MOST_DATES)
    found = [each for match in matches if (each := _read(match, asked_on))]
    joined: list[WrittenDate] = []
    for each in found:
        before = joined[-1] if joined else None
        if before and re.fullmatch(_JOINED + r"(?:the\s+|early\s+|late\s+)?", text[before.end : each.start]):
            joined[-1] = _join(before, each)
        else:
            joined.append(each)
    return tuple(joined)


def _join(one: WrittenDate, other: WrittenDate) -> WrittenDate:
    """Return the span from one date to the other; the first takes its year from the second where it has none."""
    first = one.first
    if not one.has_year:
        first = _in_year(first, other.first.year)
        first = _in_year(first, other.first.year - 1) if first > other.last else first
    first, last = min(first, other.first), max(one.last if one.has_year else other.last, other.last)
    is_sure = one.is_sure or other.is_sure
    return WrittenDate(one.start, other.end, first, last, one.has_year or other.has_year, is_sure)


def _in_year(day: date, year: int) -> date:
    year = max(year, 1)
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def _read(match: re.Match[str], asked_on: date) -> WrittenDate | None:
    span = match.span()
    if match["year"]:
        return _months(span, int(match["year"]), 1, 12, is_sure=False)
    if match["half"]:
        first = 1 if match["half"].lower() == "first" else 7
        return _months(span, int(match["half_year"]), first, 6, is_sure=True)
    if match["q"] or match["quarter"]:
        return _read_quarter(match, asked_on)
    if match["month"]:
        month = MONTHS.split("|").index(match["month"]) + 1
        found = _months(span, _past_year(month, asked_on), month, 1, is_sure=False)
        return replace(found, has_year=False)
    if match["numbers"]:
        return _read_numbers(match)
    if match["iso"]:
        return _read_iso(match)
    return _read_words(match, asked_on)


def _months(span: tuple[int, int], year: int, month: int, count: int, *, is_sure: bool) -> WrittenDate:
    end = month + count - 1
    last = date(year, end, monthrange(year, end)[1])
    return WrittenDate(*span, date(year, month, 1), last, has_year=True, is_sure=is_sure)


def _past_year(month: int, asked_on: date) -> int:
    return max(1, asked_on.year - (month > asked_on.month))


def _read_quarter(match: re.Match[str], asked_on: date) -> WrittenDate | None:
    number = int(match["q"]) if match["q"] else _ORDINALS[match["quarter"].lower()]
    if match["q_year"]:
        return _months(match.span(), int(match["q_year"]), 3 * number - 2, 3, is_sure=True)
    if not match["q"]:  # "the third quarter" may be one of a match
        return None
    return _months(match.span(), _past_year(3 * number, asked_on), 3 * number - 2, 3, is_sure=False)


def _read_numbers(match: re.Match[str]) -> WrittenDate | None:
    """Return the day of 25/12/2016; None for 11/8/2016, which is two."""
    one, other, year = map(int, re.split(r"[/.]", match.group()))
    if one <= 12 and other <= 12 and one != other:
        return None
    day, month = max(one, other), min(one, other)
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return WrittenDate(*match.span(), date(year, month, day), date(year, month, day), has_year=True, is_sure=True)


def _read_words(match: re.Match[str], asked_on: date) -> WrittenDate | None:
    """Return the day, days or month of a written-out date; None for a day that no month has."""
    words = match.group()
    has_year = bool(re.search(r"\d{4}", words))
    last = _parse(_FIRST_OF_TWO.sub("", words, count=1))
    if last is None:
        return None
    if match["month_year"]:
        return _months(match.span(), last.year, last.month, 1, is_sure=True)
    if not has_year:
        last = _latest(last, asked_on)
    earlier = _FIRST_OF_TWO.search(words)
    first = int(earlier["first"]) if earlier else last.day
    if not 1 <= first <= last.day:
        return None
    return WrittenDate(*match.span(), last.replace(day=first), last, has_year=has_year, is_sure=True)


def _read_iso(match: re.Match[str]) -> WrittenDate | None:
    try:
        day = date.fromisoformat(match["iso"])
    except ValueError:
        return None
    return WrittenDate(*match.span(), day, day, has_year=True, is_sure=True)


def _latest(day: date, asked_on: date) -> date:
    """Return that day and month in the latest year past, for a leap day the latest that has it."""
    year = _past_year(day.month, asked_on)
    if (day.month, day.day) == (2, 29):
        year = next((each for each in range(year, max(0, year - 9), -1) if isleap(each)), 4)
    return day.replace(year=year)


@lru_cache(maxsize=256)
def _parse(words: str) -> date | None:
    """Return the day of written-out words as dateparser reads them, in the leap year 2000 where they name none."""
    import dateparser

    plain = re.sub(r"\b(?:of|the)\b", " ", words.replace(",", " "))
    dated = plain if re.search(r"\d{4}", plain) else f"{plain} 2000"
    settings = {"PREFER_DAY_OF_MONTH": "first", "PARSERS": ["absolute-time"]}
    found = dateparser.parse(dated, languages=["en"], settings=settings)
    return found.date() if found else None
