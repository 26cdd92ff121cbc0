"""A generation's words: BM25 as FTS5 computes it, from arrays on the disk instead of FTS5's own pages.

FTS5 scores every passage that holds any word of a question one by one, a tenth of a second among 300,000; here each
word's passages are one slice, and the score a few products of arrays. Terms, counts and formula are FTS5's, so the hits
are the same; only a phrase ("Coca-Cola" is one), whose words must stand side by side, is still asked of FTS5. Written
and found like `table.py`'s arrays, whose rows these are.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk import checksum
from index.table import Rows, TableUnreadable, check_sums, find_rows, make_array, map_array
from index.words import CREATE_WORDS, TEXT_WEIGHT, TITLE_WEIGHT, split_terms

KIND = 1  # of the files: one of another kind is none
FOLDER = "words"
# A count is kept in quarters: a word in the title counts three of them, one in the text four.
QUARTERS = (round(4 * TEXT_WEIGHT), round(4 * TITLE_WEIGHT))
_K1, _B, _LEAST_IDF = 1.2, 0.75, 1e-6  # FTS5's
_BATCH = 5000  # passages
_POSTINGS_AT_ONCE = 4_000_000
_CHUNKS_KNOWN = 500_000  # a hundred bytes each
_PHRASES_KEPT = 64  # a phrase's passages are asked of FTS5 once a generation

# FTS5 breaks words at every ASCII character but these; whether at others too is left to FTS5.
_CHUNK = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")

Floats = NDArray[np.float64]
Scored = tuple[NDArray[Any], Floats]


@dataclass(frozen=True)
class Terms:
    """All terms in the order of their bytes."""

    text: bytes
    ends: Rows

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> bytes:
        return self.text[int(self.ends[place - 1]) if place else 0 : int(self.ends[place])]

    def find(self, term: str) -> int:
        """Return the place of a term, -1 where it is none."""
        wanted = term.encode("utf-8", "replace")
        place = bisect_left(self, wanted)
        return place if place < len(self) and self[place] == wanted else -1


@dataclass(frozen=True)
class Postings:
    """Which rows hold which term: those of term t are `rows[starts[t]:starts[t + 1]]`, rising, with their counts."""

    terms: Terms
    starts: Rows
    rows: NDArray[np.int32]
    counts: NDArray[np.uint16]  # in quarters
    lengths: NDArray[np.int32]  # of a row, in terms
    _phrases: OrderedDict[str, Scored] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def score(self, connection: sqlite3.Connection, query: Sequence[str], numbers: Rows) -> Floats:
        """Return the BM25 of every row for a question's terms; `numbers` are the rows' passages."""
        scores = np.zeros(len(numbers))
        for text, tokens in zip(query, split_terms(query), strict=True):
            if len(tokens) == 1:
                rows, own = self._score_term(tokens[0])
                scores[rows] += own
            elif tokens and self._may_hold(tokens):
                rows, own = self._score_phrase(connection, text, numbers)
                scores[rows] += own
        return scores

    def _held(self, token: str) -> slice:
        place = self.terms.find(token)
        return slice(int(self.starts[place]), int(self.starts[place + 1])) if place >= 0 else slice(0, 0)

    def _may_hold(self, tokens: Sequence[str]) -> bool:
        """False when no passage has all of a phrase's words, which is sooner known than where they stand."""
        held = sorted((self.rows[self._held(token)] for token in set(tokens)), key=len)
        common = held[0]
        for rows in held[1:]:
            common = common[rows[np.searchsorted(rows, common).clip(max=len(rows) - 1)] == common]
        return len(common) > 0

    def _score_term(self, token: str) -> Scored:
        held = self._held(token)
        rows = self.rows[held]
        counts = self.counts[held] * 0.25
        total = len(self.lengths)
        idf = max(np.log((total - len(rows) + 0.5) / (len(rows) + 0.5)), _LEAST_IDF)
        return rows, idf * (counts * (_K1 + 1.0) / (counts + self._longness[rows]))

    @cached_property
    def _longness(self) -> Floats:
        average = self.lengths.sum(dtype=np.int64) / max(1, len(self.lengths))
        longness: Floats = _K1 * (1.0 - _B + _B * self.lengths / average)
        return longness

    def _score_phrase(self, connection: sqlite3.Connection, text: str, numbers: Rows) -> Scored:
        with self._lock:
            known = self._phrases.pop(text, None)
        if known is None:
            asked = f"SELECT rowid, -bm25(words, {TEXT_WEIGHT}, {TITLE_WEIGHT}) FROM words WHERE words MATCH ?"
            found = connection.execute(asked, [f'"{text}"']).fetchall()
            rows = find_rows(numbers, [number for number, _ in found])
            known = rows, np.array([score for _, score in found], dtype=np.float64)
        with self._lock:
            self._phrases[text] = known
            if len(self._phrases) > _PHRASES_KEPT:
                self._phrases.popitem(last=False)
        return known


