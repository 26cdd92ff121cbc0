"""An archive into one file that can be read without Byline: articles, what is known of them, vectors, own files.

Reads one state of the archive throughout and changes nothing. What makes search fast is left behind: it is made anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from index.archive import UNFINISHED, Archive
from index.carried import OWN_FOLDER, Carried, Home, article_line, is_own, removed_line
from index.errors import ArchiveDamaged
from index.parcel import Member, OnBytes, write_parcel
from index.records import Passage
from index.removed import list_removed
from index.rows import SOURCE_COLUMNS, to_article, to_passage
from index.store import Entry

ARTICLES, REMOVED, VECTORS, README = "articles.jsonl", "removed.jsonl", "vectors.f32", "README.txt"
_AT_ONCE = 1000  # rows
_PIECE = 2**18  # bytes

_README = """This is an archive of news articles, exported by Byline. It can be read without Byline.

manifest.json        What is in this file: each member with its size in bytes and its SHA-256.
articles.jsonl       One article a line, as a JSON object in UTF-8. "text" is the article; what its marks and passages
                     say of start and end counts Unicode characters of it, from 0. "published" is a day or null.
                     "file" is where it was read from, "content_hash" tells whether that has changed since. Of the
                     names in "own" the value is a path in this file.
removed.jsonl        Likewise, without text: articles that the reader removed, and that are to stay out.
vectors.f32          Without a header, little-endian 32-bit floats: a row of "dimension" numbers, as manifest.json says
                     it, for each passage, in the order of the passages in articles.jsonl. "fingerprint" in
                     manifest.json names the model that made them. They can be made anew of the texts.
conversations.jsonl  One conversation a line: questions, answers with their quotes (in "record"), and votes.
feeds.jsonl          One feed or sitemap a line, from which articles are fetched: its address and its title.
uploads/             Files that were added on Byline's page or fetched for a feed, as they were.

byline import FILE.zip makes an archive of it again.
"""


@dataclass(frozen=True, slots=True)
class Export:
    """What went into an export; `left_out` are own files whose names mean nothing elsewhere."""

    size: int
    articles: int
    passages: int
    removed: int
    files: int
    has_vectors: bool
    left_out: tuple[str, ...]


def carry_out(
    archive: Archive,
    target: Path,
    *,
    about: Mapping[str, Any],
    extra: Sequence[Member] = (),
    with_vectors: bool = True,
    on_bytes: OnBytes,
) -> Export:
    """Write the archive, and `extra` members, to `target`; `about` is what else its manifest says."""
    with archive.store.reading() as connection:
        home = Home(os.path.abspath(archive.folder), {})  # noqa: PTH100 - as the indexing run names files
        fingerprint = archive.store.meta("fingerprint")
        dimension = _dimension(connection) if with_vectors and not fingerprint.startswith(UNFINISHED) else 0
        has_vectors = dimension > 0
        gone = list_removed(connection)
        members = [
            Member(README, lambda: iter([_README.encode()])),
            Member(ARTICLES, partial(_article_lines, connection, home, has_vectors)),
            Member(REMOVED, lambda: (removed_line(one, home) for one in gone)),
            *([Member(VECTORS, partial(_vectors, connection), is_packed=False)] if has_vectors else []),
            *extra,
        ]
        files, left_out = _own_files(archive.folder)
        counts = _counts(connection) | {"removed": len(gone), "files": len(files)}
        facts = {"fingerprint": fingerprint, "dimension": dimension, "has_vectors": has_vectors}
        size = write_parcel(target, {**about, **facts, "counts": counts}, [*members, *files], on_bytes)
    return Export(size, **counts, has_vectors=has_vectors, left_out=left_out)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    tables = ("articles", "passages")
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def _dimension(connection: sqlite3.Connection) -> int:
    """Return the length of every vector, 0 where there is none."""
    lengths = connection.execute(
        "SELECT DISTINCT length(vector) FROM passages LEFT JOIN embeddings USING (number)"
    ).fetchall()
    if len(lengths) > 1 or lengths == [(None,)]:
        wrong = "The archive has passages without a vector, or vectors of two lengths."
        raise ArchiveDamaged(wrong, "byline index --rebuild, or export without them: --no-vectors")
    return int(lengths[0][0]) // 4 if lengths else 0


def _article_lines(connection: sqlite3.Connection, home: Home, with_passages: bool) -> Iterator[bytes]:
    rows = connection.execute(
        f"""SELECT number, content_hash, file, root, place, articles.path, id, kind, marks, text, {SOURCE_COLUMNS}
            FROM articles ORDER BY number"""
    )
    for number, content_hash, file, root, place, path, *values in rows:
        article = to_article(values)
        passages: tuple[Passage, ...] = ()
        if with_passages:
            found = connection.execute(
                "SELECT id, start, end, role, kind, sentences FROM passages WHERE article = ? ORDER BY number", [number]
            )
            source = values[4:]
            passages = tuple(to_passage([id, article.id, *rest, *source], article.text) for id, *rest in found)
        entry = Entry(article.id, content_hash, file, root, place, path)
        yield article_line(Carried(article, entry, passages), home)


def _vectors(connection: sqlite3.Connection) -> Iterator[bytes]:
    rows = connection.execute(
        """SELECT vector FROM embeddings JOIN passages USING (number)
           ORDER BY passages.article, passages.number"""
    )
    while some := rows.fetchmany(_AT_ONCE):
        yield b"".join(vector for (vector,) in some)


def _own_files(folder: Path) -> tuple[list[Member], tuple[str, ...]]:
    """Return the files in the archive's own folder, and the names of those that cannot go along."""
    found, left_out = [], []
    for path in sorted((folder / OWN_FOLDER).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith(".") or path.is_dir():
            continue
        if path.is_symlink() or not path.is_file() or not is_own(name) or name != _plain(name):
            left_out.append(_plain(name))
        else:
            found.append(Member(name, _reader(path)))
    return found, tuple(left_out)


def _reader(path: Path) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    return pieces


def _plain(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")
