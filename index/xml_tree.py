"""XML to a tree whose names are plain, and its blocks to paragraphs. The only importer of lxml.

No entity is declared or expanded, nothing is fetched, and depth and size are libxml2's own limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.entities import html5
from typing import Any

from index.decode import clean, clean_line, decode, without_absurd_references
from index.html_hidden import is_hidden
from index.markdown import without_comments
from index.records import Mark

Element = Any  # of lxml, which ships no types

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_DECLARED = re.compile(rb"^[^<]{0,4}<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]{2,30})")
_ENTITY = re.compile(r"&(\w{2,31});")
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})  # XML's own; all others would need a DTD
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_PROLOG = 64 * 1024  # characters in which the root is looked for
CAPTIONS = frozenset({"figcaption", "caption", "media-caption"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "hl2"})
BLOCKS = _HEADINGS | CAPTIONS | frozenset("p li tr dt dd div block pre blockquote address section article body".split())
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"script", "style", "head", "title", "media-reference", "media-metadata", "media-object"})


class NotXml(ValueError):
    """What was to be XML is not, or asks for more than is given; the message says why."""


def decode_xml(raw: bytes) -> str:
    """Return a document as clean text, by its byte order mark, as UTF-8, or by the encoding it declares."""
    declared = _DECLARED.match(raw[:200])
    return clean(decode(raw, declared[1].decode("ascii", "replace") if declared else ""))


def root_name(text: str) -> str:
    """Return the name of a document's first element without its prefix, or the empty string."""
    found = _ROOT.search(without_comments(text[:_PROLOG]))
    return found[1] if found else ""


def parse_xml(text: str) -> Element:
    """Return the root of a document in which every element's name is without its namespace; raises NotXml."""
    from lxml import etree

    if "<!ENTITY" in text:
        raise NotXml("it declares entities of its own, as XML bombs do")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    plain = _ENTITY.sub(_read_entity, without_absurd_references(_DECLARATION.sub("", text.lstrip("\ufeff"), count=1)))
    try:
        root = etree.fromstring(plain.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(f"not well-formed XML: {str(error).split(' (<string>')[0]}") from error
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root


def attribute(element: Element, name: str) -> str:
    """Return an attribute by its name, whatever its namespace, or the empty string."""
    found = (value for key, value in element.attrib.items() if key.rpartition("}")[2] == name)
    return next(found, "").strip()


def words(element: Element | None) -> str:
    """Return all words of an element on one line; of None the empty string."""
    return "" if element is None else clean_line("".join(element.itertext()))


def first(element: Element, *paths: str) -> str:
    """Return the words of the first of `paths` that leads to any, or the empty string."""
    found = (words(each) for path in paths for each in element.findall(path))
    return next((each for each in found if each), "")


def blocks(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the name and words of each paragraph, heading, caption and row below an element, in reading order.

    What no block holds is a paragraph of its own; the cells of a row are divided by a bar.
    """
    waiting: list[str] = []
    for tag, piece in (*_pieces(element, "p"), ("", None)):
        if piece is not None:
            waiting.append(piece)
            last = tag
        elif waiting:
            line = " ".join(clean("".join(waiting)).split()).strip("| ")
            waiting = []
            if line:
                yield last, line


def join_blocks(parts: Iterable[tuple[str, str]]) -> tuple[str, tuple[Mark, ...]]:
    """Return paragraphs as the text of an article, and marks of the captions among them."""
    pieces: list[str] = []
    marks: list[Mark] = []
    length = 0
    for tag, line in parts:
        if tag in CAPTIONS:
            marks.append(Mark(length, length + len(line), "caption"))
        pieces.append(line)
        length += len(line) + 2
    return "\n\n".join(pieces), tuple(marks)


def _pieces(element: Element, block: str) -> Iterator[tuple[str, str | None]]:
    """Yield runs of words with the block that they stand in, and None at each border of a block."""
    if element.tag in _UNSEEN or is_hidden(element.attrib):
        return
    is_block = element.tag in BLOCKS
    block = element.tag if is_block and (block not in CAPTIONS) else block
    if is_block:
        yield "", None
    elif element.tag in _CELLS:
        yield block, " | "
    if element.text:
        yield block, " " if element.tag == "br" else element.text
    for child in element:
        yield from _pieces(child, block)
        if child.tag in ("br", "tab"):
            yield block, " "
        if child.tail:
            yield block, child.tail
    if is_block:
        yield "", None


def _read_entity(found: re.Match[str]) -> str:
    """Return the character of an entity of HTML, which news documents use as if they were pages."""
    return found[0] if found[1] in _OWN else html5.get(f"{found[1]};", found[0])
