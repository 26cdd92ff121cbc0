"""Whether quotes tell of another year's event than the question: "the 2019 Open" for "the Open in 2020".

English, by rule. A year counts for an event only where it stands right before its words or, with "in" or "of", right
after them; in doubt silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from bot.date_words import MONTHS
from bot.stems import content_stems

_NAME = re.compile(r"(?<=\S )[A-Z][\w’'.-]*")  # not the first word, which has a capital for standing first
_REACH = 4  # words after "2019" that may belong to it, and before "in 2020"
_YEAR = r"(?:1[6-9]|20)\d\d"
_BARE_YEAR = re.compile(rf"(?<![\d.,/$£€–-]){_YEAR}(?![\d/%–-]|[.,]\d)")
_BEFORE_WORDS = re.compile(rf"(?<![\w.,/$£€–-])(?P<year>{_YEAR})(?P<words>(?:[ \xa0][\w’'.-]+){{1,{_REACH}}})")
_AFTER_WORDS = re.compile(
    rf"(?<![\w’'.-])(?P<words>(?:[\w’'.-]{{1,40}}[ \xa0]){{1,{_REACH}}})"
    rf"(?:in|of|for|at)[ \xa0](?P<year>{_YEAR})(?![\d/–-])"
)
_CENTURY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)(?:[- ]|\xa0)centur(?:y|ies)\b", re.I)
_MONTH = re.compile(rf"(?:{MONTHS})[ \xa0]\Z")
# Behind these a year stands for itself: "in 2019 Ferrell won" is no "2019 Ferrell".
_PREPOSITION = re.compile(
    r"\d,[ \xa0]\Z|\b(?:in|of|since|until|till|by|from|to|before|after|during|around|and|or)[ \xa0]\Z", re.I
)
# Years of a question that name no event: "the first World Cup after 2014", "an actor born in 1985".
_NO_EVENT = re.compile(
    r"\b(?:since|after|before|until|till|by|from|between|(?:born|founded|established|built|made|named|opened)\s+in)\s+"
    r"(?:the\s+)?\Z",
    re.I,
)


def other_edition(question: str, quotes: Sequence[tuple[str, date | None]]) -> str:
    """Return the year of another edition of what is asked about, of which the quotes tell more than of its own, or "".

    Of a century that is asked about, the number of another one, where the quotes name that and not it.

    Silent for a question without a year, or with two. Each quote comes with its article's day: one of the year that is
    asked about need not name it again.
    """
    told: set[str] = set(_CENTURY.findall("\n".join(text for text, _ in quotes)))
    if told and set(_CENTURY.findall(question)) - told:
        return min(told)
    years = list(_BARE_YEAR.finditer(question))
    if len({match.group() for match in years}) != 1 or _NO_EVENT.search(question[: years[0].start()]):
        return ""
    asked = years[0].group()
    wanted = content_stems(_BARE_YEAR.sub(" ", question))
    names = content_stems(" ".join(_NAME.findall(question)))

    def weight(words: frozenset[str]) -> int:
        return len(words & wanted) + len(words & wanted & names)

    found = [each for text, _ in quotes for each in _editions(text)]
    most, year = max(((weight(words), year) for year, words in found if year != asked), default=(0, ""))
    own = [weight(_of_year(text, day, asked)) for text, day in quotes]
    return year if most > max(own, default=0) else ""


def _of_year(text: str, day: date | None, year: str) -> frozenset[str]:
    """Return the stems of a quote that may tell of that year: of all of it where it names it.

    In an article of that year they are those that no other year stands before.
    """
    if year in _BARE_YEAR.findall(text):
        return content_stems(text)
    return content_stems(_BEFORE_WORDS.sub(" ", text)) if day is not None and str(day.year) == year else frozenset()


def _editions(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the years that stand beside words, with these words' stems."""
    for match in _BEFORE_WORDS.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if not (_PREPOSITION.search(before) or _MONTH.search(before)):
            yield match["year"], content_stems(_in_one_sentence(match["words"]))
    for match in _AFTER_WORDS.finditer(text):
        yield match["year"], content_stems(match["words"])


def _in_one_sentence(words: str) -> str:
    """Return the words up to the end of a sentence."""
    return re.split(r"(?<=[a-z])\.\s", words, maxsplit=1)[0]
