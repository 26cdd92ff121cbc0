"""The truth of an archive: one SQLite file with articles, passages, their embeddings and their words.

One transaction an article: after a crash at any moment an article is there whole or not at all. Readers see the
last committed state and never wait for the writer (WAL). Knows nothing of files, models or Chroma.
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.copies import put_bands
from index.disk import FREE_SOME, is_full, make_folder, told
from index.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, ArchiveMissing
from index.language_table import put_language
from index.languages import detect_language
from index.layout import VERSION, check_layout, migrate, refuse_newer
from index.records import Article, Passage
from index.rows import article_values, encode_spans, encode_vector
from index.schema import create_tables
from index.sqlite_errors import Meaning, translated
from index.stemming import with_stems

FILE_NAME = "archive.sqlite3"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the archive knows of an article without its text: where it came from and a hash of what it says."""

    id: str
    content_hash: str
    file: str  # absolute path
    root: str  # absolute path of the folder or file that was indexed
    place: str  # where in the file, as the reader named it
    path: str  # as a citation shows it


class Store:
    """An open archive file; connections are lent to one thread at a time and reused."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> Store:
        """Open the archive in `folder`, with `create` also where there is none yet; a newer one is left untouched."""
        store = cls(folder / FILE_NAME)
        with told(folder), translated(store.file, _MEANING):
            if not store.file.is_file() and not create:
                raise ArchiveMissing(f"There is no archive in {folder}.", f"byline index --archive {folder} PATH…")
            if store.file.is_file():
                refuse_newer(store.file)
            if create:
                make_folder(folder)
            store._check_or_create(folder, create=create)
        return store

    def close(self) -> None:
        """Close the connections; one that is lent closes when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees one state of the archive throughout."""
        with self._lent() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:  # SQLite itself ends it on some errors
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in a transaction: all of it is kept, with a new revision, or nothing."""
        with self._lent(to_write=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")
                connection.execute("COMMIT")
            except BaseException:  # an interrupt too must not leave a transaction open
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def meta(self, key: str) -> str:
        """Return the value kept under `key`, or the empty string."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return str(row[0]) if row else ""

    def vacuum(self) -> None:
        """Write the file anew, without what no table holds: all of it, or nothing."""
        with self._lent(to_write=True) as connection:
            connection.execute("VACUUM")

    def migrate(self) -> None:
        """Bring a file of an earlier Byline to today's layout, whole or not at all; the caller is the one writer."""
        if self.meta("version") != str(VERSION):
            with self.writing() as connection:
                migrate(connection, self.file)

    def size(self) -> int:
        """Return the bytes that the file and its log take."""
        files = (self.file, self.file.with_name(self.file.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    @contextmanager
    def _lent(self, *, to_write: bool = False) -> Iterator[sqlite3.Connection]:
        with translated(self.file, _MEANING):
            connection, is_lasting = (self._idle.pop(), True) if self._idle else self._connect(to_write=to_write)
            sound = False
            try:
                yield connection
                sound = is_lasting and not self._closed
            finally:
                if sound:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _connect(self, *, to_write: bool) -> tuple[sqlite3.Connection, bool]:
        """Return a new connection, and whether it may be kept for the next one who asks."""
        is_made = self.file.exists() and self.file.stat().st_size > 0
        if not is_made or os.access(self.file.parent, os.W_OK):
            try:
                return _connect(self.file, ""), True
            except sqlite3.OperationalError as error:
                # On a full disk there is no room for the 32 KB beside it that readers share.
                if to_write or not is_made or not is_full(error) or self._has_log():
                    raise
        # A log cannot be made beside it: a CD, a share for reading, a full disk. Where another process has one, what it
        # holds belongs to the archive; where none has, one may be there the next time.
        return _connect(self.file, "?mode=ro" if self._has_log() else "?immutable=1"), False

    def _has_log(self) -> bool:
        log = self.file.with_name(self.file.name + "-wal")
        return log.exists() and log.stat().st_size > 0

    def _check_or_create(self, folder: Path, *, create: bool) -> None:
        with self._lent() as connection:
            tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not tables and not create:
                raise ArchiveMissing(f"The archive in {folder} is empty.", f"byline index --archive {folder} PATH…")
            if not tables:
                create_tables(connection)
            else:
                check_layout(connection, self.file)


_START_AGAIN = "move that folder away and run byline index on your articles again"
_CHECK = "check the disk and that it has room, then byline doctor"
_MEANING: Meaning = {
    sqlite3.SQLITE_IOERR_SHMSIZE: (ArchiveError, "The disk is full", FREE_SOME),
    sqlite3.SQLITE_FULL: (ArchiveError, "The disk is full", FREE_SOME),
    sqlite3.SQLITE_IOERR: (
        ArchiveError,
        "The disk cannot be read or written",
        _CHECK,
    ),
    sqlite3.SQLITE_READONLY: (ArchiveError, "The archive may not be written", "make its folder writable"),
    sqlite3.SQLITE_CANTOPEN: (ArchiveError, "The archive cannot be opened", "make its folder readable and writable"),
    sqlite3.SQLITE_BUSY: (ArchiveLocked, "Another process is writing to the archive", "wait until it has finished"),
    sqlite3.SQLITE_CORRUPT: (ArchiveDamaged, "The archive is damaged", "byline doctor --repair"),
    sqlite3.SQLITE_NOTADB: (ArchiveDamaged, "The archive's file is not a database", _START_AGAIN),
}


def _connect(file: Path, options: str) -> sqlite3.Connection:
    address = file.absolute().as_uri() + options
    connection = sqlite3.connect(address, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        # An article costs a second of embedding, so a sync an article is nothing; and with it the revision that
        # Chroma's pointer names can never be taken back by a power cut.
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])


def put_article(
    connection: sqlite3.Connection,
    article: Article,
    passages: Sequence[Passage],
    *,
    vectors: NDArray[np.float32],
    entry: Entry,
    fingerprint: str,
) -> None:
    """Store an article with its passages, their vectors and words, in place of what had its id."""
    connection.execute("DELETE FROM articles WHERE id = ?", [article.id])
    values = article_values(article) | {
        "content_hash": entry.content_hash,
        "fingerprint": fingerprint,
        "file": entry.file,
        "root": entry.root,
        "place": entry.place,
        "path": entry.path,
    }
    number = connection.execute(
        f"INSERT INTO articles ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    ).lastrowid
    put_bands(connection, number or 0, article)
    language = detect_language(article.text)
    put_language(connection, number or 0, language)
    title = with_stems(article.source.title, language)
    for passage, vector in zip(passages, vectors, strict=True):
        row = [passage.id, number, passage.start, passage.end, passage.role, passage.kind]
        passage_number = connection.execute(
            "INSERT INTO passages (id, article, start, end, role, kind, sentences) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [*row, encode_spans(passage.sentences)],
        ).lastrowid
        connection.execute("INSERT INTO embeddings VALUES (?, ?)", [passage_number, encode_vector(vector)])
        words = [passage_number, with_stems(passage.text, language), title]
        connection.execute("INSERT INTO words (rowid, text, title) VALUES (?, ?, ?)", words)


def move_article(connection: sqlite3.Connection, entry: Entry) -> None:
    """Note that an article, unchanged, is now found at another place."""
    connection.execute(
        "UPDATE articles SET file = ?, root = ?, place = ?, path = ? WHERE id = ?",
        [entry.file, entry.root, entry.place, entry.path, entry.id],
    )


def delete_articles(connection: sqlite3.Connection, ids: Sequence[str]) -> int:
    """Delete articles with all that belongs to them; return how many there were."""
    return sum(connection.execute("DELETE FROM articles WHERE id = ?", [id]).rowcount for id in ids)


def entries(connection: sqlite3.Connection) -> list[Entry]:
    """Return what is known of every article, oldest first."""
    rows = connection.execute("SELECT id, content_hash, file, root, place, path FROM articles ORDER BY number")
    return [Entry(*row) for row in rows]


def find_problems(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the file, in words; empty when it is sound."""
    found = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(20)") if line != "ok"]
    found += [f"a row of {row[0]} belongs to nothing" for row in connection.execute("PRAGMA foreign_key_check")]
    bare = "SELECT count(*) FROM passages WHERE number NOT IN (SELECT number FROM embeddings)"
    wordless = "SELECT count(*) FROM passages WHERE number NOT IN (SELECT rowid FROM words)"
    for query, what in ((bare, "an embedding"), (wordless, "words")):
        (count,) = connection.execute(query).fetchone()
        if count:
            found.append(f"{count} passages are without {what}")
    return found
