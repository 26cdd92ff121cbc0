"""An export into an archive: everything is looked at before anything is written; what is there stays as it is.

Goes article by article in transactions, so that a kill leaves what was done, noted as unfinished; the same import again
finishes it. With the embedder that made the export its vectors are taken, else passages are cut and embedded anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.archive import Archive
from index.batch import Batch, OnProgress, archive_fingerprint
from index.build import UNDER_WAY, make_ready
from index.carried import Carried, Home, NotCarried, is_own, read_article, read_removed
from index.carry_files import put_files
from index.carry_out import ARTICLES, README, REMOVED, VECTORS
from index.embed import Embedder
from index.errors import BylineError, ModelMissing
from index.parcel import OnBytes, Parcel
from index.removed import Removed, list_removed, restore_removed
from index.store import Store, entries, put_article, set_meta

_AT_ONCE = 100  # articles a transaction
_OFF_UNIT = 1e-3  # of a vector's length


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found right in an export, and will be imported. `unknown` are members that mean nothing here."""

    articles: int
    passages: int
    fingerprint: str
    dimension: int  # 0 without vectors
    files: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(slots=True)
class Import:
    """What an import did, in articles; `conflicts` are ids of others that are in the archive, and stay there."""

    added: int = 0
    unchanged: int = 0
    left_out: int = 0  # the archive's reader removed them
    removed: int = 0  # noted as removed
    files: int = 0
    conflicts: list[str] = field(default_factory=list)
    is_embedded: bool = False
    passages: int = 0


# --- looking -------------------------------------------------------------------------------------------------


def look_into(parcel: Parcel, extra: frozenset[str], on_bytes: OnBytes) -> Contents:
    """Read an export whole and return what is in it; raises ArchiveDamaged for anything that is not as it must be."""
    nowhere = Home(os.sep, {})
    for name in (ARTICLES, REMOVED):
        if name not in parcel.seals:
            raise parcel.damaged(f"it has no {name}")
    articles = passages = done = 0
    ids: set[str] = set()
    for line in parcel.lines(ARTICLES):
        carried = _checked(parcel, ARTICLES, line, nowhere)
        if carried.article.id in ids or len({one.id for one in carried.passages}) < len(carried.passages):
            raise parcel.damaged(f"an id is twice in {ARTICLES}")
        ids.add(carried.article.id)
        articles, passages, done = articles + 1, passages + len(carried.passages), done + len(line)
        on_bytes(done, parcel.size())
    removed = sum(1 for _ in _removed(parcel, nowhere))
    dimension = _check_vectors(parcel, passages)
    files = tuple(name for name in parcel.seals if is_own(name))
    known = {ARTICLES, REMOVED, VECTORS, README, *extra, *files}
    for name in parcel.seals.keys() - {ARTICLES, REMOVED, VECTORS, *extra}:
        for piece in parcel.read(name):
            done += len(piece)
            on_bytes(min(done, parcel.size()), parcel.size())
    _check_counts(parcel, {"articles": articles, "removed": removed, "files": len(files)})
    unknown = tuple(sorted({*parcel.unknown, *(name for name in parcel.seals if name not in known)}))
    fingerprint = parcel.about.get("fingerprint")
    return Contents(articles, passages, str(fingerprint or ""), dimension, files, unknown)


def _checked(parcel: Parcel, name: str, line: bytes, home: Home) -> Carried:
    try:
        return read_article(line, home)
    except NotCarried as error:
        raise parcel.damaged(f"a line of {name} is none of Byline's: {error}") from error


def _removed(parcel: Parcel, home: Home) -> Iterator[Removed]:
    for line in parcel.lines(REMOVED):
        try:
            yield read_removed(line, home)
        except NotCarried as error:
            raise parcel.damaged(f"a line of {REMOVED} is none of Byline's: {error}") from error


def _check_counts(parcel: Parcel, found: dict[str, int]) -> None:
    told = parcel.about.get("counts")
    for name, count in found.items():
        if not isinstance(told, dict) or told.get(name) != count:
            raise parcel.damaged(f"it does not hold as many {name} as it says")


def _check_vectors(parcel: Parcel, passages: int) -> int:
    """Return the length of the vectors, 0 without any; raise where they are not one unit row a passage."""
    if VECTORS not in parcel.seals:
        return 0
    dimension: object = parcel.about.get("dimension")
    if not isinstance(dimension, int) or not 0 < dimension <= 2**16:
        raise parcel.damaged("it does not say how long its vectors are")
    if not passages or parcel.seals[VECTORS].size != passages * dimension * 4:
        raise parcel.damaged(f"{VECTORS} is not one row a passage")
    for rows in _rows(parcel, dimension):
        lengths = np.linalg.norm(rows, axis=1)
        if not (np.abs(lengths - 1) < _OFF_UNIT).all():  # false for what is not a number, too
            raise parcel.damaged(f"{VECTORS} holds what is no vector")
    return dimension


def _rows(parcel: Parcel, dimension: int) -> Iterator[NDArray[np.float32]]:
    """Yield the vectors, some rows at a time."""
    rest, width = b"", dimension * 4
    for piece in parcel.read(VECTORS):
        rest += piece
        whole = len(rest) // width * width
        if whole:
            yield np.frombuffer(rest[:whole], dtype="<f4").reshape(-1, dimension)
            rest = rest[whole:]


