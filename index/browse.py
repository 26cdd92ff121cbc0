"""The archive as a list: sorted, narrowed and counted day by day, without reading a text.

What a list is narrowed and sorted by lies in one index, so that 100,000 articles are gone through in a fraction of a
second; of the rows only those of one page are read. Knows nothing of how articles come in or of passages' vectors.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from index.records import Filters, Kind, Sort
from index.rows import SOURCE_COLUMNS, ArticleRow, to_source
from index.selection import date_to_int, int_to_date, select
from index.words import Term, make_terms

CREATE_SHELF = """CREATE INDEX IF NOT EXISTS articles_on_the_shelf ON articles(
    published, id, title, outlet_folded, author_folded, kind, characters)"""

# What is not known comes last, and among equals the newest first.
_ORDERS: dict[Sort, str] = {
    "newest": "published DESC, id",
    "oldest": "published = 0, published, id",
    "title": """title = '', ltrim(title, '“”‘’"'' ([') COLLATE NOCASE, published DESC, id""",
    "outlet": "outlet_folded = '', outlet_folded, published DESC, id",
    "longest": "characters DESC, published DESC, id",
}


@dataclass(frozen=True, slots=True)
class Browse:
    """What of the archive is listed, and in which order.

    Every one of `words` (or "quoted phrases") is in an article's text, title, outlet or author. With `undated` only
    articles without a date are listed, whatever dates the filters say; no `kinds` are all of them.
    """

    words: str = ""
    filters: Filters = Filters()
    kinds: tuple[Kind, ...] = ()
    undated: bool = False
    sort: Sort = "newest"

    @property
    def is_everything(self) -> bool:
        """True when nothing is left out."""
        return not (self.words.strip() or self.kinds or self.undated) and self.filters.is_empty


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `total` counts the whole list, `archive` all articles there are.

    `days` counts the articles of each day, and `undated` those of none, that would be listed without limits of date.
    """

    rows: tuple[ArticleRow, ...]
    offset: int
    total: int
    archive: int
    days: tuple[tuple[date, int], ...]
    undated: int


def browse(connection: sqlite3.Connection, asked: Browse, *, limit: int | None = None, offset: int = 0) -> Listing:
    """Return `limit` articles of the list from `offset` on; without a limit all of them."""
    condition, values = _narrowed(connection, asked)
    counted = connection.execute(
        f"SELECT published, count(*) FROM articles WHERE {condition} GROUP BY published ORDER BY published", values
    ).fetchall()
    dates, bounds = _dated(asked)
    numbers = connection.execute(
        f"SELECT number FROM articles WHERE {condition} AND {dates} ORDER BY {_ORDERS[asked.sort]} LIMIT ? OFFSET ?",
        [*values, *bounds, -1 if limit is None else limit, offset],
    )
    (archive,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    return Listing(
        rows=tuple(_rows(connection, [number for (number,) in numbers])),
        offset=offset,
        total=sum(count for day, count in counted if _is_within(day, asked)),
        archive=archive,
        days=tuple((day, count) for number, count in counted if (day := int_to_date(number))),
        undated=sum(count for number, count in counted if not number),
    )


def _narrowed(connection: sqlite3.Connection, asked: Browse) -> tuple[str, list[str | int]]:
    """Return the condition that the list's articles meet, but for their dates."""
    filters = replace(asked.filters, since=None, until=None)
    bylines: Iterable[str] = ()
    if filters.authors:
        bylines = [row[0] for row in connection.execute("SELECT DISTINCT author_folded FROM articles")]
    condition, values = select(filters, bylines).as_sql()
    if asked.kinds:
        condition += " AND kind IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(asked.kinds))
    for term in make_terms(asked.words):
        condition += f" AND ({_HOLDS})"
        values += _values_of(term)
    if asked.words.strip() and not make_terms(asked.words):
        condition += " AND 0"  # nothing but marks was asked for, and no article is that
    return condition, values


# Names are few: each is looked at once, in its index, however many articles bear it.
_HOLDS = """number IN (SELECT passages.article FROM words JOIN passages ON passages.number = words.rowid
                 WHERE words MATCH ?)
    OR outlet_folded IN (SELECT outlet_folded FROM articles WHERE instr(' ' || outlet_folded, ?))
    OR author_folded IN (SELECT author_folded FROM articles WHERE instr(' ' || author_folded, ?))
    OR instr(' ' || lower(title), ?)"""


def _values_of(term: Term) -> list[str | int]:
    begins = f" {term.folded}"  # at the beginning of a word
    return [term.query, begins, begins, begins]


def _dated(asked: Browse) -> tuple[str, list[int]]:
    if asked.undated:
        return "published = 0", []
    since, until = asked.filters.since, asked.filters.until
    if not (since or until):
        return "1", []
    return "published BETWEEN ? AND ?", [date_to_int(since) or 1, date_to_int(until) or 99999999]


def _is_within(day: int, asked: Browse) -> bool:
    if asked.undated:
        return day == 0
    since, until = asked.filters.since, asked.filters.until
    if not (since or until):
        return True
    return (date_to_int(since) or 1) <= day <= (date_to_int(until) or 99999999)


def _rows(connection: sqlite3.Connection, numbers: list[int]) -> Iterable[ArticleRow]:
    rows = connection.execute(
        f"""SELECT articles.number, articles.id, articles.kind, articles.characters,
            (SELECT count(*) FROM passages WHERE passages.article = articles.number), {SOURCE_COLUMNS}
            FROM articles WHERE articles.number IN (SELECT value FROM json_each(?))""",
        [json.dumps(numbers)],
    )
    found = {number: (id, kind, size, count, source) for number, id, kind, size, count, *source in rows}
    for number in numbers:
        id, kind, size, count, source = found[number]
        yield ArticleRow(id, to_source(source), kind, count, size)
