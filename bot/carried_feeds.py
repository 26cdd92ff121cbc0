"""An archive's feeds as lines of its export and back. What was seen of them stays behind: the articles tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.feeds import FeedRow, Feeds
from bot.url_guard import parse_page
from index.carried import NotCarried, parse_object
from index.errors import UsageError
from index.parcel import Parcel

FEEDS = "feeds.jsonl"
MOST = 10_000
_LONGEST_TITLE = 2_000  # characters

Carried = tuple[str, str]  # a feed's address and title


def feed_lines(feeds: list[FeedRow]) -> Iterator[bytes]:
    """Yield each feed as a line."""
    for feed in feeds:
        yield json.dumps({"url": feed.url, "title": feed.title}, ensure_ascii=False).encode() + b"\n"


def read_feeds(parcel: Parcel) -> list[Carried]:
    """Return the feeds of an export, none where it has none; raises ArchiveDamaged for what no feed can be."""
    found: list[Carried] = []
    for line in parcel.lines(FEEDS) if FEEDS in parcel.seals else ():
        try:
            told = parse_object(line)
            url, title = told.get("url"), told.get("title")
            if not isinstance(url, str) or not isinstance(title, str) or len(title) > _LONGEST_TITLE:
                raise NotCarried("not an address and a title")
            found.append((parse_page(url).url, title))
        except (NotCarried, UsageError) as error:
            raise parcel.damaged(f"a line of {FEEDS} is none of Byline's: {error}") from error
        if len(found) > MOST:
            raise parcel.damaged(f"{FEEDS} has more than {MOST:,} feeds")
    return found


def put_feeds(feeds: Feeds, carried: list[Carried]) -> int:
    """Add the feeds that are not there yet; return how many that were."""
    known = {feed.url for feed in feeds.listed()}
    return sum(feeds.add(url, title) for url, title in carried if url not in known)
