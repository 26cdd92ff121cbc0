"""Filters made exact: which articles a search may use, as SQL and as values that compare without case.

Knows nothing of questions or scores. Outlets and authors are compared folded (case, runs of white space), and a
date is the integer yyyymmdd with 0 for unknown, so that the same values work in SQLite and in Chroma.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from index.records import Filters


@dataclass(frozen=True, slots=True)
class Selection:
    """What an article must be. `outlets` and `authors` hold whole folded values; None lets every one pass."""

    since: int = 0
    until: int = 0
    outlets: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """True when every article passes."""
        return not (self.since or self.until) and self.outlets is None and self.authors is None

    @property
    def is_nothing(self) -> bool:
        """True when no article can pass."""
        return self.outlets == () or self.authors == ()

    def as_sql(self) -> tuple[str, list[str | int]]:
        """Return a condition on the table `articles` and its values; lists are one value each, however long."""
        conditions: list[str] = ["1"]
        values: list[str | int] = []
        if self.since or self.until:
            conditions.append("articles.published >= ? AND articles.published <= ?")
            values += [self.since or 1, self.until or 99999999]
        for column, allowed in (("outlet_folded", self.outlets), ("author_folded", self.authors)):
            if allowed is not None:
                conditions.append(f"articles.{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(allowed))
        return " AND ".join(conditions), values


EVERYTHING = Selection()
_BETWEEN_NAMES = re.compile(r"\s*[,;|]\s*(?:and\s+|&\s+)?|\s+(?:and|&|with)\s+", re.IGNORECASE)


def fold(text: str) -> str:
    """Return the form in which outlets and authors compare: no case, single spaces, straight apostrophes."""
    return " ".join(text.replace("’", "'").split()).casefold()


def date_to_int(day: date | None) -> int:
    """Return yyyymmdd, and 0 for an unknown date."""
    return day.year * 10000 + day.month * 100 + day.day if day else 0


def int_to_date(number: int) -> date | None:
    """Return the date that `date_to_int` made `number` of."""
    return date(number // 10000, number // 100 % 100, number % 100) if number else None


def names_of(byline: str) -> tuple[str, ...]:
    """Return the names that a byline holds, each once: "Ann Lee, Bo Ray and Cy Dow" has three.

    "Lee, Ann" is one, written the other way round: two single words are not taken for two people.
    """
    names = [name for part in _BETWEEN_NAMES.split(byline) if (name := " ".join(part.split()))]
    if len(names) == 2 and all(" " not in name for name in names) and "," in byline:
        return (" ".join(byline.split()),)
    return tuple({fold(name): name for name in reversed(names)}.values())[::-1]


def select(filters: Filters, known_authors: Iterable[str]) -> Selection:
    """Return the selection that `filters` mean; author names are looked up in the folded `known_authors`.

    A byline may hold several names, so a name matches every byline that contains it as whole words.
    """
    outlets = tuple(sorted({fold(name) for name in filters.outlets} - {""}))
    names = {fold(name) for name in filters.authors} - {""}
    return Selection(
        since=date_to_int(filters.since),
        until=date_to_int(filters.until),
        outlets=outlets or None,
        authors=_matching_bylines(names, known_authors) if names else None,
    )


def _matching_bylines(names: set[str], known_authors: Iterable[str]) -> tuple[str, ...]:
    # Whole words: "ann lee" must not bring "joann leeds".
    whole = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(name) for name in sorted(names)) + r")(?!\w)")
    return tuple(byline for byline in known_authors if whole.search(byline))
