"""What an address offers as a feed: RSS, Atom, or a sitemap with those that it lists. Asked for politely, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from bot.polite import Polite
from bot.web_get import Reply, Wanted, unpack
from index.errors import FetchError, UsageError
from index.feed_entries import Entry, Feed, NoFeed, parse_feed
from index.read_html import decode_page, looks_like_page
from index.sitemap import looks_like_sitemap, parse_sitemap

LARGEST = 50 * 2**20  # bytes, a sitemap's by its standard; a feed's are fewer
MOST_ENTRIES = 5_000  # of one feed; the longest that outlets offer have some hundreds
MOST_SITEMAPS = 20  # that are read of one that lists others; the newest come first
_TYPES = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
_LONGEST_TOKEN = 300  # characters of an ETag
MEND = "check the address: it should be that of an RSS or Atom feed, or of a sitemap"
_GZIP = b"\x1f\x8b"
_LINK = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"""type\s*=\s*["']?application/(?:rss|atom)\+xml""", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)

IsWanted = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a feed has. `is_same`: it is as it was by `etag` or `modified`; `entries` is then empty."""

    title: str = ""
    entries: tuple[Entry, ...] = ()
    etag: str = ""
    modified: str = ""
    is_same: bool = False


def read_offer(
    polite: Polite, url: str, *, etag: str = "", modified: str = "", most: int = 0, is_wanted: IsWanted = bool
) -> Offer:
    """Return what the feed at `url` offers; raises FetchError or UsageError, which say why it is not read.

    Of a sitemap of sitemaps as many are read as bring `most` entries that are wanted; 0: one.
    """
    reply = polite.get(url, _wanted(etag, modified))
    if reply.status == 304:
        return Offer(etag=etag, modified=modified, is_same=True)
    raw = _body(reply)
    told = _token(reply, "etag"), _token(reply, "last-modified")
    if looks_like_sitemap(raw):
        sitemap = parse_sitemap(raw)
        if not sitemap.sitemaps:
            return Offer("", sitemap.pages, *told)
        # That the list is the same does not say that what is listed is.
        return Offer("", _below(polite, sitemap.sitemaps, most, is_wanted))
    _refuse_page(raw, reply)
    feed = _feed(raw, reply)
    return Offer(feed.title, feed.entries[:MOST_ENTRIES], *told)


def _feed(raw: bytes, reply: Reply) -> Feed:
    try:
        return parse_feed(raw, reply.page.url, content_type=reply.headers.get("content-type", ""))
    except NoFeed as error:
        raise FetchError(f"What {reply.page.host} sends is not read as a feed: {error}.", MEND) from error


def _wanted(etag: str = "", modified: str = "") -> Wanted:
    asked = {"Accept": _TYPES, "If-None-Match": etag, "If-Modified-Since": modified}
    return Wanted("", (), largest=LARGEST, headers=tuple((name, value) for name, value in asked.items() if value))


def _token(reply: Reply, name: str) -> str:
    """Return a header that is sent back the next time, empty where it is nothing that can be."""
    value = reply.headers.get(name, "").strip()
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST_TOKEN else ""


def _body(reply: Reply) -> bytes:
    if reply.status == 410:
        raise FetchError(
            f"{reply.page.host} says that this feed is gone for good.", f"byline feed remove {reply.page.url}"
        )
    if reply.status != 200:
        raise FetchError(reply.refusal().wrong, MEND)
    raw = unpack(reply.raw, reply.page, _wanted()) if reply.raw.startswith(_GZIP) else reply.raw
    if not raw.strip():
        raise FetchError(f"{reply.page.host} sends an empty feed.", MEND)
    return raw


def _refuse_page(raw: bytes, reply: Reply) -> None:
    """Raise FetchError for a web page, naming the feeds that it names."""
    page = decode_page(raw[: 2**18])
    if not looks_like_page(page):
        return
    links = [tag[0] for tag in _LINK.finditer(page) if _FEED_TYPE.search(tag[0])]
    found = [urljoin(reply.page.url, href[1]) for link in links if (href := _HREF.search(link))]
    named = list(dict.fromkeys(found))[:5]
    if named:
        lines = "".join(f"\n    byline feed add {one}" for one in named)
        raise FetchError("This is a web page and not a feed.", f"it names these:{lines}")
    raise FetchError("This is a web page and not a feed, and it names none.", MEND)


def _below(polite: Polite, sitemaps: tuple[str, ...], most: int, is_wanted: IsWanted) -> tuple[Entry, ...]:
    """Return the pages of the first sitemaps, until as many are wanted; one that fails is passed over."""
    found: list[Entry] = []
    wanted, failures = 0, []
    for url in sitemaps[:MOST_SITEMAPS]:
        try:
            pages = parse_sitemap(_body(polite.get(url, _wanted()))).pages
        except (FetchError, UsageError) as error:
            failures.append(error)
            continue
        found += pages
        wanted += sum(map(is_wanted, pages))
        if wanted >= most:
            break
    if failures and not found:
        raise failures[0]
    return tuple(found)
