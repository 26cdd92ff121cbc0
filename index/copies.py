"""Near-copies: articles that tell one story in nearly the same words, as five outlets print one agency report.

At indexing every article is sketched by MinHash over its body's runs of three words, and the sketch's bands are stored
beside it, in its own transaction; articles that share a band are compared by their texts when they are asked for.
Knows nothing of passages: whether two copies say the same there is not decided here.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from index.records import Article, Mark
from index.rows import SOURCE_COLUMNS, to_article
from index.selection import Selection

if TYPE_CHECKING:
    from datasketch import MinHash

# Of two articles' runs of words, those in both by those in either (Jaccard). Of 12.5 million pairs of 5,000 news
# articles ten differ in their words and share more: reprints, and later states of one report. The nearest that must
# not be taken for copies are two days of a daily column, at .53. An agency report whose words are edited, one in 33,
# comes back at .84; with 30 % of its sentences cut off, at .70.
LEAST_SHARED = 0.6
RUN = 3  # words
# With 20 bands of 4 values two articles that share .6, .7 or .8 of their runs meet in a band with a chance of .94,
# .996 or 1; those that share .1 do so in one of 500 pairs, and are then told apart by their texts.
_BANDS, _ROWS = 20, 4
MOST_CANDIDATES = 50  # compared an article, those of most common bands first: a form filled in daily has thousands
SKETCH = (
    f"datasketch affine32 sha1, {_BANDS} bands of {_ROWS}, runs of {RUN}"  # stored bands are of this kind or made anew
)

_STATEMENTS = (
    """CREATE TABLE bands (
    article INTEGER NOT NULL REFERENCES articles(number) ON DELETE CASCADE,
    hash INTEGER NOT NULL,
    PRIMARY KEY (article, hash)
) WITHOUT ROWID""",
    "CREATE INDEX bands_by_hash ON bands(hash)",
)
CREATE_BANDS = ";\n".join(_STATEMENTS)

_ARTICLE_COLUMNS = f"articles.id, articles.kind, articles.marks, articles.text, {SOURCE_COLUMNS}"
_WORD = re.compile(r"[^\W_]+")


def word_runs(text: str, marks: Iterable[Mark] = ()) -> frozenset[str]:
    """Return the runs of RUN words of an article's body, of a shorter one its words as one run."""
    for mark in marks:
        if mark.role != "body":  # an outlet's own headline, byline, picture and newsletter line
            text = text[: mark.start] + " " * (mark.end - mark.start) + text[mark.end :]
    words = _WORD.findall(text.casefold())
    if not words:
        return frozenset()
    return frozenset(" ".join(words[place : place + RUN]) for place in range(max(1, len(words) - RUN + 1)))


def make_bands(article: Article) -> list[int]:
    """Return a number for each band of the article's sketch: the same on every machine, for ever."""
    sketch = _empty_sketch().copy()
    sketch.update_batch([run.encode() for run in sorted(word_runs(article.text, article.marks))])
    bands = sketch.hashvalues.astype("<u4").reshape(_BANDS, _ROWS)
    return [_number(place, band.tobytes()) for place, band in enumerate(bands)]


@lru_cache(maxsize=1)
def _empty_sketch() -> MinHash:
    from datasketch import MinHash  # it brings scipy, which takes half a second

    return MinHash(num_perm=_BANDS * _ROWS, seed=1, scheme="affine32")


def _number(place: int, band: bytes) -> int:
    digest = hashlib.blake2b(bytes([place]) + band, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)  # SQLite's integers are


def put_bands(connection: sqlite3.Connection, number: int, article: Article) -> None:
    """Store the bands of the article with this number."""
    rows = ((number, band) for band in make_bands(article))
    connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", rows)


def has_bands(connection: sqlite3.Connection) -> bool:
    """True unless the archive was made before near-copies were looked for, and not indexed since."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'bands'").fetchone() is not None


def begin_bands(connection: sqlite3.Connection) -> None:
    """Make an empty table of bands in place of what there is; every article is then one `without_bands`."""
    connection.execute("DROP TABLE IF EXISTS bands")
    for statement in _STATEMENTS:
        connection.execute(statement)


def without_bands(connection: sqlite3.Connection, *, limit: int) -> list[tuple[int, Article]]:
    """Return articles that have no bands yet, with their numbers."""
    rows = connection.execute(
        f"""SELECT number, {_ARTICLE_COLUMNS} FROM articles
            WHERE NOT EXISTS (SELECT 1 FROM bands WHERE article = number) ORDER BY number LIMIT ?""",
        [limit],
    )
    return [(int(number), to_article(row)) for number, *row in rows]


def find_copies(
    connection: sqlite3.Connection, ids: Sequence[str], *, selection: Selection
) -> dict[str, tuple[Article, ...]]:
    """Return the near-copies of each of these articles among the selected ones; one without any is not in it."""
    if selection.is_nothing or not has_bands(connection):
        return {}
    candidates = _candidates(connection, ids, selection)
    articles = _read(connection, {*candidates, *(id for found in candidates.values() for id in found)})
    runs = {id: word_runs(article.text, article.marks) for id, article in articles.items()}
    copies: dict[str, tuple[Article, ...]] = {}
    for id, others in candidates.items():
        near = tuple(articles[other] for other in others if shared(runs[id], runs[other]) >= LEAST_SHARED)
        if near:
            copies[id] = near
    return copies


def shared(first: frozenset[str], second: frozenset[str]) -> float:
    """Return which share of the runs of either are in both; 0 for two without any."""
    either = len(first | second)
    return len(first & second) / either if either else 0.0


def _candidates(connection: sqlite3.Connection, ids: Sequence[str], selection: Selection) -> dict[str, list[str]]:
    condition, values = selection.as_sql()
    rows = connection.execute(
        f"""WITH met AS (
                SELECT asked.id AS asked, articles.id AS other, count(*) AS bands
                FROM articles AS asked JOIN bands AS own ON own.article = asked.number
                JOIN bands AS its ON its.hash = own.hash AND its.article != own.article
                JOIN articles ON articles.number = its.article
                WHERE asked.id IN (SELECT value FROM json_each(?)) AND {condition}
                GROUP BY asked.number, articles.number
            )
            SELECT asked, other FROM (
                SELECT asked, other, row_number() OVER (PARTITION BY asked ORDER BY bands DESC, other) AS place FROM met
            ) WHERE place <= ? ORDER BY asked, place""",
        [json.dumps(list(ids)), *values, MOST_CANDIDATES],
    )
    found: dict[str, list[str]] = defaultdict(list)
    for asked, other in rows:
        found[str(asked)].append(str(other))
    return found


def _read(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Article]:
    rows = connection.execute(
        f"SELECT {_ARTICLE_COLUMNS} FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(ids))],
    )
    return {str(row[0]): to_article(row) for row in rows}