def check_room(folder: Path, parcel: Parcel) -> None:
    """Raise where the disk of `folder` has not even the room for what an export unpacks to."""
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.is_dir())
    free = shutil.disk_usage(there).free
    if free < parcel.size():
        wrong = f"{parcel.path} unpacks to {parcel.size():,} bytes, and the disk of {folder} has {free:,} left."
        raise BylineError(wrong, "free some space, or name another --archive FOLDER")


# --- taking --------------------------------------------------------------------------------------------------


def is_under_way(store: Store, parcel: Parcel) -> bool:
    """True when an import of this export was begun here and not finished."""
    return store.meta(UNDER_WAY) == parcel.number


def takes_vectors(archive: Archive, contents: Contents, embedder: Embedder | None, max_tokens: int) -> bool:
    """Return whether the export's vectors are those that this archive wants; without an embedder they must be.

    Raises ArchiveMismatch for an archive of another embedder than `embedder`.
    """
    wanted = archive_fingerprint(embedder, max_tokens) if embedder else ""
    if embedder:
        archive.check_fingerprint(wanted)
    elif not archive.is_empty:
        wanted = archive.store.meta("fingerprint")
    fits = contents.dimension > 0 and contents.fingerprint == (wanted or contents.fingerprint)
    if embedder is None and not fits and contents.articles:
        raise ModelMissing("The articles must be embedded, and the embedding model is not here.", "byline models pull")
    return fits


def carry_in(
    archive: Archive,
    parcel: Parcel,
    contents: Contents,
    *,
    embedder: Embedder | None,
    max_tokens: int,
    on_progress: OnProgress,
    beside: Callable[[], None] = lambda: None,
) -> Import:
    """Add to the archive what the export holds and it does not; return what was done.

    `beside` is done first, while no one else writes to the archive.
    """
    report = Import()
    with archive.writing():
        beside()
        has_vectors = takes_vectors(archive, contents, embedder, max_tokens)
        fingerprint = archive_fingerprint(embedder, max_tokens) if embedder else contents.fingerprint
        make_ready(archive)
        with archive.store.writing() as connection:
            set_meta(connection, UNDER_WAY, parcel.number)
            if archive.is_empty and contents.articles:
                set_meta(connection, "fingerprint", fingerprint)
        home = put_files(archive.folder, parcel, contents.files)
        report.files = len(contents.files)
        missing = _missing(archive, parcel, home, report)
        if has_vectors:
            _take(archive, _with_vectors(parcel, contents, home), missing, fingerprint)
        elif embedder:
            batch = Batch(archive, embedder, max_tokens=max_tokens, on_progress=on_progress)
            _embed(parcel, missing, home, batch)
        report.is_embedded = not has_vectors and bool(missing)
        _remember(archive, parcel, home, report)
        archive.publish_vectors()
    report.passages = archive.status().passages
    return report


def _missing(archive: Archive, parcel: Parcel, home: Home, report: Import) -> frozenset[str]:
    """Return the ids of the articles that are to be added, and count the others."""
    with archive.store.reading() as connection:
        stored = {entry.id: entry.content_hash for entry in entries(connection)}
        gone = list_removed(connection)
    removed = {one.id for one in gone}, {one.content_hash for one in gone}
    missing = set()
    for line in parcel.lines(ARTICLES):
        entry = read_article(line, home).entry
        if entry.id in stored:
            if stored[entry.id] == entry.content_hash:
                report.unchanged += 1
            else:
                report.conflicts.append(entry.id)
        elif entry.id in removed[0] or entry.content_hash in removed[1]:
            report.left_out += 1
        else:
            missing.add(entry.id)
    report.added = len(missing)
    return frozenset(missing)


Taken = tuple[Carried, NDArray[np.float32]]


def _with_vectors(parcel: Parcel, contents: Contents, home: Home) -> Iterator[Taken]:
    rows = _rows(parcel, contents.dimension)
    rest = np.zeros((0, contents.dimension), dtype=np.float32)
    for line in parcel.lines(ARTICLES):
        carried = read_article(line, home)
        count = len(carried.passages)
        while len(rest) < count:
            rest = np.concatenate([rest, next(rows)])
        yield carried, rest[:count]
        rest = rest[count:]
    if next(rows, None) is not None:
        raise parcel.damaged(f"{VECTORS} is not one row a passage")


def _take(archive: Archive, found: Iterator[Taken], missing: frozenset[str], fingerprint: str) -> None:
    waiting: list[Taken] = []

    def store() -> None:
        with archive.store.writing() as connection:
            for carried, vectors in waiting:
                put_article(
                    connection,
                    carried.article,
                    carried.passages,
                    vectors=vectors,
                    entry=carried.entry,
                    fingerprint=fingerprint,
                )
        waiting.clear()

    for carried, vectors in found:
        if carried.article.id in missing:
            waiting.append((carried, vectors))
        if len(waiting) >= _AT_ONCE:
            store()
    store()


def _embed(parcel: Parcel, missing: frozenset[str], home: Home, batch: Batch) -> None:
    batch.articles_total = len(missing)
    try:
        for line in parcel.lines(ARTICLES):
            carried = read_article(line, home)
            if carried.article.id in missing:
                batch.add(carried.article, carried.entry)
        batch.flush()
    finally:
        batch.close()


def _remember(archive: Archive, parcel: Parcel, home: Home, report: Import) -> None:
    """Note as removed what was so where the export comes from, unless it is here; the import is then finished."""
    with archive.store.writing() as connection:
        stored = {entry.id for entry in entries(connection)}
        report.removed = restore_removed(connection, [one for one in _removed(parcel, home) if one.id not in stored])
        set_meta(connection, UNDER_WAY, "")
