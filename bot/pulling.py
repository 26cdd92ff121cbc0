"""The feeds' new articles into the archive: read the feeds, fetch what is behind each entry, index what came.

One failing feed or page never ends the rest. What came is noted page by page, so that a run that ends in the middle
loses nothing and the next one goes on. Knows nothing of terminals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot import entry_page
from bot.entry_page import EntryFile
from bot.feed_source import read_offer
from bot.feeds import MOST_TRIES, FeedRow, Feeds
from bot.polite import Forbidden, Later, Polite
from bot.uploads import UPLOADS
from index.addresses import address_key
from index.disk import told
from index.errors import BylineError, FetchError, UsageError
from index.feed_entries import Entry
from index.records import BuildReport

INDEX_EVERY = 500  # pages: a long first pull can be asked before its end
LIMIT = 200  # pages of one feed and run
FAILURES_TOLD = 500  # of a run; its counts are of all

OnProgress = Callable[[int, int, str], None]
Index = Callable[[Sequence[Path]], BuildReport]


@dataclass(frozen=True, slots=True)
class Missed:
    """An entry that could not be had, and why."""

    feed: str
    url: str
    reason: str


@dataclass(slots=True)
class Pulled:
    """What became of one feed's entries; `later` are left to the next run, `wrong` says why none could be read."""

    url: str
    title: str
    known: int = 0
    fetched: int = 0
    again: int = 0  # of those fetched: had before, and changed since
    from_feed: int = 0  # of those fetched: the entry's own text
    failed: int = 0
    later: int = 0
    wrong: str = ""


@dataclass(slots=True)
class PullReport:
    """What a pull did. `unindexed` is why the articles that came are not in the archive yet."""

    feeds: list[Pulled] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    indexed: list[BuildReport] = field(default_factory=list)
    unindexed: BylineError | None = None

    def count(self, what: str) -> int:
        """Return the sum of one of the counts, over all feeds."""
        return sum(getattr(feed, what) for feed in self.feeds)

    @property
    def added(self) -> int:
        """Return how many articles are new in the archive."""
        return sum(one.added for one in self.indexed)

    @property
    def updated(self) -> int:
        """Return how many articles of the archive say something else than before."""
        return sum(one.updated for one in self.indexed)

    @property
    def duplicates(self) -> int:
        """Return how many pages came that say what another article does."""
        return sum(one.duplicates for one in self.indexed)