def open_postings(generation: Path, rows: int) -> Postings:
    """Return the words of the generation in this folder, which has so many rows, or raise TableUnreadable."""
    folder = generation / FOLDER
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if (about["kind"], about["made by"], about["rows"]) != (KIND, CREATE_WORDS, rows):
            raise TableUnreadable(f"{folder} is of another kind")
        names = ("ends", "starts", "rows", "counts", "lengths")
        ends, starts, held, counts, lengths = (map_array(folder / f"{name}.npy") for name in names)
        terms = Terms((folder / "terms.bin").read_bytes(), ends)
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        raise TableUnreadable(f"{folder} cannot be read: {error}") from error
    sizes = (len(terms.text), len(starts), len(held), len(counts), len(lengths))
    last = int(starts[-1]) if len(starts) else -1
    if sizes != (int(ends[-1]) if len(ends) else 0, len(terms) + 1, last, last, rows):
        raise TableUnreadable(f"{folder} is not whole")
    return Postings(terms, starts, held, counts, lengths)


def check_postings(generation: Path) -> str:
    """Return what is wrong with the files of a generation's words; the empty string when nothing is."""
    return check_sums(generation / FOLDER)


def write_postings(
    connection: sqlite3.Connection, numbers: Rows, generation: Path, old: tuple[Postings, Rows] | None
) -> None:
    """Write the words of these passages, by rising number, into the folder of a generation.

    A passage's words never change, so those of the generation before, whose passages come with it, are taken over.
    """
    folder = generation / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as batches:
        draft = _Draft(folder, numbers, Path(batches))
        missing = numbers
        if old:
            draft.take(*old)
            missing = np.setdiff1d(numbers, old[1], assume_unique=True)
        for start in range(0, len(missing), _BATCH):
            draft.read(connection, missing[start : start + _BATCH].tolist())
        draft.merge()
    draft.finish()


