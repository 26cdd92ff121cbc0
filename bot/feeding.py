"""The command `byline feed`: the archive's feeds added, listed, pulled and removed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.as_json import SCHEMA_VERSION
from bot.draw import Bar, indexing_bar
from bot.feeds import FeedRow, Feeds
from bot.options import settings_of
from bot.polite import OnWait, Polite
from bot.pulling import LIMIT, Pull, Pulled, PullReport
from bot.show import plain
from bot.terminal import notice, out, out_json, tell
from bot.url_guard import parse_page
from bot.web_fetch import WebFetch
from index.addresses import known_addresses, known_ids
from index.archive import Archive
from index.errors import UsageError
from index.feed_entries import require_feedparser
from index.lock import pull_lock

if TYPE_CHECKING:
    from bot.app import Desk
    from index.records import BuildReport

FAILED = 5
_TOLD = 20  # pages that did not come


def manage_feeds(options: argparse.Namespace) -> int:
    """Do what is asked of the feeds; status 5 where one of them could not be read."""
    if options.action in ("add", "remove") and not options.urls:
        raise UsageError(f"Which feed to {options.action}?", f"byline feed {options.action} URL")
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"At least 1 page is fetched of a feed, not {options.limit}.", "--limit 200")
    return ACTIONS[options.action](options)


def make_polite(feeds: Feeds, on_wait: OnWait) -> Polite:
    """Return what asks the web; tests put a server of theirs behind it."""
    return Polite(WebFetch(), feeds.closed(), on_wait=on_wait)


# --- add, list, remove ---------------------------------------------------------------------------------------


def _add(options: argparse.Namespace) -> int:
    """Look at each address and keep it when it is a feed; the first that is none ends it."""
    from bot.feed_source import read_offer

    require_feedparser()
    urls = [parse_page(url).url for url in options.urls]
    folder = settings_of(options).archive
    Archive.open(folder, create=True).close()
    feeds = Feeds(folder)
    polite = make_polite(feeds, _tell_wait)
    added = []
    for url in urls:
        tell(f"byline: looking at {plain(url)} …")
        offer = read_offer(polite, url)
        is_new = feeds.add(url, offer.title)
        added.append({"url": url, "title": offer.title, "entries": len(offer.entries), "is_new": is_new})
        if not options.json:
            what = "added" if is_new else "there already"
            out(plain(f"{what}: {offer.title or url}, {len(offer.entries):,} entries (byline feed pull fetches them)"))
    if options.json:
        out_json({"schema_version": SCHEMA_VERSION, "feeds": added})
    return 0


def _list(options: argparse.Namespace) -> int:
    """Print the feeds; status 1 when there is none."""
    feeds = Feeds(settings_of(options).archive).listed()
    if options.json:
        out_json([_row_json(feed) for feed in feeds])
    else:
        for feed in feeds:
            out(plain(f"{feed.url}  {_when(feed)}  {feed.title}".rstrip()))
            if feed.wrong:
                out(plain(f"  failed the last time: {feed.wrong}"))
    return 0 if feeds else 1


def _row_json(feed: FeedRow) -> dict[str, Any]:
    pulled = datetime.fromtimestamp(feed.pulled, UTC).isoformat() if feed.pulled else None
    added = datetime.fromtimestamp(feed.added, UTC).isoformat()
    return {"url": feed.url, "title": feed.title, "added": added, "pulled": pulled, "wrong": feed.wrong}


def _when(feed: FeedRow) -> str:
    return f"{datetime.fromtimestamp(feed.pulled):%Y-%m-%d %H:%M}" if feed.pulled else "never pulled    "


def _remove(options: argparse.Namespace) -> int:
    feeds = Feeds(settings_of(options).archive)
    known = {feed.url for feed in feeds.listed()}
    for url in options.urls:
        feeds.remove(url if url in known else parse_page(url).url)
    if options.json:
        out_json({"removed": options.urls})
    else:
        out(f"{len(options.urls)} removed; their articles stay")
    return 0


# --- pull ----------------------------------------------------------------------------------------------------


def _pull(options: argparse.Namespace) -> int:
    """Pull all feeds, or those that are named, and say what became of each."""
    from bot.app import Desk

    require_feedparser()
    feeds = Feeds(settings_of(options).archive)
    rows = [feeds.find(parse_page(url).url) for url in options.urls] if options.urls else feeds.listed()
    if not rows:
        raise UsageError("The archive has no feeds.", "byline feed add URL")
    with Desk.open(settings_of(options), create=True, may_be_empty=True, tell=notice) as desk:
        report = pull(desk, feeds, rows, limit=options.limit or LIMIT)
    if options.json:
        out_json(pull_json(report))
    else:
        out(pull_text(report))
    if report.unindexed:
        tell("byline: what came is kept, and is indexed by the next byline feed pull")
        raise report.unindexed
    return FAILED if any(feed.wrong for feed in report.feeds) else 0


def pull(desk: Desk, feeds: Feeds, rows: Sequence[FeedRow], *, limit: int) -> PullReport:
    """Bring what is new of `rows` into the desk's archive, with a bar meanwhile; raises ArchiveLocked."""
    folder = desk.archive.folder
    with pull_lock(folder), Bar("fetching", unit="pages") as bar:

        def show(done: int, total: int, note: str) -> None:
            bar.show(done, total or None, plain(note))

        def wait(host: str, seconds: float) -> None:
            if seconds > 1:
                bar.note(f"waiting {seconds:.0f} s for {plain(host)}")

        polite = make_polite(feeds, wait)
        work = Pull(
            feeds, polite, _Known(desk.archive), folder, index=lambda files: _index(desk, files), on_progress=show
        )
        return work.run(rows, limit=limit)


