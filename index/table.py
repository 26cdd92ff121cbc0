"""A generation's table: every passage's vector, date, outlet and author as arrays on the disk, a row each.

A filter is then a comparison of whole columns and an exact search a product of rows, without reading SQLite; the pages
of the files belong to the system's cache, not to the process. Written into the folder of a generation before that is
named in CURRENT, and never changed after. A generation without one, or with a damaged one, is no failure: the caller
scans SQLite instead. Knows neither Chroma nor the words.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk import checksum, reserve
from index.errors import ArchiveMismatch
from index.rows import decode_vectors
from index.selection import Selection

KIND = 1  # of the files: one of another kind is none
FOLDER = "table"
COLUMNS = ("numbers", "vectors", "published", "outlet", "author")
_AT_ONCE = 8192  # rows
_HEADER = 128  # bytes at most of what numpy writes before an array of few dimensions
# Rows copied together are compared at the speed of memory from here on, so a large share is compared in place.
_IN_PLACE_SHARE = 0.4

Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class TableUnreadable(Exception):
    """The generation has no table that can be used."""


@dataclass(frozen=True)
class Table:
    """The passages of a generation by rising number: `numbers[row]` is the one of a row."""

    numbers: Rows
    vectors: Floats
    published: Ints
    outlet: Ints  # places in `outlets`
    author: Ints
    outlets: tuple[str, ...]  # folded
    authors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def select(self, selection: Selection) -> NDArray[np.bool_] | None:
        """Return for each row whether its article passes, None where all do."""
        if selection.is_everything:
            return None
        passes = np.ones(len(self), dtype=np.bool_)
        if selection.since or selection.until:
            passes &= (self.published >= (selection.since or 1)) & (self.published <= (selection.until or 99999999))
        columns = ((self.outlet, self.outlets, selection.outlets), (self.author, self.authors, selection.authors))
        for column, names, allowed in columns:
            if allowed is not None:
                wanted = set(allowed)
                passes &= np.array([name in wanted for name in names], dtype=np.bool_)[column]
        return passes

    def nearest(self, vector: Floats, rows: Rows | None, *, limit: int) -> list[tuple[int, float]]:
        """Return (passage number, cosine) of the nearest among these rows, or all, best first, ties by number."""
        if self.vectors.shape[1] != len(vector):
            wrong = f"The archive's vectors have {self.vectors.shape[1]} dimensions, the question's has {len(vector)}."
            raise ArchiveMismatch(wrong, "byline index --rebuild")
        vector = vector.astype(np.float32)
        if rows is None:
            scores = _cosines(self.vectors, vector)
        elif len(rows) > _IN_PLACE_SHARE * len(self):
            scores = _cosines(self.vectors, vector)[rows]
        else:
            scores = np.empty(len(rows), dtype=np.float32)
            for start in range(0, len(rows), _AT_ONCE):
                block = slice(start, start + _AT_ONCE)
                scores[block] = _cosines(self.vectors[rows[block]], vector)
        best = top(scores, limit)
        found = self.numbers[best if rows is None else rows[best]]
        return list(zip(found.tolist(), scores[best].tolist(), strict=True))

    def rows_of(self, numbers: Sequence[int]) -> Rows:
        """Return the rows of passages by number; those that are not here are left out."""
        return find_rows(self.numbers, numbers)


def _cosines(vectors: Floats, vector: Floats) -> Floats:
    # Not BLAS: its threads wait for each other, 8 ms a product beside a busy process, and memory is the limit anyway
    # (300,000 rows: 32 ms, BLAS 39 on two threads).
    cosines: Floats = np.einsum("ij,j->i", vectors, vector)
    return cosines


def find_rows(numbers: Rows, wanted: Sequence[int]) -> Rows:
    """Return the rows of the passages `wanted`; those that are not among `numbers` are left out."""
    sought = np.asarray(wanted, dtype=np.int64)
    rows: Rows = np.searchsorted(numbers, sought).clip(max=len(numbers) - 1)
    found: Rows = rows[numbers[rows] == sought]
    return found


def top(scores: NDArray[Any], limit: int) -> Rows:
    """Return the places of the `limit` largest scores, the largest first, among equals the first."""
    if limit < len(scores):
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    order: Rows = places[np.argsort(-scores[places], kind="stable")][:limit]
    return order


def open_table(generation: Path) -> Table:
    """Return the table of the generation in this folder, or raise TableUnreadable."""
    folder = generation / FOLDER
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["kind"] != KIND:
            raise TableUnreadable(f"{folder} is of another kind")
        columns = {name: map_array(folder / f"{name}.npy") for name in COLUMNS}
        table = Table(**columns, outlets=tuple(about["outlets"]), authors=tuple(about["authors"]))
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        raise TableUnreadable(f"{folder} cannot be read: {error}") from error
    if {len(column) for column in columns.values()} != {about["rows"]}:
        raise TableUnreadable(f"{folder} does not hold {about['rows']} passages")
    return table


def map_array(file: Path) -> NDArray[Any]:
    """Return the array in a file without reading it, or raise what `open_table` translates."""
    # A plain view of the file's pages: numpy's own subclass costs a tenth of a millisecond a slice.
    return np.asarray(np.load(file, mmap_mode="r"))


def make_array(file: Path, kind: np.dtype[Any], shape: tuple[int, ...]) -> np.memmap[Any, Any]:
    """Return a new array in a file, to be written to; raises OSError where the disk has no room for all of it."""
    header: dict[str, Any] = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    reserve(file, _HEADER + int(np.prod(shape)) * kind.itemsize)
    with file.open("r+b") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        start = stream.tell()
        stream.truncate(start + int(np.prod(shape)) * kind.itemsize)
    return np.memmap(file, dtype=kind, mode="r+", offset=start, shape=shape)


def write_table(connection: sqlite3.Connection, numbers: Rows, generation: Path, old: Table | None) -> None:
    """Write the table of these passages, by rising number, into the folder of a generation.

    What a passage's number stands for never changes, so rows that the `old` table has are taken from there.
    """
    folder = generation / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    draft = _Draft(folder, numbers)
    missing = numbers
    if old is not None:
        draft.take(old)
        missing = np.setdiff1d(numbers, old.numbers, assume_unique=True)
    for start in range(0, len(missing), _AT_ONCE):
        draft.put(_read(connection, missing[start : start + _AT_ONCE].tolist()))
    draft.finish()


def check_table(generation: Path) -> str:
    """Return what is wrong with a generation's files, read as a whole; the empty string when nothing is."""
    folder = generation / FOLDER
    try:
        open_table(generation)
    except TableUnreadable as error:
        return str(error)
    return check_sums(folder)


