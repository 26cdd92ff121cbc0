"""The line before the one model: whose turn it is, and about how long it is until one's own. Knows no question."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean
from threading import Lock

from index.errors import BylineError

MOST_IN_LINE = 64  # questions; at eight seconds each the last one waits nine minutes
MOST_OF_ONE = 16  # of them one reader's
RECENT = 8  # answers whose times tell what the next ones will take
# Up to so many seconds a wait is told in steps of so many: what changes every second is read by nobody.
_STEPS = ((60, 5), (180, 15), (float("inf"), 60))


class LineFull(BylineError):
    """So many questions wait that no further one is taken."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many questions come first, which takes about so many seconds; None where nothing tells yet."""

    ahead: int
    seconds: int | None = None


@dataclass(slots=True, eq=False)
class Place:
    """A place in the line. `turn` counts the earlier ones that the same reader holds."""

    line: Line
    reader: str
    turn: int
    begun: float = field(default=0.0)  # when its turn came, by the line's clock

    @property
    def ahead(self) -> int:
        """How many come first; 0 once it is this one's turn."""
        return self.line.waiting(self).ahead

    @property
    def waiting(self) -> Waiting:
        """How many come first, and about how long that takes."""
        return self.line.waiting(self)

    def answered(self) -> None:
        """Tell that an answer was brought to its end: what it took is what the next ones are taken to take."""
        self.line.learn(self)


class Line:
    """A queue of readers before the one model, in which everyone sees their place.

    First come, first served, but whoever asks in several tabs at once has one turn before the others have theirs.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places: list[Place] = []  # the first is being served
        self._took: deque[float] = deque(maxlen=RECENT)
        self._lock = Lock()

    @property
    def length(self) -> int:
        """How many stand in it, the one that is served included."""
        return len(self._places)

    @contextmanager
    def place(self, reader: str) -> Iterator[Place]:
        """Stand in line until the block ends; raises LineFull where too many stand there already."""
        with self._lock:
            place = self._join(reader)
        try:
            yield place
        finally:
            with self._lock:
                self._leave(place)

    def waiting(self, place: Place) -> Waiting:
        """Return how many come before `place`, and about how long that takes."""
        with self._lock:
            ahead = self._places.index(place)
            return Waiting(ahead, self._seconds_of(ahead) if ahead else None)

    def learn(self, place: Place) -> None:
        """Take the time since the turn of `place` came for what an answer takes."""
        with self._lock:
            self._took.append(self._clock() - place.begun)

    def forget(self) -> None:
        """Forget what answers took: another model answers from now on."""
        with self._lock:
            self._took.clear()

    def _join(self, reader: str) -> Place:
        place = Place(self, reader, sum(other.reader == reader for other in self._places), self._clock())
        if len(self._places) >= MOST_IN_LINE or place.turn >= MOST_OF_ONE:
            raise LineFull(f"{len(self._places)} questions wait for the model already.", "ask again in a minute")
        later = (at for at, other in enumerate(self._places) if at > 0 and other.turn > place.turn)
        self._places.insert(next(later, len(self._places)), place)
        return place

    def _leave(self, place: Place) -> None:
        at = self._places.index(place)
        for other in self._places[at:]:
            other.turn -= other.reader == place.reader
        del self._places[at]
        if at == 0 and self._places:
            self._places[0].begun = self._clock()

    def _seconds_of(self, ahead: int) -> int | None:
        """Return about how long the first `ahead` will take together, the first of them what is left of it."""
        so_far = self._clock() - self._places[0].begun
        longer = [took - so_far for took in self._took if took > so_far]
        if not self._took or (ahead == 1 and not longer):
            return None  # nothing was answered yet, or the one answer waited for takes longer than any before it
        return _rounded((fmean(longer) if longer else 0) + (ahead - 1) * fmean(self._took))


def _rounded(seconds: float) -> int:
    """Return `seconds` in whole steps, at least one of them."""
    step = next(step for most, step in _STEPS if seconds <= most)
    return max(step, round(seconds / step) * step)


def about(seconds: int | None) -> str:
    """Return a wait in words."""
    if seconds is None:
        return "how long is not known yet"
    if seconds < 60:
        return f"about {seconds} seconds"
    minutes, rest = divmod(seconds, 60)
    whole = f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return f"{whole} and {rest} seconds" if rest else whole
