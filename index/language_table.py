"""The language of each article, kept beside it: what the search stems by, and what a reader is told of.

An archive that an earlier Byline made has no such table until it is next indexed, and is taken for English meanwhile.
"""

from __future__ import annotations

import sqlite3

from index.languages import ENGLISH, detect_language

DETECTOR = "py3langid 0.4, .9"  # in meta once every article's language was found
LanguageCounts = tuple[tuple[str, int], ...]

_STATEMENTS = (
    """CREATE TABLE languages (
    article INTEGER PRIMARY KEY REFERENCES articles(number) ON DELETE CASCADE,
    language TEXT NOT NULL
)""",
    # Of an archive in English this index is empty, so that no question waits for a count.
    f"CREATE INDEX languages_other ON languages(language) WHERE language NOT IN ('', '{ENGLISH}')",
)
CREATE_LANGUAGES = ";\n".join(_STATEMENTS)


def put_language(connection: sqlite3.Connection, number: int, language: str) -> None:
    """Keep the language of the article with this number."""
    connection.execute("INSERT OR REPLACE INTO languages VALUES (?, ?)", [number, language])


def language_of(connection: sqlite3.Connection, number: int) -> str:
    """Return the kept language of the article with this number; the empty string where none is known."""
    if not _has_languages(connection):
        return ""
    row = connection.execute("SELECT language FROM languages WHERE article = ?", [number]).fetchone()
    return str(row[0]) if row else ""


def count_others(connection: sqlite3.Connection) -> LanguageCounts:
    """Return the languages beside English with their numbers of articles, the most first."""
    if not _has_languages(connection):
        return ()
    rows = connection.execute(
        f"""SELECT language, count(*) FROM languages WHERE language NOT IN ('', '{ENGLISH}')
            GROUP BY language ORDER BY count(*) DESC, language"""
    )
    return tuple((str(language), int(count)) for language, count in rows)


def learn_languages(connection: sqlite3.Connection, *, limit: int) -> int:
    """Find the language of articles that have none yet, `limit` at most, and return of how many.

    Those that are not in English were cut and stemmed as if they were: they are marked to be made anew.
    """
    asked = """SELECT number, text FROM articles
        WHERE NOT EXISTS (SELECT 1 FROM languages WHERE article = number) ORDER BY number LIMIT ?"""
    found = [(number, detect_language(text)) for number, text in connection.execute(asked, [limit])]
    for number, language in found:
        put_language(connection, number, language)
    others = [[number] for number, language in found if language not in ("", ENGLISH)]
    connection.executemany("UPDATE articles SET fingerprint = '' WHERE number = ?", others)
    return len(found)


def _has_languages(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'languages'").fetchone() is not None
