"""What follows from the stored articles, compared with them: passages, vectors, words and bands of each.

Finds and names what is wrong, and changes nothing. How it is made anew is `repair.py`'s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from index.chunk import leaves_out
from index.copies import has_bands, make_bands
from index.language_table import language_of
from index.ledger import hash_content
from index.records import Article, Span
from index.rows import SOURCE_COLUMNS, to_article
from index.stemming import with_stems
from index.store import find_problems
from index.table import Table

_AT_ONCE = 8192  # rows
_UNIT = 1e-3  # how far from 1 the length of a sound vector may be


@dataclass(slots=True)
class Findings:
    """What is wrong, by article's number, and beside that in words."""

    altered: set[int] = field(default_factory=set)  # their own text, which follows from nothing
    to_cut: set[int] = field(default_factory=set)  # passages or vectors are lost or broken
    words: set[int] = field(default_factory=set)
    bands: set[int] = field(default_factory=set)
    other: list[str] = field(default_factory=list)
    is_unreadable: bool = False  # SQLite itself fails on what follows from the articles

    def in_words(self) -> list[str]:
        """Return all of it as sentences."""
        told = (
            (self.altered, "are not as they were stored: index their files again"),
            (self.to_cut, "lack passages or vectors, or have broken ones"),
            (self.words, "have words that are not those of their text"),
            (self.bands, "have bands, by which near-copies are found, that are not those of their text"),
        )
        return [*self.other, *(f"{len(found)} articles {what}" for found, what in told if found)]


def examine(connection: sqlite3.Connection, table: Table | None = None) -> Findings:
    """Compare all that is derived with the articles, and vectors with a table whose every byte is sound.

    Raises sqlite3.DatabaseError where the articles cannot be read.
    """
    found = Findings()
    _try(found, lambda: found.other.extend(find_problems(connection)))
    _try(found, lambda: _check_index(connection, found))
    if table is not None:
        _try(found, lambda: _compare_vectors(connection, table, found))
    width = _width(connection, found)
    for number, content_hash, article in _articles(connection):
        if hash_content(article) != content_hash:
            found.altered.add(number)
        if not _try(found, lambda: _compare(connection, number, article, width, found)):  # noqa: B023 - called at once
            found.to_cut.add(number)
    return found


def _try(found: Findings, look: Callable[[], None]) -> bool:
    try:
        look()
    except sqlite3.DatabaseError as error:
        found.is_unreadable = True
        if str(error) not in found.other:
            found.other.append(str(error))
        return False
    return True


def _articles(connection: sqlite3.Connection) -> Iterator[tuple[int, str, Article]]:
    asked = f"""SELECT number, content_hash, articles.id, articles.kind, articles.marks, articles.text, {SOURCE_COLUMNS}
        FROM articles NOT INDEXED ORDER BY number"""
    for number, content_hash, *row in connection.execute(asked):
        yield int(number), str(content_hash), to_article(row)


def _check_index(connection: sqlite3.Connection, found: Findings) -> None:
    """Have FTS5 compare its index with its own copy of the texts."""
    try:
        connection.execute("INSERT INTO words(words) VALUES ('integrity-check')")
    except sqlite3.OperationalError as error:
        # It counts as writing, though it writes nothing: not while another writes, nor where nobody may.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY):
            raise


def _width(connection: sqlite3.Connection, found: Findings) -> int:
    """Return how many bytes the vectors have, or most of them."""
    widths: list[tuple[int]] = []
    asked = "SELECT length(vector) FROM embeddings GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    _try(found, lambda: widths.extend(connection.execute(asked)))
    return widths[0][0] if widths else 0


def _compare(connection: sqlite3.Connection, number: int, article: Article, width: int, found: Findings) -> None:
    asked = """SELECT start, end, vector, words.text, words.title FROM passages
        LEFT JOIN embeddings USING (number) LEFT JOIN words ON words.rowid = passages.number
        WHERE article = ? ORDER BY start"""
    rows = connection.execute(asked, [number]).fetchall()
    spans = [Span(start, end) for start, end, *_ in rows]
    if leaves_out(article, spans) or not all(_is_unit(vector, width) for _, _, vector, *_ in rows):
        found.to_cut.add(number)
    language = language_of(connection, number)
    titled = with_stems(article.source.title, language)
    if any((text, title) != (with_stems(article.text[at:end], language), titled) for at, end, _, text, title in rows):
        found.words.add(number)
    if has_bands(connection):
        stored = {hash for (hash,) in connection.execute("SELECT hash FROM bands WHERE article = ?", [number])}
        if stored and stored != set(make_bands(article)):
            found.bands.add(number)


def _compare_vectors(connection: sqlite3.Connection, table: Table, found: Findings) -> None:
    rows = connection.execute("SELECT article, embeddings.number, vector FROM embeddings JOIN passages USING (number)")
    while some := rows.fetchmany(_AT_ONCE):
        for article, number, vector in some:
            [*places] = table.rows_of([number]).tolist()
            if places and table.vectors[places[0]].tobytes() != vector:
                found.to_cut.add(article)


def _is_unit(vector: object, width: int) -> bool:
    if not isinstance(vector, bytes) or len(vector) != width or width % 4:
        return False
    length = float(np.linalg.norm(np.frombuffer(vector, dtype="<f4").astype(np.float64)))
    return not length or abs(length - 1) < _UNIT  # a text without any word is the zero vector
