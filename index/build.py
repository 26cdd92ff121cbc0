"""The indexing run: files to a searchable archive, incrementally. The only writer.

One transaction an article: a run that is killed or interrupted keeps what it had done, and the next one goes on.
Chroma follows once, at the end. Bad input never loses what is stored: what cannot be read now stays as it was.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.archive import UNFINISHED, Archive
from index.batch import Batch, OnProgress, Progress, archive_fingerprint
from index.copies import SKETCH, begin_bands, put_bands, without_bands
from index.embed import Embedder
from index.errors import ArchiveDamaged
from index.ledger import Found, Ledger, hash_content
from index.read import read
from index.records import Article, BuildReport, Draft, Skipped
from index.removed import list_removed
from index.seals import make_seal, put_seals, stored_seals
from index.store import Entry, delete_articles, entries, find_problems, set_meta
from index.walk import File, walk
from index.withdraw import make_room
from index.words import rebuild_words

__all__ = ["Progress", "RepairReport", "archive_fingerprint", "build", "check", "ignore", "repair"]

_SKETCHED_AT_ONCE = 200  # articles a transaction: a quarter of a second


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair found wrong, and what the archive holds after it."""

    problems: tuple[str, ...]
    articles: int
    passages: int


def ignore(progress: Progress) -> None:
    """Take no notice."""


def build(
    archive: Archive,
    paths: Sequence[Path],
    *,
    embedder: Embedder,
    max_tokens: int,
    on_progress: OnProgress = ignore,
    columns: Mapping[str, str] | None = None,
    rebuild: bool = False,
) -> BuildReport:
    """Bring the archive in line with `paths` and return what that took.

    With `rebuild` the stored articles are first cut and embedded anew, for which their files are not needed.
    """
    with archive.writing():
        batch = Batch(archive, embedder, max_tokens=max_tokens, on_progress=on_progress)
        if archive.store.meta("sketch") != SKETCH:
            _begin_sketches(archive)
        make_room(archive)
        _sketch(archive)
        _renew(archive, batch, rebuild=rebuild)
        run = _Run(archive, batch, paths)
        run.read(paths, columns)
        report = run.finish()
        if archive.current_vectors() is None:
            batch.report("saving", "")
            archive.publish_vectors()
    return report


def check(archive: Archive) -> list[str]:
    """Return what is wrong with the archive's files, in words; changes nothing."""
    with archive.store.reading() as connection:
        problems = find_problems(connection)
    unusable = archive.check_vectors()
    return [*problems, unusable] if unusable else problems


def repair(archive: Archive) -> RepairReport:
    """Make anew all that follows from the stored articles: SQLite's indexes, the lexical one, Chroma's vectors."""
    with archive.writing():
        problems = check(archive)
        with archive.store.writing() as connection:
            rebuild_words(connection)
            connection.execute("REINDEX")
        _begin_sketches(archive)
        _sketch(archive)
        with archive.store.reading() as connection:
            left = find_problems(connection)
        if left:
            mend = "move the folder away and run byline index on your articles again"
            raise ArchiveDamaged(f"{archive.folder} cannot be repaired: {'; '.join(left)}.", mend)
        archive.vectors.forget()
        archive.publish_vectors()
    status = archive.status()
    return RepairReport(tuple(problems), status.articles, status.passages)


def _begin_sketches(archive: Archive) -> None:
    """Forget what articles were compared by; an archive of a Byline that compared none gets room for it."""
    with archive.store.writing() as connection:
        begin_bands(connection)
        set_meta(connection, "sketch", SKETCH)


def _sketch(archive: Archive) -> None:
    """Sketch the articles that are not yet; after a kill the next run goes on where this one was."""
    while True:
        with archive.store.reading() as connection:
            waiting = without_bands(connection, limit=_SKETCHED_AT_ONCE)
        if not waiting:
            return
        with archive.store.writing() as connection:
            for number, article in waiting:
                put_bands(connection, number, article)


def _renew(archive: Archive, batch: Batch, *, rebuild: bool) -> None:
    """Make the archive one of the batch's fingerprint: every article anew where asked, else ArchiveMismatch.

    While it lasts the archive names itself unfinished, so that nobody compares vectors of two kinds; after a kill
    the next run goes on where this one was.
    """
    had = archive.store.meta("fingerprint")
    unfinished = UNFINISHED + batch.fingerprint
    if had == batch.fingerprint and not rebuild:
        return
    if had != unfinished:
        if not rebuild:
            archive.check_fingerprint(batch.fingerprint)
        with archive.store.writing() as connection:
            set_meta(connection, "fingerprint", unfinished)
            if had == batch.fingerprint:
                connection.execute("UPDATE articles SET fingerprint = ''")
    _renew_articles(archive, batch)
    with archive.store.writing() as connection:
        set_meta(connection, "fingerprint", batch.fingerprint)


def _renew_articles(archive: Archive, batch: Batch) -> None:
    with archive.store.reading() as connection:
        stored = {entry.id: entry for entry in entries(connection)}
        asked = "SELECT id FROM articles WHERE fingerprint != ? ORDER BY number"
        ids = [str(id) for (id,) in connection.execute(asked, [batch.fingerprint])]
    batch.articles_total = len(ids)
    for id in ids:
        article = archive.article(id)
        if article is not None:
            batch.add(article, stored[id])
    batch.flush()
    batch.articles_total = None


