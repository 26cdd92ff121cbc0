"""Conversations as they were shown, kept in one SQLite file beside the archive, with what readers thought of answers.

Every call is one short transaction on a connection of its own: several threads and processes may use the file at once.
An exchange that cannot be read stands in its place as one that says so, and its row is left as it is. The archive's
own file is never touched.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from bot.exchange import Exchange
from bot.frozen_json import NotThatRecord
from bot.kept import (
    LONGEST_REASON,
    Conversation,
    KeptExchange,
    Listed,
    Place,
    RawConversation,
    RawExchange,
    Thumb,
    Vote,
    from_json,
    storable,
    title_of,
    to_json,
)
from bot.records import Question
from bot.side_file import Form, reading, writing

FILE_NAME = "conversations.sqlite3"
VERSION = 1  # of the tables; a newer file is left untouched
UNREADABLE = "This exchange cannot be read. It is kept as it is."

# The words of a question stand beside its record, so that something is left of a record that cannot be read.
_SCHEMA = (
    """CREATE TABLE conversations (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
        begun INTEGER NOT NULL, changed INTEGER NOT NULL, revision INTEGER NOT NULL)""",
    """CREATE TABLE exchanges (
        conversation INTEGER NOT NULL REFERENCES conversations(number) ON DELETE CASCADE,
        number INTEGER NOT NULL, kept INTEGER NOT NULL, question TEXT NOT NULL, record TEXT NOT NULL,
        thumb TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (conversation, number))""",
)
FORM = Form(
    holds="conversations",
    version=VERSION,
    tables=frozenset("conversations exchanges".split()),
    schema=_SCHEMA,
    mend="move that file away; the next conversations go into a new one",
    settings=(
        "PRAGMA foreign_keys = ON",
        "PRAGMA secure_delete = ON",  # what a reader deletes is not left in free pages
        # Its journal's removal is what commits: without this a power cut could bring the journal back.
        "PRAGMA synchronous = EXTRA",
    ),
)


def _now() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """The conversations about the archive in a folder; nothing is written before the first is kept."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = _now) -> None:
        self.file = folder / FILE_NAME
        self._now = now

    def keep(self, exchanges: Sequence[Exchange], *, at: Place | None = None) -> Place:
        """Make `exchanges` what the conversation at a place holds, or a new one; return where it now is.

        They are numbered anew from 1. If it was changed from elsewhere since, or deleted, they become a conversation
        of their own: nothing is lost.
        """
        if not exchanges:
            raise ValueError("a conversation without an exchange is not kept")
        with writing(self.file, FORM) as connection:
            row = connection.execute(
                "SELECT number FROM conversations WHERE id = ? AND revision = ?",
                [at.id, at.revision] if at else ["", 0],
            ).fetchone()
            number = int(row[0]) if row else self._begin(connection, exchanges[0].question.text)
            self._put(connection, number, exchanges)
            found = connection.execute("SELECT id, revision FROM conversations WHERE number = ?", [number]).fetchone()
        return Place(*found)

    def _begin(self, connection: sqlite3.Connection, question: str) -> int:
        row = [secrets.token_hex(6), title_of(question), *[int(self._now().timestamp())] * 2]
        inserted = connection.execute(
            "INSERT INTO conversations (id, title, begun, changed, revision) VALUES (?, ?, ?, ?, 0)", row
        )
        return inserted.lastrowid or 0

    def _put(self, connection: sqlite3.Connection, conversation: int, given: Sequence[Exchange]) -> None:
        exchanges = [replace(one, number=number) for number, one in enumerate(given, start=1)]
        stored = {one.exchange.number: one.exchange for one in _read(connection, conversation)}
        changed = [one for one in exchanges if stored.get(one.number) != one]
        gone = stored.keys() - {one.number for one in exchanges}
        now = int(self._now().timestamp())
        connection.executemany(
            "DELETE FROM exchanges WHERE conversation = ? AND number = ?",
            [(conversation, number) for number in (*gone, *(one.number for one in changed))],
        )
        connection.executemany(
            "INSERT INTO exchanges (conversation, number, kept, question, record) VALUES (?, ?, ?, ?, ?)",
            [(conversation, one.number, now, storable(one.question.text), to_json(one)) for one in changed],
        )
        if changed or gone:
            connection.execute(
                "UPDATE conversations SET changed = ?, revision = revision + 1 WHERE number = ?", [now, conversation]
            )

    def listed(self) -> list[Listed]:
        """Return all conversations, the one last gone on with first."""
        with reading(self.file, FORM) as connection:
            if connection is None:
                return []
            rows = connection.execute(
                """SELECT id, title, begun, changed,
                   (SELECT count(*) FROM exchanges WHERE conversation = conversations.number)
                   FROM conversations ORDER BY changed DESC, number DESC"""
            ).fetchall()
        return [Listed(id, title, _moment(begun), _moment(changed), size) for id, title, begun, changed, size in rows]

    def open(self, id: str) -> Conversation | None:
        """Return the conversation with this id, or the only one whose id begins with it (four characters or more)."""
        with reading(self.file, FORM) as connection:
            row = _find(connection, id) if connection else None
            if connection is None or row is None:
                return None
            number, id, title, begun, changed, revision = row
            kept = tuple(_read(connection, number))
        return Conversation(Place(id, revision), title, _moment(begun), _moment(changed), kept)

    def rename(self, id: str, title: str) -> bool:
        """Give a conversation another title; False where it is gone or the title is empty."""
        wanted = title_of(title)
        return bool(wanted) and self._change("UPDATE conversations SET title = ? WHERE id = ?", wanted, id) > 0

    def delete(self, id: str) -> bool:
        """Delete a conversation with all that belongs to it; False where it is gone already."""
        return self._change("DELETE FROM conversations WHERE id = ?", id) > 0

    def delete_all(self) -> int:
        """Delete every conversation; return how many there were."""
        return self._change("DELETE FROM conversations")

    def vote(self, id: str, number: int, vote: Vote | None) -> bool:
        """Keep what a reader thinks of an answer, or with None that they no longer do; False where it is gone."""
        thumb, reason = (vote.thumb, storable(vote.reason).strip()[:LONGEST_REASON]) if vote else ("", "")
        return self._change(
            """UPDATE exchanges SET thumb = ?, reason = ? WHERE number = ?
               AND conversation = (SELECT number FROM conversations WHERE id = ?)""",
            *(thumb, reason, number, storable(id)),
        ) > 0  # fmt: skip

    def raw(self) -> list[RawConversation]:
        """Return all conversations as they lie in the file, oldest first."""
        with reading(self.file, FORM) as connection:
            if connection is None:
                return []
            columns = "number, id, title, begun, changed, revision"
            rows = connection.execute(f"SELECT {columns} FROM conversations ORDER BY number").fetchall()
            return [_raw(connection, row) for row in rows]

    def put_raw(self, given: RawConversation) -> bool | None:
        """Keep a conversation that came from elsewhere: True where it is new, None where another has its id."""
        with writing(self.file, FORM) as connection:
            row = _find(connection, given.id) if given.id else None
            if row is not None and row[1] == given.id:
                return False if _raw(connection, row) == given else None
            values = [given.id, given.title, given.begun, given.changed, given.revision]
            added = connection.execute(
                "INSERT INTO conversations (id, title, begun, changed, revision) VALUES (?, ?, ?, ?, ?)", values
            )
            exchanges = [(added.lastrowid, *astuple(one)) for one in given.exchanges]
            connection.executemany("INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?, ?)", exchanges)
        return True

    def _change(self, statement: str, *values: object) -> int:
        if not self.file.exists():
            return 0
        with writing(self.file, FORM) as connection:
            return connection.execute(statement, values).rowcount


