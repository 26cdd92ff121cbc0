"""An SQLite file of our own beside an archive: made at the first writing, known by its tables, errors told in words.

Every use is one short transaction on a connection of its own: several threads and processes may use the file at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, ArchiveMismatch
from index.sqlite_errors import Meaning, translated


@dataclass(frozen=True, slots=True)
class Form:
    """What such a file is: what it `holds`, in the plural, its version and tables, and what mends a damaged one."""

    holds: str
    version: int
    tables: frozenset[str]
    schema: Sequence[str]
    mend: str
    settings: Sequence[str] = ()  # of every connection, before its transaction

    def is_new(self, connection: sqlite3.Connection, file: Path) -> bool:
        """Return whether the file is new and empty; raise where it is not one that this Byline knows."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > self.version:
            raise ArchiveMismatch(
                f"The {self.holds} in {file} were kept by a newer Byline (format {version}; this one reads "
                f"{self.version}).",
                "pip install --upgrade byline",
            )
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if (version and not self.tables <= tables) or (not version and tables):
            raise ArchiveDamaged(f"{file} is not a file of {self.holds}, or parts of it are gone.", self.mend)
        return not version

    def make(self, connection: sqlite3.Connection) -> None:
        """Make the tables in a new file."""
        for statement in (*self.schema, f"PRAGMA user_version = {self.version}"):
            connection.execute(statement)

    @property
    def meaning(self) -> Meaning:
        """What SQLite's errors mean here."""
        named = self.holds.capitalize()
        return {
            sqlite3.SQLITE_FULL: (ArchiveError, "The disk is full", "free some space"),
            sqlite3.SQLITE_IOERR: (ArchiveError, "The disk cannot be read or written", "check the disk"),
            sqlite3.SQLITE_READONLY: (ArchiveError, f"{named} may not be written here", "make the folder writable"),
            sqlite3.SQLITE_CANTOPEN: (
                ArchiveError,
                f"{named} cannot be opened",
                "make the folder readable and writable",
            ),
            sqlite3.SQLITE_BUSY: (
                ArchiveLocked,
                f"Another process is writing {self.holds}",
                "wait until it has finished",
            ),
            sqlite3.SQLITE_CORRUPT: (ArchiveDamaged, f"The {self.holds} are damaged", self.mend),
            sqlite3.SQLITE_NOTADB: (ArchiveDamaged, f"This is not a file of {self.holds}", self.mend),
        }


@contextmanager
def reading(file: Path, form: Form) -> Iterator[sqlite3.Connection | None]:
    """Lend a connection that sees one state throughout; None where nothing was ever written."""
    if not file.exists():
        yield None
        return
    with _transaction(file, form, "BEGIN") as connection:
        yield None if form.is_new(connection, file) else connection


@contextmanager
def writing(file: Path, form: Form) -> Iterator[sqlite3.Connection]:
    """Lend a connection in a transaction: all of it is kept or nothing."""
    with _transaction(file, form, "BEGIN IMMEDIATE") as connection:
        if form.is_new(connection, file):
            form.make(connection)
        yield connection


@contextmanager
def _transaction(file: Path, form: Form, begin: str) -> Iterator[sqlite3.Connection]:
    with translated(file, form.meaning):
        connection = sqlite3.connect(file, timeout=10, isolation_level=None)
        try:
            for setting in form.settings:
                connection.execute(setting)
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # what is not committed by now is rolled back
