"""A saved web page to one draft. The only importer of trafilatura, which finds the article among the page's parts.

Facts come from the page's own metadata (html_facts.py); trafilatura's guess fills title, author and outlet where the
page states none, never the date.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from index.byline_foreign import unsigned
from index.dates import find_published_in_url
from index.decode import clean, clean_line, decode, unescape_all, without_absurd_references
from index.draft import Facts, Place, make_draft
from index.html_facts import language_of, read_facts
from index.html_hidden import is_hidden
from index.markdown import without_comments
from index.records import Draft, Mark, Skipped
from index.wayback import captured_address, is_wayback, original, take_toolbar

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,30})", re.IGNORECASE)
_LOOKS_LIKE_PAGE = re.compile(
    # Possessive: n comments before what is no page could else be told apart in 2^n ways.
    r"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->)\s*)*+<(?:!doctype html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# What browsers note in a page that they save, and Byline in one that it fetches.
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(https?://\S+)\s*-->")
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|strong|em|b|i|a|h[1-6]|ul|ol|li|img|figure|blockquote)\b[^<>]*>", re.IGNORECASE
)
# One tag of a fragment, a declaration, or what CDATA is wrapped in. No reading of one goes beyond the next "<":
# html.parser takes hours over a megabyte of tags that are never closed.
_TAG = re.compile(
    r"""<(?P<closes>/?)(?P<name>[a-z][\w:.-]*+)(?:(?:[^<>"']|"[^<"]*+"|'[^<']*+')*+>|[^<>]*+>)
    |<!\[CDATA\[|\]\]>|<[!?][^<>]*+>""",
    re.IGNORECASE | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([a-z][\w:-]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]++))?""", re.IGNORECASE)
_BLOCKS = frozenset(
    "address article aside blockquote br dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr"
    " li main nav ol p pre section table td th tr ul".split()
)
_UNSHOWN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "head", "title"})
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # never closed
_CLOSED_BY_THE_NEXT = frozenset({"p", "li", "dt", "dd", "tr", "td", "th"})
# Of a page's words; where more of them are hidden, it shows its article by a script, and nothing is taken away.
_MOST_HIDDEN = 0.5
# A tag with a picture in an attribute, or with thousands of them: libxml2's time grows with the square of their number.
_LONG_TAG = re.compile(r"""<([a-z][\w:.-]*+)(?:(?:[^<>"']|"[^"]*+"|'[^']*+')*+|[^<>]*+)>""", re.IGNORECASE)
_LONGEST_TAG = 10_000  # characters
_MOST_TAGS = 200_000  # trafilatura's time grows with their square, and is half a minute here; long articles have 10,000
_SHORTEST_CAPTION = 3  # words; less is a label or a credit alone


def looks_like_page(text: str) -> bool:
    """Return whether `text` is a web page, whatever its file is called."""
    return bool(_LOOKS_LIKE_PAGE.match(text[:4096]))


def has_markup(text: str) -> bool:
    """Return whether a plain value holds HTML, as feeds' texts do."""
    return bool(_MARKUP.search(text))


def decode_page(raw: bytes) -> str:
    """Return a page as text, by its byte order mark, as UTF-8, or by the charset it declares."""
    declared = _CHARSET.search(raw[:4096])
    return decode(raw, declared[1].decode("ascii", "replace") if declared else "")


def strip_markup(fragment: str) -> str:
    """Return the words of an HTML fragment, all of them and in order, with blocks as paragraphs."""
    shown = "".join(_shown(without_comments(fragment)))
    lines = (" ".join(line.split()) for line in shown.split("\n"))
    return "\n\n".join(line for line in lines if line)


def read_html(page: str, place: Place, *, address: str = "") -> Draft | Skipped:
    """Return the article of a page, its captions in their places, or Skipped where none is found.

    `address` is where the page is said to come from, which counts where the page does not say it.
    """
    import trafilatura
    from trafilatura.utils import load_html

    # Its warnings are about pages we report ourselves.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    if page.count("<") > _MOST_TAGS:
        return Skipped(place.path, f"the page has more than {_MOST_TAGS:,} tags", place.where)
    page = _LONG_TAG.sub(lambda tag: tag[0] if len(tag[0]) < _LONGEST_TAG else f"<{tag[1]}>", page)
    page = clean(without_absurd_references(page))
    if is_wayback(page):
        address = captured_address(page) or address
        page = original(page)
    tree = load_html(page)
    if tree is None:
        return Skipped(place.path, "the page cannot be parsed as HTML", place.where)
    facts = _with_address(read_facts(tree), page, original(address))
    take_toolbar(tree)
    _take_hidden(tree)
    sources = _paragraphs(tree)
    # Extraction changes the tree, so it works on its own. A date is only ever read by html_facts.
    found = trafilatura.bare_extraction(
        deepcopy(tree),
        with_metadata=True,
        include_comments=False,
        favor_recall=True,
        include_images=False,
        date_extraction_params={"extensive_search": False},  # its search can take a minute, and is of no use here
    )
    body = clean(found.text or "") if found else ""
    if not body.strip():
        return Skipped(place.path, "no article was found in the page", place.where)
    text, captions = _put_captions(body.split("\n"), sources)
    return make_draft(
        text, _fill(facts, found, language_of(tree)), place, known=(*_find_headline(text, tree), *captions)
    )


