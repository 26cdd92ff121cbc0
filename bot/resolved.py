"""What the words of an article about when mean: "on Tuesday" under a dateline of 7 June 2017 is 6 June 2017.

Only where that is sure: a day given wrongly is worse than none. Not in somebody's quoted words, which may be older
than the article, not beside another year, not where the day may be one to come. The article's text is never
changed; `annotate` makes a copy for the prompt.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from bot.days import LOOKS_AHEAD, TELLING, Mention, read_days
from bot.plain_words import PRESENT_TENSE
from bot.records import ResolvedDay, TimeUnit
from index.records import Span

_MONTHS = "January February March April May June July August September October November December".split()
_YEAR = re.compile(r"(?<![\w.,$£€-])((?:1[5-9]|20)\d\d)s?(?![\w%]|[.,]\d)")
_WEEKDAY = re.compile(r"(?:last|next|coming|this|following)?\s*(?:mon|tues|wednes|thurs|fri|satur|sun)days?", re.I)
_WEEKS_AGO = re.compile(r"weeks-ago:(\d+)")
_SUNDAY = 6  # on which a week ends or begins, as one takes it
_WEEKS = {"last week": -1, "this week": 0, "next week": 1}
# "Today" is mostly "nowadays", and "tomorrow" the future, unless an event of the day stands beside it.
_VAGUE = re.compile(r"today|tomorrow", re.I)
_EVENT_BEFORE = re.compile(r"\b(?:earlier|later|said|announced|released|reported|published|told\s+\w+)\s+$", re.I)
_EVENT_AFTER = re.compile(r"\s+(?:said|announced|released|reported|published)\b", re.I)
_PAST = re.compile(rf"\b(?:\w{{2,}}ed|said|was|were|had|did|{'|'.join(sorted(PRESENT_TENSE))})\b", re.I)
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
# "Thursday's dinner" may be one to come without a word that says so, unless none is said to come at all.
_MAY_COME = re.compile(r"\b(?:must|may|might|could|should|can|ahead\s+of|before|face|faces)\b", re.I)
# Days known by their date, whatever the year of the article.
_KNOWN_BY_DATE = re.compile(r"(?:Jan(?:\.|uary)? 6|Sept?(?:\.|ember)? 11|July 4)(?:th)?", re.I)
# A date without its year that is months away is an anniversary or a name, "the January 6 committee".
_MOST_DAYS_AWAY = 60
# A weekday five or six days past is as well the day after tomorrow, or tomorrow.
_MOST_DAYS_BACK = 4


def resolve_days(sentence: str, published: date | None, *, offset: int = 0) -> tuple[ResolvedDay, ...]:
    """Return what the words of a sentence mean, each day once, where they do not say it themselves.

    `offset` is where the sentence begins in its article. Nothing is resolved without the day of publication.
    """
    if published is None:
        return ()
    read = read_days(sentence, published)
    places = Counter((mention.start, mention.end) for mention in read)
    mentions = [mention for mention in read if places[mention.start, mention.end] == 1]  # "June 7-20" is two days
    told = {_range_of(mention, published) for mention in mentions if _is_whole(mention)}
    found: list[ResolvedDay] = []
    for mention in mentions:
        known = _range_of(mention, published)
        if known is None or known in told or _is_whole(mention) or not _is_sure(mention, sentence, published, known):
            continue
        told.add(known)
        found.append(ResolvedDay(mention.start + offset, mention.end + offset, mention.text, *known))
    return tuple(found)


def annotate(text: str, published: date | None, sentences: Sequence[Span]) -> str:
    """Return `text` with what its words mean in brackets behind them, each day, month or year once.

    The spans are places in `text`. Weeks are left out, as a reader takes their ends for dates of something, and a
    month's year where it is the article's own, which stands above it.
    """
    told: set[tuple[date, date]] = set()
    shown = text
    resolved = [
        day
        for span in sentences
        for day in resolve_days(text[span.start : span.end], published, offset=span.start)
        if day.unit != "week" and not (published and _stands_above(day, published))
    ]
    inserts: list[tuple[int, str]] = []
    for day in resolved:
        if (day.since, day.until) not in told:
            told.add((day.since, day.until))
            possessive = _POSSESSIVE.match(text, day.end)
            inserts.append((possessive.end() if possessive else day.end, f" [{in_words(day)}]"))
    for place, words in reversed(inserts):
        shown = shown[:place] + words + shown[place:]
    return shown


def in_words(day: ResolvedDay) -> str:
    """Return what was meant as a newspaper writes it: "6 June 2017", "June 2017", "2017", "5 to 11 June 2017"."""
    if day.unit == "month":
        return f"{_MONTHS[day.until.month - 1]} {day.until.year}"
    return str(day.until.year) if day.unit == "year" else range_in_words(day.since, day.until)


def range_in_words(since: date, until: date) -> str:
    """Return a range of days as short as it stays clear: "5 to 11 June 2017", "30 May to 6 June 2017"."""
    last = f"{until.day} {_MONTHS[until.month - 1]} {until.year}"
    if since == until:
        return last
    first = f"{since.day}"
    if (since.year, since.month) != (until.year, until.month):
        first += f" {_MONTHS[since.month - 1]}"
    if since.year != until.year:
        first += f" {since.year}"
    return f"{first} to {last}"


def _stands_above(day: ResolvedDay, published: date) -> bool:
    """Return whether it is only a month's or a date's year that was not written, and the article's own."""
    named = any(month[:3].lower() in day.text.lower() for month in _MONTHS) and not _WEEKDAY.search(day.text)
    return named and day.since.year == published.year


