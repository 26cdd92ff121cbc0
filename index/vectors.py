"""Dense search by Chroma, in whole generations. The only importer of chromadb.

Chroma killed while it saves loses its collection, sometimes so that opening it ends the process (6 of 13 runs of
kills with 1.5.9; SIGSEGV cannot be caught). So it is derived and never written where it is read: an update is a new
folder `vectors/<generation>/`, made of a copy or from nothing, closed, opened again and asked, synced to the disk, and
only then named in `vectors/CURRENT`, which is replaced as a whole. A named generation was sound when it was named, and
nothing writes its graph again, readers that are killed included: so opening one is safe. One that is missing, stale or
unreadable is no failure of the archive: the caller scans the vectors in SQLite instead. Knows passages only as numbers.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.current import Current, read_current, sync, write_current
from index.errors import ArchiveError
from index.harmless import refuse_functions

BATCH = 5000  # Chroma 1.5.9 refuses more than 5,461 rows at once
_COLLECTION = "passages"
_CANDIDATES = 1000
# The graph is approximate. Of the 50 nearest among 48,000 passages of news (hashed words; questions and passages as
# queries) Chroma's default graph gave 82 to 98 %; a denser one asked for 400 gives 99 to 100 %. Among 300,000 made-up
# ones it gives 99.5 % of the nearest 50 and 95 of 200 asked for 400 (6 ms), 100 and 99 % asked for 1000 (13 ms).
# sync_threshold: with the default of 1000 up to 999 rows stay in a log, which every reader that opens the folder
# applies to the graph's files. With the least allowed each batch is saved whole, and readers leave the graph alone.
_HNSW = {
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
_ALWAYS_ANEW = 500  # passages: built from nothing in a third of a second, so a copy is not worth its risk
_ANEW_SHARE = 0.3  # of a generation changed: deleted vectors stay in the graph as dead nodes
_SAMPLES = 20
_SOUND_SHARE = 0.8  # of samples that find themselves: the graph is approximate, half an index finds half


class VectorsUnreadable(ArchiveError):
    """The current generation cannot be used; the archive has everything that it was made of."""


@dataclass(frozen=True, slots=True)
class VectorRow:
    """A passage as Chroma holds it."""

    number: int
    vector: NDArray[np.float32]


Fetch = Callable[[Sequence[int]], Iterable[VectorRow]]


class Companion(Protocol):
    """What else belongs to a generation: made with it, sealed with it and named with it."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Name its folders inside a generation's."""

    def write(self, numbers: Sequence[int], generation: Path, before: Path | None) -> None:
        """Write it for these passages; `before` is a generation of the same archive whose rows may be taken over."""

    def is_there(self, generation: Path) -> bool:
        """True when a generation has it."""


class _Alone:
    """No companion."""

    folders: tuple[str, ...] = ()

    def write(self, numbers: Sequence[int], generation: Path, before: Path | None) -> None:
        """Write nothing."""

    def is_there(self, generation: Path) -> bool:
        """Return that nothing is lacking."""
        return True


@dataclass(frozen=True, slots=True)
class _Order:
    """A generation that is wanted: where its passages come from, and the state that it will be of."""

    fetch: Fetch
    state: Current
    companion: Companion


