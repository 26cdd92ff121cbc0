"""Which files need not be read again: their bytes, and the code that reads them, are those of the last run.

A file is sealed when each of its records became a stored article. A seal only saves time: any doubt breaks it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from index.walk import File

CREATE_SEALS = "CREATE TABLE seals (file TEXT PRIMARY KEY, seal TEXT NOT NULL, articles INTEGER NOT NULL) WITHOUT ROWID"


def make_seal(file: File, columns: Mapping[str, str] | None) -> str:
    """Return a hash of all that a reading of `file` depends on; empty when it cannot be read."""
    told = repr([str(file.root), sorted((columns or {}).items()), _hash_code()])
    try:
        with file.path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
    return hashlib.sha256(f"{content} {told}".encode("utf-8", "surrogatepass")).hexdigest()


def stored_seals(connection: sqlite3.Connection) -> dict[str, tuple[str, int]]:
    """Return each sealed file's seal and its number of articles."""
    return {file: (seal, articles) for file, seal, articles in connection.execute("SELECT * FROM seals")}


def put_seals(connection: sqlite3.Connection, seals: Mapping[str, tuple[str, int]]) -> None:
    """Seal files, in place of the seals they had."""
    rows = [(file, seal, articles) for file, (seal, articles) in seals.items()]
    connection.executemany("INSERT OR REPLACE INTO seals VALUES (?, ?, ?)", rows)


@cache
def _hash_code() -> str:
    # The readers' rules are in a dozen modules: whichever changes, every file is read anew, with no number to raise.
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()