def _read(connection: sqlite3.Connection, conversation: int) -> Iterator[KeptExchange]:
    """Yield the exchanges in their order, one that cannot be read as what is left of it."""
    rows = connection.execute(
        "SELECT number, kept, question, record, thumb, reason FROM exchanges WHERE conversation = ? ORDER BY number",
        [conversation],
    ).fetchall()
    for number, kept, question, record, thumb, reason in rows:
        at = _moment(kept)
        vote = Vote(thumb, str(reason)) if thumb in get_args(Thumb) else None
        try:
            exchange = from_json(record)
            if exchange.number != number:
                raise NotThatRecord("of another exchange")
            yield KeptExchange(exchange, at, vote)
        except NotThatRecord:
            left = Exchange(number, Question(str(question), at.date()), wrong=UNREADABLE)
            yield KeptExchange(left, at, vote, is_readable=False)


def _raw(connection: sqlite3.Connection, row: Sequence[Any]) -> RawConversation:
    conversation, id, title, begun, changed, revision = row
    columns = "number, kept, question, record, thumb, reason"
    asked = f"SELECT {columns} FROM exchanges WHERE conversation = ? ORDER BY number"
    exchanges = tuple(RawExchange(*one) for one in connection.execute(asked, [conversation]))
    return RawConversation(id, title, begun, changed, revision, exchanges)


def _find(connection: sqlite3.Connection, id: str) -> tuple[int, str, str, int, int, int] | None:
    id = storable(id)
    columns = "number, id, title, begun, changed, revision"
    rows = connection.execute(f"SELECT {columns} FROM conversations WHERE id = ?", [id]).fetchall()
    if not rows and len(id) >= 4:
        begins = f"SELECT {columns} FROM conversations WHERE id > ? AND id < ? LIMIT 2"
        rows = connection.execute(begins, [id, id + "\U0010ffff"]).fetchall()
    return rows[0] if len(rows) == 1 else None


def _moment(seconds: object) -> datetime:
    try:
        return datetime.fromtimestamp(int(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
