"""EPUB to drafts: one a chapter, which in a news magazine is an article; the book is the outlet.

Knows the package (OPF) and its order of chapters. A chapter that a reading program would have to decrypt is not read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from index.dates import parse_published
from index.decode import clean, clean_line
from index.draft import Facts, Place, make_draft
from index.package import BadPackage, Package
from index.read_html import decode_page, strip_markup
from index.records import Draft, Skipped
from index.xml_tree import Element, NotXml, attribute, decode_xml, first, parse_xml, words

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html"})
_HEADING = re.compile(r"<h[1-4]\b[^<>]{0,500}>(.{1,2000}?)</h[1-4]\s*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{1,500})</title\s*>", re.IGNORECASE)
_TITLE_WITHIN = 20_000  # characters from a chapter's beginning
_MOST_CHAPTERS = 5000


@dataclass(frozen=True, slots=True)
class _Book:
    facts: Facts
    chapters: tuple[str, ...]  # the names of their parts, in reading order


def read_epub(raw: bytes, place: Place) -> Iterator[Draft | Skipped]:
    """Yield the article of each chapter that has words, and Skipped for one that cannot be read."""
    try:
        package = Package(raw)
        book = _book(package)
        locked = _locked(package)
    except (BadPackage, NotXml) as error:
        yield Skipped(place.path, str(error), place.where)
        return
    if locked & set(book.chapters):
        yield Skipped(place.path, "protected against copying (DRM)", place.where)
        return
    count = 0
    for name in book.chapters[:_MOST_CHAPTERS]:
        found = _chapter(package, name, book, Place(place.path, name))
        if found is not None:
            count += 1
            yield found
    if not count:
        yield Skipped(place.path, "the book has no text", place.where)
    elif len(book.chapters) > _MOST_CHAPTERS:
        yield Skipped(place.path, f"only its first {_MOST_CHAPTERS:,} chapters are read", place.where)


def _chapter(package: Package, name: str, book: _Book, place: Place) -> Draft | Skipped | None:
    """Return the article of a chapter; None for a cover and other pages without words."""
    try:
        page = decode_page(package.read(name))
    except BadPackage as error:
        return Skipped(place.path, str(error), place.where)
    text = clean(strip_markup(page))
    if not text.strip():
        return None
    return make_draft(text, replace(book.facts, title=_title(page) or book.facts.outlet), place)


def _title(page: str) -> str:
    for pattern in (_HEADING, _TITLE):
        for found in pattern.finditer(page[:_TITLE_WITHIN]):
            if title := clean_line(strip_markup(found[1])):
                return title
    return ""


def _book(package: Package) -> _Book:
    container = parse_xml(decode_xml(package.read(_CONTAINER)))
    path = next((attribute(root, "full-path") for root in container.iter("rootfile")), "")
    opf = parse_xml(decode_xml(package.read(path)))
    metadata = opf.find("metadata")
    facts = Facts() if metadata is None else _facts(metadata)
    parts = {attribute(item, "id"): item for item in opf.iterfind("manifest/item")}
    spine = [parts.get(attribute(each, "idref")) for each in opf.iterfind("spine/itemref")]
    names = [_name(item, path) for item in spine if item is not None and _is_chapter(item)]
    return _Book(facts, tuple(dict.fromkeys(names)))


def _is_chapter(item: Element) -> bool:
    return attribute(item, "media-type") in _PAGES and "nav" not in attribute(item, "properties").split()


def _name(item: Element, opf: str) -> str:
    href = unquote(attribute(item, "href").partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(opf), href))


def _facts(metadata: Element) -> Facts:
    creators = [words(each) for each in metadata.iter("creator")]
    subjects = [words(each) for each in metadata.iter("subject")]
    # An EPUB's date is that of publication, except where it says that it is another.
    dates = [
        each
        for each in metadata.iter("date")
        if attribute(each, "event") in ("", "publication", "original-publication")
    ]
    days = (parse_published(words(each)) for each in dates)
    return Facts(
        outlet=first(metadata, ".//title"),
        author=", ".join(filter(None, creators)),
        published=next((day for day in days if day), None),
        section=",".join(filter(None, subjects)),
    )


def _locked(package: Package) -> frozenset[str]:
    """Return the names of the parts that are encrypted; fonts often are, and are of no matter."""
    if _ENCRYPTION not in package.names:
        return frozenset()
    root = parse_xml(decode_xml(package.read(_ENCRYPTION)))
    return frozenset(unquote(attribute(each, "URI")) for each in root.iter("CipherReference"))
