"""An RSS or Atom feed to its entries. The only importer of feedparser, which comes with byline[feeds].

What an entry says of itself is only ever text: whether its address may be fetched is not decided here.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from index.dates import parse_published
from index.decode import clean_line
from index.errors import BylineError, FetchError
from index.read_html import strip_markup
from index.xml_bounds import NotXml, XmlRefused, scan

MOST_ENTRIES = 5_000  # of one feed; the longest that outlets offer have some hundreds
_MOST_TAGS_GUESSED = 50_000  # of a feed that is not well-formed: its time grows with the square of their depth
_LONGEST = 2_000  # characters of a guid, a title or a name
# What parsers written for well-meant input raise at other. Nothing of ours is called inside.
_BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_MAIL = re.compile(r"[^\s@()]+@[^\s@()]+(?:\s*\(([^()]*)\))?")
MEND = "check the address: it should be that of an RSS or Atom feed, or of a sitemap"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed or a sitemap says of one article; empty where it says nothing. `content` is HTML."""

    url: str
    guid: str = ""
    title: str = ""
    author: str = ""
    published: date | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's title and its entries, in its own order."""

    title: str
    entries: tuple[Entry, ...]


def require_feedparser() -> None:
    """Raise BylineError where the package that reads feeds is not installed."""
    try:
        import feedparser  # noqa: F401 - only whether it is there
    except ImportError as error:
        wrong = "Feeds are read with feedparser, which is not installed."
        raise BylineError(wrong, "pip install 'byline[feeds]'") from error


def parse_feed(raw: bytes, url: str, *, content_type: str = "") -> Feed:
    """Return the entries of the feed that came from `url`; raises FetchError for what is none."""
    require_feedparser()
    import feedparser

    _check(raw)
    try:
        # Given as a stream: of text it would try whether that is an address, or the name of a file.
        found = feedparser.parse(
            io.BytesIO(raw),
            response_headers={"content-type": content_type} if content_type else {},
            resolve_relative_uris=False,  # ours are, and no other address of an entry is used
            sanitize_html=False,  # only its words are taken
        )
    except _BROKEN as error:
        raise FetchError(f"feedparser breaks off at this feed ({type(error).__name__}).", MEND) from error
    version, entries = str(found.get("version") or ""), found.get("entries") or []
    if not version and not entries:
        raise FetchError("This is neither a feed nor a sitemap.", MEND)
    title = (found.get("feed") or {}).get("title")
    return Feed(_words(title), tuple(_entry(one, url, version) for one in entries[:MOST_ENTRIES]))


def _check(raw: bytes) -> None:
    """Raise FetchError for what would take feedparser too long."""
    try:
        scan(raw)
    except XmlRefused as error:
        raise FetchError(f"This feed is not read: {error}.", MEND) from error
    except NotXml as error:
        if raw.count(b"<") > _MOST_TAGS_GUESSED:
            raise FetchError(f"This feed is not well-formed ({error}) and too large to be guessed at.", MEND) from error


def _entry(told: Any, base: str, version: str) -> Entry:
    link = str(told.get("link") or "").strip()
    stated = told.get("published") or told.get("issued") or ""
    if not stated and not version.startswith("atom"):  # RSS 1.0's dc:date; Atom's "updated" is no day of publication
        stated = told.get("updated") or ""
    return Entry(
        url=_join(base, link) if link else "",
        guid=clean_line(str(told.get("id") or ""))[:_LONGEST],
        title=_words(told.get("title")),
        author=_author(_words(told.get("author"))),
        published=parse_published(str(stated)),
        content=_content(told),
    )


def _content(told: Any) -> str:
    """Return the longest text that an entry brings."""
    texts = [str(part.get("value") or "") for part in told.get("content") or ()]
    return max([*texts, str(told.get("summary") or "")], key=len)


def _author(stated: str) -> str:
    """Return the name alone where RSS has an address of mail before it, nothing where there is only that."""
    found = _MAIL.fullmatch(stated)
    return (found[1] or "").strip() if found else stated


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link  # whoever would fetch it says what is wrong with it


def _words(told: object) -> str:
    return clean_line(strip_markup(str(told or "")))[:_LONGEST]
