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

EMBED_AT_ONCE = 512  # passages, of many articles: sorted by length, they carry little padding
# Passages embedded, some three seconds, in which a run can be stopped. At the end of each such part a core waits for the
# other's last batch: with 64 the whole run was a fifth slower than the bare embedder.
_TOLD_AFTER = 256

Stage = Literal["reading", "embedding", "saving"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `articles_total` is None while it is not known.

    `share` is how much of all that was given has been read and stored, from 0 to 1, by bytes; `file` of `files` is
    being read. 0 where it is not known.
    """

    stage: Stage
    articles_done: int
    articles_total: int | None
    passages_done: int
    path: str
    share: float = 0.0
    file: int = 0
    files: int = 0


OnProgress = Callable[[Progress], None]


class Stop(Exception):
    """Raised by an OnProgress: ends the run there, which keeps and reports what it has stored."""


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
        self._share_done = 0.0
        self.articles_total: int | None = None
        self.share_read = 0.0
        self.file = self.files = 0

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the ids of the articles that are not stored yet."""
        return tuple(entry.id for _, entry, _ in self._waiting)

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
        moved, self._moved = self._moved, []
        if moved:
            with self._archive.store.writing() as connection:
                for entry in moved:
                    move_article(connection, entry)
        if not self._waiting:
            return
        self.report("embedding", self._waiting[0][1].path)
        vectors = self._embed([passage_text_for_embedding(passage) for *_, found in self._waiting for passage in found])
        start, last = 0, self._waiting[-1][1].path
        while self._waiting:
            article, entry, passages = self._waiting[0]
            own = vectors[start : start + len(passages)]
            start += len(passages)
            with self._archive.store.writing() as connection:
                put_article(connection, article, passages, vectors=own, entry=entry, fingerprint=self.fingerprint)
            del self._waiting[0]
            self._passages_done += len(passages)
            self._articles_done += 1
        self._share_done = self.share_read
        self.report("embedding", last)

    def report(self, stage: Stage, path: str, *, articles_read: int = 0, embedded: float = 0.0) -> None:
        """Tell how far the run is; while reading, the articles done are those read.

        `embedded` is how much of what waits has its vectors, from 0 to 1.
        """
        done = articles_read if stage == "reading" else self._articles_done
        share = self._share_done + (self.share_read - self._share_done) * embedded
        told = Progress(stage, done, self.articles_total, self._passages_done, path, share, self.file, self.files)
        self._on_progress(told)

    def _embed(self, texts: list[str]) -> Matrix:
        """Return one row a text, in order; the embedder sees them by length."""
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows = np.zeros((len(texts), self._embedder.dimension), dtype=np.float32)
        for start in range(0, len(by_length), _TOLD_AFTER):
            places = by_length[start : start + _TOLD_AFTER]
            rows[places] = self._embedder.embed([texts[place] for place in places])
            self.report("embedding", self._waiting[-1][1].path, embedded=(start + len(places)) / len(by_length))
        if not np.isfinite(rows).all():
            raise ModelCorrupt("The embedding model gave vectors that are not numbers.", "byline models verify")
        return rows