def check_sums(folder: Path) -> str:
    """Return which of a folder's files is not as its about.json says; the empty string when all are."""
    try:
        sums = json.loads((folder / "about.json").read_text(encoding="utf-8"))["sums"]
        wrong = [name for name, told in sums.items() if checksum(folder / name) != told]
    except (OSError, KeyError, ValueError) as error:
        return str(error)
    return f"{folder / wrong[0]} is not as it was written" if wrong else ""


def _read(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    yield from connection.execute(
        """SELECT embeddings.number, vector, published, outlet_folded, author_folded FROM embeddings
           JOIN passages ON passages.number = embeddings.number JOIN articles ON articles.number = passages.article
           WHERE embeddings.number IN (SELECT value FROM json_each(?)) ORDER BY embeddings.number""",
        [json.dumps(numbers)],
    )


class _Draft:
    """A table that is being written; its rows may come in any order."""

    def __init__(self, folder: Path, numbers: Rows) -> None:
        self._folder = folder
        self._numbers = numbers
        self._published, self._outlet, self._author = (np.zeros(len(numbers), dtype=np.int32) for _ in range(3))
        self._vectors: Floats | None = None
        self._outlets: dict[str, int] = {}
        self._authors: dict[str, int] = {}

    def take(self, old: Table) -> None:
        """Take every row that is wanted from another table."""
        kept = np.flatnonzero(np.isin(old.numbers, self._numbers, assume_unique=True))
        places = np.searchsorted(self._numbers, old.numbers[kept])
        self._outlets = {name: place for place, name in enumerate(old.outlets)}
        self._authors = {name: place for place, name in enumerate(old.authors)}
        self._published[places], self._outlet[places] = old.published[kept], old.outlet[kept]
        self._author[places] = old.author[kept]
        for start in range(0, len(kept), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            self._matrix(old.vectors.shape[1])[places[block]] = old.vectors[kept[block]]

    def put(self, rows: Iterator[tuple[Any, ...]]) -> None:
        """Put rows as SQLite has them."""
        numbers, blobs, published, outlets, authors = zip(*rows, strict=True)
        places = np.searchsorted(self._numbers, np.array(numbers, dtype=np.int64))
        vectors = decode_vectors(blobs)
        self._matrix(vectors.shape[1])[places] = vectors
        self._published[places] = published
        self._outlet[places] = [self._outlets.setdefault(name, len(self._outlets)) for name in outlets]
        self._author[places] = [self._authors.setdefault(name, len(self._authors)) for name in authors]

    def finish(self) -> None:
        """Write the columns, and last what says that they are whole."""
        if isinstance(self._vectors, np.memmap):
            self._vectors.flush()
        self._vectors = None
        for name in ("numbers", "published", "outlet", "author"):
            np.save(self._folder / f"{name}.npy", getattr(self, f"_{name}"))
        about = {
            "kind": KIND,
            "rows": len(self._numbers),
            "outlets": list(self._outlets),
            "authors": list(self._authors),
            "sums": {file.name: checksum(file) for file in sorted(self._folder.glob("*.npy"))},
        }
        (self._folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

    def _matrix(self, dimension: int) -> Floats:
        if self._vectors is None:
            shape = (len(self._numbers), dimension)
            file = self._folder / "vectors.npy"
            self._vectors = make_array(file, np.dtype("<f4"), shape)
        return self._vectors
