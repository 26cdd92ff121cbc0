"""DOCX and ODT to one draft: paragraphs, and tables a row a line, as the document reads with all changes accepted.

What is deleted, hidden or a comment is left out. When the file was made is not when it was published, and its author
counts only where the text names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from index.decode import clean
from index.draft import Facts, Place, make_draft
from index.package import BadPackage, Package
from index.records import Draft, Mark, Role, Skipped
from index.xml_tree import Element, NotXml, attribute, decode_xml, first, parse_xml

_FORMATS = {".docx": ("word/document.xml", "docProps/core.xml"), ".odt": ("content.xml", "meta.xml")}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how Office packs what has a password, and all of before 2007
_PARAGRAPHS = frozenset({"p", "h"})
_ROWS = frozenset({"tr", "table-row"})
_CELLS = frozenset({"tc", "table-cell"})
_BOXES = frozenset({"txbxContent", "text-box"})
_SPACES = frozenset({"tab", "br", "cr", "s", "line-break", "ptab", "noBreakHyphen"})
_UNSEEN = frozenset(
    "pPr tblPr trPr tcPr del moveFrom delText instrText Fallback tracked-changes annotation sequence-decls styles"
    " automatic-styles font-face-decls scripts note-citation".split()
)
_TITLES = frozenset({"title", "titel", "titre", "título", "titolo", "titulo"})
_Paragraph = tuple[str, str]  # the name of its style, and its words


def read_office(raw: bytes, place: Place, suffix: str) -> Draft | Skipped:
    """Return the article of a document of one of the kinds, which its suffix names."""
    main, properties = _FORMATS[suffix]
    if raw.startswith(_COMPOUND):
        return Skipped(place.path, "encrypted, or of Word before 2007; save it without a password", place.where)
    try:
        package = Package(raw)
        paragraphs = list(_paragraphs(parse_xml(decode_xml(package.read(main))), is_word=suffix == ".docx"))
        known = parse_xml(decode_xml(package.read(properties))) if properties in package.names else None
    except (BadPackage, NotXml) as error:
        return Skipped(place.path, str(error), place.where)
    text, title, marks = _joined(paragraphs)
    title = title or ("" if known is None else first(known, ".//title"))
    draft = make_draft(text, Facts(title=title), place, has_headline=True, known=marks)
    if isinstance(draft, Skipped) or draft.source.author or known is None:
        return draft
    author = first(known, ".//initial-creator", ".//creator")
    return replace(draft, source=replace(draft.source, author=author))


def _joined(paragraphs: list[_Paragraph]) -> tuple[str, str, tuple[Mark, ...]]:
    """Return the text, its title where a paragraph is styled as one, and marks of it and of captions."""
    title, marks, length = "", [], 0
    for style, words in paragraphs:
        role: Role | None = "caption" if style == "caption" else None
        if style in _TITLES and not title:
            title, role = words, "headline"
        if role:
            marks.append(Mark(length, length + len(words), role))
        length += len(words) + 2
    return "\n\n".join(words for _, words in paragraphs), title, tuple(marks)


def _paragraphs(element: Element, *, is_word: bool) -> Iterator[_Paragraph]:
    """Yield the paragraphs and rows below an element, in reading order."""
    for child in element:
        if child.tag in _UNSEEN:
            continue
        if child.tag in _ROWS:
            yield from _filled("", " | ".join(filter(None, _cells(child, is_word=is_word))))
        elif child.tag in _PARAGRAPHS:
            yield from _filled(_style(child), "".join(_words(child, is_word=is_word)))
            for box in _nearest(child, _BOXES):
                yield from _paragraphs(box, is_word=is_word)
        else:
            yield from _paragraphs(child, is_word=is_word)


def _cells(row: Element, *, is_word: bool) -> Iterator[str]:
    for cell in _nearest(row, _CELLS):
        yield " ".join(words for _, words in _paragraphs(cell, is_word=is_word))


def _nearest(element: Element, tags: frozenset[str]) -> Iterator[Element]:
    """Yield the elements of these names below an element, but none within another of them."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag not in _UNSEEN:
            yield from _nearest(child, tags)


def _filled(style: str, words: str) -> Iterator[_Paragraph]:
    line = " ".join(clean(words).split())
    if line:
        yield style, line


def _style(paragraph: Element) -> str:
    style = paragraph.find("pPr/pStyle")
    return attribute(paragraph if style is None else style, "style-name" if style is None else "val").lower()


def _words(element: Element, *, is_word: bool) -> Iterator[str]:
    """Yield the words of a paragraph in pieces; in Word's XML only `t` holds any."""
    if element.tag in _UNSEEN or element.tag in _BOXES or _is_hidden(element):
        return
    if element.tag in _SPACES:
        yield "-" if element.tag == "noBreakHyphen" else " "
    if element.text and (not is_word or element.tag == "t"):
        yield element.text
    for child in element:
        yield from _words(child, is_word=is_word)
        if child.tail and not is_word:
            yield child.tail


def _is_hidden(element: Element) -> bool:
    hidden = element.find("rPr/vanish")
    return hidden is not None and attribute(hidden, "val") not in ("0", "false", "off")
