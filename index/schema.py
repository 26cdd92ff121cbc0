"""The tables of an archive's file: those of the articles, which are the truth, and those of what follows from them."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator

from index.browse import CREATE_SHELF
from index.copies import CREATE_BANDS, SKETCH
from index.language_table import CREATE_LANGUAGES, DETECTOR
from index.layout import VERSION
from index.removed import CREATE_REMOVED
from index.seals import CREATE_SEALS
from index.words import CREATE_WORDS

_DERIVED_NAMES = "'articles', 'passages', 'embeddings', 'bands', 'languages'"  # and all whose name begins with words

# `number` is never used twice (AUTOINCREMENT), and a passage is never changed, only replaced: so a passage's number
# names its vector and its article's outlet, author and date for ever, which is what lets Chroma follow by numbers.
_ARTICLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    file TEXT NOT NULL, root TEXT NOT NULL, place TEXT NOT NULL,
    title TEXT NOT NULL, outlet TEXT NOT NULL, author TEXT NOT NULL, url TEXT NOT NULL, path TEXT NOT NULL,
    published INTEGER NOT NULL,
    outlet_folded TEXT NOT NULL, author_folded TEXT NOT NULL,
    kind TEXT NOT NULL, characters INTEGER NOT NULL, marks TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX articles_by_date ON articles(published, id);
CREATE INDEX articles_by_outlet ON articles(outlet_folded);
CREATE INDEX articles_by_author ON articles(author_folded);
{CREATE_SHELF};
{CREATE_REMOVED};
{CREATE_SEALS};
"""
# What follows from the articles, and can be made of them again.
_DERIVED = f"""
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES articles(number) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    role TEXT NOT NULL, kind TEXT NOT NULL,
    sentences BLOB NOT NULL
);
CREATE INDEX passages_by_article ON passages(article, start);
CREATE TABLE embeddings (
    number INTEGER PRIMARY KEY REFERENCES passages(number) ON DELETE CASCADE,
    vector BLOB NOT NULL
);
{CREATE_WORDS};
{CREATE_BANDS};
{CREATE_LANGUAGES};
CREATE TRIGGER words_of_a_passage_go_with_it AFTER DELETE ON passages
BEGIN DELETE FROM words WHERE rowid = old.number; END;
"""


def create_tables(connection: sqlite3.Connection) -> None:
    """Make a new file an empty archive."""
    connection.execute("PRAGMA journal_mode = WAL")
    # Two processes may arrive here at once: the second waits, and finds the tables.
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        for statement in _statements(_ARTICLES + _DERIVED):
            connection.execute(statement)
        values = {"version": str(VERSION), "revision": "0", "archive": uuid.uuid4().hex, "sketch": SKETCH}
        values["languages"] = DETECTOR
        connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit first, and a kill between two statements would leave half a schema.
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def make_derived_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of all that follows from the articles anew and empty, also where they cannot be read.

    They are taken out of SQLite's list of tables unread, so that a VACUUM must free their pages; so are the articles'
    indexes, after the articles were copied without them. Every article then waits to be cut and embedded again.
    """
    made = connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'articles' AND sql IS NOT NULL")
    statements = dict(made.fetchall())
    connection.execute(statements.pop("articles").replace("TABLE articles", "TABLE kept", 1))
    connection.execute("INSERT INTO kept SELECT * FROM articles NOT INDEXED ORDER BY number")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(f"DELETE FROM sqlite_master WHERE name GLOB 'words*' OR tbl_name IN ({_DERIVED_NAMES})")
    connection.execute("PRAGMA writable_schema = RESET")
    # No number is used twice, so the highest there ever was is kept.
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'kept'")
    connection.execute("ALTER TABLE kept RENAME TO articles")
    for statement in (*statements.values(), *_statements(_DERIVED)):
        connection.execute(statement)
    connection.execute("UPDATE articles SET fingerprint = ''")
