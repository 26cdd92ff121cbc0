"""The feeds of an archive, in one SQLite file beside it: which they are, what was seen of them, what is still to index.

Every call is one short transaction on a connection of its own. The archive's own file is never touched; of what is in
it nothing is told here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.side_file import Form, reading, writing
from index.errors import UsageError

FILE_NAME = "feeds.sqlite3"
VERSION = 1  # of the tables; a newer file is left untouched
AGAIN_AFTER = 6 * 3600  # seconds until a page is fetched again: some feeds call every entry changed, always
MOST_TRIES = 3  # at a page that does not come, one a pull

_SCHEMA = (
    """CREATE TABLE feeds (
        number INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL, added INTEGER NOT NULL,
        etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '',
        pulled INTEGER NOT NULL DEFAULT 0, wrong TEXT NOT NULL DEFAULT '')""",
    # A page by its address, an entry by its feed's name for it. tries is -1 where it was had.
    "CREATE TABLE visits (key TEXT PRIMARY KEY, tries INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE waiting (file TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE closed (host TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE turns (what TEXT PRIMARY KEY, begun REAL NOT NULL) WITHOUT ROWID",
)
FORM = Form(
    holds="feeds",
    version=VERSION,
    tables=frozenset("feeds visits waiting closed turns".split()),
    schema=_SCHEMA,
    mend="move that file away and add the feeds again; no article is lost",
)
_COLUMNS = "number, url, title, added, etag, modified, pulled, wrong"
_HAD = -1


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed of the archive. `pulled` is when it was last read, 0 for never; `wrong` is what failed the last time."""

    number: int
    url: str
    title: str
    added: int
    etag: str
    modified: str
    pulled: int
    wrong: str


class Feeds:
    """The feeds of the archive in a folder; nothing is written before the first is added."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self.file = folder / FILE_NAME
        self._folder = folder
        self._now = now

    # --- which there are -------------------------------------------------------------------------------------

    def listed(self) -> list[FeedRow]:
        """Return all feeds in the order in which they were added."""
        with reading(self.file, FORM) as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM feeds ORDER BY number") if connection else ()
            return [FeedRow(*row) for row in rows]

    def find(self, url: str) -> FeedRow:
        """Return the feed of that address; raises UsageError where there is none."""
        for feed in self.listed():
            if feed.url == url:
                return feed
        raise UsageError(f"The archive has no feed {url}.", "byline feed list")

    def add(self, url: str, title: str) -> bool:
        """Add a feed; False where it is there already, its title then being brought up to date."""
        with writing(self.file, FORM) as connection:
            known = connection.execute("UPDATE feeds SET title = ? WHERE url = ?", [title, url]).rowcount
            if not known:
                values = [url, title, int(self._now())]
                connection.execute("INSERT INTO feeds (url, title, added) VALUES (?, ?, ?)", values)
        return not known

    def remove(self, url: str) -> None:
        """Take a feed out; its articles stay. Raises UsageError where there is none of that address."""
        self.find(url)
        with writing(self.file, FORM) as connection:
            connection.execute("DELETE FROM feeds WHERE url = ?", [url])

    # --- what was seen of them -------------------------------------------------------------------------------

    def note_read(self, feed: FeedRow, *, title: str = "", etag: str = "", modified: str = "") -> None:
        """Note that a feed was read, and by what it is told when it is the same; empty: it is to come whole again."""
        values = [title or feed.title, etag, modified, int(self._now()), feed.number]
        self._change(
            "UPDATE feeds SET title = ?, etag = ?, modified = ?, pulled = ?, wrong = '' WHERE number = ?", values
        )

    def note_failed(self, feed: FeedRow, wrong: str) -> None:
        """Note why a feed could not be read."""
        self._change("UPDATE feeds SET wrong = ? WHERE number = ?", [wrong, feed.number])

    def seen(self) -> dict[str, int]:
        """Return what was seen, by key: how often in vain, or less than 0 where it was had."""
        with reading(self.file, FORM) as connection:
            return dict(connection.execute("SELECT key, tries FROM visits")) if connection else {}

    def had(self) -> dict[str, int]:
        """Return when each page was had, by key, in seconds since 1970."""
        with reading(self.file, FORM) as connection:
            return dict(connection.execute("SELECT key, seen FROM visits WHERE tries < 0")) if connection else {}

    def may_come_again(self, had: int) -> bool:
        """Return whether a page that was had then may be fetched again, where it has changed."""
        return had <= self._now() - AGAIN_AFTER

    def note_had(self, keys: Iterable[str], file: Path | None = None) -> None:
        """Note that what these keys name was had, and the file that is to be indexed."""
        with writing(self.file, FORM) as connection:
            rows = [(key, _HAD, int(self._now())) for key in keys if key]
            connection.executemany("INSERT OR REPLACE INTO visits VALUES (?, ?, ?)", rows)
            if file is not None:
                name = file.relative_to(self._folder).as_posix()
                connection.execute("INSERT OR IGNORE INTO waiting VALUES (?)", [name])

    def note_missed(self, keys: Iterable[str], *, for_good: bool) -> None:
        """Note that what these keys name did not come; after MOST_TRIES, or `for_good`, it is not tried again."""
        step = MOST_TRIES if for_good else 1
        with writing(self.file, FORM) as connection:
            connection.executemany(
                """INSERT INTO visits VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
                   SET tries = tries + excluded.tries, seen = excluded.seen WHERE tries >= 0""",
                [(key, step, int(self._now())) for key in keys if key],
            )

    def waiting(self) -> list[Path]:
        """Return the files that came and are not indexed yet, as far as they are still there."""
        with reading(self.file, FORM) as connection:
            rows = list(connection.execute("SELECT file FROM waiting ORDER BY file")) if connection else []
        return [path for (name,) in rows if (path := self._folder / name).is_file()]

    def note_indexed(self, files: Iterable[Path]) -> None:
        """Note that these files are indexed."""
        with writing(self.file, FORM) as connection:
            names = [(file.relative_to(self._folder).as_posix(),) for file in files]
            connection.executemany("DELETE FROM waiting WHERE file = ?", names)

    def closed(self) -> dict[str, float]:
        """Return the hosts that want to be asked later, and from when on."""
        with reading(self.file, FORM) as connection:
            rows = (
                connection.execute("SELECT host, until FROM closed WHERE until > ?", [self._now()])
                if connection
                else ()
            )
            return dict(rows)

    def note_closed(self, closed: Mapping[str, float]) -> None:
        """Keep the hosts that want to be asked later."""
        if not closed and not self.file.exists():
            return
        with writing(self.file, FORM) as connection:
            connection.execute("DELETE FROM closed")
            connection.executemany("INSERT INTO closed VALUES (?, ?)", closed.items())

    # --- turns of byline watch -------------------------------------------------------------------------------

    def turns(self) -> dict[str, float]:
        """Return when each thing that is watched was last looked at."""
        with reading(self.file, FORM) as connection:
            return dict(connection.execute("SELECT what, begun FROM turns")) if connection else {}

    def note_turn(self, what: Sequence[str], begun: float) -> None:
        """Note that these were looked at in a turn that began then."""
        with writing(self.file, FORM) as connection:
            connection.executemany("INSERT OR REPLACE INTO turns VALUES (?, ?)", [(one, begun) for one in what])

    # --- the file --------------------------------------------------------------------------------------------

    def _change(self, statement: str, values: Sequence[object]) -> None:
        if self.file.exists():
            with writing(self.file, FORM) as connection:
                connection.execute(statement, values)
