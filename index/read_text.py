"""Plain text and Markdown to one draft: front matter or a header block, then the article as it reads.

Front matter and header lines are about the article and not of it: they become facts and leave the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import yaml

from index.dates import find_published_in_url, parse_published
from index.decode import clean, tidy_paragraphs, unescape
from index.draft import Facts, Place, make_draft
from index.markdown import PICTURE, strip_markdown
from index.records import Draft, Mark, Skipped

_NAMES = {
    "title": ("title", "headline"),
    "outlet": ("outlet", "source", "publisher", "publication", "newspaper", "site", "sitename", "website"),
    "author": ("author", "authors", "byline", "by", "writer", "reporter"),
    "published": ("published", "date", "publish_date", "published_at", "publication_date", "pubdate", "datepublished"),
    "url": ("url", "link", "canonical_url", "canonical", "permalink"),
    "section": ("type", "kind", "section", "category", "categories"),
    "key": ("id", "guid", "article_id", "uuid"),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_FRONT_MATTER = re.compile(r"\A\s*---[ ]*\n(.*?)\n(?:---|\.\.\.)[ ]*(?:\n|\Z)", re.DOTALL)
_FRONT_MATTER_LIMIT = 64 * 1024  # characters; YAML aliases can be made to grow without bound
_MOST_BRACKETS = 200  # of front matter: yaml's time grows with the square of how deep they nest
_DEEPEST = 3  # levels of lists and names
_NOTHING = ("~", "null", "Null", "NULL")  # as YAML writes it
_HEADER = re.compile(r"([A-Za-z][A-Za-z _-]{0,30}):[ ]*(.*)")


class _Loader(yaml.BaseLoader):
    """Reads every value as the words it is written in, and no aliases.

    YAML's own types fail in a dozen ways, as `!!int ''` does, and a few aliases make a list of billions of leaves.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; raise YAMLError where it is an alias."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        """Return the words, none where they say that there are none."""
        value = super().construct_scalar(node)
        return "" if node.style is None and value in _NOTHING else str(value)


def read_text(text: str, place: Place, *, is_markdown: bool = False) -> Draft | Skipped:
    """Return the article in `text`, decoded but otherwise as the file has it."""
    text = clean(text)
    facts, body = _take_front_matter(text)
    if facts is None:
        facts, body = _take_header(text)
    if is_markdown:
        body = strip_markdown(body)
    body, captions = _take_pictures(tidy_paragraphs(unescape(body)))
    return make_draft(body, facts or Facts(), place, has_headline=True, known=captions)


def facts_from(values: Mapping[str, Any]) -> Facts:
    """Return the facts that front matter or header lines name; names it does not know are left out."""
    found: dict[str, Any] = {}
    by_name = {str(name).strip().lower().replace("-", "_").replace(" ", "_"): value for name, value in values.items()}
    for field, names in _NAMES.items():
        value = next((by_name[name] for name in names if by_name.get(name)), "")
        found[field] = read_date(value) if field == "published" else flatten(value)
    facts = Facts(**found)
    return replace(facts, published=facts.published or find_published_in_url(facts.url))


def flatten(value: Any, depth: int = 0) -> str:
    """Return a name or a list of names as text: `["A", {"name": "B"}]` is "A, B"; what is nested deeper is left out."""
    if depth > _DEEPEST or value is None or isinstance(value, bool):
        return ""
    if isinstance(value, Mapping):
        return flatten(next((value[name] for name in ("name", "title", "id") if value.get(name)), ""), depth + 1)
    if isinstance(value, list | tuple):
        return ", ".join(part for item in value if (part := flatten(item, depth + 1)))
    return str(value)


def read_date(value: Any) -> date | None:
    """Return the date that a value of YAML or JSON states, else None."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_published(flatten(value))


def _take_pictures(text: str) -> tuple[str, tuple[Mark, ...]]:
    """Return `text` without the signs that Markdown's pictures left, and their descriptions as captions."""
    kept, marks, length = [], [], 0
    for line in text.split("\n"):
        words = line.removeprefix(PICTURE).strip()
        if line.startswith(PICTURE) and words:
            marks.append(Mark(length, length + len(words), "caption"))
        kept.append(words)
        length += len(words) + 1
    return "\n".join(kept), tuple(marks)


def _take_front_matter(text: str) -> tuple[Facts | None, str]:
    match = _FRONT_MATTER.match(text[:_FRONT_MATTER_LIMIT])
    if not match:
        return None, text
    try:
        if match[1].count("[") + match[1].count("{") > _MOST_BRACKETS:
            raise yaml.YAMLError("a maze")
        values = yaml.load(match[1], _Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        # Most often a title with a colon and no quotes. The lines still say what they say.
        values = dict(_HEADER.findall(match[1]))
    if not isinstance(values, dict):
        return None, text
    return facts_from(values), text[match.end() :]


def _take_header(text: str) -> tuple[Facts, str]:
    """Take the `Title:` and `Date:` lines that an export begins with; two of them make a header, one may be prose."""
    lines = text.lstrip("\n").split("\n")
    values: dict[str, str] = {}
    count = 0
    for line in lines:
        match = _HEADER.fullmatch(line.strip())
        if not match:
            break
        values.setdefault(match[1], match[2].strip())
        count += 1
    known = [name for name in values if name.lower().replace(" ", "_").replace("-", "_") in _FIELD_OF]
    if len(known) < 2 or len(known) * 2 < len(values):
        return Facts(), text
    return facts_from(values), "\n".join(lines[count:])
