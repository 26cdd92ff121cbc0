"""The search, warm, with embedding the question: at every archive that is given, with and without limits.

As `byline search` searches: ten hits, each story once. Questions are the archive's own headlines, so any archive can
be measured, made-up ones too; tests/quality/scale.py makes large ones.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import Figure, Measured, percentile, seconds_of

from bot.app import Desk
from bot.settings import Settings
from bot.terminal import tell
from index.archive import Archive
from index.embed import Embedder
from index.records import Filters
from index.scan import scan
from index.selection import EVERYTHING

ROW = "search"
LIMIT = 10
NEAREST = 50  # hits that are compared with those of an exact search
EXACT_QUESTIONS = 20  # each is compared with every vector
GOALS = ((10_000, 25.0), (300_000, 60.0))  # passages, and milliseconds up to so many


@dataclass(frozen=True, slots=True)
class Speed:
    """What one archive's searches took, in milliseconds."""

    passages: int
    unlimited: tuple[float, ...]
    limited: tuple[float, ...]
    embedding: tuple[float, ...]
    exact: float  # share of the dense search's hits that an exact one has too


def measure(archives: Sequence[Path], *, questions: int) -> Measured:
    """Return the figures of every archive, the smallest first."""
    speeds = sorted((_measure_one(place, questions) for place in archives), key=lambda speed: speed.passages)
    return Measured(tuple(figure for speed in speeds for figure in figures(speed)), speeds)


def _measure_one(place: Path, questions: int) -> Speed:
    # An archive of made-up vectors has another fingerprint; what it finds is nothing, how long it takes is the same.
    with Desk.open(Settings(place), any_fingerprint=True) as desk:
        texts = headlines(desk.archive, questions)
        limits = usual_limits(desk.archive)
        for text in texts[:3]:
            desk.search(text, limit=LIMIT)
            desk.search(text, limit=LIMIT, filters=limits)
        speed = Speed(
            passages=desk.archive.status().passages,
            unlimited=_times(texts, lambda text: desk.search(text, limit=LIMIT)),
            limited=_times(texts, lambda text: desk.search(text, limit=LIMIT, filters=limits)),
            embedding=_times(texts, lambda text: desk.embedder.embed([text])),
            exact=share_exact(desk.archive, desk.embedder, texts[:EXACT_QUESTIONS]),
        )
    tell(f"search: {place.name}, {speed.passages:,} passages, median {statistics.median(speed.unlimited):.0f} ms")
    return speed


def _times(texts: Sequence[str], work: Callable[[str], object]) -> tuple[float, ...]:
    return tuple(1000 * seconds_of(lambda text=text: work(text)) for text in texts)  # type: ignore[misc]


def headlines(archive: Archive, count: int) -> list[str]:
    """Return so many headlines from all over the archive, the same every time."""
    total = archive.status().articles
    step = max(1, total // count)
    rows = (archive.articles(limit=1, offset=place)[0] for place in range(0, min(total, step * count), step))
    return [row.source.title or "what happened that day" for row in rows]


def usual_limits(archive: Archive) -> Filters:
    """Return what a reader may set: the outlet that has most, and the later half of the archive's days."""
    status = archive.status()
    outlets = archive.outlets()
    names = (max(outlets, key=lambda pair: pair[1])[0],) if outlets else ()
    if status.first_published is None or status.last_published is None:
        return Filters(outlets=names)
    middle = status.first_published + (status.last_published - status.first_published) / 2
    return Filters(since=middle, outlets=names)


def share_exact(archive: Archive, embedder: Embedder, texts: Sequence[str]) -> float:
    """Return the mean share of the exactly nearest passages that the dense search finds."""
    shares = []
    for vector in embedder.embed(texts):
        with archive.store.reading() as connection:
            right = {id for id, _ in scan(connection, vector, limit=NEAREST, selection=EVERYTHING)}
        found = {id for id, _ in archive.search_dense(vector, limit=NEAREST)}
        shares.append(len(found & right) / max(len(right), 1))
    return statistics.mean(shares)


def goal_of(passages: int) -> float | None:
    """Return the milliseconds that an archive of that size may take; None for one larger than any goal."""
    return next((goal for most, goal in GOALS if passages <= most), None)


def figures(speed: Speed) -> list[Figure]:
    """Return one archive's figures."""
    n, size, goal = len(speed.unlimited), f"{speed.passages:,} passages", goal_of(speed.passages)
    return [
        Figure(ROW, f"{size}, median", statistics.median(speed.unlimited), "ms", n, goal=goal),
        Figure(ROW, f"{size}, 95 of 100 within", percentile(speed.unlimited, 0.95), "ms", n),
        Figure(ROW, f"{size}, date and outlet, median", statistics.median(speed.limited), "ms", n, goal=goal),
        Figure(ROW, f"{size}, date and outlet, 95 of 100 within", percentile(speed.limited, 0.95), "ms", n),
        Figure(ROW, f"{size}, embedding the question", statistics.median(speed.embedding), "ms", n),
        Figure(ROW, f"{size}, exact hits", speed.exact, "", min(n, EXACT_QUESTIONS), goal=0.99, sense="at least"),
    ]  # fmt: skip