class Vectors:
    """The generations in one folder; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._client: Any = None
        self._collection: Any = None
        self._opened = ""

    def close(self) -> None:
        """Let go of the generation that is open."""
        with self._lock:
            self._close()

    def current(self) -> Current | None:
        """Return what CURRENT says, None when it is missing, cannot be read, or names a folder that is gone."""
        return read_current(self.folder)

    def size(self) -> int:
        """Return the bytes that the generations take; one may be vanishing."""
        total = 0
        for file in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                total += file.stat().st_size
        return total

    def search(self, current: Current, vector: NDArray[np.float32], *, limit: int) -> list[tuple[int, float]]:
        """Return (passage number, cosine) of the nearest passages of `current`, best first."""
        limit = min(limit, current.count)
        if limit < 1:
            return []
        with self._lock, _translated(self.folder / current.generation):
            collection = self._open(current)
            found = collection.query(
                query_embeddings=[vector.tolist()],
                n_results=min(max(limit, _CANDIDATES), current.count),
                include=["distances"],
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(id), 1.0 - float(distance)) for id, distance in pairs][:limit]

    def asker(self, current: Current, vector: NDArray[np.float32]) -> Callable[[int], list[tuple[int, float]]]:
        """Return `search` of one vector, which waits to be told how many are wanted."""
        return lambda limit: self.search(current, vector, limit=limit)

    def forget(self) -> None:
        """Name no generation any more, so that the next one is made from nothing."""
        (self.folder / "CURRENT").unlink(missing_ok=True)

    def publish(
        self, wanted: Sequence[int], fetch: Fetch, *, state: Current, companion: Companion | None = None
    ) -> None:
        """Make the passages `wanted` the current generation; what `fetch` gives for a number never changes.

        Of `state` the archive, its revision and its fingerprint are read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        before = self.current()
        state = replace(state, generation="", count=len(wanted), replaced=0)
        order = _Order(fetch, state, companion or _Alone())
        try:
            after = self._follow(before, set(wanted), order) if wanted else state
        except VectorsUnreadable:  # the copy was not sound: its source may not be either
            after = self._build_anew(sorted(wanted), order, None)
        write_current(self.folder, after)
        self._delete_all_but({after.generation, before.generation if before else ""})

    def _follow(self, before: Current | None, wanted: set[int], order: _Order) -> Current:
        state = order.state
        if before is None or before.archive != state.archive or before.fingerprint != state.fingerprint:
            return self._build_anew(sorted(wanted), order, None)
        source = self.folder / before.generation
        had = self._numbers(before)
        missing, gone = sorted(wanted - had), sorted(had - wanted)
        if had and not missing and not gone and order.companion.is_there(source):
            return replace(state, generation=before.generation, replaced=before.replaced)
        changed = len(missing) + len(gone) + before.replaced
        outgrown = len(had) <= FEW < len(wanted)
        if (
            len(wanted) <= _ALWAYS_ANEW
            or changed > _ANEW_SHARE * len(wanted)
            or outgrown
            or not self._is_plausible(before)
        ):
            return self._build_anew(sorted(wanted), order, source)
        return self._build_from(before, missing, gone, order)

    def _build_anew(self, wanted: Sequence[int], order: _Order, source: Path | None) -> Current:
        after = replace(order.state, generation=_new_name(order.state))
        with _writable(self.folder / after.generation, len(wanted)) as collection:
            _add(collection, wanted, order.fetch)
        return self._sealed(after, wanted, order, source)

    def _build_from(self, before: Current, missing: Sequence[int], gone: Sequence[int], order: _Order) -> Current:
        after = replace(order.state, generation=_new_name(order.state), replaced=before.replaced + len(gone))
        source, folder = self.folder / before.generation, self.folder / after.generation
        with _translated(folder):
            leave = shutil.ignore_patterns(*order.companion.folders)
            shutil.copytree(source, folder, copy_function=_copy, ignore=leave)
        with _writable(folder, after.count) as collection:
            for start in range(0, len(gone), BATCH):
                collection.delete(ids=[str(number) for number in gone[start : start + BATCH]])
            _add(collection, missing, order.fetch)
        kept = self._numbers(before).difference(gone)
        return self._sealed(after, sorted(kept.union(missing)), order, source)

    def _sealed(self, after: Current, wanted: Sequence[int], order: _Order, source: Path | None) -> Current:
        """Return `after` once its folder, opened again, has answered, is complete, and is on the disk."""
        folder = self.folder / after.generation
        np.save(folder / "numbers.npy", np.array(wanted, dtype=np.int64))
        _verify(folder, wanted, order.fetch)
        order.companion.write(wanted, folder, source)
        for path in [*folder.rglob("*"), folder]:
            sync(path)
        return after

    def _delete_all_but(self, keep: set[str]) -> None:
        # The one before stays for readers that have it open; what Windows keeps because it is open goes next time.
        for folder in self.folder.iterdir():
            if folder.is_dir() and folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    def _numbers(self, current: Current) -> set[int]:
        try:
            numbers: list[int] = np.load(self.folder / current.generation / "numbers.npy").tolist()
        except (OSError, ValueError, EOFError):
            return set()
        return set(numbers)

    def _is_plausible(self, current: Current) -> bool:
        # A damaged link_lists.bin claimed 1.7 TB, and copying it filled the disk. Sound: 2 to 4 KB a passage of
        # 384 dimensions, and as much again in Chroma's own log.
        files = (self.folder / current.generation).rglob("*")
        return sum(file.stat().st_size for file in files) < 64 * 2**20 + 20_000 * current.count

    def _open(self, current: Current) -> Any:
        if self._opened != current.generation:
            self._close()
            self._client = _client(self.folder / current.generation)
            self._collection = refuse_functions(self._client.get_collection(_COLLECTION, embedding_function=None))
            if (count := self._collection.count()) != current.count:
                self._close()
                raise VectorsUnreadable(f"{current.generation} holds {count} of {current.count} passages.")
            self._opened = current.generation
        return self._collection

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None
        self._opened = ""


