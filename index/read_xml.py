"""XML by what its first element is: feeds, NITF, NewsML-G2 or a page; whatever else it is, is named."""

from __future__ import annotations

from collections.abc import Iterator

from index.draft import Place
from index.read_feed import ROOTS as FEEDS
from index.read_feed import read_feed
from index.read_html import decode_page, looks_like_page, read_html
from index.read_newsml import ROOTS as NEWSML
from index.read_newsml import read_newsml
from index.read_nitf import read_nitf
from index.records import Draft, Skipped
from index.xml_tree import NotXml, decode_xml, parse_xml, root_name

_OTHERS = {"urlset": "a sitemap", "sitemapindex": "a sitemap", "opml": "a list of feeds"}


def read_xml(raw: bytes, place: Place) -> Iterator[Draft | Skipped]:
    """Yield the articles of a document, and Skipped with the reason for what is not one."""
    text = decode_xml(raw)
    root = root_name(text)
    if looks_like_page(text):
        yield read_html(decode_page(raw), place)
    elif root in FEEDS:
        yield from read_feed(raw, place)
    elif root == "nitf" or root in NEWSML:
        yield from _read_news(text, place)
    elif root in _OTHERS:
        yield Skipped(place.path, f"{_OTHERS[root]}: it holds addresses and no articles", place.where)
    else:
        what = f"<{root[:40]}> is not" if root else "it is neither"
        yield Skipped(place.path, f"XML of a kind that is not read: {what} a feed, NITF or NewsML-G2", place.where)


def _read_news(text: str, place: Place) -> Iterator[Draft | Skipped]:
    try:
        root = parse_xml(text)
    except NotXml as error:
        yield Skipped(place.path, str(error), place.where)
        return
    if root.tag == "nitf":
        yield read_nitf(root, place)
    else:
        yield from read_newsml(root, place)
