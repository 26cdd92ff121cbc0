"""A sitemap, also Google News' kind, to its entries, or to the further sitemaps that it lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from index.dates import parse_published
from index.decode import clean_line
from index.errors import FetchError
from index.feed_entries import Entry
from index.xml_bounds import NotXml, XmlRefused, scan

MOST_PAGES = 50_000  # what the sitemaps' standard lets one list
_LONGEST = 2_000  # characters of an address or a title
MEND = "check the address, or name one of the sitemaps that it lists"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page or a further sitemap, and when it last changed, as it is told; empty where it is not."""

    entry: Entry
    changed: str


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Pages, and further sitemaps, the newest first as far as they say when they changed."""

    pages: tuple[Entry, ...]
    sitemaps: tuple[str, ...]


def looks_like_sitemap(raw: bytes) -> bool:
    """Return whether `raw` begins as a sitemap does."""
    head = raw[:4096]
    return b"<urlset" in head or b"<sitemapindex" in head or b":urlset" in head or b":sitemapindex" in head


def parse_sitemap(raw: bytes) -> Sitemap:
    """Return what a sitemap lists; raises FetchError for what is none."""
    reading = _Reading()
    try:
        scan(raw, reading.start, reading.end, reading.text)
    except (NotXml, XmlRefused) as error:
        raise FetchError(f"This sitemap is not read: {error}.", MEND) from error
    return Sitemap(
        tuple(one.entry for one in _newest_first(reading.pages)),
        tuple(one.entry.url for one in _newest_first(reading.sitemaps)),
    )


def _newest_first(listed: list[Listed]) -> list[Listed]:
    # W3C dates sort as text; the few hours that time zones are apart do not matter to an order.
    return sorted(listed, key=lambda one: one.changed, reverse=True)


class _Reading:
    """Takes a sitemap's elements as they come. Names count without their namespace: many state a wrong one."""

    def __init__(self) -> None:
        self.pages: list[Listed] = []
        self.sitemaps: list[Listed] = []
        self._open: list[str] = []
        self._facts: dict[str, str] = {}
        self._words: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        self._open.append(name.rpartition(" ")[2])
        self._words = []
        if self._open[-1] in ("url", "sitemap"):
            self._facts = {}

    def text(self, words: str) -> None:
        """Take some of an element's words."""
        self._words.append(words)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        ended = self._open.pop()
        within = self._open[-1] if self._open else ""
        if ended in ("url", "sitemap"):
            self._list(self.pages if ended == "url" else self.sitemaps)
        elif within in (
            "url",
            "sitemap",
            "news",
        ):  # and not within "image" or "video", which have a loc and a title too
            self._facts.setdefault(ended, clean_line("".join(self._words[:100]))[:_LONGEST])
        self._words = []

    def _list(self, where: list[Listed]) -> None:
        facts = self._facts
        if facts.get("loc") and len(where) < MOST_PAGES:
            day = facts.get("publication_date", "")
            last = facts.get("lastmod", "")
            entry = Entry(
                facts["loc"], title=facts.get("title", ""), published=parse_published(day), changed=_time(last)
            )
            where.append(Listed(entry, day or last))


def _time(told: str) -> float:
    """Return a time in W3C's form in seconds since 1970, 0 where it is none; a day is its beginning, in UTC."""
    try:
        found = datetime.fromisoformat(told)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
