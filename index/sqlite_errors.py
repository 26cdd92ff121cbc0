"""SQLite's errors, said as ours: each store names what its own mean and what mends them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from index.errors import BylineError

Meaning = Mapping[int, tuple[type[BylineError], str, str]]  # of a kind of error: ours, what is wrong, what mends it


@contextmanager
def translated(file: Path, meaning: Meaning) -> Iterator[None]:
    """Turn what SQLite says of the disk or the file into our errors; a bug stays a bug."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        kind = meaning.get(code) or meaning.get(code & 0xFF)  # the low byte is the kind, the rest says more of it
        if kind is None:
            raise
        error_class, wrong, mend = kind
        raise error_class(f"{wrong}: {file} ({error}).", mend) from error
