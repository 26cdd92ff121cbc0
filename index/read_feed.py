"""RSS and Atom to entries, and entries to drafts. The only importer of feedparser, and of what it finds.

Fetches nothing, and is given bytes: whoever has them tells where they came from. The text of an entry is what the feed
carries of it, which often is a summary.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.dates import find_published_in_url, parse_published
from index.decode import clean, clean_line, tidy_paragraphs, unescape
from index.draft import Facts, Place, host_of, make_draft
from index.errors import ExtraMissing
from index.read_html import has_markup, strip_markup
from index.records import Draft, Skipped

ROOTS = frozenset({"rss", "feed", "RDF", "channel"})
LARGEST = 8 * 2**20  # bytes; feeds of a hundred full articles have one
MOST_TAGS = 200_000  # feedparser takes some 10 seconds over them, and a long feed has 10,000
_LONGEST_TAG = 10_000  # characters; feedparser's time grows with the square of the number of attributes
_LONG_TAG = re.compile(rb"<([A-Za-z][\w.:-]{0,80})[^<>]{%d,}>" % _LONGEST_TAG)
_ENDS = re.compile(rb"</(?:\w{1,40}:)?(?:rss|feed|RDF|channel)\s*>", re.IGNORECASE)


class NoFeed(ValueError):
    """The bytes are no feed; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one article. `text` is plain, and the whole article only where the feed carries it."""

    title: str = ""
    url: str = ""
    author: str = ""
    published: date | None = None
    key: str = ""
    section: str = ""
    text: str = ""
    is_summary: bool = True


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's own name and address, and its entries in its order; `is_cut` where it breaks off in the last one."""

    title: str
    url: str
    entries: tuple[Entry, ...]
    is_cut: bool = False


def parse_feed(raw: bytes, *, url: str = "", content_type: str = "") -> Feed:
    """Return the feed in `raw`, which came from `url`; raises NoFeed, or ExtraMissing without feedparser.

    `content_type` is the header it was served with, whose charset counts before the feed's own.
    """
    try:
        import feedparser
    except ImportError as error:
        raise ExtraMissing("A feed", "feeds") from error
    if len(raw) > LARGEST:
        raise NoFeed(f"the feed is larger than {LARGEST // 2**20} MiB")
    if raw.count(b"<") > MOST_TAGS:
        raise NoFeed(f"the feed has more than {MOST_TAGS:,} tags")
    headers = {name: value for name, value in (("content-location", url), ("content-type", content_type)) if value}
    raw = _LONG_TAG.sub(rb"<\1>", raw)
    try:
        # Its own cleaning of HTML is for browsers; ours takes the words alone.
        found = feedparser.parse(
            io.BytesIO(raw), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError, AttributeError, AssertionError, RecursionError) as error:
        raise NoFeed("the feed cannot be read") from error
    if not found.get("version") and not found.entries:
        raise NoFeed("it is no feed")
    entries = tuple(_entry(one) for one in found.entries)
    is_cut = bool(found.bozo and entries and not _ENDS.search(raw[-1000:]))
    return Feed(_said(found.feed, "title"), _said(found.feed, "link"), entries, is_cut)


def read_feed(raw: bytes, place: Place) -> Iterator[Draft | Skipped]:
    """Yield an article for each entry of a feed in a file."""
    try:
        feed = parse_feed(raw)
    except NoFeed as error:
        yield Skipped(place.path, str(error), place.where)
        return
    if not feed.entries:
        yield Skipped(place.path, "the feed has no entries", place.where)
    for number, entry in enumerate(feed.entries, start=1):
        where = f"entry {number}"
        if feed.is_cut and number == len(feed.entries):
            yield Skipped(place.path, "the file breaks off within this entry", where)
        else:
            yield draft_of(entry, feed, Place(place.path, where))


def draft_of(entry: Entry, feed: Feed, place: Place) -> Draft | Skipped:
    """Return the article that an entry carries, or Skipped where it carries a headline alone."""
    if not entry.text:
        return Skipped(place.path, "the entry carries no text, only a headline", place.where)
    facts = Facts(
        title=entry.title,
        outlet=feed.title or host_of(entry.url) or host_of(feed.url),
        author=entry.author,
        published=entry.published,
        url=entry.url,
        section=entry.section,
        key=entry.key or entry.url,
    )
    return make_draft(entry.text, facts, place)


def _entry(one: Any) -> Entry:
    url = _said(one, "link")
    whole = max((str(part.get("value") or "") for part in one.get("content") or ()), key=len, default="")
    summary = _said(one, "summary")
    return Entry(
        title=_plain_line(_said(one, "title")),
        url=url if url.startswith(("http://", "https://")) else "",
        author=_authors(one),
        published=_published(one) or find_published_in_url(url),
        key=_said(one, "id"),
        section=",".join(clean_line(str(tag.get("term") or "")) for tag in one.get("tags") or ()),
        text=_plain(whole) or _plain(summary),
        is_summary=not _plain(whole),
    )


def _authors(one: Any) -> str:
    named = [clean_line(str(each.get("name") or "")) for each in one.get("authors") or ()]
    return ", ".join(filter(None, named)) or _said(one, "author")


def _published(one: Any) -> date | None:
    """Return the day of publication as written, in the writer's own zone; that of a change where no other is named."""
    for name in ("published", "created", "updated"):
        if name in one and (day := parse_published(_said(one, name))):
            return day
    return None


def _said(one: Any, name: str) -> str:
    return str(one.get(name) or "").strip() if name in one else ""


def _plain_line(text: str) -> str:
    return clean_line(strip_markup(text) if has_markup(text) else text)


def _plain(text: str) -> str:
    return clean(strip_markup(text)) if has_markup(text) else tidy_paragraphs(clean(unescape(text)))