def _client(folder: Path) -> Any:
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    return chromadb.PersistentClient(path=str(folder), settings=settings)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    # Chroma's own errors, and what its settings and bindings raise: ValueError, TypeError, RuntimeError, OSError.
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, ValueError, TypeError, RuntimeError, OSError, AttributeError, sqlite3.Error) as error:
        raise VectorsUnreadable(f"The vectors in {folder} cannot be used: {error}", "byline doctor --repair") from error


def _copy(source: str, target: str) -> None:
    # A client that opens a generation writes a little into its database: a plain copy just then would be torn.
    if source.endswith(".sqlite3"):
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)
    else:
        shutil.copy2(source, target)


@contextmanager
def _writable(folder: Path, count: int) -> Iterator[Any]:
    with _translated(folder):
        client = _client(folder)
        graph = _HNSW | _SPARSE if count <= FEW else _HNSW
        try:
            made = {"configuration": {"hnsw": graph}, "embedding_function": None}
            yield refuse_functions(client.get_or_create_collection(_COLLECTION, **made))
        finally:
            client.close()


def _add(collection: Any, numbers: Sequence[int], fetch: Fetch) -> None:
    for start in range(0, len(numbers), BATCH):
        rows = list(fetch(numbers[start : start + BATCH]))
        if rows:
            collection.add(
                ids=[str(row.number) for row in rows],
                embeddings=np.stack([row.vector for row in rows]),
            )


def _verify(folder: Path, wanted: Sequence[int], fetch: Fetch) -> None:
    """Raise unless a fresh client counts every passage and a sample of them finds itself."""
    step = max(1, len(wanted) // _SAMPLES)
    sample = list(fetch(wanted[::step][:_SAMPLES]))
    with _writable(folder, len(wanted)) as collection:
        count = collection.count()
        found = collection.query(
            query_embeddings=np.stack([row.vector for row in sample]), n_results=1, include=["distances"]
        )
    near = sum(1 for distances in found["distances"] if distances and distances[0] < 1e-3)
    if count != len(wanted) or near < _SOUND_SHARE * len(sample):
        raise VectorsUnreadable(
            f"The new vectors in {folder} hold {count} of {len(wanted)} passages, and {near} of {len(sample)} "
            "sampled ones are found. Searches work, slower.",
            "byline doctor --repair",
        )


def _new_name(state: Current) -> str:
    return f"{state.revision:08d}-{uuid.uuid4().hex[:8]}"
