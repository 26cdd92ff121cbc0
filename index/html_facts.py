"""What a page states about its article: JSON-LD first, then meta tags, then `<time>`, then the address's own date.

Nothing is guessed: a copyright year, the page's text and the day it was saved are not dates of publication.
Works on any lxml tree without importing lxml.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from index.byline_foreign import unsigned
from index.dates import find_published_in_url, parse_published
from index.draft import Facts
from index.read_text import flatten

_ARTICLE_TYPES = re.compile(r"(?:Article|NewsArticle|Report|Posting|Review)$", re.IGNORECASE)
_OPINION_TYPE = re.compile(r"^Opinion", re.IGNORECASE)
_DATE_METAS = (
    "article:published_time", "article:published", "og:published_time", "og:article:published_time", "datepublished",
    "date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "parsely-pub-date",
    "sailthru.date", "dc.date", "dc.date.issued", "dcterms.date", "dcterms.issued", "cxenseparse:recs:publishtime",
    "citation_publication_date", "article.published", "displaydate", "originalpublicationdate",
)  # fmt: skip
_DEEPEST = 40  # levels of JSON-LD; a page's graph has four or five


def read_facts(tree: Any) -> Facts:
    """Return what the page's own metadata says; what it does not say is empty."""
    metas = _metas(tree)
    article = _find_article(tree)
    url = _first(_link(tree, "canonical"), metas.get("og:url"), _address(article))
    kind_of = flatten(article.get("@type"))
    section = _first(flatten(article.get("articleSection")), metas.get("article:section"), metas.get("section"))
    author = _author(_first(flatten(article.get("author")), metas.get("author"), metas.get("article:author")))
    return Facts(
        title=_first(flatten(article.get("headline")), metas.get("og:title"), metas.get("twitter:title")),
        outlet=_first(flatten(article.get("publisher")), metas.get("og:site_name"), metas.get("application-name")),
        author=unsigned(author, language_of(tree)),
        published=_find_date(tree, article, metas, url),
        url=url if url.startswith(("http://", "https://")) else "",
        section=f"{section},opinion" if _OPINION_TYPE.search(kind_of) else section,
    )


def language_of(tree: Any) -> str:
    """Return the language that the page says it is in, such as "de-AT", or the empty string."""
    return str(tree.xpath("string(/html/@lang)"))


def _find_date(tree: Any, article: dict[str, Any], metas: dict[str, str], url: str) -> date | None:
    stated = [flatten(article.get("datePublished")), flatten(article.get("dateCreated"))]
    stated += [metas.get(name, "") for name in _DATE_METAS]
    # The page's other times are those of comments and of other stories.
    times = tree.xpath("//*[@itemprop='datePublished']") or tree.xpath("(//article|//main)[1]//time[@datetime]")[:1]
    stated += [time.get("datetime") or time.get("content") or "" for time in times[:1]]
    found = (parse_published(value) for value in stated)
    return next((day for day in found if day), None) or find_published_in_url(url)


def _find_article(tree: Any) -> dict[str, Any]:
    """Return the JSON-LD object of the page's article, or an empty one."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _things(data, 0):
            if _ARTICLE_TYPES.search(flatten(thing.get("@type")).split(", ")[0]):
                return thing
    return {}


def _things(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, dict):
        yield data
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _things(data.get(name), depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _things(item, depth + 1)


def _metas(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.xpath("//meta[@content]"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        content = meta.get("content").strip()
        if name and content:
            found.setdefault(name, content)
    return found


def _link(tree: Any, relation: str) -> str:
    links = tree.xpath("//link[@rel=$relation]/@href", relation=relation)
    return str(links[0]).strip() if links else ""


def _address(article: dict[str, Any]) -> str:
    entity = article.get("mainEntityOfPage")
    address = article.get("url") or (entity.get("@id") if isinstance(entity, dict) else entity)
    return address if isinstance(address, str) else ""


def _author(text: str) -> str:
    # Facebook's article:author is the address of a profile.
    return "" if "://" in text else re.sub(r"^by\s+", "", text.strip(), flags=re.IGNORECASE)


def _first(*values: str | None) -> str:
    return next((value.strip() for value in values if value and value.strip()), "")
