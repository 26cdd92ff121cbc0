"""Articles on their way into the archive: cut, embedded many together, stored one transaction each.

While some are embedded the next are read and cut, and the ones before stored. What waits here is lost when the process
ends, and found again by the next run; what was stored stays.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Literal

import numpy as np

from index.archive import Archive
from index.chunk import chunking_fingerprint, passage_text_for_embedding, split_passages
from index.embed import Embedder, Matrix
from index.errors import ModelCorrupt
from index.languages import detect_language
from index.records import Article, Passage
from index.store import Entry, move_article, put_article

EMBED_AT_ONCE = 512  # passages, of many articles: sorted by length, they carry little padding
# Passages embedded between two reports, in any of which a run can be stopped: less than two seconds. At the end of each
# such step a core waits for the other's last batch, so fewer would cost more.
_STEP = 128
_TOLD_EVERY = 0.5  # seconds

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


Cut = tuple[Article, Entry, list[Passage]]


@dataclass
class _Part:
    """Articles that are being embedded, in a thread."""

    articles: list[Cut]
    share: float  # of all that was given, when it was read so far
    vectors: Future[Matrix] | None = None
    embedded: SimpleQueue[float] = field(default_factory=SimpleQueue)  # rising, from 0 to 1


class Batch:
    """Articles that wait to be embedded together."""

    def __init__(self, archive: Archive, embedder: Embedder, *, max_tokens: int, on_progress: OnProgress) -> None:
        self.fingerprint = archive_fingerprint(embedder, max_tokens)
        self._archive = archive
        self._embedder = embedder
        self._max_tokens = max_tokens
        self._on_progress = on_progress
        self._waiting: list[Cut] = []
        self._part: _Part | None = None
        self._storing: list[Cut] = []
        self._moved: list[Entry] = []
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed")
        self._is_closed = False
        self._articles_done = 0
        self._passages_done = 0
        self._share_done = self._share_told = 0.0
        self.articles_total: int | None = None
        self.share_read = 0.0
        self.file = self.files = 0

    def close(self) -> None:
        """End the thread, at the latest after the part of a batch that it is at; what waits is left."""
        self._is_closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the ids of the articles that are not stored yet."""
        under_way = self._part.articles if self._part else []
        return tuple(entry.id for _, entry, _ in (*self._storing, *under_way, *self._waiting))

    def add(self, article: Article, entry: Entry) -> None:
        """Take an article; when enough passages wait, begin to embed them all."""
        language = detect_language(article.text)
        count = self._embedder.count_tokens
        passages = split_passages(article, count_tokens=count, max_tokens=self._max_tokens, language=language)
        self._waiting.append((article, entry, passages))
        if sum(len(passages) for _, _, passages in self._waiting) >= EMBED_AT_ONCE:
            self._go_on()

    def move(self, entry: Entry) -> None:
        """Take note of an unchanged article's new place."""
        self._moved.append(entry)

    def flush(self) -> None:
        """Store all that waits."""
        self._go_on()
        self._go_on()

    def _go_on(self) -> None:
        """Begin to embed what waits, and store what was embedded before."""
        moved, self._moved = self._moved, []
        if moved:
            with self._archive.store.writing() as connection:
                for entry in moved:
                    move_article(connection, entry)
        done, vectors = self._part, self._await()
        self._part = self._begin()
        if done is not None and vectors is not None:
            self._store(done, vectors)

    def _begin(self) -> _Part | None:
        if not self._waiting:
            return None
        part = _Part(self._waiting, self.share_read)
        self._waiting = []
        texts = [passage_text_for_embedding(passage) for *_, found in part.articles for passage in found]
        part.vectors = self._worker.submit(self._embed, texts, part)
        return part

    def _await(self) -> Matrix | None:
        """Return the vectors of the part that is being embedded, and None without one; tells how far it is."""
        if self._part is None or self._part.vectors is None:
            return None
        share, last = 0.0, self._part.articles[-1][1].path
        while share < 1.0 and not (self._part.vectors.done() and self._part.embedded.empty()):
            with suppress(Empty):
                share = self._part.embedded.get(timeout=_TOLD_EVERY)
            self.report("embedding", last, embedded=share)
        vectors = self._part.vectors.result()
        self._storing = self._part.articles
        return vectors

    def _store(self, part: _Part, vectors: Matrix) -> None:
        start, last = 0, part.articles[-1][1].path
        while self._storing:
            article, entry, passages = self._storing[0]
            own = vectors[start : start + len(passages)]
            start += len(passages)
            with self._archive.store.writing() as connection:
                put_article(connection, article, passages, vectors=own, entry=entry, fingerprint=self.fingerprint)
            del self._storing[0]
            self._passages_done += len(passages)
            self._articles_done += 1
        self._share_done = part.share
        self.report("embedding", last)

    def report(self, stage: Stage, path: str, *, articles_read: int = 0, embedded: float = 0.0) -> None:
        """Tell how far the run is; while reading, the articles done are those read.

        `embedded` is how much of what is being embedded has its vectors, from 0 to 1.
        """
        done = articles_read if stage == "reading" else self._articles_done
        read = self._part.share if self._part else self.share_read
        # What was embedded stays done while the next is read.
        share = self._share_told = max(self._share_told, self._share_done + (read - self._share_done) * embedded)
        told = Progress(stage, done, self.articles_total, self._passages_done, path, share, self.file, self.files)
        self._on_progress(told)

    def _embed(self, texts: list[str], part: _Part) -> Matrix:
        """Return one row a text, in order; the embedder sees them by length."""
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows = np.zeros((len(texts), self._embedder.dimension), dtype=np.float32)
        for start in range(0, len(by_length), _STEP):
            if self._is_closed:  # nobody stores them any more
                break
            places = by_length[start : start + _STEP]
            rows[places] = self._embedder.embed([texts[place] for place in places])
            part.embedded.put((start + len(places)) / len(by_length))
        if not np.isfinite(rows).all():
            raise ModelCorrupt("The embedding model gave vectors that are not numbers.", "byline models verify")
        return rows