def _index(desk: Desk, files: Sequence[Path]) -> BuildReport:
    with indexing_bar() as show:
        return desk.index(files, show)


class _Known:
    """What the archive holds, looked up when the first feed was read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    @cached_property
    def addresses(self) -> frozenset[str]:
        with self._archive.store.reading() as connection:
            return known_addresses(connection)

    @cached_property
    def ids(self) -> frozenset[str]:
        with self._archive.store.reading() as connection:
            return known_ids(connection)


def _tell_wait(host: str, seconds: float) -> None:
    if seconds > 2:
        tell(f"byline: {plain(host)} wants {seconds:.0f} s between two requests")


# --- told ----------------------------------------------------------------------------------------------------


def pull_text(report: PullReport) -> str:
    """Return what a pull did, feed by feed, and which pages did not come."""
    lines = [_feed_line(feed) for feed in report.feeds]
    for missed in report.missed[:_TOLD]:
        lines.append(f"  not had: {missed.url or '(an entry without an address)'}: {missed.reason}")
    failed = report.count("failed")
    if failed > _TOLD:
        lines.append(f"  and {failed - _TOLD:,} more; --json names them")
    lines.append(summary(report))
    return plain("\n".join(lines))


def _feed_line(feed: Pulled) -> str:
    if feed.wrong:
        return f"{feed.title or feed.url}: not read: {feed.wrong}"
    parts = [f"{feed.fetched:,} fetched", f"{feed.known:,} seen before"]
    parts += [f"{feed.again:,} of them again, as they have changed"] if feed.again else []
    parts += [f"{feed.from_feed:,} of them with the feed's text only"] if feed.from_feed else []
    parts += [f"{feed.failed:,} not had"] if feed.failed else []
    parts += [f"{feed.later:,} left to the next pull"] if feed.later else []
    return f"{feed.title or feed.url}: {', '.join(parts)}"


def summary(report: PullReport) -> str:
    """Return what a pull did in one line."""
    wrong = sum(bool(feed.wrong) for feed in report.feeds)
    parts = [f"{report.added:,} added"]
    parts += [f"{report.updated:,} updated"] if report.updated else []
    parts += [f"{report.duplicates:,} duplicates"] if report.duplicates else []
    parts += [f"{report.count('failed'):,} not had"] if report.count("failed") else []
    parts += [f"{report.count('later'):,} later"] if report.count("later") else []
    of = f"{len(report.feeds)} feeds" if len(report.feeds) != 1 else "1 feed"
    return f"{of}{f', {wrong} not read' if wrong else ''}: {', '.join(parts)}"


def pull_json(report: PullReport) -> dict[str, Any]:
    """Return what a pull did."""
    return {
        "schema_version": SCHEMA_VERSION,
        "feeds": [asdict(feed) for feed in report.feeds],
        "not_had": [asdict(one) for one in report.missed],
        "added": report.added,
        "updated": report.updated,
        "duplicates": report.duplicates,
        "not_indexed": report.unindexed.wrong if report.unindexed else "",
    }


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "add": _add,
    "list": _list,
    "pull": _pull,
    "remove": _remove,
}
