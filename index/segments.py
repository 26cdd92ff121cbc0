"""An archive's vectors on a Chroma server, in segments: collections that are filled, looked at and never changed again.

A generation names the segments that hold its passages. The next one has the same, and one more for what is new; small
ones are made one with it, so that there are few, and each passage is sent again a few times in all however often a
little is added. What is removed stays in its segment and is left out of what is found, until too much of it is such. So
every process finds what its generation says, while another writes: a name in the archive's folder decides, and nothing
that a name stands for ever changes. What is written down before a collection is made is removed after a kill.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.chroma_server import BATCH, ChromaServer
from index.graph import CANDIDATES, SAMPLES, SOUND_SHARE, Fetch, VectorsUnreadable
from index.table import find_rows, map_array

NOTE = "server.json"  # in a generation's folder: its segments
_MADE = "segments.json"  # beside the generations: the collections that were begun and not yet removed
_PLACES = "places.npy"
_NAME = re.compile(r"byline-[0-9a-f]{32}", re.ASCII)  # of ours alone a collection is ever removed
_LEAST_ALIVE = 0.7  # of a segment; under it the rest is sent again
_GROWTH = 2  # a segment up to so many times what is new is made one with it
_MOST = 12  # segments: each is asked in a search


@dataclass(frozen=True, slots=True)
class Segment:
    """A collection, and how many vectors were put into it."""

    name: str
    id: str
    rows: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a generation has on the server: `places[row]` is the segment of the passage `numbers[row]`."""

    segments: tuple[Segment, ...]
    numbers: NDArray[np.int64]
    places: NDArray[np.int16]