def _with_address(facts: Facts, page: str, address: str) -> Facts:
    """Return the facts with the address that the page was saved or brought from, where it states none itself."""
    saved = _SAVED_FROM.search(page[:4096])
    url = saved[1] if saved else address
    if facts.url or not url.startswith(("http://", "https://")):
        return facts
    return replace(facts, url=url, published=facts.published or find_published_in_url(url))


def _shown(fragment: str) -> Iterator[str]:
    """Yield what a browser would show of a fragment, and a line end at each border of a block.

    What is opened and never closed hides nothing: words that are shown too many are better than words lost.
    """
    tags = list(_TAG.finditer(fragment))
    ends = {tag["name"].lower(): tag.start() for tag in tags if tag["closes"]}
    hidden, depth, place = "", 0, 0  # the outermost element that is not shown, and how many of its name are open
    for tag in tags:
        if not depth:
            yield _flat(fragment[place : tag.start()])
        place = tag.end()
        name = (tag["name"] or "").lower()
        if depth and name == hidden and not tag["closes"] and name in _CLOSED_BY_THE_NEXT:
            depth = 0
        if depth:
            depth += (-1 if tag["closes"] else 1) if name == hidden else 0
        elif _is_unshown(name, tag[0]) and not tag["closes"] and tag[0][-2] != "/" and tag.start() < ends.get(name, 0):
            hidden, depth = name, 1
        elif name in _BLOCKS:
            yield "\n"
    if not depth:
        yield _flat(fragment[place:])


def _is_unshown(name: str, tag: str) -> bool:
    if name in _UNSHOWN:
        return True
    stated = {each[1].lower(): (each[2] or "").strip("\"'") for each in _ATTRIBUTE.finditer(tag, len(name) + 1)}
    return name not in _VOID and is_hidden(stated)


def _flat(words: str) -> str:
    """Return the words of one piece; a line break inside a block is a space."""
    return unescape_all(words).replace("\n", " ")


def _take_hidden(tree: Any) -> None:
    """Take out of the page what its readers do not see, where that is the smaller part."""
    hidden, left = [], list(tree)
    while left:
        element = left.pop()
        if isinstance(element.tag, str) and is_hidden(element.attrib):
            hidden.append(element)
        else:
            left.extend(element)
    words = sum(len("".join(element.itertext()).split()) for element in hidden)
    if words <= _MOST_HIDDEN * len("".join(tree.itertext()).split()):
        for element in hidden:
            element.drop_tree()


def _find_headline(text: str, tree: Any) -> tuple[Mark, ...]:
    """Return the first line where it is the page's heading; the title that its metadata states may be another."""
    line = text.split("\n", 1)[0]
    headings = {_plain("".join(heading.itertext())) for heading in tree.xpath("//h1")}
    return (Mark(0, len(line), "headline"),) if line and _plain(line) in headings else ()


def _paragraphs(tree: Any) -> list[tuple[str, str]]:
    """Return the tag and words of the page's paragraphs and captions, in reading order."""
    found = tree.xpath("//p|//figcaption|//h2|//h3|//li")
    return [(element.tag, clean_line(" ".join(element.itertext()))) for element in found]


def _put_captions(body: list[str], sources: list[tuple[str, str]]) -> tuple[str, tuple[Mark, ...]]:
    """Join the body's lines into paragraphs, with each caption before the paragraph that follows it in the page."""
    lines = [line.strip() for line in body if line.strip()]
    before = _captions_before(lines, sources)
    text, marks = "", []
    for line in lines:
        for caption in before.get(_plain(line), []):
            marks.append(Mark(len(text), len(text) + len(caption), "caption"))
            text += caption + "\n\n"
        if _plain(line) in before:
            before[_plain(line)] = []
        if line in before.get("", []):
            marks.append(Mark(len(text), len(text) + len(line), "caption"))
        text += line + "\n\n"
    return text.removesuffix("\n\n"), tuple(marks)


def _captions_before(lines: list[str], sources: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return for each paragraph of the body the captions above it; under "" those that are lines of the body already.

    A caption that no paragraph of the body follows belongs to the page's other stories.
    """
    body = {_plain(line) for line in lines}
    before: dict[str, list[str]] = {"": []}
    waiting: list[str] = []
    for tag, words in sources:
        plain = _plain(words)
        if tag == "figcaption" and plain in body:
            before[""] += [line for line in lines if _plain(line) == plain]
        elif tag == "figcaption" and len(words.split()) >= _SHORTEST_CAPTION and words not in waiting:
            waiting.append(words)
        elif plain in body and plain and plain not in before:
            before[plain], waiting = waiting, []
    return before


def _fill(facts: Facts, found: Any, language: str) -> Facts:
    """Return `facts` with trafilatura's findings where the page states none."""
    return Facts(
        title=facts.title or found.title or "",
        outlet=facts.outlet or found.sitename or "",
        author=facts.author or unsigned((found.author or "").replace("; ", ", "), language),
        published=facts.published,
        url=facts.url or found.url or "",
        section=facts.section,
    )


def _plain(text: str) -> str:
    return "".join(text.split())
