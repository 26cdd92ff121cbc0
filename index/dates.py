"""The publication date an article states, and nothing more: no part of a date is ever filled in from today.

`parse_published` reads one value; `find_published` finds a date inside a byline or date line in English, and
`find_foreign` in German or Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

# The Relation of 1605 is the first newspaper; "9999-12-31" and the like are fillers of databases.
FIRST_YEAR, LAST_YEAR = 1600, 2099
_FIRST_EPOCH, _LAST_EPOCH = 100_000_000, 4_102_444_800  # 1973 to 2100, seconds; below 10^8 it is not a time stamp

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"

_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4})(?!\d)")
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s+{_DAY}\s*,?\s+{_YEAR}(?!\d)", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?<!\d){_DAY}\s*(?:of\s+|-|\s)\s*{_MONTH}[\s,-]+{_YEAR}(?!\d)", re.IGNORECASE)
_YEAR_FIRST = re.compile(rf"(?<!\d){_YEAR}[\s,-]+{_MONTH}[\s-]+{_DAY}(?!\d)", re.IGNORECASE)
# "5. März 2021", "5 de marzo de 2021", "marzo 5, 2021". "May" is left to English, where "No. 5. May 2021" is no day.
_GERMAN_MONTHS = (
    "januar jänner jän jan", "februar feber feb", "märz maerz mär mrz", "april apr", "mai", "juni jun", "juli jul",
    "august aug", "september sept sep", "oktober okt", "november nov", "dezember dez",
)  # fmt: skip
_SPANISH_MONTHS = (
    "enero ene", "febrero feb", "marzo mar", "abril abr", "mayo", "junio jun", "julio jul", "agosto ago",
    "septiembre setiembre sept sep", "octubre oct", "noviembre nov", "diciembre dic",
)  # fmt: skip
_FOREIGN_MONTHS = {
    name: number
    for months in (_GERMAN_MONTHS, _SPANISH_MONTHS)
    for number, names in enumerate(months, start=1)
    for name in names.split()
}
_FOREIGN_MONTH = rf"(?P<month>{'|'.join(sorted(_FOREIGN_MONTHS, key=len, reverse=True))})\b\.?"
_SPANISH_MONTH = rf"(?P<month>{'|'.join(names.split()[0] for names in _SPANISH_MONTHS)})"
# Not the second half of "4./5. März", and not a number as in "Nr. 5. April 2021".
_ALONE = r"(?<![\d./-])(?<!\bnr\.\s)(?<!\bno\.\s)(?<!\bvol\.\s)(?<!\bnúm\.\s)"
_FOREIGN = (
    rf"{_ALONE}(?P<day>\d{{1,2}})(?:\.\s?|º\s|\s)(?:de\s)?{_FOREIGN_MONTH},?\s(?:del?\s)?{_YEAR}(?!\d)",
    rf"\b{_SPANISH_MONTH}\s(?P<day>\d{{1,2}})(?:,|\sdel?)\s{_YEAR}(?!\d)",
)
_FOREIGN_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _FOREIGN)
_DOTTED = re.compile(r"(?<![\d./-])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?!\d)")
# What only a German line says, and there a dotted date begins with its day.
_SAYS_GERMAN = re.compile(
    r"\b(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|uhr|veröffentlicht|erschienen|aktualisiert)\b"
    r"|\bstand\s?:|\A(?-i:Von|VON)\s",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"/(?P<year>\d{4})[/-](?P<month>\d{1,2}|[a-z]{3})[/-](?P<day>\d{1,2})(?=[/_-]|$)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LIMIT = 200  # characters; a longer value is not a date but a text that may mention one


def parse_published(text: str) -> date | None:
    """Return the date that `text` gives in full, else None.

    Takes ISO 8601, RFC 2822, dates with the month in words (English, German, Spanish), `20170607`, and epoch seconds or
    milliseconds.
    "03/04/2017" is the 3rd of April to some and the 4th of March to others: None, unless one part is above 12.
    """
    value = text.strip()
    if not value or len(value) > _LIMIT:
        return None
    if _NUMBER.fullmatch(value):
        compact = _COMPACT.fullmatch(value)
        return _from_parts(compact) if compact else _from_epoch(float(value))
    return find_published(value) or next((day for day, _, _ in find_foreign(value)), None)


def find_published(text: str) -> date | None:
    """Return the first full date inside a short text such as "Published 3:04 PM EST Mar 4, 2022"."""
    found = [
        (match.start(), day)
        for pattern in (_ISO, _MONTH_FIRST, _DAY_FIRST, _YEAR_FIRST, _NUMERIC, _COMPACT)
        for match in pattern.finditer(text[: 2 * _LIMIT])
        if (day := _from_parts(match))
    ]
    return min(found, default=(0, None))[1]


def find_foreign(text: str) -> Iterator[tuple[date, int, int]]:
    """Yield each full date that a short German or Spanish text states, and from where to where it stands."""
    dotted = (_DOTTED,) if _SAYS_GERMAN.search(text) else ()
    patterns = (*_FOREIGN_PATTERNS, *dotted)
    for match in sorted((found for each in patterns for found in each.finditer(text)), key=re.Match.start):
        month = match["month"].lower()
        number = int(month) if month.isdecimal() else _FOREIGN_MONTHS[month]
        if day := _make(int(match["year"]), number, int(match["day"])):
            yield day, match.start(), match.end()


def find_published_in_url(url: str) -> date | None:
    """Return the date in an address such as `/2017/06/07/headline`, else None."""
    match = _IN_URL.search(url.lower())
    return _from_parts(match) if match else None


def _from_parts(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        if first <= 12 and second <= 12 and first != second:
            return None
        month, day = (first, second) if first <= 12 else (second, first)
    else:
        month, day = _month(parts["month"]), int(parts["day"])
    return _make(int(parts["year"]), month, day)


def _month(word: str) -> int:
    return int(word) if word.isdecimal() else _MONTHS.get(word.lower(), 0)


def _make(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _from_epoch(number: float) -> date | None:
    seconds = number / 1000 if number > _LAST_EPOCH else number
    if not _FIRST_EPOCH <= seconds < _LAST_EPOCH:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()
