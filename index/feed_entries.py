"""An RSS or Atom feed to its entries. The only importer of feedparser, which comes with byline[feeds].

Fetches nothing, and is given bytes. What an entry says of itself is only ever text: whether its address may be fetched
is not decided here.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from index.dates import find_published_in_url, parse_published
from index.decode import clean, clean_line, decode, guess_encoding, tidy_paragraphs, unescape
from index.errors import ExtraMissing
from index.read_html import has_markup, strip_markup
from index.xml_bounds import NotXml, XmlRefused, scan

LARGEST = 10 * 2**20  # bytes; feeds of a hundred full articles have one
MOST_TAGS = 200_000  # feedparser takes some 10 seconds over them, and a long feed has 10,000
_MOST_TAGS_GUESSED = 50_000  # of a feed that is not well-formed: its time grows with the square of their depth
_UTF_8 = "application/xml; charset=utf-8"
_LONGEST = 2_000  # characters of a guid, a title or a name
_LONGEST_TAG = 10_000  # characters; feedparser's time grows with the square of the number of attributes
_TAG = re.compile(rb"""<([A-Za-z][\w.:-]*+)(?:(?:[^<>"']|"[^"]*+"|'[^']*+')*+|[^<>]*+)>""")
_ENDS = re.compile(rb"</(?:\w{1,40}:)?(?:rss|feed|RDF|channel)\s*>", re.IGNORECASE)
# What parsers written for well-meant input raise at other. Nothing of ours is called inside.
_BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_MAIL_FIRST = re.compile(r"[^\s@()]+@[^\s@()]+(?:\s*\((.*)\))?")
_NEXT_MAIL = re.compile(r",\s*(?=[^\s@(),]+@)")
_MAIL_LAST = re.compile(r"\([^\s@()]+@[^\s@()]+\)$")


class NoFeed(ValueError):
    """The bytes are no feed that is read; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed or a sitemap says of one article; empty where it says nothing.

    `text` is plain, and the whole article only where the feed carries it; `section` is its categories. `changed` is
    when it last did, in seconds since 1970; 0 where that is not said.
    """

    url: str
    guid: str = ""
    title: str = ""
    author: str = ""
    published: date | None = None
    text: str = ""
    section: str = ""
    changed: float = 0.0

    @property
    def web_url(self) -> str:
        """Return the address, or nothing where it is none of a web page."""
        return self.url if self.url.startswith(("http://", "https://")) else ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's own name and address, and its entries in its order; `is_cut` where it breaks off in the last one."""

    title: str
    url: str
    entries: tuple[Entry, ...]
    is_cut: bool = False


def require_feedparser() -> None:
    """Raise ExtraMissing where the package that reads feeds is not installed."""
    try:
        import feedparser  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise ExtraMissing("A feed", "feeds") from error


def parse_feed(raw: bytes, url: str = "", *, content_type: str = "") -> Feed:
    """Return the feed in `raw`, which came from `url`; raises NoFeed, or ExtraMissing without feedparser.

    `content_type` is the header it was served with, whose charset counts before the feed's own.
    """
    require_feedparser()
    if len(raw) > LARGEST:
        raise NoFeed(f"it is larger than {LARGEST // 2**20} MB")
    try:
        raw = _as_utf8(raw, content_type)
        raw = _TAG.sub(lambda tag: tag[0] if len(tag[0]) < _LONGEST_TAG else b"<%b>" % tag[1], raw)
        _check(raw)
        found = _parse(raw)
    except NoFeed:
        raise
    except _BROKEN as error:
        raise NoFeed(f"feedparser breaks off at it ({type(error).__name__})") from error
    version, entries = str(found.get("version") or ""), found.get("entries") or []
    if not version and not entries:
        raise NoFeed("it is neither a feed nor a sitemap")
    said = found.get("feed") or {}
    home = _join(url, str(said.get("link") or "").strip())
    is_cut = bool(found.get("bozo") and entries and not _ENDS.search(raw[-1000:]))
    return Feed(_words(said.get("title")), home, tuple(_entry(one, url or home, version) for one in entries), is_cut)


def _as_utf8(raw: bytes, content_type: str) -> bytes:
    """Return `raw` as feedparser would decode it, so that what is checked is what it reads."""
    from feedparser.encodings import convert_to_utf8

    if guess_encoding(raw[:65536]) != "utf-8":  # its marks count before what is declared, which there is often wrong
        raw, content_type = decode(raw).encode(), _UTF_8
    return bytes(convert_to_utf8({"content-type": content_type} if content_type else {}, raw, {})) if raw else raw


def _check(raw: bytes) -> None:
    """Raise NoFeed for what would take feedparser too long."""
    tags = raw.count(b"<")
    if tags > MOST_TAGS:
        raise NoFeed(f"it has more than {MOST_TAGS:,} tags")
    try:
        scan(raw)
    except XmlRefused as error:
        raise NoFeed(str(error)) from error
    except NotXml as error:
        if tags > _MOST_TAGS_GUESSED:
            raise NoFeed(f"it is not well-formed ({error}) and too large to be guessed at") from error


def _parse(raw: bytes) -> Any:
    """Return what feedparser finds in UTF-8, with every name as it is written."""
    import feedparser
    from feedparser.mixin import _FeedParserMixin

    # Its own splits a@b.example in two, and looks for an address in a time that grows with the square of the name.
    _FeedParserMixin._sync_author_detail = _keep_author
    # Given as a stream: of text it would try whether that is an address, or the name of a file.
    return feedparser.parse(
        io.BytesIO(raw),
        response_headers={"content-type": _UTF_8},
        resolve_relative_uris=False,  # ours are, and no other address of an entry is used
        sanitize_html=False,  # only its words are taken
    )


def _keep_author(parser: Any, key: str = "author") -> None:
    """Note the name that has ended as the last of those of its entry."""
    context = parser._get_context()
    people = context.get(f"{key}s") or [{}]
    if not people[-1] and context.get(key):
        people[-1]["name"] = context[key]


def _entry(told: Any, base: str, version: str) -> Entry:
    url = _join(base, str(told.get("link") or "").strip())
    return Entry(
        url=url,
        guid=clean_line(str(told.get("id") or ""))[:_LONGEST],
        title=_words(told.get("title")),
        author=_authors(told),
        published=_published(told, version) or find_published_in_url(url),
        text=_text(told),
        section=",".join(clean_line(str(tag.get("term") or "")) for tag in told.get("tags") or ())[:_LONGEST],
        changed=_changed(told),
    )


def _published(told: Any, version: str) -> date | None:
    """Return the day of publication as written, in the writer's own zone; never Atom's day of the last change."""
    stated = told.get("published") or told.get("issued") or ""
    if not stated and not version.startswith("atom"):  # RSS 1.0's dc:date
        stated = told.get("updated") or ""
    return parse_published(str(stated))


def _changed(told: Any) -> float:
    # Where it is not stated, feedparser would give the day of publication in its place.
    stated = "updated_parsed" in told and told["updated_parsed"]
    return float(timegm(stated)) if stated else 0.0


def _text(told: Any) -> str:
    """Return the longest text that an entry brings."""
    texts = [str(part.get("value") or "") for part in told.get("content") or ()]
    return max((_plain(text) for text in [*texts, str(told.get("summary") or "")]), key=len)


def _plain(text: str) -> str:
    return clean(strip_markup(text)) if has_markup(text) else tidy_paragraphs(clean(unescape(text)))


def _authors(told: Any) -> str:
    named = [str(each.get("name") or "") for each in told.get("authors") or ()] or [str(told.get("author") or "")]
    apart = (one for each in named for one in _NEXT_MAIL.split(_words(each)))
    return ", ".join(dict.fromkeys(name for one in apart if (name := _author(one))))[:_LONGEST]


def _author(stated: str) -> str:
    """Return the name alone where an address of mail is beside it, nothing where there is only that."""
    found = _MAIL_FIRST.fullmatch(stated)
    return (found[1] or "").strip() if found else _MAIL_LAST.sub("", stated).strip()


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return link  # whoever would fetch it says what is wrong with it


def _words(told: object) -> str:
    return clean_line(strip_markup(str(told or "")))[:_LONGEST]
