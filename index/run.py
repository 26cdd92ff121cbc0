"""One indexing run: every record that is found is decided on, stored by the batch, and accounted for in the report.

Knows what the given paths hold and what is stored; what stands around a run, its lock and its vectors, is build's.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from index.archive import Archive
from index.batch import Batch
from index.ledger import Decision, Found, Ledger, hash_content
from index.read import read
from index.records import Article, BuildReport, Draft, Skipped, Taken
from index.removed import list_removed
from index.seals import make_seal, put_seals, stored_seals
from index.store import Entry, delete_articles, entries
from index.walk import File, walk

TAKEN_TOLD = 500  # articles that a report names; its counts are of all


class Run:
    """What one run has found so far."""

    def __init__(self, archive: Archive, batch: Batch, paths: Sequence[Path]) -> None:
        with archive.store.reading() as connection:
            stored = list(entries(connection))
            self._seals = stored_seals(connection)
            gone = list_removed(connection)
        self._archive = archive
        self._batch = batch
        self._given = tuple(_absolute(path) for path in paths)
        self._ledger = Ledger(stored, self._given, os.path.exists, gone)
        self._counts: Counter[str] = Counter()
        self._skipped: list[Skipped] = []
        self._taken: list[Taken] = []
        self._twins: Counter[str] = Counter()  # how many duplicates each article has
        self._stored_before = frozenset(entry.id for entry in stored)
        self._file = self._files = self._bytes = self._bytes_before = 0
        self._later: list[tuple[Found, Draft]] = []
        self._read: dict[str, tuple[str, int]] = {}  # files read without a fault: their seal and number of records
        self._living: set[str] = set()  # of the given paths, those where there was any file at all

    def read(self, paths: Sequence[Path], columns: Mapping[str, str] | None) -> None:
        """Take in every record below `paths`."""
        # Walked twice: how much there is, which an estimate of the time needs, costs little beside reading it.
        for file in walk(paths):
            self._files += isinstance(file, File)
            self._bytes += _size_of(file)
        for file in walk(paths):
            if isinstance(file, Skipped):
                self._skip(file, file.path)
                continue
            self._file += 1
            self._read_file(file, columns)
            self._bytes_before += _size_of(file)

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
        return self._report(removed=len(gone))

    def break_off(self) -> BuildReport:
        """Return the report of what is stored, and leave the rest to the next run: nothing is removed or sealed."""
        lost = frozenset(self._batch.waiting)
        for id in lost:
            self._counts["updated" if id in self._stored_before else "added"] -= 1
            self._counts["duplicate"] -= self._twins[id]
        self._taken = [taken for taken in self._taken if taken.id not in lost]
        return self._report(stopped=True)

    def _report(self, *, removed: int = 0, stopped: bool = False) -> BuildReport:
        status = self._archive.status()
        return BuildReport(
            added=self._counts["added"],
            updated=self._counts["updated"],
            unchanged=self._counts["unchanged"],
            removed=removed,
            duplicates=self._counts["duplicate"],
            passages=status.passages,
            articles=status.articles,
            languages=status.languages,
            skipped=tuple(self._skipped),
            left_out=self._counts["left out"],
            taken=tuple(self._taken),
            stopped=stopped,
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
        state = _state_of(file)
        seal = make_seal(file, columns)
        if seal and self._seals.get(absolute) == (seal, self._ledger.count(absolute)):
            self._counts["unchanged"] += self._ledger.keep(absolute)
            return
        faults, records = len(self._skipped), 0
        size = _size_of(file)

        def tell(share: float) -> None:
            self._batch.share_read = min((self._bytes_before + share * size) / max(self._bytes, 1), 1.0)

        self._batch.file, self._batch.files = self._file, self._files
        for records, draft in enumerate(read(file.path, columns, tell), 1):  # noqa: B007 - the count is used below
            self._batch.report("reading", file.relative, articles_read=self._counts.total())
            self._take_or_skip(file, draft)
        if _state_of(file) != state:
            # What it lacks now may only not have been written yet, and what was read is not what it says.
            self._skip(Skipped(absolute, "it changed while it was read; index it again"), absolute)
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
        # Before it is added: that stores what waits, and the run can be stopped after it.
        self._counts[decision.what] += 1
        self._note(decision, draft)
        if decision.what == "clash" and decision.other:
            reason = f"its id {found.key} is that of another article, in {_shown(decision.other)}"
            self._skip(Skipped(entry.path, reason, entry.place), entry.file)
        elif decision.what == "unchanged" and decision.moved:
            self._batch.move(entry)
        elif decision.what in ("added", "updated"):
            source = replace(draft.source, path=entry.path)
            self._batch.add(Article(entry.id, source, draft.text, draft.marks, draft.kind), entry)

    def _note(self, decision: Decision, draft: Draft) -> None:
        """Keep for the report what was done with an article, if it is one of the first."""
        entry, what = decision.entry, decision.what
        stands = decision.other if what == "duplicate" and decision.other else entry
        if what == "duplicate":
            self._twins[stands.id] += 1
        if what in ("added", "updated", "duplicate", "left out") and len(self._taken) < TAKEN_TOLD:
            self._taken.append(Taken(what, stands.id, draft.source.title, entry.file, entry.place))

    def _skip(self, skipped: Skipped, file: str) -> None:
        self._skipped.append(skipped)
        self._ledger.note_skipped(_absolute(Path(file)))


def _find(file: File, draft: Draft) -> Found:
    path = draft.source.path or file.relative
    entry = Entry("", hash_content(draft), _absolute(file.path), _absolute(file.root), draft.where, path)
    return Found(entry, draft.key.strip(), file.relative)


def _size_of(found: File | Skipped) -> int:
    try:
        return found.path.stat().st_size if isinstance(found, File) else 0
    except OSError:  # gone since it was found, which its reading will tell
        return 0


def _state_of(file: File) -> tuple[int, ...]:
    """Return what tells a file from what it was a moment ago, whatever became of it."""
    try:
        found = file.path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


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
