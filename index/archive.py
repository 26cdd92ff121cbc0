"""An archive on disk, as the rest of Byline sees it: look up, list and search; safe from several threads.

Everything is read from SQLite; a generation, Chroma's graph and arrays beside it, only makes search faster, and is used
when it was made of exactly the state that SQLite is in. Knows nothing of how articles come in or of how hits are fused.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.chroma_server import ChromaServer
from index.copies import find_copies
from index.current import Current
from index.errors import ArchiveMismatch
from index.generation import NOTHING, Arrays, Generation, Generations, check_arrays, has_arrays
from index.language_table import LanguageCounts, count_others
from index.layout import VERSION
from index.lock import write_lock
from index.nearest import nearest, rank_words
from index.records import ArchiveStatus, Article, Filters, Passage
from index.rows import SOURCE_COLUMNS, ArticleRow, decode_vectors, to_article, to_passage, to_source
from index.scan import name_passages, scan, vector_rows
from index.segments import Segments
from index.selection import EVERYTHING, Selection, fold, int_to_date, names_of, select
from index.store import FILE_NAME, Store
from index.table import Table
from index.vectors import FEW, Vectors, VectorsUnreadable
from index.words import search_words

Vector = NDArray[np.float32]

UNFINISHED = "unfinished: "  # before the fingerprint in meta, while a rebuild is under way
_PASSAGE_COLUMNS = f"""passages.id, articles.id, passages.start, passages.end, passages.role, passages.kind,
    passages.sentences, {SOURCE_COLUMNS}"""


class Archive:
    """An open archive."""

    def __init__(self, folder: Path, store: Store, chroma: ChromaServer | None = None) -> None:
        self.folder = folder
        self.store = store
        self.vectors = Vectors(folder / "vectors", Segments(folder / "vectors", chroma) if chroma else None)
        self._generations = Generations(self.vectors.folder)

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, chroma: ChromaServer | None = None) -> Archive:
        """Open the archive in `folder`, its graph on a server if one is given; with `create` make an empty one."""
        return cls(folder, Store.open(folder, create=create), chroma)

    def close(self) -> None:
        """Close the files; the archive is not used afterwards."""
        self.vectors.close()
        self._generations.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer, of a file that has today's layout, or raise ArchiveLocked."""
        with write_lock(self.folder):
            self.store.migrate()
            yield

    # What is in it

    def status(self) -> ArchiveStatus:
        """Return counts, dates and state."""
        with self.store.reading() as connection:
            articles, outlets, first, last, undated = connection.execute(
                """SELECT count(*), count(DISTINCT nullif(outlet_folded, '')), min(nullif(published, 0)),
                          max(nullif(published, 0)), count(*) - count(nullif(published, 0)) FROM articles"""
            ).fetchone()
            (passages,) = connection.execute("SELECT count(*) FROM passages").fetchone()
            languages = count_others(connection)
        return ArchiveStatus(
            articles=articles,
            passages=passages,
            outlets=outlets,
            first_published=int_to_date(first or 0),
            last_published=int_to_date(last or 0),
            undated=undated,
            fingerprint=self.store.meta("fingerprint"),
            version=int(self.store.meta("version") or VERSION),
            vectors_current=self.current_vectors() is not None,
            bytes_on_disk=self.store.size() + self.vectors.size(),
            languages=languages,
        )

    @property
    def is_empty(self) -> bool:
        """True before the first article."""
        with self.store.reading() as connection:
            return connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is None

    def check_fingerprint(self, fingerprint: str) -> None:
        """Raise unless the archive is empty or was made with `fingerprint`."""
        made_with = self.store.meta("fingerprint")
        if made_with in ("", fingerprint) or self.is_empty:
            return
        mend = f"byline index --rebuild --archive {self.folder}"
        if made_with.startswith(UNFINISHED):
            raise ArchiveMismatch(f"The archive in {self.folder} is in the middle of a rebuild.", mend)
        raise ArchiveMismatch(f"The archive in {self.folder} was made with {made_with}; this is {fingerprint}.", mend)

    def other_languages(self) -> LanguageCounts:
        """Return the languages beside English with their numbers of articles, the most first."""
        with self.store.reading() as connection:
            return count_others(connection)

    def article(self, id: str) -> Article | None:
        """Return the article with this id, or the only one whose id begins with it (four characters or more)."""
        id = id.encode("utf-8", "replace").decode("utf-8")
        columns = f"articles.id, articles.kind, articles.marks, articles.text, {SOURCE_COLUMNS}"
        with self.store.reading() as connection:
            rows = connection.execute(f"SELECT {columns} FROM articles WHERE id = ?", [id]).fetchall()
            if not rows and len(id) >= 4:
                begins = f"SELECT {columns} FROM articles WHERE id > ? AND id < ? LIMIT 2"
                rows = connection.execute(begins, [id, id + "\U0010ffff"]).fetchall()
        return to_article(rows[0]) if len(rows) == 1 else None

    def articles(self, *, filters: Filters = Filters(), limit: int | None = None, offset: int = 0) -> list[ArticleRow]:
        """Return the articles that pass `filters`, newest first, undated ones last."""
        with self.store.reading() as connection:
            condition, values = _selection(connection, filters).as_sql()
            rows = connection.execute(
                f"""SELECT articles.id, articles.kind, articles.characters,
                    (SELECT count(*) FROM passages WHERE passages.article = articles.number), {SOURCE_COLUMNS}
                    FROM articles WHERE {condition} ORDER BY articles.published DESC, articles.id LIMIT ? OFFSET ?""",
                [*values, -1 if limit is None else limit, offset],
            ).fetchall()
        return [ArticleRow(id, to_source(source), kind, count, size) for id, kind, size, count, *source in rows]

    def outlets(self, *, filters: Filters = Filters()) -> list[tuple[str, int]]:
        """Return every outlet with its number of articles that pass `filters`, by name; those of none are left out."""
        return self._names("outlet", filters, lambda outlet: (outlet,))

    def authors(self, *, filters: Filters = Filters()) -> list[tuple[str, int]]:
        """Return every author with the number of articles that pass `filters`, by name; an article may have several."""
        return self._names("author", filters, names_of)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages with these ids, in the order asked; one that is gone is not in it."""
        found = self._passages("passages.id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        return {id: found[id] for id in ids if id in found}

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return an article's passages in the order of its text."""
        condition = "articles.id IN (SELECT value FROM json_each(?))"
        return list(self._passages(condition, json.dumps([article_id])).values())

    def passage_vectors(self, ids: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of the passages with these ids; one that is gone is not in it."""
        with self.store.reading() as connection:
            rows = connection.execute(
                """SELECT passages.id, vector FROM passages JOIN embeddings USING (number)
                   WHERE passages.id IN (SELECT value FROM json_each(?))""",
                [json.dumps(list(ids))],
            ).fetchall()
        return {id: decode_vectors([vector])[0] for id, vector in rows}

    # Search

    def search_dense(self, vector: Vector, *, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        """Return (passage id, cosine) of the passages nearest to a unit vector, best first."""
        if not np.isfinite(vector).all():
            raise ValueError("a query vector of numbers is needed; Chroma answers NaN with any rows")
        with self.store.reading() as connection:
            current, generation = self._generation(connection)
            selection = _selection(connection, filters, generation.table)
            if limit < 1 or selection.is_nothing:
                return []
            try:
                if current is not None and generation.table is not None:
                    ask = self.vectors.asker(current, vector)
                    found = nearest(generation.table, vector, limit=limit, selection=selection, ask=ask)
                    return name_passages(connection, found)
                if current is not None and current.count > FEW and selection.is_everything:
                    found = self.vectors.search(current, vector, limit=limit)
                    if len(found) == min(limit, current.count):  # a graph may lose sight of some
                        return name_passages(connection, found)
            except VectorsUnreadable:
                pass  # the scan gives the same hits, slower; `doctor` tells of the state
            return scan(connection, vector, limit=limit, selection=selection)

    def search_lexical(self, question: str, *, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        """Return (passage id, BM25) of the passages that best share the question's words, best first."""
        with self.store.reading() as connection:
            _, generation = self._generation(connection)
            selection = _selection(connection, filters, generation.table)
            languages = [language for language, _ in count_others(connection)]
            if generation.table is None or generation.postings is None or selection.is_nothing:
                return search_words(connection, question, limit=limit, selection=selection, languages=languages)
            asked = (connection, generation, question)
            return rank_words(*asked, limit=limit, selection=selection, languages=languages)

    def near_copies(self, ids: Sequence[str], *, filters: Filters = Filters()) -> dict[str, tuple[Article, ...]]:
        """Return for each of these articles those that carry the same story, of such as pass `filters`."""
        with self.store.reading() as connection:
            return find_copies(connection, ids, selection=_selection(connection, filters))

    # The generations of vectors

    def current_vectors(self) -> Current | None:
        """Return the generation made of exactly the present state, or None."""
        with self.store.reading() as connection:
            return self._current(connection)

    def is_published(self) -> bool:
        """True when a generation of the present state is there with all that belongs to one."""
        current = self.current_vectors()
        if current is None or not current.count:
            return current is not None
        return self.vectors.is_mine(current) and has_arrays(self.vectors.folder / current.generation)

    def check_vectors(self) -> str:
        """Return what keeps the generation from answering, the empty string when it does."""
        current = self.current_vectors()
        if current is None:
            return "Chroma's vectors are not those of the present state; dense search works, slower"
        with self.store.reading() as connection:
            row = connection.execute("SELECT vector FROM embeddings LIMIT 1").fetchone()
        generation = self.vectors.folder / current.generation
        damage = (self.vectors.check(current) or check_arrays(generation)) if row else ""
        try:
            if row and not damage:
                self.vectors.search(current, decode_vectors([row[0]])[0], limit=1)
        except VectorsUnreadable as error:
            return error.wrong
        return damage

    def sound_table(self) -> Table | None:
        """Return the table of the present state if every byte of it is as it was written."""
        with self.store.reading() as connection:
            current, generation = self._generation(connection)
        is_sound = current is not None and not check_arrays(self.vectors.folder / current.generation)
        return generation.table if is_sound else None

    def publish_vectors(self) -> None:
        """Make Chroma and what stands beside it hold the present state; the caller is the one writer."""
        with self.store.reading() as connection:
            archive, revision = _state(connection)
            numbers = [number for (number,) in connection.execute("SELECT number FROM embeddings ORDER BY number")]
            state = Current("", archive, revision, len(numbers), self.store.meta("fingerprint"))
            fetch = partial(vector_rows, connection)
            self.vectors.publish(numbers, fetch, state=state, companion=Arrays(connection))

    def _current(self, connection: sqlite3.Connection) -> Current | None:
        current = self.vectors.current()
        return current if current and (current.archive, current.revision) == _state(connection) else None

    def _generation(self, connection: sqlite3.Connection) -> tuple[Current | None, Generation]:
        """Return the generation of the state that `connection` sees, with what of its arrays can be read."""
        current = self._current(connection)
        return current, self._generations.open(current) if current and current.count else NOTHING

    def _names(
        self, column: str, filters: Filters, names_in: Callable[[str], tuple[str, ...]]
    ) -> list[tuple[str, int]]:
        with self.store.reading() as connection:
            condition, values = _selection(connection, filters).as_sql()
            # One spelling for each folded name: the commonest.
            rows = connection.execute(
                f"""SELECT {column}, count(*) FROM articles WHERE {column}_folded != '' AND {condition}
                    GROUP BY {column} ORDER BY count(*) DESC, {column}""",
                values,
            ).fetchall()
        counts: dict[str, int] = defaultdict(int)
        spelling: dict[str, str] = {}
        for written, count in rows:
            for name in names_in(written):
                counts[spelling.setdefault(fold(name), name)] += count
        return sorted(counts.items(), key=lambda item: item[0].casefold())

    def _passages(self, condition: str, value: str) -> dict[str, Passage]:
        with self.store.reading() as connection:
            rows = connection.execute(
                f"""SELECT passages.article, {_PASSAGE_COLUMNS} FROM passages
                    JOIN articles ON articles.number = passages.article WHERE {condition} ORDER BY passages.number""",
                [value],
            ).fetchall()
            numbers = json.dumps(sorted({row[0] for row in rows}))
            asked = "SELECT number, text FROM articles WHERE number IN (SELECT value FROM json_each(?))"
            texts = dict(connection.execute(asked, [numbers]))
        return {row[1]: to_passage(row[1:], texts[row[0]]) for row in rows}


def archive_exists(folder: Path) -> bool:
    """True when `folder` holds an archive's file; says nothing of its state."""
    return (folder / FILE_NAME).is_file()


def _state(connection: sqlite3.Connection) -> tuple[str, int]:
    meta = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('archive', 'revision')"))
    return str(meta["archive"]), int(meta["revision"])


def _selection(connection: sqlite3.Connection, filters: Filters, table: Table | None = None) -> Selection:
    if filters.is_empty:
        return EVERYTHING
    bylines: Sequence[str] = table.authors if table else ()
    if filters.authors and table is None:
        bylines = [row[0] for row in connection.execute("SELECT DISTINCT author_folded FROM articles ORDER BY 1")]
    return select(filters, bylines)