def _is_whole(mention: Mention) -> bool:
    """Return whether a date is written with its year."""
    return bool(re.search(r"\d{4}", mention.text))


def _range_of(mention: Mention, published: date) -> tuple[date, date, TimeUnit] | None:
    known = mention.tokens | mention.implied
    values = {token[0]: int(token[1:]) for token in known if re.fullmatch(r"[ymd]\d+", token)}
    if "y" in values and values["y"] in range(1, 10_000):
        return _whole_range(values)
    return next(filter(None, (_week_of(token, published) for token in known)), None)


def _whole_range(values: dict[str, int]) -> tuple[date, date, TimeUnit] | None:
    year, month, day = values["y"], values.get("m"), values.get("d")
    if month is None:
        return date(year, 1, 1), date(year, 12, 31), "year"
    last = monthrange(year, month)[1]
    if day is None:
        return date(year, month, 1), date(year, month, last), "month"
    return (date(year, month, day), date(year, month, day), "day") if 1 <= day <= last else None


def _week_of(token: str, published: date) -> tuple[date, date, TimeUnit] | None:
    ago = _WEEKS_AGO.fullmatch(token)
    if (not ago and token not in _WEEKS) or published.weekday() == _SUNDAY:
        return None
    weeks = -int(ago[1]) if ago else _WEEKS[token]
    try:
        monday = published + timedelta(7 * weeks - published.weekday())
        return monday, monday + timedelta(6), "week"
    except OverflowError:
        return None


# --- what is sure --------------------------------------------------------------------------------------------


def _is_sure(mention: Mention, sentence: str, published: date, known: tuple[date, date, TimeUnit]) -> bool:
    words = mention.text.lower()
    names_month = any(month[:3].lower() in words for month in _MONTHS) and not _WEEKDAY.fullmatch(words)
    if names_month and words.split()[0] not in ("last", "next"):
        return _is_sure_date(mention, sentence, published, known)
    if _is_quoted(mention, sentence):
        return False
    if _WEEKDAY.fullmatch(words):
        return _is_sure_weekday(mention, sentence, published, known[0])
    if _VAGUE.fullmatch(words):
        return bool(_EVENT_BEFORE.search(sentence[: mention.start]) or _EVENT_AFTER.match(sentence, mention.end))
    return words.split()[0] not in ("previous", "the", "following") or words.startswith("the day")


def _is_sure_date(mention: Mention, sentence: str, published: date, known: tuple[date, date, TimeUnit]) -> bool:
    if not _years_of(sentence) <= {published.year}:
        return False
    first, _, unit = known
    is_named = re.search(r"\bthe\s+$", sentence[: mention.start], re.I)
    is_named = is_named or _KNOWN_BY_DATE.fullmatch(mention.text)
    return unit != "day" or (abs((published - first).days) <= _MOST_DAYS_AWAY and not is_named)


def _years_of(sentence: str) -> set[int]:
    return {int(match[1]) for match in _YEAR.finditer(sentence)}


def _is_sure_weekday(mention: Mention, sentence: str, published: date, day: date) -> bool:
    if " " in mention.text:  # "last Tuesday" may be yesterday's, or that of the week before
        return False
    if (published - day).days > _MOST_DAYS_BACK and " of last week" not in sentence[mention.end :][:14]:
        return False
    if _POSSESSIVE.match(sentence, mention.end) and (_MAY_COME.search(sentence) or LOOKS_AHEAD.search(sentence)):
        return False
    after = sentence[mention.end : mention.end + 32]
    to_come = LOOKS_AHEAD.search(after)
    if re.match(r"\s+[A-Z]", after) or (to_come and not TELLING.search(after[: to_come.start()])):
        return False
    return _years_of(sentence) <= {published.year} and bool(_PAST.search(_without_quotes(sentence)))


_QUOTATION = re.compile(r"“[^”]*(?:”|$)|^[^“]*”|\"[^\"]*\"")


def _quotations(sentence: str) -> Iterator[tuple[int, int]]:
    """Yield the places of quoted words; of a straight mark without its partner it is unclear where they end."""
    if sentence.count('"') % 2:
        yield 0, len(sentence)
    yield from (match.span() for match in _QUOTATION.finditer(sentence))


def _is_quoted(mention: Mention, sentence: str) -> bool:
    return any(start <= mention.start < end for start, end in _quotations(sentence))


def _without_quotes(sentence: str) -> str:
    for start, end in _quotations(sentence):
        sentence = sentence[:start] + " " * (end - start) + sentence[end:]
    return sentence
