"""Chroma's graph of vectors in one folder: made, copied, opened and checked. The only importer of chromadb.

A folder that is open for reading is never written here but by Chroma itself, which notes a little in its database.
Knows passages only as numbers, and nothing of which folder is in use.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk import checksum
from index.errors import ArchiveError
from index.harmless import refuse_functions

BATCH = 5000  # Chroma 1.5.9 refuses more than 5,461 rows at once
COLLECTION = "passages"
CANDIDATES = 1000
# The graph is approximate. Of the 50 nearest among 48,000 passages of news (hashed words; questions and passages as
# queries) Chroma's default graph gave 82 to 98 %; a denser one asked for 400 gives 99 to 100 %. Among 300,000 made-up
# ones it gives 99.5 % of the nearest 50 and 95 of 200 asked for 400 (6 ms), 100 and 99 % asked for 1000 (13 ms).
# sync_threshold: with the default of 1000 up to 999 rows stay in a log, which every reader that opens the folder
# applies to the graph's files. With the least allowed each batch is saved whole, and readers leave the graph alone.
HNSW = {
    "space": "cosine",
    "ef_search": 200,
    "ef_construction": 200,
    "max_neighbors": 32,
    "sync_threshold": 2,
    "batch_size": 2,
}
# Up to so many passages are compared one by one, exactly, in 13 ms, which is what the graph takes too: it is not asked
# and not even opened (a second, and 2.5 KB a passage, of memory), so half its pains are enough when it is made: 2.4
# instead of 4.1 seconds of processor time for 10,000.
FEW = 100_000
_SPARSE = {"ef_construction": 100, "max_neighbors": 16}
SAMPLES = 20
SOUND_SHARE = 0.8  # of samples that find themselves: the graph is approximate, half an index finds half
SUMS = "graph.json"  # of the files that nobody writes again
DATABASE = "chroma.sqlite3"


class VectorsUnreadable(ArchiveError):
    """The current generation cannot be used; the archive has everything that it was made of."""


@dataclass(frozen=True, slots=True)
class VectorRow:
    """A passage as Chroma holds it."""

    number: int
    vector: NDArray[np.float32]


Fetch = Callable[[Sequence[int]], Iterable[VectorRow]]


def open_client(folder: Path) -> Any:
    """Return Chroma over a folder; the caller closes it, and translates what it raises."""
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    return chromadb.PersistentClient(path=str(folder), settings=settings)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn what Chroma raises over a folder into VectorsUnreadable."""
    # Chroma's own errors, and what its settings and bindings raise: ValueError, TypeError, RuntimeError, OSError.
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, ValueError, TypeError, RuntimeError, OSError, AttributeError, sqlite3.Error) as error:
        raise VectorsUnreadable(f"The vectors in {folder} cannot be used: {error}", "byline doctor --repair") from error


def copy_file(source: str, target: str) -> None:
    """Copy one file of a graph that others may have open."""
    # A client that opens a generation writes a little into its database: a plain copy just then would be torn.
    if source.endswith(".sqlite3"):
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)
    else:
        shutil.copy2(source, target)


@contextmanager
def writable(folder: Path, count: int) -> Iterator[Any]:
    """Open the collection in a folder, made where there is none; it is closed and saved at the end."""
    with translated(folder):
        client = open_client(folder)
        graph = HNSW | _SPARSE if count <= FEW else HNSW
        try:
            made = {"configuration": {"hnsw": graph}, "embedding_function": None}
            yield refuse_functions(client.get_or_create_collection(COLLECTION, **made))
        finally:
            client.close()


def add(collection: Any, numbers: Sequence[int], fetch: Fetch) -> None:
    """Put passages into a collection."""
    for start in range(0, len(numbers), BATCH):
        rows = list(fetch(numbers[start : start + BATCH]))
        if rows:
            collection.add(
                ids=[str(row.number) for row in rows],
                embeddings=np.stack([row.vector for row in rows]),
            )


def verify(folder: Path, wanted: Sequence[int], fetch: Fetch) -> None:
    """Raise unless a fresh client counts every passage and a sample of them finds itself."""
    step = max(1, len(wanted) // SAMPLES)
    sample = list(fetch(wanted[::step][:SAMPLES]))
    with writable(folder, len(wanted)) as collection:
        count = collection.count()
        found = collection.query(
            query_embeddings=np.stack([row.vector for row in sample]), n_results=1, include=["distances"]
        )
    near = sum(1 for distances in found["distances"] if distances and distances[0] < 1e-3)
    if count != len(wanted) or near < SOUND_SHARE * len(sample):
        raise VectorsUnreadable(
            f"The new vectors in {folder} hold {count} of {len(wanted)} passages, and {near} of {len(sample)} "
            "sampled ones are found. Searches work, slower.",
            "byline doctor --repair",
        )


def seal(folder: Path, apart: Sequence[str]) -> None:
    """Note size and checksum of what nobody writes again: all but Chroma's database and the folders `apart`."""
    files = [path for path in _graph_files(folder) if path.relative_to(folder).parts[0] not in apart]
    sums = {path.relative_to(folder).as_posix(): [path.stat().st_size, checksum(path)] for path in files}
    (folder / SUMS).write_text(json.dumps(sums), encoding="utf-8")


def _graph_files(folder: Path) -> list[Path]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if path.name != SUMS and not path.name.startswith(DATABASE)]


def check_sizes(folder: Path) -> str:
    """Return which file of a graph lacks or is cut, without reading any; empty where none is, or none was noted."""
    return _compare(folder, lambda path, size, sum: path.stat().st_size == size)


def check_graph(folder: Path) -> str:
    """Return what is wrong with a graph's files, all of them read; the empty string when nothing is.

    Chroma is not asked: over a damaged file it may end the process.
    """
    changed = _compare(folder, lambda path, size, sum: path.stat().st_size == size and checksum(path) == sum)
    return changed or _check_database(folder / DATABASE)


def _compare(folder: Path, is_as_noted: Callable[[Path, int, int], bool]) -> str:
    try:
        noted = json.loads((folder / SUMS).read_text(encoding="utf-8")).items()
        wrong = [name for name, (size, sum) in noted if not is_as_noted(folder / name, size, sum)]
    except FileNotFoundError as error:
        # A generation of an earlier Byline has no such note.
        return "" if error.filename == str(folder / SUMS) else str(error)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        return f"{folder / SUMS} cannot be read: {error}"
    return f"{folder / wrong[0]} is not as it was written" if wrong else ""


def _check_database(file: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return f"{file} cannot be read: {error}"
    return "" if found == "ok" else f"{file}: {found}"
