"""Which stored article a found one is: new, changed, unchanged, moved, a duplicate, or one whose id is taken.

One that the reader removed is left out, by what it says, by its record's key, and by its file where that is all of it.

Decides on hashes, ids and paths alone; knows nothing of texts or of the archive. Ids are stable: a record's own key,
else that of the article stored at the same place, else made of the path relative to the folder that was indexed.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.records import Article, Draft
from index.removed import Removed
from index.selection import date_to_int
from index.store import Entry

What = Literal["added", "updated", "unchanged", "duplicate", "clash", "later", "left out"]


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it was found now; `entry` is what it will be stored as, its id still unknown."""

    entry: Entry
    key: str
    relative: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a found record. `entry` has its id; `other` is the article that stands against it."""

    what: What
    entry: Entry
    other: Entry | None = None
    moved: bool = False  # unchanged, but at another place than the archive says


def hash_content(draft: Draft | Article) -> str:
    """Return a hash of all that an article says, whatever file it lies in."""
    source = draft.source
    fields = [source.title, source.outlet, source.author, date_to_int(source.published), source.url]
    marks = [[mark.start, mark.end, mark.role] for mark in draft.marks]
    content = json.dumps([*fields, draft.kind, draft.text, marks], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()


class Ledger:
    """The stored articles by id, place and content, kept up to date with every decision."""

    def __init__(
        self,
        stored: Iterable[Entry],
        given: Iterable[str],
        exists: Callable[[str], bool],
        removed: Iterable[Removed] = (),
    ) -> None:
        self._given = tuple(given)
        self._removed_keys: set[str] = set()
        self._removed_contents: set[str] = set()
        self._removed_files: set[str] = set()  # of which each held one article
        for gone in removed:
            self._removed_keys.add(gone.id)
            self._removed_contents.add(gone.content_hash)
            self._removed_files.update(() if gone.place else (gone.file,))
        self._exists = exists
        self._by_id: dict[str, Entry] = {}
        self._by_place: dict[tuple[str, str], str] = {}
        self._by_content: dict[str, dict[str, None]] = defaultdict(dict)
        self._by_file: dict[str, set[str]] = defaultdict(set)
        self._seen: set[str] = set()
        self._skipped: set[str] = set()
        for entry in stored:
            self._write(entry)

    def note_skipped(self, path: str) -> None:
        """Keep what is stored from this file, or from below this folder, though it is not found now."""
        self._skipped.add(path)

    def count(self, file: str) -> int:
        """Return how many articles are those of this file."""
        return len(self._by_file.get(file, ()))

    def keep(self, file: str) -> int:
        """Take every article of this file as found unchanged; return how many there are."""
        self._seen |= self._by_file.get(file, set())
        return self.count(file)

    def decide(self, found: Found, *, everything_seen: bool = False) -> Decision:
        """Say what a found record is.

        "later" means that it equals a stored article which may yet be found in its own place: ask again, with
        `everything_seen`, once all files have been read.
        """
        if self._was_removed(found):
            return Decision("left out", found.entry)
        decision = self._with_key(found) if found.key else self._without_key(found, everything_seen)
        if decision.what in ("added", "updated", "unchanged"):
            self._write(decision.entry)
            self._seen.add(decision.entry.id)
        return decision

    def unseen(self, roots: Iterable[str]) -> list[str]:
        """Return the ids of the articles from `roots` that were not found and whose files could be read."""
        gone = (entry for id, entry in self._by_id.items() if id not in self._seen)
        within = tuple(roots)
        return [entry.id for entry in gone if _lies_in(entry.file, within) and not self._is_skipped(entry.file)]

    def forget(self, ids: Iterable[str]) -> None:
        """Take articles out of the count of their files."""
        for id in ids:
            self._by_file[self._by_id[id].file].discard(id)

    def _was_removed(self, found: Found) -> bool:
        """True when the reader took it out and nothing that is stored says the same or stands in its place."""
        entry = found.entry
        if self._by_content.get(entry.content_hash):
            return False
        if entry.content_hash in self._removed_contents:
            return True
        if found.key:
            return found.key in self._removed_keys and found.key not in self._by_id
        return not entry.place and entry.file in self._removed_files and (entry.file, "") not in self._by_place

    def _with_key(self, found: Found) -> Decision:
        entry = _with_id(found.entry, found.key)
        stored = self._by_id.get(found.key)
        if stored is None:
            return Decision("added", entry)
        same = stored.content_hash == entry.content_hash
        if found.key in self._seen:
            return Decision("duplicate" if same else "clash", entry, stored)
        return self._again(entry, stored)

    def _without_key(self, found: Found, everything_seen: bool) -> Decision:
        entry = found.entry
        here = self._by_id.get(self._by_place.get((entry.file, entry.place), ""))
        if here and here.id not in self._seen and here.content_hash == entry.content_hash:
            return self._again(_with_id(entry, here.id), here)
        twin = self._twin(entry)
        if twin is not None:
            return self._against(twin, entry, everything_seen)
        if here and here.id not in self._seen:
            return self._again(_with_id(entry, here.id), here)
        return self._new(found)

    def _twin(self, entry: Entry) -> Entry | None:
        """Return the article that says the same, one already found now if there is one."""
        ids = self._by_content.get(entry.content_hash, {})
        id = next((id for id in ids if id in self._seen), None) or next(iter(ids), None)
        return self._by_id[id] if id else None

    def _against(self, twin: Entry, entry: Entry, everything_seen: bool) -> Decision:
        if twin.id in self._seen:
            return Decision("duplicate", entry, twin)
        if _lies_in(twin.file, self._given):
            if not everything_seen:
                return Decision("later", entry, twin)
            stays = self._is_skipped(twin.file)
        else:
            stays = self._exists(twin.file)
        # A twin that is not in its own place any more was renamed: its id goes with what it says.
        return Decision("duplicate", entry, twin) if stays else self._again(_with_id(entry, twin.id), twin)

    def _again(self, entry: Entry, stored: Entry) -> Decision:
        if entry.content_hash != stored.content_hash:
            return Decision("updated", entry, stored)
        return Decision("unchanged", entry, stored, moved=entry != stored)

    def _new(self, found: Found) -> Decision:
        entry = found.entry
        salts = ["", Path(entry.root).name, entry.file, *(f"{entry.file}\0{count}" for count in range(1000))]
        for salt in salts:
            id = _make_id(salt, found.relative, entry.place)
            taken = self._by_id.get(id)
            if taken is None:
                return Decision("added", _with_id(entry, id))
            if id not in self._seen and not self._exists(taken.file) and not self._is_skipped(taken.file):
                return self._again(_with_id(entry, id), taken)  # the whole folder was moved, and this one changed
        raise AssertionError("a thousand ids of one path are taken")

    def _write(self, entry: Entry) -> None:
        before = self._by_id.get(entry.id)
        if before is not None:
            self._by_content[before.content_hash].pop(entry.id, None)
            self._by_file[before.file].discard(entry.id)
            if self._by_place.get((before.file, before.place)) == entry.id:
                del self._by_place[before.file, before.place]
        self._by_id[entry.id] = entry
        self._by_place[entry.file, entry.place] = entry.id
        self._by_content[entry.content_hash][entry.id] = None
        self._by_file[entry.file].add(entry.id)

    def _is_skipped(self, file: str) -> bool:
        return file in self._skipped or any(str(parent) in self._skipped for parent in Path(file).parents)


def _lies_in(file: str, roots: tuple[str, ...]) -> bool:
    return any(file == root or Path(root) in Path(file).parents for root in roots)


def _with_id(entry: Entry, id: str) -> Entry:
    return Entry(id, entry.content_hash, entry.file, entry.root, entry.place, entry.path)


def _make_id(salt: str, relative: str, place: str) -> str:
    # The separator of this machine must not be in the id: the same folder gives the same ids everywhere.
    parts = [salt, relative.replace("\\", "/"), place] if salt else [relative.replace("\\", "/"), place]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