class _Draft:
    """Postings that are being written: batches, each by term and row, that are merged at the end."""

    def __init__(self, folder: Path, numbers: Rows, batches: Path) -> None:
        self._folder = folder
        self._numbers = numbers
        self._batches = batches
        self._count = 0
        self._terms: dict[str, int] = {}
        self._known: dict[str, tuple[int, ...]] = {}  # chunks of text, and the terms that FTS5 makes of each
        self._sizes = np.zeros(0, dtype=np.int64)
        self._lengths = np.zeros(len(numbers), dtype=np.int32)

    def take(self, old: Postings, numbers: Rows) -> None:
        """Take the postings of all passages that are wanted; `numbers` are those of the old rows."""
        self._terms = {old.terms[place].decode(): place for place in range(len(old.terms))}
        rows = np.searchsorted(self._numbers, numbers).clip(max=len(self._numbers) - 1)
        rows[self._numbers[rows] != numbers] = -1
        self._lengths[rows[rows >= 0]] = old.lengths[rows >= 0]
        first = 0
        while first < len(old.terms):
            reach = int(np.searchsorted(old.starts, old.starts[first] + _POSTINGS_AT_ONCE, side="right")) - 1
            last = min(max(first + 1, reach), len(old.terms))
            held = slice(int(old.starts[first]), int(old.starts[last]))
            terms = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(old.starts[first : last + 1]))
            places = rows[old.rows[held]]
            kept = places >= 0
            self._keep(terms[kept], places[kept].astype(np.int32), old.counts[held][kept])
            first = last

    def read(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
        """Take the words of passages from FTS5's own copy of their texts."""
        asked = "SELECT rowid, text, title FROM words WHERE rowid IN (SELECT value FROM json_each(?))"
        found = connection.execute(asked, [json.dumps(numbers)]).fetchall()
        chunks = [[_CHUNK.findall(text) for text in texts] for _, *texts in found]
        self._learn({chunk for pair in chunks for own in pair for chunk in own})
        known = self._known
        terms: list[int] = []
        sizes: list[int] = []
        for pair in chunks:
            for own in pair:
                before = len(terms)
                for chunk in own:
                    terms += known[chunk]
                sizes.append(len(terms) - before)
        rows = np.searchsorted(self._numbers, [number for number, *_ in found])
        lengths = np.array(sizes, dtype=np.int64)
        self._lengths[rows] = lengths.reshape(-1, 2).sum(axis=1)
        quarters = np.tile(np.array(QUARTERS, dtype=np.int64), len(found))
        self._add(np.array(terms, dtype=np.int64), np.repeat(np.repeat(rows, 2), lengths), np.repeat(quarters, lengths))

    def _learn(self, chunks: set[str]) -> None:
        if len(self._known) > _CHUNKS_KNOWN:
            self._known = {}
        new = sorted(chunks - self._known.keys())
        for chunk, tokens in zip(new, split_terms(new), strict=True):
            self._known[chunk] = tuple(self._terms.setdefault(token, len(self._terms)) for token in tokens)

    def _add(self, terms: Rows, rows: Rows, quarters: Rows) -> None:
        keys, places = np.unique(terms * len(self._numbers) + rows, return_inverse=True)
        counts = np.bincount(places, weights=quarters).clip(max=np.iinfo(np.uint16).max).astype(np.uint16)
        kept_terms, kept_rows = np.divmod(keys, len(self._numbers))
        self._keep(kept_terms.astype(np.int32), kept_rows.astype(np.int32), counts)

    def _keep(self, terms: NDArray[np.int32], rows: NDArray[np.int32], counts: NDArray[np.uint16]) -> None:
        sizes = np.bincount(terms, minlength=len(self._terms))
        sizes[: len(self._sizes)] += self._sizes
        self._sizes = sizes
        np.savez(self._batches / f"{self._count}.npz", terms=terms, rows=rows, counts=counts)
        self._count += 1

    def merge(self) -> None:
        """Write all postings, those of each term side by side, the terms in the order of their bytes."""
        names = sorted((term.encode(), place) for term, place in self._terms.items() if self._sizes[place])
        places = np.array([place for _, place in names], dtype=np.int64)
        order = np.zeros(len(self._terms), dtype=np.int64)
        order[places] = np.arange(len(names))
        starts = np.zeros(len(names) + 1, dtype=np.int64)
        np.cumsum(self._sizes[places], out=starts[1:])
        (self._folder / "terms.bin").write_bytes(b"".join(name for name, _ in names))
        self._save("ends", np.cumsum([len(name) for name, _ in names], dtype=np.int64))
        self._save("starts", starts)
        rows = self._open("rows", np.dtype(np.int32), int(starts[-1]))
        counts = self._open("counts", np.dtype(np.uint16), int(starts[-1]))
        free = starts[:-1].copy()
        for terms, own_rows, own_counts in self._saved():
            begins = np.flatnonzero(np.diff(terms, prepend=-1))
            runs = np.diff(begins, append=len(terms))
            of_runs = order[terms[begins]]
            into = np.repeat(free[of_runs] - begins, runs) + np.arange(len(terms))
            rows[into], counts[into] = own_rows, own_counts
            free[of_runs] += runs

    def finish(self) -> None:
        """Write what is left, and last what says that all of it is whole."""
        self._save("lengths", self._lengths)
        files = [file for file in sorted(self._folder.iterdir()) if file.suffix in (".npy", ".bin")]
        sums = {file.name: checksum(file) for file in files}
        about = {"kind": KIND, "made by": CREATE_WORDS, "rows": len(self._numbers), "sums": sums}
        (self._folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

    def _saved(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint16]]]:
        for place in range(self._count):
            with np.load(self._batches / f"{place}.npz") as batch:
                yield batch["terms"], batch["rows"], batch["counts"]

    def _save(self, name: str, values: NDArray[Any]) -> None:
        np.save(self._folder / f"{name}.npy", values)

    def _open(self, name: str, kind: np.dtype[Any], size: int) -> NDArray[Any]:
        if not size:  # an empty file cannot be mapped
            self._save(name, np.zeros(0, dtype=kind))
            return np.zeros(0, dtype=kind)
        return make_array(self._folder / f"{name}.npy", kind, (size,))
