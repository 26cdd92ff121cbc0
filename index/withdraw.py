"""Taking articles out of an archive for good, and letting them back; see `removed.py` for what is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from index.archive import Archive
from index.removed import Removed, forget_removed, list_removed, remember_removed
from index.store import delete_articles


def remove(archive: Archive, ids: Sequence[str]) -> int:
    """Delete articles by id and return how many there were.

    Their passages, vectors and words go with them, and they stay out until `let_back`, even if indexed again.
    """
    with archive.writing():
        with archive.store.writing() as connection:
            remember_removed(connection, ids, date.today())
            count = delete_articles(connection, ids)
        archive.publish_vectors()
    return count


def removed(archive: Archive) -> list[Removed]:
    """Return the articles that were removed and would be left out, the last removed first."""
    with archive.store.reading() as connection:
        return list_removed(connection)


def let_back(archive: Archive, ids: Sequence[str]) -> int:
    """Let removed articles in again when their files are next indexed; return how many there were."""
    with archive.writing():
        with archive.store.writing() as connection:
            count = forget_removed(connection, ids)
        archive.publish_vectors()
    return count
