"""Which column, or key, of a record holds what: the usual names, in order of trust, or the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from index.dates import find_published_in_url
from index.draft import Facts
from index.errors import UsageError
from index.read_text import flatten, read_date

# Compared in lower case with "-" and " " as "_".
_USUAL = {
    "key": "id _id uuid guid article_id articleid doc_id docid",
    "title": "title headline heading name",
    "text": "text body content article maintext articlebody article_body full_text fulltext article_text body_text"
    " main_text content_text content_html story",
    "published": "publish_date published published_at date publishdate pub_date pubdate datepublished date_published"
    " publication_date published_date publishedat date_publish datetime timestamp created created_at",
    "outlet": "outlet publisher publication newspaper source source_name site site_name sitename media source_domain"
    " domain hostname",
    "author": "author authors byline creator writer journalist",
    "url": "url link canonical_url canonical permalink source_url web_url weburl",
    "section": "type kind section category",
}
FIELDS = {"id": "key", "date": "published", **{name: name for name in _USUAL}}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where to look; `told` maps a field to the column the user named, with dots into nested records."""

    told: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(columns: Mapping[str, str] | None) -> Columns:
        """Return the columns as told, or UsageError for a field that articles do not have."""
        told = {}
        for name, column in (columns or {}).items():
            if name not in FIELDS:
                known = ", ".join(sorted(FIELDS))
                raise UsageError(f"Articles have no field {name!r}.", f"name a column for one of: {known}")
            told[FIELDS[name]] = column
        return Columns(told)

    def has_text(self, names: Iterable[str]) -> bool:
        """Return whether one of the columns holds the article's text."""
        if "text" in self.told:
            return self.told["text"].split(".")[0] in names
        return not {_plain(name) for name in names}.isdisjoint(_USUAL["text"].split())

    def no_text(self, names: Iterable[str]) -> str:
        """Return the reason given where no column holds the text."""
        there = ", ".join(list(map(str, names))[:12])[:200] or "none"
        wanted = f"no column {self.told['text']!r}" if "text" in self.told else "no column holds the article's text"
        return f"{wanted}; the columns are: {there}"

    def text_of(self, record: Mapping[str, Any]) -> str:
        """Return the record's text; a list of paragraphs is joined."""
        value = self._find(record, "text")
        if isinstance(value, list):
            return "\n\n".join(flatten(part) if not isinstance(part, Mapping) else _inner(part) for part in value)
        return _inner(value) if isinstance(value, Mapping) else flatten(value)

    def facts_of(self, record: Mapping[str, Any]) -> Facts:
        """Return what the record says about its article."""
        url = flatten(self._find(record, "url"))
        outlet = flatten(self._find(record, "outlet"))
        return Facts(
            title=flatten(self._find(record, "title")),
            outlet=_host(outlet) if "://" in outlet or outlet.startswith("www.") else outlet,
            author=flatten(self._find(record, "author")),
            published=read_date(self._find(record, "published")) or find_published_in_url(url),
            url=url,
            section=flatten(self._find(record, "section")),
            key=flatten(self._find(record, "key")),
        )

    def _find(self, record: Mapping[str, Any], name: str) -> Any:
        if name in self.told:
            return _follow(record, self.told[name])
        by_name: dict[str, Any] = {}
        for column, value in record.items():
            by_name.setdefault(_plain(column), value)
        return next((by_name[usual] for usual in _USUAL[name].split() if by_name.get(usual) not in (None, "", [])), "")


def _follow(record: Mapping[str, Any], column: str) -> Any:
    if column in record:
        return record[column]
    value: Any = record
    for step in column.split("."):
        value = value.get(step, "") if isinstance(value, Mapping) else ""
    return value


def _inner(value: Mapping[str, Any]) -> str:
    names = ("text", "html", "rendered", "value", "content")
    return flatten(next((value[name] for name in names if value.get(name)), ""))


def _host(address: str) -> str:
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return address
    return host.removeprefix("www.")


def _plain(name: Any) -> str:
    return str(name).strip().lower().replace("-", "_").replace(" ", "_")
