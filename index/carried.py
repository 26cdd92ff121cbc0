"""An archive's articles as lines of JSON and back, with all that it knows of them; nothing is believed that comes in.

Where an article lies in the archive's own folder (what readers added on the page), its places are told from there, and
are another machine's when they are read there. Knows nothing of files or of SQLite.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any, get_args

from index.chunk import identify_passage
from index.records import KINDS, Article, Mark, Passage, Role, Source, Span
from index.removed import Removed
from index.store import Entry

OWN_FOLDER = "uploads"  # in the archive's folder: what lies there goes with it
_ROLES = get_args(Role)


class NotCarried(ValueError):
    """A line is not one that was written here; the message says why."""


@dataclass(frozen=True, slots=True)
class Home:
    """The archive's folder, absolute; `renamed` are its own files that are kept under another name than they came."""

    folder: str
    renamed: Mapping[str, str]

    def tell(self, place: str) -> str | None:
        """Return a place in the folder as seen from there, None for any other."""
        inside = self.folder.rstrip(os.sep) + os.sep
        told = place.removeprefix(inside).replace(os.sep, "/") if place.startswith(inside) else ""
        return told if told == OWN_FOLDER or is_own(told) else None

    def find(self, told: str) -> str:
        """Return the place in the folder that `tell` told of."""
        if told != OWN_FOLDER and not is_own(told):
            raise NotCarried(f"{told!r} leads out of the archive")
        return os.path.join(self.folder, *self.renamed.get(told, told).split("/"))  # noqa: PTH118 - stays text


@dataclass(frozen=True, slots=True)
class Carried:
    """An article with what the archive knows of it; without passages where they are to be cut anew."""

    article: Article
    entry: Entry
    passages: tuple[Passage, ...]


def is_own(name: str) -> bool:
    """True for the path of a file in OWN_FOLDER that means the same on every system, and nothing outside."""
    parts = PurePosixPath(name).parts
    plain = name == "/".join(parts) and not set(name) & set("\\:\0")
    return plain and len(parts) > 1 and parts[0] == OWN_FOLDER and not any(part.startswith(".") for part in parts)


# --- out -----------------------------------------------------------------------------------------------------


def article_line(carried: Carried, home: Home) -> bytes:
    """Return an article as a line."""
    article, entry = carried.article, carried.entry
    return _line(
        {
            "id": article.id,
            **_source(article.source),
            "kind": article.kind,
            "text": article.text,
            "marks": [[mark.start, mark.end, mark.role] for mark in article.marks],
            "content_hash": entry.content_hash,
            **_places(entry, home),
            "passages": [_passage(one) for one in carried.passages],
        }
    )


def removed_line(one: Removed, home: Home) -> bytes:
    """Return an article that was removed as a line."""
    entry = Entry(one.id, one.content_hash, one.file, one.root, one.place, one.source.path)
    day = one.day.isoformat() if one.day else None
    source = {**_source(one.source), "content_hash": one.content_hash}
    return _line({"id": one.id, **source, **_places(entry, home), "removed": day})


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _source(source: Source) -> dict[str, Any]:
    day = source.published.isoformat() if source.published else None
    return {
        "title": source.title, "outlet": source.outlet, "author": source.author, "published": day, "url": source.url
    }  # fmt: skip


def _places(entry: Entry, home: Home) -> dict[str, Any]:
    places = {"path": entry.path, "file": entry.file, "root": entry.root}
    own = {name: told for name, place in places.items() if (told := home.tell(place)) is not None}
    return {**places, **own, "place": entry.place, "own": list(own)}


def _passage(passage: Passage) -> dict[str, Any]:
    spans = [[span.start, span.end] for span in passage.sentences]
    return {
        "id": passage.id, "start": passage.start, "end": passage.end, "role": passage.role, "kind": passage.kind,
        "sentences": spans,
    }  # fmt: skip


# --- in ------------------------------------------------------------------------------------------------------


def read_article(line: bytes, home: Home) -> Carried:
    """Return the article that `article_line` wrote, or raise NotCarried."""
    told = parse_object(line)
    entry = _read_entry(told, home)
    text = _text(told, "text")
    marks = tuple(Mark(*_span(one, 3, len(text)), _one_of(one[2], _ROLES)) for one in _list(told, "marks"))
    article = Article(entry.id, _read_source(told, entry), text, marks, _one_of(told.get("kind"), KINDS))
    passages = tuple(_read_passage(one, article) for one in _list(told, "passages"))
    return Carried(article, entry, passages)


def read_removed(line: bytes, home: Home) -> Removed:
    """Return the removed article that `removed_line` wrote, or raise NotCarried."""
    told = parse_object(line)
    entry = _read_entry(told, home)
    source = _read_source(told, entry)
    return Removed(entry.id, source, entry.content_hash, entry.file, entry.root, entry.place, _day(told, "removed"))


def parse_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object of a line, or raise NotCarried."""
    try:
        told = json.loads(line.decode("utf-8"))
        # An escape can hold half a character, which no database takes.
        json.dumps(told, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise NotCarried("not JSON of valid text") from error
    if not isinstance(told, dict):
        raise NotCarried("not an object")
    return told


def _read_entry(told: Mapping[str, Any], home: Home) -> Entry:
    id = _text(told, "id")
    if not id:
        raise NotCarried("an article has no id")
    entry = Entry(id, _text(told, "content_hash"), *(_text(told, name) for name in ("file", "root", "place", "path")))
    own = {name: home.find(_text(told, name)) for name in ("file", "root", "path") if name in _list(told, "own")}
    return replace(entry, **own)


def _read_source(told: Mapping[str, Any], entry: Entry) -> Source:
    title, outlet, author, url = (_text(told, name) for name in ("title", "outlet", "author", "url"))
    return Source(title, outlet, author, _day(told, "published"), url, entry.path)


def _read_passage(told: object, article: Article) -> Passage:
    if not isinstance(told, dict):
        raise NotCarried("a passage is not an object")
    start, end = _span([told.get("start"), told.get("end")], 2, len(article.text))
    spans = tuple(Span(*_span(one, 2, end)) for one in _list(told, "sentences"))
    ends = [start, *(place for span in spans for place in (span.start, span.end))]
    if ends != sorted(ends):
        raise NotCarried("a passage's sentences are not within it")
    role, kind = _one_of(told.get("role"), _ROLES), _one_of(told.get("kind"), KINDS)
    text = article.text[start:end]
    # Told for those who read the file: an id that was believed could be another article's.
    id = identify_passage(article.id, text, start=start, end=end)
    return Passage(id, article.id, article.source, start, end, text, spans, role, kind)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise NotCarried(f"its {name} is no text")
    return value


def _list(told: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = told.get(name)
    if not isinstance(value, list):
        raise NotCarried(f"its {name} is no list")
    return value


def _day(told: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(_text(told, name)) if told.get(name) is not None else None
    except ValueError as error:
        raise NotCarried(f"its {name} is no day") from error


def _span(told: object, length: int, most: int) -> tuple[int, int]:
    if not isinstance(told, list) or len(told) != length or any(type(place) is not int for place in told[:2]):
        raise NotCarried("a range is no range")
    start, end = told[:2]
    if not 0 <= start <= end <= most:
        raise NotCarried("a range lies outside its text")
    return start, end


def _one_of(value: Any, known: Sequence[Any]) -> Any:
    if value not in known:
        raise NotCarried(f"{value!r} is no role or kind")
    return value