class Segments:
    """The vectors of one archive on a server; `folder` is that of its generations."""

    def __init__(self, folder: Path, server: ChromaServer) -> None:
        self.server = server
        self._folder = folder
        self._lock = Lock()
        self._opened: tuple[str, Held | None] = ("", None)

    def close(self) -> None:
        """End the connection to the server."""
        self.server.close()

    def holds(self, generation: Path) -> bool:
        """True when a generation's vectors are on this server, as far as its folder says."""
        return _url_in(generation) == self.server.address.shown

    def make(self, generation: Path, wanted: Sequence[int], fetch: Fetch, before: Path | None) -> None:
        """Have the server hold these passages, and note in the generation's folder where; what was there is used."""
        self.server.check()
        numbers = np.array(sorted(wanted), dtype=np.int64)
        segments, places = self._kept(numbers, before)
        missing = numbers[places < 0]
        if len(missing):
            segments.append(self._fill(missing, fetch))
            places[places < 0] = len(segments) - 1
        note = {"server": self.server.address.shown, "segments": [asdict(each) for each in segments]}
        (generation / NOTE).write_text(json.dumps(note), encoding="utf-8")
        np.save(generation / _PLACES, places)

    def search(self, generation: Path, vector: NDArray[np.float32], *, limit: int) -> list[tuple[int, float]]:
        """Return (passage number, cosine) of the nearest passages of a generation, best first."""
        held = self._open(generation)
        found: list[tuple[int, float]] = []
        for place, segment in enumerate(held.segments):
            wanted = min(max(limit, CANDIDATES), segment.rows)
            [near] = self.server.nearest(segment.id, vector[None, :], limit=wanted)
            rows = find_rows(held.numbers, [number for number, _ in near])
            here = set(held.numbers[rows[held.places[rows] == place]].tolist())
            found += [hit for hit in near if hit[0] in here]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def check(self, generation: Path) -> str:
        """Return what keeps a generation's segments from answering; the empty string when nothing does."""
        try:
            for segment in self._open(generation).segments:
                count = self.server.count(segment.id)
                if count != segment.rows:
                    return f"{segment.name} on {self.server.address.shown} holds {count} of {segment.rows} passages"
        except VectorsUnreadable as error:
            return error.wrong
        return ""

    def clean(self, generations: Iterable[Path]) -> None:
        """Remove every collection that was made for this archive and is in none of the generations."""
        used = {segment.name for each in generations if self.holds(each) for segment in _read(each).segments}
        made = self._made()
        for name in [name for name in made if name not in used]:
            with suppress(VectorsUnreadable):  # it is removed another time
                self.server.remove(name)
                made.remove(name)
        self._write_made(made)

    def _kept(self, numbers: NDArray[np.int64], before: Path | None) -> tuple[list[Segment], NDArray[np.int16]]:
        """Return the segments to go on with, and each passage's place among them; -1 for one that is to be sent."""
        places = np.full(len(numbers), -1, dtype=np.int16)
        if before is None or not self.holds(before):
            return [], places
        held = _read(before)
        rows = np.searchsorted(held.numbers, numbers).clip(max=len(held.numbers) - 1)
        is_held = held.numbers[rows] == numbers
        old = np.where(is_held, held.places[rows], -1)
        alive = np.bincount(old[old >= 0], minlength=len(held.segments))
        going_on = self._going_on(held.segments, alive.tolist(), int((old < 0).sum()))
        for place, number in enumerate(going_on):
            places[old == number] = place
        return [held.segments[number] for number in going_on], places

    def _going_on(self, segments: Sequence[Segment], alive: Sequence[int], missing: int) -> list[int]:
        """Return which segments are kept, the largest first."""
        sound = [number for number, each in enumerate(segments) if self._is_sound(each, alive[number])]
        missing += sum(alive[number] for number in range(len(segments)) if number not in sound)
        sound.sort(key=lambda number: -segments[number].rows)
        while missing and sound and (segments[sound[-1]].rows <= _GROWTH * missing or len(sound) >= _MOST):
            missing += alive[sound.pop()]
        return sound

    def _is_sound(self, segment: Segment, alive: int) -> bool:
        if alive < _LEAST_ALIVE * segment.rows:
            return False
        try:
            return self.server.count(segment.id) == segment.rows
        except VectorsUnreadable:
            return False

    def _fill(self, numbers: NDArray[np.int64], fetch: Fetch) -> Segment:
        """Return a new segment of these passages, once it is complete and a sample of them finds itself."""
        name = f"byline-{uuid.uuid4().hex}"
        self._write_made([*self._made(), name])
        id = self.server.create(name)
        for start in range(0, len(numbers), BATCH):
            rows = list(fetch(numbers[start : start + BATCH].tolist()))
            self.server.add(id, [row.number for row in rows], np.stack([row.vector for row in rows]))
        sample = list(fetch(numbers[:: max(1, len(numbers) // SAMPLES)][:SAMPLES].tolist()))
        count = self.server.count(id)
        found = self.server.nearest(id, np.stack([row.vector for row in sample]), limit=1)
        near = sum(1 for hits in found if hits and hits[0][1] > 1 - 1e-3)
        if count != len(numbers) or near < SOUND_SHARE * len(sample):
            where = self.server.address.shown
            wrong = f"Chroma at {where} holds {count} of {len(numbers)} passages, and finds {near} of {len(sample)}."
            raise VectorsUnreadable(wrong, "byline index again")
        return Segment(name, id, len(numbers))

    def _open(self, generation: Path) -> Held:
        with self._lock:
            name, held = self._opened
            if held is None or name != generation.name:
                if not self.holds(generation):
                    wrong = f"{generation.name} is not on Chroma at {self.server.address.shown}."
                    raise VectorsUnreadable(wrong, "byline index again")
                held = _read(generation)
                self._opened = (generation.name, held)
            return held

    def _made(self) -> list[str]:
        try:
            names = json.loads((self._folder / _MADE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        listed = names if isinstance(names, list) else []
        return [name for name in listed if isinstance(name, str) and _NAME.fullmatch(name)]

    def _write_made(self, names: Sequence[str]) -> None:
        draft = self._folder / f"{_MADE}.new"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(list(names), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / _MADE)


def _url_in(generation: Path) -> str:
    try:
        return str(json.loads((generation / NOTE).read_text(encoding="utf-8"))["server"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _read(generation: Path) -> Held:
    try:
        note = json.loads((generation / NOTE).read_text(encoding="utf-8"))
        segments = tuple(Segment(str(one["name"]), _id(one["id"]), int(one["rows"])) for one in note["segments"])
        numbers, places = map_array(generation / "numbers.npy"), map_array(generation / _PLACES)
        if len(numbers) != len(places) or (len(places) and not 0 <= places.min() <= places.max() < len(segments)):
            raise ValueError("it does not fit together")
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise VectorsUnreadable(f"{generation / NOTE} cannot be read: {error}", "byline doctor --repair") from error
    return Held(segments, numbers, places)


def _id(told: object) -> str:
    return str(uuid.UUID(str(told)))  # it stands in the path of a request, and an archive can come from a stranger
