"""Which sentences of the news tell that something happened, and on which day: by their words alone.

A sentence's own day is given only where it is sure, as in bot/resolved.py. Knows English only, and nothing of topics.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from bot.days import LOOKS_AHEAD, TELLING, Mention, read_days
from bot.numbers import amounts_outside
from bot.plain_words import PRESENT_TENSE
from bot.records import ResolvedDay
from bot.resolved import resolve_days

SHORTEST = 6  # words; what is shorter is a heading or a remark

_CLOSING = " \"'”’»)]"
_ENDS = re.compile(r"[.!…:;]+[\"'”’»)\]]*\s*$")
_QUOTED = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)")
_PAST = re.compile(rf"\b(?:\w{{2,}}ed|was|were|had|did|{'|'.join(sorted(PRESENT_TENSE))})\b", re.I)
_CORRECTS = re.compile(r"\bnot\s+(?:the\s+)?[\d$£€]|\bcorrect(?:ed)?\s+\w+\s+(?:is|was)\b")
_TO_COME = re.compile(
    r"\b(?:will|shall|plans?|planned|expected|scheduled|proposed|set to|about to|(?:is|are) to|considering)\b|['’]ll\b"
)
_SAYING = re.compile(r"\b(?:said|says|told|asked|added|wrote|writes|tweeted|found|according)\b", re.I)
_PICTURE = re.compile(r"\bGetty Images\b|\w/(?:AP|AFP|Reuters|Getty)\b|\bHide [Cc]aption\b|^\W*Photos?:")
_ADDRESS = re.compile(
    r"\b(?:you|your|we|our|I|my|let['’]s)\b|^\W*(?:Read|See|Watch|Click|Sign up|Turn to|Follow|Join|Here)\b"
)
# Words after which a day is not that of what the sentence tells: "since Monday", "who was arrested on Monday".
_NOT_ITS_OWN = re.compile(
    r"(?:\b(?:(?:since|after|who|which|whose)\b[^,]*|before|until|till|from|through|by|than|between|of)"
    r"\s+(?:on\s+|in\s+)?(?:the\s+|early\s+|late\s+|mid-)?)$",
    re.I,
)
# A month is told of a whole sentence only where it is one clause: "closed it in January" may stand in its second.
_SECOND_CLAUSE = re.compile(
    r"\b(?:when|where|that|after|since|who|which|whose|because|as|while|if|than|before)\b", re.I
)
_IN_A_MONTH = re.compile(r"\b(?:in|last|this|early|late)\s+(?:early\s+|late\s+|mid-)?$", re.I)
_YEAR = re.compile(r"\b(?:in|of|the|on [A-Z][a-z]+\.? \d+,)\s+((?:1[89]|20)\d\d)\b(?!\s*[-–]\d)")
HISTORY = 5  # years
MOST_DAYS_BACK = 400  # an older day in a report is mostly that of something else, told as its background


def tells_something(sentence: str) -> bool:
    """Return whether a sentence states something of the world: no question, heading, remark, or call to the reader."""
    if sentence.rstrip(_CLOSING).endswith("?") or not _ENDS.search(sentence) or _PICTURE.search(sentence):
        return False
    own = without_quotes(sentence)
    return len(sentence.split()) >= SHORTEST and len(own.split()) >= SHORTEST - 2 and not _ADDRESS.search(own)


def eventfulness(sentence: str, published: date | None) -> float:
    """Return in [0, 1] how much a sentence reads like news: something happened, with its figures, and when."""
    own = without_quotes(sentence)
    happened = bool(_PAST.search(_SAYING.sub("", own))) or corrects(own)
    days = read_days(sentence, published)
    has_figure = any(True for _ in amounts_outside(sentence, [(day.start, day.end) for day in days]))
    share_of_own = len(own.split()) / max(1, len(sentence.split()))
    return (0.4 * happened + 0.3 * bool(days) + 0.3 * has_figure) * (0.4 + 0.6 * share_of_own)


def is_to_come(sentence: str) -> bool:
    """Return whether a sentence tells of what will be, or is planned."""
    return bool(_TO_COME.search(without_quotes(sentence)))


def corrects(sentence: str) -> bool:
    """Return whether a sentence puts a figure in the place of a wrong one."""
    return bool(_CORRECTS.search(without_quotes(sentence)))


def without_quotes(sentence: str) -> str:
    """Return the sentence without what it quotes somebody saying."""
    return _QUOTED.sub(" ", sentence)


def own_day(sentence: str, published: date | None, *, offset: int = 0) -> ResolvedDay | None:
    """Return the day or month that the sentence says its event was of, the latest of several; None where unsure."""
    sure = [
        day
        for day in (*resolve_days(sentence, published), *_whole_dates(sentence, published))
        if _is_past(day, published) and not _is_ahead(day, sentence) and not _NOT_ITS_OWN.search(sentence[: day.start])
    ]
    days = [day for day in sure if day.unit == "day"] or [
        day
        for day in sure
        if day.unit == "month" and _is_other_month(day, published) and _is_of_one_clause(day, sentence)
    ]
    if not days:
        return None
    best = max(days, key=lambda day: day.since)
    return ResolvedDay(best.start + offset, best.end + offset, best.text, best.since, best.until, best.unit)


def _is_past(day: ResolvedDay, published: date | None) -> bool:
    return published is None or (day.since <= published and (published - day.since).days <= MOST_DAYS_BACK)


def _is_other_month(day: ResolvedDay, published: date | None) -> bool:
    return published is None or day.until < published


def _is_of_one_clause(day: ResolvedDay, sentence: str) -> bool:
    before = sentence[: day.start]
    return bool(_IN_A_MONTH.search(before)) and not _SECOND_CLAUSE.search(before) and not _SAYING.search(sentence)


def is_background(sentence: str, published: date | None) -> bool:
    """Return whether a sentence itself tells of an earlier year: it belongs to no day near its publication."""
    if published is None:
        return False
    # A finding of today may be about last year; what somebody says of ten years ago is history.
    latest = published.year - (HISTORY if _SAYING.search(sentence) else 1 if published.month == 1 else 0)
    years = [match for match in _YEAR.finditer(sentence) if int(match[1]) < latest]
    return any(not _NOT_ITS_OWN.search(sentence[: match.start()] + " ") for match in years)


def _whole_dates(sentence: str, published: date | None) -> Iterator[ResolvedDay]:
    """Yield the dates written with their year, which need nothing to be resolved."""
    for mention in read_days(sentence, published):
        known = {token[0]: int(token[1:]) for token in mention.tokens if token[1:].isdigit()}
        if {"y", "m"} <= known.keys() and not _is_quoted(mention, sentence):
            yield from _of(mention, known["y"], known["m"], known.get("d"))


def _of(mention: Mention, year: int, month: int, day: int | None) -> Iterator[ResolvedDay]:
    last = monthrange(year, month)[1]
    if day is None:
        yield ResolvedDay(
            mention.start, mention.end, mention.text, date(year, month, 1), date(year, month, last), "month"
        )
    elif day <= last:
        on = date(year, month, day)
        yield ResolvedDay(mention.start, mention.end, mention.text, on, on, "day")


def _is_quoted(mention: Mention, sentence: str) -> bool:
    return any(match.start() <= mention.start < match.end() for match in _QUOTED.finditer(sentence))


def _is_ahead(day: ResolvedDay, sentence: str) -> bool:
    before = sentence[max(0, day.start - 48) : day.start]
    cues = list(LOOKS_AHEAD.finditer(before))
    return bool(cues) and not TELLING.search(before[cues[-1].end() :])