class _Run:
    """What one run has found so far."""

    def __init__(self, archive: Archive, batch: Batch, paths: Sequence[Path]) -> None:
        with archive.store.reading() as connection:
            stored = entries(connection)
            self._seals = stored_seals(connection)
            gone = list_removed(connection)
        self._archive = archive
        self._batch = batch
        self._given = tuple(_absolute(path) for path in paths)
        self._ledger = Ledger(stored, self._given, os.path.exists, gone)
        self._counts: Counter[str] = Counter()
        self._skipped: list[Skipped] = []
        self._later: list[tuple[Found, Draft]] = []
        self._read: dict[str, tuple[str, int]] = {}  # files read without a fault: their seal and number of records
        self._living: set[str] = set()  # of the given paths, those where there was any file at all

    def read(self, paths: Sequence[Path], columns: Mapping[str, str] | None) -> None:
        """Take in every record below `paths`."""
        for file in walk(paths):
            if isinstance(file, Skipped):
                self._skip(file, file.path)
            else:
                self._read_file(file, columns)

    def finish(self) -> BuildReport:
        """Decide what had to wait, store all, remove what is gone, and return the report."""
        for found, draft in self._later:
            self._take(found, draft, everything_seen=True)
        self._batch.flush()
        gone = self._ledger.unseen(self._living)
        if gone:
            with self._archive.store.writing() as connection:
                delete_articles(connection, gone)
            self._ledger.forget(gone)
        self._seal_files()
        return BuildReport(
            added=self._counts["added"],
            updated=self._counts["updated"],
            unchanged=self._counts["unchanged"],
            removed=len(gone),
            duplicates=self._counts["duplicate"],
            passages=self._archive.status().passages,
            skipped=tuple(self._skipped),
            left_out=self._counts["left out"],
        )

    def _seal_files(self) -> None:
        """Note the files whose every record is now an article of theirs; none of them is read again unchanged."""
        whole = {file: seal for file, seal in self._read.items() if seal[1] == self._ledger.count(file)}
        if whole:
            with self._archive.store.writing() as connection:
                put_seals(connection, whole)

    def _read_file(self, file: File, columns: Mapping[str, str] | None) -> None:
        absolute = _absolute(file.path)
        self._living.update(given for given in self._given if absolute == given or absolute.startswith(_inside(given)))
        seal = make_seal(file, columns)
        if seal and self._seals.get(absolute) == (seal, self._ledger.count(absolute)):
            self._counts["unchanged"] += self._ledger.keep(absolute)
            return
        faults, records = len(self._skipped), 0
        for records, draft in enumerate(read(file.path, columns), 1):  # noqa: B007 - the count is used below
            self._batch.report("reading", file.relative, articles_read=self._counts.total())
            self._take_or_skip(file, draft)
        if seal and len(self._skipped) == faults:
            self._read[absolute] = (seal, records)

    def _take_or_skip(self, file: File, draft: Draft | Skipped) -> None:
        absolute = _absolute(file.path)
        if isinstance(draft, Skipped):
            self._skip(draft, absolute)
        elif not _is_text(draft.text, draft.key, draft.where, *_texts(draft)):
            self._skip(Skipped(absolute, "it holds characters that are not valid Unicode", draft.where), absolute)
        else:
            self._take(_find(file, draft), draft)

    def _take(self, found: Found, draft: Draft, *, everything_seen: bool = False) -> None:
        decision = self._ledger.decide(found, everything_seen=everything_seen)
        entry = decision.entry
        if decision.what == "later":
            self._later.append((found, draft))
            return
        if decision.what == "clash" and decision.other:
            reason = f"its id {found.key} is that of another article, in {_shown(decision.other)}"
            self._skip(Skipped(entry.path, reason, entry.place), entry.file)
        elif decision.what == "unchanged" and decision.moved:
            self._batch.move(entry)
        elif decision.what in ("added", "updated"):
            source = replace(draft.source, path=entry.path)
            self._batch.add(Article(entry.id, source, draft.text, draft.marks, draft.kind), entry)
        self._counts[decision.what] += 1

    def _skip(self, skipped: Skipped, file: str) -> None:
        self._skipped.append(skipped)
        self._ledger.note_skipped(_absolute(Path(file)))


def _find(file: File, draft: Draft) -> Found:
    path = draft.source.path or file.relative
    entry = Entry("", hash_content(draft), _absolute(file.path), _absolute(file.root), draft.where, path)
    return Found(entry, draft.key.strip(), file.relative)


def _absolute(path: Path) -> str:
    # Not resolve(): a folder that is reached through a link keeps the name that the user knows.
    return os.path.abspath(path)  # noqa: PTH100 - absolute() keeps "..", which would make two names of one file


def _inside(folder: str) -> str:
    return folder if folder.endswith(os.sep) else folder + os.sep


def _shown(entry: Entry) -> str:
    return f"{entry.path}, {entry.place}" if entry.place else entry.path


def _texts(draft: Draft) -> tuple[str, ...]:
    source = draft.source
    return source.title, source.outlet, source.author, source.url, source.path


def _is_text(*texts: str) -> bool:
    """True when every text can be stored: no lone surrogates, which a damaged file or a forged JSON brings."""
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
