"""A generation beside Chroma's graph: its table and its words, opened once and shared by all threads.

Written with the graph, sealed with it and named by the same pointer, so the three are always of one state.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from index import postings, table
from index.current import Current
from index.postings import Postings, check_postings, open_postings, write_postings
from index.table import Table, TableUnreadable, check_table, open_table, write_table

FOLDERS = (table.FOLDER, postings.FOLDER)  # in a generation's: not Chroma's


@dataclass(frozen=True)
class Generation:
    """The arrays of one generation; either may be lacking, and is then done without."""

    table: Table | None
    postings: Postings | None


NOTHING = Generation(None, None)


class Generations:
    """Opens the arrays of the generation that is current; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._name = ""
        self._opened = NOTHING

    def open(self, current: Current) -> Generation:
        """Return the arrays of `current`, those that can be read."""
        with self._lock:
            if self._name != current.generation:
                self._opened = open_generation(self._folder / current.generation, current.count)
                self._name = current.generation
            return self._opened

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._name, self._opened = "", NOTHING


def has_arrays(generation: Path) -> bool:
    """True when the generation was made with both, in today's form; says nothing of every byte's state."""
    opened = open_generation(generation)
    return opened.table is not None and opened.postings is not None


@dataclass(frozen=True)
class Arrays:
    """Makes the arrays of a generation from what a connection sees."""

    connection: sqlite3.Connection
    folders = FOLDERS

    def write(self, numbers: Sequence[int], generation: Path, before: Path | None) -> None:
        """Write both into a generation's folder; what the one before has of these passages is taken from there."""
        wanted = np.array(numbers, dtype=np.int64)
        # Its every byte is read first: a damage must not be handed down.
        old = open_generation(before) if before and not check_arrays(before) else NOTHING
        write_table(self.connection, wanted, generation, old.table)
        kept = (old.postings, old.table.numbers) if old.postings and old.table else None
        write_postings(self.connection, wanted, generation, kept)

    def is_there(self, generation: Path) -> bool:
        """True when a generation has both."""
        return has_arrays(generation)


def check_arrays(generation: Path) -> str:
    """Return what is wrong with a generation's arrays, every byte of them read; the empty string when nothing is."""
    return check_table(generation) or check_postings(generation)


def open_generation(generation: Path, count: int | None = None) -> Generation:
    """Return what can be read of the arrays in a generation's folder, when `count` is given only of so many rows."""
    try:
        opened = open_table(generation)
    except TableUnreadable:
        return NOTHING
    if count is not None and len(opened) != count:
        return NOTHING
    with suppress(TableUnreadable):
        return Generation(opened, open_postings(generation, len(opened)))
    return Generation(opened, None)