class Known(Protocol):
    """What is in the archive already."""

    @property
    def addresses(self) -> frozenset[str]:
        """Return the keys of its articles' addresses."""

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of its articles."""


@dataclass(slots=True)
class _Feed:
    """A feed with what is still to be fetched of it."""

    row: FeedRow
    told: Pulled
    etag: str = ""
    modified: str = ""
    waiting: list[Entry] = field(default_factory=list)
    is_whole: bool = True  # nothing of it is left for a later run


class Pull:
    """One run over some feeds."""

    def __init__(
        self, feeds: Feeds, polite: Polite, known: Known, folder: Path, *, index: Index, on_progress: OnProgress
    ) -> None:
        self._feeds = feeds
        self._polite = polite
        self._known = known
        self._seen = feeds.seen()
        self._had = feeds.had()
        self._folder = folder / UPLOADS
        self._index_files = index
        self._on_progress = on_progress
        self._report = PullReport()
        self._stored = 0

    def run(self, rows: Sequence[FeedRow], *, limit: int = LIMIT) -> PullReport:
        """Bring what is new of these feeds, at most `limit` pages of each, and return what was done."""
        try:
            feeds = [self._read(row, limit) for row in rows]
            self._fetch(feeds)
            self._index()
        finally:  # an interrupt too: whom we were asked to leave alone is left alone the next time
            self._feeds.note_closed(self._polite.closed)
        for feed in feeds:
            self._note_read(feed)
        return self._report

    # --- the feeds -------------------------------------------------------------------------------------------

    def _read(self, row: FeedRow, limit: int) -> _Feed:
        """Return a feed with what of it is new."""
        feed = _Feed(row, Pulled(row.url, row.title))
        self._report.feeds.append(feed.told)
        self._on_progress(0, 0, row.title or row.url)
        try:
            offer = read_offer(
                self._polite, row.url, etag=row.etag, modified=row.modified, most=limit,
                is_wanted=lambda entry: self._is_wanted(row, entry),
            )  # fmt: skip
        except (FetchError, UsageError) as error:
            feed.told.wrong = error.wrong
            return feed
        feed.told.title = offer.title or row.title
        feed.etag, feed.modified = offer.etag, offer.modified
        new = [entry for entry in _apart(offer.entries) if self._is_wanted(row, entry)]
        feed.told.known = len(offer.entries) - len(new)
        feed.waiting, feed.told.later = new[:limit], len(new[limit:])
        changed = (self._changed_since(row, entry) for entry in offer.entries)
        too_early = any(had and not self._feeds.may_come_again(had) for had in changed)
        feed.is_whole = len(new) <= limit and not too_early
        return feed

    def _is_wanted(self, row: FeedRow, entry: Entry) -> bool:
        changed = self._changed_since(row, entry)
        return self._feeds.may_come_again(changed) if changed else self._is_new(row, entry)

    def _changed_since(self, row: FeedRow, entry: Entry) -> int:
        """Return when a page was had that is said to have changed since, corrected or gone on with; 0 for any other."""
        had = max((self._had.get(key, 0) for key in _keys(row, entry)), default=0)
        return had if had < entry.changed else 0

    def _is_new(self, row: FeedRow, entry: Entry) -> bool:
        if entry.guid in self._known.ids and (":" in entry.guid or "/" in entry.guid):  # "7" may be another's number
            return False
        if address_key(entry.url) in self._known.addresses:
            return False
        tries = [self._seen.get(key, 0) for key in _keys(row, entry)]
        return all(0 <= count < MOST_TRIES for count in tries)

    def _note_read(self, feed: _Feed) -> None:
        if feed.told.wrong:
            self._feeds.note_failed(feed.row, feed.told.wrong)
            return
        told = (feed.etag, feed.modified) if feed.is_whole else ("", "")
        self._feeds.note_read(feed.row, title=feed.told.title, etag=told[0], modified=told[1])

    # --- the pages -------------------------------------------------------------------------------------------

    def _fetch(self, feeds: Sequence[_Feed]) -> None:
        """Fetch what waits, always from the host that may be asked the soonest."""
        total = sum(len(feed.waiting) for feed in feeds)
        for done in range(total):
            feed = min((one for one in feeds if one.waiting), key=lambda one: self._polite.free_at(one.waiting[0].url))
            entry = feed.waiting.pop(0)
            self._on_progress(done, total, entry.title or entry.url)
            if self._is_wanted(feed.row, entry):
                self._bring(feed, entry)
            else:  # two feeds of an outlet have the same article
                feed.told.known += 1

    def _bring(self, feed: _Feed, entry: Entry) -> None:
        """Bring one entry, or note why not."""
        again = bool(self._changed_since(feed.row, entry))
        try:
            found = self._of_page(entry)
        except Later:
            feed.told.later, feed.is_whole = feed.told.later + 1, False
            return
        except (FetchError, UsageError) as error:
            own = None if again else entry_page.from_feed(entry, feed.told.title)
            if own is None:
                self._miss(feed, entry, error)
                return
            found, feed.told.from_feed = own, feed.told.from_feed + 1
        keys = (*_keys(feed.row, entry), *_page_keys(found))
        if not self._is_ours(found, entry, again=again):
            feed.told.known += 1  # another address of what is here
            self._have(keys, None)
        else:
            feed.told.fetched += 1
            feed.told.again += again
            with told(self._folder):
                file = found.store(self._folder)
            self._have(keys, file)

    def _is_ours(self, found: EntryFile, entry: Entry, *, again: bool) -> bool:
        """Return whether what came is to be stored: as a page of its own, or in the place of what it was before."""
        if again:
            return found.is_stored(self._folder)
        return address_key(found.address) not in self._known.addresses or found.address == entry.url

    def _of_page(self, entry: Entry) -> EntryFile:
        if not entry.url:
            raise FetchError("The entry has no address.")
        return entry_page.from_page(self._polite.get(entry.url, entry_page.WANTED), entry)

    def _have(self, keys: Sequence[str], file: Path | None) -> None:
        self._feeds.note_had(keys, file)
        self._seen.update(dict.fromkeys(keys, -1))
        for key in keys:
            self._had.pop(key, None)  # it is not fetched twice in a run
        self._stored += file is not None
        if self._stored and self._stored % INDEX_EVERY == 0:
            self._index()

    def _miss(self, feed: _Feed, entry: Entry, error: BylineError) -> None:
        # What the guard refuses and what a site forbids stays so; a page that is not there may come back.
        for_good = isinstance(error, UsageError | Forbidden)
        keys = _keys(feed.row, entry)
        self._feeds.note_missed(keys, for_good=for_good)
        tries = max((self._seen.get(key, 0) for key in keys), default=0) + (MOST_TRIES if for_good else 1)
        self._seen.update(dict.fromkeys(keys, tries))
        feed.told.failed += 1
        feed.is_whole = feed.is_whole and tries >= MOST_TRIES
        if len(self._report.missed) < FAILURES_TOLD:
            self._report.missed.append(Missed(feed.row.url, entry.url, error.wrong))

    # --- the archive -----------------------------------------------------------------------------------------

    def _index(self) -> None:
        """Index what came, now or in an earlier run that ended before; where that fails it waits for the next one."""
        files = self._feeds.waiting()
        if not files or self._report.unindexed:
            return
        try:
            self._report.indexed.append(self._index_files(files))
        except BylineError as error:
            self._report.unindexed = error
            return
        self._feeds.note_indexed(files)


def _apart(entries: Sequence[Entry]) -> list[Entry]:
    """Return each entry once."""
    return list({(one.guid, address_key(one.url) or one.text): one for one in reversed(entries)}.values())[::-1]


def _keys(row: FeedRow, entry: Entry) -> tuple[str, ...]:
    """Return the names under which an entry is remembered: its address, and what its feed calls it."""
    address = address_key(entry.url)
    called = entry.guid or (hashlib.sha256(entry.text.encode()).hexdigest() if not address else "")
    return tuple(key for key in (address, f"{row.url} {called}" if called else "") if key)


def _page_keys(found: EntryFile) -> tuple[str, ...]:
    addresses = {found.address, found.page.url if found.page else ""}
    return tuple(key for address in sorted(addresses) if (key := address_key(address)))
