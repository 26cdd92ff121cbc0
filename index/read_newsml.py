"""NewsML-G2 to drafts: one a news item that carries its text, however many a message holds.

Knows IPTC's items and messages; the text inside is NITF, XHTML, or plain.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from index.dates import parse_published
from index.decode import clean, tidy_paragraphs
from index.draft import Facts, Place
from index.read_html import has_markup, strip_markup
from index.read_nitf import make_article, person_names, read_nitf
from index.records import Draft, Role, Skipped
from index.xml_tree import Element, attribute, blocks, first, words

ROOTS = frozenset({"newsItem", "newsMessage", "packageItem", "conceptItem", "knowledgeItem", "planningItem"})
_WITHDRAWN = ("canceled", "cancelled", "withheld")


def read_newsml(root: Element, place: Place) -> Iterator[Draft | Skipped]:
    """Yield the article of each news item at or below `root`, and Skipped for what is none."""
    items = [root] if root.tag != "newsMessage" else [item for held in root.iter("itemSet") for item in held]
    if not items:
        yield Skipped(place.path, "the message holds no items")
    for number, item in enumerate(items, start=1):
        where = Place(place.path, f"item {number}" if len(items) > 1 else "")
        if item.tag == "newsItem":
            yield _read_item(item, where)
        elif item.tag == "packageItem":
            yield Skipped(place.path, "a package: it names articles and holds none", where.where)
        else:
            yield Skipped(place.path, f"not an article but a {item.tag}", where.where)


def _read_item(item: Element, place: Place) -> Draft | Skipped:
    status = _code(item.find("itemMeta/pubStatus"))
    if status in _WITHDRAWN:
        return Skipped(place.path, f"{status} by its provider", place.where)
    facts = _facts(item)
    nitf = item.find("contentSet/inlineXML/nitf")
    if nitf is not None:
        return read_nitf(nitf, place, facts)
    body = list(_body(item))
    if not body:
        kind = _code(item.find("itemMeta/itemClass"))
        what = f"a {kind}" if kind not in ("", "text") else "an item"
        return Skipped(place.path, f"{what} without a text of its own", place.where)
    return make_article(facts, _opening(item, facts), body, place)


def _facts(item: Element) -> Facts:
    return Facts(
        title=_headline(item),
        outlet=_provider(item),
        author=_authors(item),
        published=_date(item),
        url=_address(item),
        section=_section(item),
        key=attribute(item, "guid"),
    )


def _headline(item: Element) -> str:
    """Return the main headline: the one without a role, else the first."""
    found = item.findall("contentMeta/headline")
    plain = [line for line in found if not attribute(line, "role") or _short(attribute(line, "role")) == "main"]
    return next((said for line in (*plain, *found) if (said := words(line))), "") or first(item, "itemMeta/title")


def _provider(item: Element) -> str:
    for path in ("itemMeta/provider", "contentMeta/infoSource", "contentMeta/creditline"):
        for found in item.findall(path):
            said = first(found, "name", "organisationDetails/name") or attribute(found, "literal") or words(found)
            if said or path == "itemMeta/provider":
                said = said or _short(attribute(found, "qcode"))
            if said:
                return said
    return ""


def _authors(item: Element) -> str:
    """Return who wrote it: the byline, else the creators."""
    by = person_names(item.find("contentMeta/by"))
    names = [first(one, "name") or attribute(one, "literal") for one in item.findall("contentMeta/creator")]
    return by or ", ".join(filter(None, names))


def _date(item: Element) -> date | None:
    """Return the day the item was first published; that of its latest version only where nothing else is said."""
    names = ("itemMeta/firstCreated", "contentMeta/contentCreated", "itemMeta/versionCreated")
    found = (parse_published(first(item, name)) for name in names)
    return next((day for day in found if day), None)


def _address(item: Element) -> str:
    links = (attribute(link, "href") for link in item.findall("itemMeta/link"))
    return next((link for link in links if link.startswith(("http://", "https://"))), "")


def _section(item: Element) -> str:
    """Return genres and subjects, of which "opinion" and the like tell the kind."""
    found = [*item.findall("contentMeta/genre"), *item.findall("contentMeta/subject")]
    return ",".join(filter(None, (first(each, "name") or _code(each) for each in found)))


def _opening(item: Element, facts: Facts) -> list[tuple[Role, str]]:
    by, dateline = first(item, "contentMeta/by"), first(item, "contentMeta/dateline")
    return [("headline", facts.title), ("byline", by), ("byline", dateline)]


def _body(item: Element) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs of the first rendition that has any."""
    for held in item.findall("contentSet/*"):
        found = list(_rendition(held))
        if found:
            yield from found
            return


def _rendition(held: Element) -> Iterator[tuple[str, str]]:
    if held.tag == "inlineXML":
        for part in held:
            yield from blocks(part)
    elif held.tag == "inlineData" and not attribute(held, "encoding"):
        text = "".join(held.itertext())
        plain = strip_markup(text) if has_markup(text) else tidy_paragraphs(clean(text))
        yield from (("p", line) for line in plain.split("\n\n") if line.strip())


def _code(element: Element | None) -> str:
    return "" if element is None else _short(attribute(element, "qcode") or attribute(element, "uri"))


def _short(code: str) -> str:
    """Return a code without its scheme: "stat:canceled" is "canceled"."""
    return code.rpartition(":")[2].rpartition("/")[2].lower()
