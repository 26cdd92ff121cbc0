"""Dense search by Chroma, in whole generations.

Chroma killed while it saves loses its collection, sometimes so that opening it ends the process (6 of 13 runs of
kills with 1.5.9; SIGSEGV cannot be caught). So it is derived and never written where it is read: an update is a new
folder `vectors/<generation>/`, made of a copy or from nothing, closed, opened again and asked, synced to the disk, and
only then named in `vectors/CURRENT`, which is replaced as a whole. With a server (segments.py) the graph lies there,
and the folder says what of it. A named generation was sound when it was named, and nothing writes its graph again,
readers that are killed included: so opening one is safe. One that is missing, stale or unreadable is no failure of the
archive: the caller scans the vectors in SQLite instead. Knows passages only as numbers.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.current import Current, read_current, write_current
from index.disk import is_full, make_folder, refusal, sync
from index.graph import (
    BATCH,
    CANDIDATES,
    COLLECTION,
    DATABASE,
    FEW,
    Fetch,
    VectorRow,
    VectorsUnreadable,
    add,
    check_graph,
    check_sizes,
    copy_file,
    open_client,
    seal,
    translated,
    verify,
    writable,
)
from index.harmless import refuse_functions
from index.segments import Segments

__all__ = ["FEW", "Companion", "VectorRow", "Vectors", "VectorsUnreadable"]

_STORED = " What was indexed is stored and found, slower."
_ALWAYS_ANEW = 500  # passages: built from nothing in a third of a second, so a copy is not worth its risk
_ANEW_SHARE = 0.3  # of a generation changed: deleted vectors stay in the graph as dead nodes


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

    def __init__(self, folder: Path, served: Segments | None = None) -> None:
        self.folder = folder
        self._served = served
        self._lock = Lock()
        self._client: Any = None
        self._collection: Any = None
        self._opened = ""

    def close(self) -> None:
        """Let go of the generation that is open."""
        with self._lock:
            self._close()
        if self._served:
            self._served.close()

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
        if self._served:
            return self._served.search(self.folder / current.generation, vector, limit=limit)
        with self._lock, translated(self.folder / current.generation):
            collection = self._open(current)
            found = collection.query(
                query_embeddings=[vector.tolist()],
                n_results=min(max(limit, CANDIDATES), current.count),
                include=["distances"],
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(id), 1.0 - float(distance)) for id, distance in pairs][:limit]

    def asker(self, current: Current, vector: NDArray[np.float32]) -> Callable[[int], list[tuple[int, float]]]:
        """Return `search` of one vector, which waits to be told how many are wanted."""
        return lambda limit: self.search(current, vector, limit=limit)

    def is_mine(self, current: Current) -> bool:
        """True when the graph of a generation is where this one looks: in its folder, or on the server."""
        generation = self.folder / current.generation
        return self._served.holds(generation) if self._served else (generation / DATABASE).is_file()

    def check(self, current: Current) -> str:
        """Return what is wrong with a generation's graph, all of it read; the empty string when nothing is."""
        generation = self.folder / current.generation
        if self._served:
            return self._served.check(generation)
        if not self.is_mine(current):
            return f"the vectors in {generation} are on a Chroma server, which only --chroma-url asks"
        return check_graph(generation)

    def forget(self) -> None:
        """Name no generation any more, so that the next one is made from nothing."""
        (self.folder / "CURRENT").unlink(missing_ok=True)

    def publish(
        self, wanted: Sequence[int], fetch: Fetch, *, state: Current, companion: Companion | None = None
    ) -> None:
        """Make the passages `wanted` the current generation; what `fetch` gives for a number never changes.

        Of `state` the archive, its revision and its fingerprint are read. Raises ArchiveError where the disk is full
        or cannot be written; nothing half made is left then, and the generation before is as it was.
        """
        before = self.current()
        state = replace(state, generation="", count=len(wanted), replaced=0)
        order = _Order(fetch, state, companion or _Alone())
        kept = before.generation if before else ""
        try:
            make_folder(self.folder)
            after = self._made(before, sorted(wanted), order)
            sync(self.folder)  # the folder's own name, before it is named
            write_current(self.folder, after)
        except (OSError, VectorsUnreadable) as error:
            self._delete_all_but({kept})
            if isinstance(error, OSError) or is_full(error):
                raise refusal(error, self.folder, so=_STORED) from error
            if self._served:
                raise VectorsUnreadable(error.wrong + _STORED, error.mend) from error
            raise
        self._delete_all_but({after.generation, kept})
        if self._served:
            self._served.clean([self.folder / name for name in (after.generation, kept) if name])

    def _made(self, before: Current | None, wanted: Sequence[int], order: _Order) -> Current:
        if not wanted:
            return order.state
        if self._served:
            return self._serve(self._served, before, wanted, order)
        try:
            return self._follow(before, set(wanted), order)
        except VectorsUnreadable as error:  # the copy was not sound: its source may not be either
            if is_full(error):
                raise
            return self._build_anew(wanted, order, None)

    def _serve(self, served: Segments, before: Current | None, wanted: Sequence[int], order: _Order) -> Current:
        """Return the generation whose graph is on the server, going on from the one before where that is there too."""
        state, source = order.state, None
        if before and before.count and (before.archive, before.fingerprint) == (state.archive, state.fingerprint):
            source = self.folder / before.generation
            is_same = self._numbers(before) == set(wanted) and self.is_mine(before)
            if is_same and order.companion.is_there(source) and not served.check(source):
                return replace(state, generation=before.generation)
        after = replace(state, generation=_new_name(state))
        folder = self.folder / after.generation
        make_folder(folder)
        served.make(folder, wanted, order.fetch, source)
        np.save(folder / "numbers.npy", np.array(wanted, dtype=np.int64))
        return self._completed(after, wanted, order, source)

    def _follow(self, before: Current | None, wanted: set[int], order: _Order) -> Current:
        state = order.state
        if before is None or before.archive != state.archive or before.fingerprint != state.fingerprint:
            return self._build_anew(sorted(wanted), order, None)
        source = self.folder / before.generation
        had = self._numbers(before)
        missing, gone = sorted(wanted - had), sorted(had - wanted)
        if had and not missing and not gone and order.companion.is_there(source) and self.is_mine(before):
            return replace(state, generation=before.generation, replaced=before.replaced)
        changed = len(missing) + len(gone) + before.replaced
        outgrown = len(had) <= FEW < len(wanted)
        if (
            len(wanted) <= _ALWAYS_ANEW
            or changed > _ANEW_SHARE * len(wanted)
            or outgrown
            or not self._is_plausible(before)
            or check_graph(source)
        ):
            return self._build_anew(sorted(wanted), order, source)
        return self._build_from(before, missing, gone, order)

    def _build_anew(self, wanted: Sequence[int], order: _Order, source: Path | None) -> Current:
        after = replace(order.state, generation=_new_name(order.state))
        with writable(self.folder / after.generation, len(wanted)) as collection:
            add(collection, wanted, order.fetch)
        return self._sealed(after, wanted, order, source)

    def _build_from(self, before: Current, missing: Sequence[int], gone: Sequence[int], order: _Order) -> Current:
        after = replace(order.state, generation=_new_name(order.state), replaced=before.replaced + len(gone))
        source, folder = self.folder / before.generation, self.folder / after.generation
        with translated(folder):
            leave = shutil.ignore_patterns(*order.companion.folders)
            shutil.copytree(source, folder, copy_function=copy_file, ignore=leave)
        with writable(folder, after.count) as collection:
            for start in range(0, len(gone), BATCH):
                collection.delete(ids=[str(number) for number in gone[start : start + BATCH]])
            add(collection, missing, order.fetch)
        kept = self._numbers(before).difference(gone)
        return self._sealed(after, sorted(kept.union(missing)), order, source)

    def _sealed(self, after: Current, wanted: Sequence[int], order: _Order, source: Path | None) -> Current:
        """Return `after` once its folder, opened again, has answered, is complete, and is on the disk."""
        folder = self.folder / after.generation
        np.save(folder / "numbers.npy", np.array(wanted, dtype=np.int64))
        verify(folder, wanted, order.fetch)
        seal(folder, order.companion.folders)
        return self._completed(after, wanted, order, source)

    def _completed(self, after: Current, wanted: Sequence[int], order: _Order, source: Path | None) -> Current:
        """Return `after` once what belongs to it is in its folder too, and all is on the disk."""
        folder = self.folder / after.generation
        order.companion.write(wanted, folder, source)
        for path in [*folder.rglob("*"), folder]:
            sync(path)
        return after

    def _delete_all_but(self, keep: set[str]) -> None:
        # The one before stays for readers that have it open; what Windows keeps because it is open goes next time.
        for folder in self.folder.glob("*"):
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
            if not self.is_mine(current):
                raise VectorsUnreadable(f"{current.generation} has no graph here.", "byline index again")
            cut = check_sizes(self.folder / current.generation)  # over which Chroma may end the process
            if cut:
                raise VectorsUnreadable(cut, "byline doctor --repair")
            self._client = open_client(self.folder / current.generation)
            self._collection = refuse_functions(self._client.get_collection(COLLECTION, embedding_function=None))
            count = self._collection.count()
            if count != current.count:
                self._close()
                raise VectorsUnreadable(f"{current.generation} holds {count} of {current.count} passages.")
            self._opened = current.generation
        return self._collection

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None
        self._opened = ""


def _new_name(state: Current) -> str:
    return f"{state.revision:08d}-{uuid.uuid4().hex[:8]}"
