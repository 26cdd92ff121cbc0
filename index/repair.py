"""What is derived from the stored articles made anew, in place: words, bands, passages, vectors and generations.

The articles are the truth, and are left as they are. Each step is a transaction, so a repair that is killed is gone on
with by the next.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from index.archive import Archive
from index.batch import Batch
from index.build import UNDER_WAY, ignore, renew_articles, sketch
from index.copies import SKETCH, begin_bands
from index.derived import Findings, examine
from index.embed import Embedder
from index.errors import ArchiveDamaged
from index.schema import make_derived_tables
from index.store import find_problems, set_meta
from index.words import rebuild_words

_START_AGAIN = "move the folder away and run byline index on your articles again"
_NAMED_MOST = 3


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair found wrong, and what the archive holds after it."""

    problems: tuple[str, ...]
    articles: int
    passages: int


def check(archive: Archive) -> list[str]:
    """Return what is wrong with the archive's files, in words; changes nothing."""
    return _told(archive, _examine(archive))


def _told(archive: Archive, found: Findings) -> list[str]:
    told = [*found.in_words(), *_named(archive, found)]
    if archive.store.meta(UNDER_WAY):
        told.append("an import was not finished; the same byline import again finishes it")
    if found.is_unreadable:
        return told
    unusable = archive.check_vectors()
    return [*told, unusable] if unusable else told


def repair(archive: Archive, embedder: Embedder | None = None, *, max_tokens: int = 0) -> RepairReport:
    """Make anew all that follows from the stored articles, the vectors that are broken by `embedder`."""
    with archive.writing():
        found = _examine(archive)
        problems = _told(archive, found)
        _mend_tables(archive, found)
        _forget_altered(archive, found)
        if found.to_cut or _waiting(archive):
            _cut_anew(archive, found, embedder, max_tokens)
        left = _examine(archive)
        if left.to_cut or left.words or left.bands or left.other:
            raise ArchiveDamaged(f"{archive.folder} cannot be repaired: {'; '.join(left.in_words())}.", _START_AGAIN)
        with archive.store.writing() as connection:
            set_meta(connection, UNDER_WAY, "")
        archive.vectors.forget()
        archive.publish_vectors()
    status = archive.status()
    return RepairReport(tuple(problems), status.articles, status.passages)


def _examine(archive: Archive) -> Findings:
    try:
        table = archive.sound_table()
        with archive.store.reading() as connection:
            return examine(connection, table)
    except ArchiveDamaged as error:
        raise ArchiveDamaged(f"The articles themselves cannot be read: {error.wrong}", _START_AGAIN) from error


def _named(archive: Archive, found: Findings) -> list[str]:
    """Name the articles whose own text is not as it was stored."""
    with archive.store.reading() as connection:
        asked = "SELECT id, title, root FROM articles NOT INDEXED WHERE number = ?"
        rows = [connection.execute(asked, [number]).fetchone() for number in sorted(found.altered)[:_NAMED_MOST]]
    return [f"{title or id} ({id}): byline index {root}" for id, title, root in rows]


def _mend_tables(archive: Archive, found: Findings) -> None:
    """Make words, bands and SQLite's own indexes anew; where SQLite cannot read them, all tables of derived things."""
    if not found.is_unreadable:
        try:
            with archive.store.writing() as connection:
                rebuild_words(connection)
                connection.execute("REINDEX")
                begin_bands(connection)
                set_meta(connection, "sketch", SKETCH)
            if found.other:  # pages that no table holds, left by a repair that was killed, are none of a table's
                archive.store.vacuum()
            with archive.store.reading() as connection:
                lasting = set(find_problems(connection)) & set(found.other)
            found.is_unreadable = bool(lasting) and not found.to_cut
        except ArchiveDamaged:
            found.is_unreadable = True
    if found.is_unreadable:
        try:
            with archive.store.writing() as connection:
                make_derived_tables(connection)
            archive.store.vacuum()
        except ArchiveDamaged as error:
            raise ArchiveDamaged(f"{archive.folder} cannot be repaired: {error.wrong}", _START_AGAIN) from error
    sketch(archive)


def _forget_altered(archive: Archive, found: Findings) -> None:
    """Have the next run take altered articles for changed ones, so that it stores them as their files say."""
    if not found.altered:
        return
    with archive.store.writing() as connection:
        for number in found.altered:
            (file,) = connection.execute("SELECT file FROM articles WHERE number = ?", [number]).fetchone()
            connection.execute("UPDATE articles SET content_hash = '' WHERE number = ?", [number])
            connection.execute("DELETE FROM seals WHERE file = ?", [file])


def _waiting(archive: Archive) -> bool:
    """True when articles have lost what was derived from them, in a repair that did not come to its end too."""
    with archive.store.reading() as connection:
        return connection.execute("SELECT 1 FROM articles WHERE fingerprint = '' LIMIT 1").fetchone() is not None


def _cut_anew(archive: Archive, found: Findings, embedder: Embedder | None, max_tokens: int) -> None:
    with archive.store.writing() as connection:
        _mark(connection, found)
    if embedder is None:
        count = len(found.to_cut)
        raise ArchiveDamaged(
            f"{count} articles must be embedded anew, and the model for it is not here.",
            "byline models pull, then byline doctor --repair",
        )
    batch = Batch(archive, embedder, max_tokens=max_tokens, on_progress=ignore)
    try:
        archive.check_fingerprint(batch.fingerprint)
        renew_articles(archive, batch)
    finally:
        batch.close()


def _mark(connection: sqlite3.Connection, found: Findings) -> None:
    connection.executemany("UPDATE articles SET fingerprint = '' WHERE number = ?", [[one] for one in found.to_cut])
