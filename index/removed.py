"""What a reader took out of the archive: remembered, so that indexing its file again does not bring it back unasked.

Of a removed article its text is gone; kept is what tells it from others and what it is called.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.records import Source
from index.rows import to_source
from index.selection import date_to_int, int_to_date

CREATE_REMOVED = """CREATE TABLE IF NOT EXISTS removed (
    id TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL, file TEXT NOT NULL, root TEXT NOT NULL, place TEXT NOT NULL, path TEXT NOT NULL,
    title TEXT NOT NULL, outlet TEXT NOT NULL, author TEXT NOT NULL, published INTEGER NOT NULL, url TEXT NOT NULL,
    removed INTEGER NOT NULL
) WITHOUT ROWID"""
_COPIED = "id, content_hash, file, root, place, path, title, outlet, author, published, url"


@dataclass(frozen=True, slots=True)
class Removed:
    """An article that was removed: where it came from, what it said (as a hash), and the day it was removed."""

    id: str
    source: Source
    content_hash: str
    file: str  # absolute path
    root: str  # absolute path of the folder or file that was indexed
    place: str  # where in the file; empty for one article a file
    day: date | None


def has_removed(connection: sqlite3.Connection) -> bool:
    """True when the archive has a table of removed articles; one of an earlier Byline gets it when it is written."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'removed'").fetchone() is not None


def remember_removed(connection: sqlite3.Connection, ids: Sequence[str], today: date) -> None:
    """Note that these stored articles are about to be removed."""
    connection.execute(
        f"""INSERT OR REPLACE INTO removed ({_COPIED}, removed)
            SELECT {_COPIED}, ? FROM articles WHERE id IN (SELECT value FROM json_each(?))""",
        [date_to_int(today), json.dumps(list(ids))],
    )


def forget_removed(connection: sqlite3.Connection, ids: Sequence[str]) -> int:
    """Forget that these articles were removed; return how many of them had been."""
    if not has_removed(connection):
        return 0
    asked = "DELETE FROM removed WHERE id IN (SELECT value FROM json_each(?))"
    return connection.execute(asked, [json.dumps(list(ids))]).rowcount


def restore_removed(connection: sqlite3.Connection, gone: Sequence[Removed]) -> int:
    """Note articles as removed that were so elsewhere; those that are known keep what is known; return how many new."""
    rows = [
        (
            *(one.id, one.content_hash, one.file, one.root, one.place, one.source.path, one.source.title),
            *(one.source.outlet, one.source.author, date_to_int(one.source.published), one.source.url),
            date_to_int(one.day),
        )
        for one in gone
    ]
    asked = f"INSERT OR IGNORE INTO removed ({_COPIED}, removed) VALUES ({', '.join('?' * 12)})"
    return connection.executemany(asked, rows).rowcount if rows else 0


def list_removed(connection: sqlite3.Connection) -> list[Removed]:
    """Return the removed articles, the last removed first."""
    if not has_removed(connection):
        return []
    rows = connection.execute(
        """SELECT id, content_hash, file, root, place, removed, title, outlet, author, published, url, path
           FROM removed ORDER BY removed DESC, id"""
    )
    return [
        Removed(id, to_source(source), content_hash, file, root, place, int_to_date(day))
        for id, content_hash, file, root, place, day, *source in rows
    ]
