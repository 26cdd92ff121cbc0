"""NITF to one draft: IPTC's News Industry Text Format, in which agencies and newspapers' archives keep articles.

Headline, byline and dateline are lines of the text, as a reader of the article sees them, and marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from index.dates import find_published_in_url, parse_published
from index.decode import clean_line
from index.draft import Facts, Place, make_draft
from index.records import Draft, Mark, Role, Skipped
from index.xml_tree import Element, attribute, blocks, first, join_blocks, words

_BY = re.compile(r"^by\s+", re.IGNORECASE)
_WITHDRAWN = frozenset({"canceled", "cancelled", "killed", "withheld", "embargoed"})


def read_nitf(root: Element, place: Place, known: Facts | None = None) -> Draft | Skipped:
    """Return the article of an `nitf` element; `known` facts, of what carries it, count before its own."""
    status = _said(root, ("head/docdata", "management-status"))
    if status.lower() in _WITHDRAWN:
        return Skipped(place.path, f"{status.lower()} by its provider", place.where)
    facts = _facts(root)
    if known is not None:
        given = {name: value for name in Facts.__slots__ if (value := getattr(known, name))}
        facts = replace(facts, **given)
    return make_article(facts, _opening(root, facts), list(_body(root)), place)


def make_article(
    facts: Facts, opening: list[tuple[Role, str]], body: list[tuple[str, str]], place: Place
) -> Draft | Skipped:
    """Return the draft of a body with the lines that stand above it, each marked as what it is."""
    if not body:
        return Skipped(place.path, "the article has no text", place.where)
    said = {line for _, line in body[:3]}
    lines = [(role, line) for role, line in opening if line and line not in said]
    text, captions = join_blocks([*lines, *body])
    marks, start = [], 0
    for role, line in lines:
        if role != "body":
            marks.append(Mark(start, start + len(line), role))
        start += len(line) + 2
    return make_draft(text, facts, place, known=(*marks, *captions))


def person_names(byline: Element | None) -> str:
    """Return who a byline names: its persons, else its words without the "By"."""
    if byline is None:
        return ""
    persons = [words(person) for person in byline.findall(".//person")]
    return ", ".join(filter(None, persons)) or _BY.sub("", words(byline))


def _facts(root: Element) -> Facts:
    head = root.find("body/body.head")
    url = _said(root, ("head/pubdata", "ex-ref"))
    return Facts(
        title=first(root, "body/body.head/hedline/hl1", "body/body.head/headline/hl1", "head/title"),
        outlet=_outlet(root),
        author=person_names(head.find("byline")) if head is not None else "",
        published=_date(root) or find_published_in_url(url),
        url=url if url.startswith(("http://", "https://")) else "",
        section=_section(root),
        key=_said(root, ("head/docdata/doc-id", "id-string")),
    )


def _said(root: Element, *places: tuple[str, str]) -> str:
    """Return the first value of these elements' attributes that says anything."""
    found = (attribute(element, name) for path, name in places for element in root.findall(path))
    return clean_line(next((value for value in found if value), ""))


def _outlet(root: Element) -> str:
    named = _said(root, ("head/pubdata", "name"))
    return named or first(root, "body/body.head/distributor") or _said(root, ("head/docdata/doc.copyright", "holder"))


def _date(root: Element) -> date | None:
    norms = (
        ("head/pubdata", "date.publication"),
        ("head/docdata/date.issue", "norm"),
        ("head/docdata/date.release", "norm"),
        ("body/body.head/dateline/story.date", "norm"),
    )
    found = (parse_published(attribute(element, name)) for path, name in norms for element in root.findall(path))
    return next((day for day in found if day), None)


def _section(root: Element) -> str:
    """Return the section and subjects, of which "opinion" and the like tell the kind."""
    places = (
        ("head/pubdata", "position.section"),
        ("head/docdata/fixture", "fix-id"),
        ("head/tobject", "tobject.type"),
        ("head/tobject/tobject.subject", "tobject.subject.type"),
        ("head/tobject/tobject.property", "tobject.property.type"),
    )
    return ",".join(value for place in places if (value := _said(root, place)))


def _opening(root: Element, facts: Facts) -> list[tuple[Role, str]]:
    head = root.find("body/body.head")
    if head is None:
        return [("headline", facts.title)]
    lines: list[tuple[Role, str]] = [("headline", facts.title)]
    lines += [("body", words(line)) for path in ("hedline/hl2", "abstract") for line in head.findall(path)]
    return [*lines, ("byline", words(head.find("byline"))), ("byline", words(head.find("dateline")))]


def _body(root: Element) -> Iterator[tuple[str, str]]:
    for path in ("body/body.content", "body/body.end/tagline"):
        for part in root.findall(path):
            yield from blocks(part)
