"""Articles on their way into the archive: cut, embedded many together, stored one transaction each.

What waits here is lost when the process ends, and found again by the next run; what was stored stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.archive import Archive
from index.chunk import chunking_fingerprint, passage_text_for_embedding, split_passages
from index.embed import Embedder, Matrix
from index.errors import ModelCorrupt
from index.records import Article, Passage
from index.store import Entry, move_article, put_article

EMBED_AT_ONCE = 256  # passages, of many articles: sorted by length, they carry little padding

Stage = Literal["reading", "embedding", "saving"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `articles_total` is None while it is not known."""

    stage: Stage
    articles_done: int
    articles_total: int | None
    passages_done: int
    path: str


OnProgress = Callable[[Progress], None]


def archive_fingerprint(embedder: Embedder, max_tokens: int) -> str:
    """Name what makes vectors comparable: the embedding model and how passages are cut."""
    return f"{embedder.fingerprint} {chunking_fingerprint(max_tokens, 0)}"


class Batch:
    """Articles that wait to be embedded together."""

    def __init__(self, archive: Archive, embedder: Embedder, *, max_tokens: int, on_progress: OnProgress) -> None:
        self.fingerprint = archive_fingerprint(embedder, max_tokens)
        self._archive = archive
        self._embedder = embedder
        self._max_tokens = max_tokens
        self._on_progress = on_progress
        self._waiting: list[tuple[Article, Entry, list[Passage]]] = []
        self._moved: list[Entry] = []
        self._articles_done = 0
        self._passages_done = 0
        self.articles_total: int | None = None

    def add(self, article: Article, entry: Entry) -> None:
        """Take an article; when enough passages wait, store them all."""
        passages = split_passages(article, count_tokens=self._embedder.count_tokens, max_tokens=self._max_tokens)
        self._waiting.append((article, entry, passages))
        if sum(len(passages) for _, _, passages in self._waiting) >= EMBED_AT_ONCE:
            self.flush()

    def move(self, entry: Entry) -> None:
        """Take note of an unchanged article's new place."""
        self._moved.append(entry)

    def flush(self) -> None:
        """Store all that waits."""
        waiting, self._waiting = self._waiting, []
        moved, self._moved = self._moved, []
        if moved:
            with self._archive.store.writing() as connection:
                for entry in moved:
                    move_article(connection, entry)
        if not waiting:
            return
        self.report("embedding", waiting[0][1].path)
        vectors = self._embed([passage_text_for_embedding(passage) for *_, found in waiting for passage in found])
        start = 0
        for article, entry, passages in waiting:
            own = vectors[start : start + len(passages)]
            start += len(passages)
            with self._archive.store.writing() as connection:
                put_article(connection, article, passages, vectors=own, entry=entry, fingerprint=self.fingerprint)
            self._passages_done += len(passages)
        self._articles_done += len(waiting)
        self.report("embedding", waiting[-1][1].path)

    def report(self, stage: Stage, path: str, *, articles_read: int = 0) -> None:
        """Tell how far the run is; while reading, the articles done are those read."""
        done = articles_read if stage == "reading" else self._articles_done
        self._on_progress(Progress(stage, done, self.articles_total, self._passages_done, path))

    def _embed(self, texts: list[str]) -> Matrix:
        """Return one row a text, in order; the embedder sees them by length."""
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows = np.zeros((len(texts), self._embedder.dimension), dtype=np.float32)
        if by_length:
            rows[by_length] = self._embedder.embed([texts[place] for place in by_length])
        if not np.isfinite(rows).all():
            raise ModelCorrupt("The embedding model gave vectors that are not numbers.", "byline models verify")
        return rows
