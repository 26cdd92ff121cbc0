"""Records to database values and back, exactly: what is read is what was stored. Knows no SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from struct import iter_unpack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.records import Article, Kind, Mark, Passage, Source, Span
from index.selection import date_to_int, fold, int_to_date

# In the order that `to_source` takes them.
SOURCE_COLUMNS = ", ".join(f"articles.{name}" for name in ("title", "outlet", "author", "published", "url", "path"))


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in a list: all but its text."""

    id: str
    source: Source
    kind: Kind
    passages: int
    characters: int


def to_source(values: Sequence[Any]) -> Source:
    """Return the source that the values of SOURCE_COLUMNS hold."""
    title, outlet, author, published, url, path = values
    return Source(title, outlet, author, int_to_date(published), url, path)


def article_values(article: Article) -> dict[str, str | int]:
    """Return an article's own columns."""
    source = article.source
    return {
        "id": article.id,
        "title": source.title,
        "outlet": source.outlet,
        "author": source.author,
        "url": source.url,
        "path": source.path,
        "published": date_to_int(source.published),
        "outlet_folded": fold(source.outlet),
        "author_folded": fold(source.author),
        "kind": article.kind,
        "characters": len(article.text),
        "marks": json.dumps([[mark.start, mark.end, mark.role] for mark in article.marks]),
        "text": article.text,
    }


def to_article(values: Sequence[Any]) -> Article:
    """Return the article that (id, kind, marks, text, *SOURCE_COLUMNS) hold."""
    id, kind, marks, text, *source = values
    return Article(id, to_source(source), text, tuple(Mark(*mark) for mark in json.loads(marks)), kind)


def to_passage(values: Sequence[Any], text: str) -> Passage:
    """Return the passage that (id, article id, start, end, role, kind, sentences, *SOURCE_COLUMNS) hold.

    `text` is the article's; the passage's is cut from it, so it cannot be other words than the article's.
    """
    id, article_id, start, end, role, kind, sentences, *source = values
    spans = decode_spans(sentences)
    return Passage(id, article_id, to_source(source), start, end, text[start:end], spans, role, kind)


def encode_spans(spans: Sequence[Span]) -> bytes:
    """Return spans as pairs of little-endian 32-bit numbers."""
    return np.array([(span.start, span.end) for span in spans], dtype="<u4").tobytes()


def decode_spans(data: bytes) -> tuple[Span, ...]:
    """Return the spans that `encode_spans` wrote."""
    return tuple(Span(start, end) for start, end in iter_unpack("<2I", data))


def encode_vector(vector: NDArray[np.float32]) -> bytes:
    """Return a vector as little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def decode_vectors(blobs: Sequence[bytes]) -> NDArray[np.float32]:
    """Return vectors of one length as the rows of a matrix."""
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), -1)
