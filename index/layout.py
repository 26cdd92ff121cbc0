"""The layouts that an archive's file has had, and the steps from each to the next: all in one transaction, or none.

A newer file is told from its bytes alone, before SQLite may write anything beside it or into it. A step says in SQL
what it did on the day it was written and is never changed: what stands elsewhere is today's layout. With a new one come
VERSION, a step, and an archive made by the code before it (tests/archives, tests/test_layouts.py).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from index.errors import ArchiveDamaged, ArchiveMismatch

VERSION = 3
_START_AGAIN = "move that folder away and run byline index on your articles again"
_ALWAYS = frozenset({"meta", "articles", "passages", "embeddings", "words"})
_TABLES = {1: _ALWAYS, 2: _ALWAYS | {"seals", "bands", "removed"}}
_TABLES[3] = _TABLES[2] | {"languages"}

# Of a version, what makes it the next. Before 2 tables were added without a number: any of them may be there.
_STEPS: dict[int, tuple[str, ...]] = {
    1: (
        """CREATE TABLE IF NOT EXISTS seals (
            file TEXT PRIMARY KEY, seal TEXT NOT NULL, articles INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE IF NOT EXISTS bands (
            article INTEGER NOT NULL REFERENCES articles(number) ON DELETE CASCADE, hash INTEGER NOT NULL,
            PRIMARY KEY (article, hash)) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS bands_by_hash ON bands(hash)",
        """CREATE TABLE IF NOT EXISTS removed (
            id TEXT PRIMARY KEY,
            content_hash TEXT NOT NULL, file TEXT NOT NULL, root TEXT NOT NULL, place TEXT NOT NULL,
            path TEXT NOT NULL, title TEXT NOT NULL, outlet TEXT NOT NULL, author TEXT NOT NULL,
            published INTEGER NOT NULL, url TEXT NOT NULL, removed INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE INDEX IF NOT EXISTS articles_on_the_shelf ON articles(
            published, id, title, outlet_folded, author_folded, kind, characters)""",
    ),
    2: (
        """CREATE TABLE IF NOT EXISTS languages (
            article INTEGER PRIMARY KEY REFERENCES articles(number) ON DELETE CASCADE, language TEXT NOT NULL)""",
        "CREATE INDEX IF NOT EXISTS languages_other ON languages(language) WHERE language NOT IN ('', 'en')",
    ),
}


def check_layout(connection: sqlite3.Connection, file: Path) -> None:
    """Raise ArchiveDamaged for a file that has not what its layout has, ArchiveMismatch for one of a newer Byline."""
    tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables >= _ALWAYS or not tables >= _TABLES[_read_version(connection, file)]:
        raise ArchiveDamaged(f"{file} is not a Byline archive, or parts of it are gone.", _START_AGAIN)


def _read_version(connection: sqlite3.Connection, file: Path) -> int:
    """Return the version of an archive's file; raises ArchiveDamaged for none, ArchiveMismatch for a newer one."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    said = str(row[0]) if row else ""
    if not (said.isascii() and said.isdecimal() and len(said) < 10) or int(said) < 1:
        raise ArchiveDamaged(f"{file} does not say which layout it has ({said!r}).", _START_AGAIN)
    if int(said) > VERSION:
        raise ArchiveMismatch(
            f"The archive in {file.parent} was made by a newer Byline (format {said}; this one reads {VERSION}).",
            "pip install --upgrade byline",
        )
    return int(said)


def refuse_newer(file: Path) -> None:
    """Raise ArchiveMismatch where an archive's file is of a newer Byline; nothing is written, beside it neither.

    Any other trouble is left to whoever opens it for good.
    """
    log = file.with_name(file.name + "-wal")
    # A file without a log is read as it lies. With one SQLite must see both, and must not be able to merge them.
    mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    with suppress(sqlite3.Error, ArchiveDamaged), closing(_connect(f"{file.absolute().as_uri()}?{mode}")) as connection:
        _read_version(connection, file)


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Bring a file to today's layout, within the caller's transaction."""
    for version in range(_read_version(connection, file), VERSION):
        for statement in _STEPS[version]:
            connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", [str(version + 1)])


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=30, isolation_level=None)
