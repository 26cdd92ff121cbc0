"""The records that leave index/: plain frozen values, knowing nothing of files, stores or models.

Offsets are counted in characters (Python str indices) of the stored `Article.text`, and for every
record that has them `article.text[start:end]` is exactly the text it stands for.
Unknown text is the empty string; an unknown date is None, never today's or the file's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Role = Literal["headline", "byline", "caption", "body", "furniture"]
Kind = Literal["news", "opinion", "interview", "correction"]
Method = Literal["dense", "lexical"]
Sort = Literal["newest", "oldest", "title", "outlet", "longest"]  # of the archive as a list
KINDS: tuple[Kind, ...] = get_args(Kind)
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article comes from, as a citation shows it."""

    title: str = ""
    outlet: str = ""
    author: str = ""
    published: date | None = None
    url: str = ""
    path: str = ""  # the file it was read from, absolute


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range in a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of an article's text that is not plain body: its role says what it is."""

    start: int
    end: int
    role: Role


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a reader found it, before it has an id.

    `key` is the record's own id where it carries one, else empty. `where` places the record inside its
    file ("line 7"), empty for one article a file.
    """

    source: Source
    text: str
    marks: tuple[Mark, ...] = ()
    kind: Kind = "news"
    key: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not indexed, by name and with the reason."""

    path: str
    reason: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article. `text` is what the reader sees and what every offset counts in."""

    id: str
    source: Source
    text: str
    marks: tuple[Mark, ...] = ()
    kind: Kind = "news"


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: `article.text[start:end] == text`.

    `sentences` are the spans of its sentences, in article offsets, in order and without overlap.
    """

    id: str
    article_id: str
    source: Source
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    role: Role = "body"
    kind: Kind = "news"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Another article that says the same in the same words: a reprint of what it is listed under."""

    article_id: str
    source: Source


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with why: its rank (from 1) and raw score in each method that found it.

    The dense score is the cosine, in [-1, 1]; the lexical score is BM25, larger is better. `score` is the
    fused one, in [0, 1], comparable only within one search. `carried_by` are the articles whose hits it stands for.
    """

    passage: Passage
    score: float
    ranks: tuple[tuple[Method, int], ...]
    scores: tuple[tuple[Method, float], ...]
    carried_by: tuple[Carrier, ...] = ()

    def raw(self, method: Method) -> float | None:
        """Return the raw score in `method`, or None where that method did not find the passage."""
        return dict(self.scores).get(method)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a search may use; both ends of the date range belong to it.

    An article without a date is outside every date range. Outlets and authors compare without case.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when every article passes."""
        return not (self.since or self.until or self.outlets or self.authors)


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """What an archive holds. `fingerprint` is empty before the first article."""

    articles: int
    passages: int
    outlets: int
    first_published: date | None
    last_published: date | None
    undated: int
    fingerprint: str
    version: int
    vectors_current: bool
    bytes_on_disk: int
    languages: tuple[tuple[str, int], ...] = ()  # beside English, with their numbers of articles


@dataclass(frozen=True, slots=True)
class Taken:
    """An article that an indexing run found, and what it did with it. `id` is that of the article that is stored.

    Of a duplicate this is the other article, which says the same, and what is left out has none: its reader removed it
    before. `title` and `path` are always the found one's.
    """

    what: Literal["added", "updated", "duplicate", "left out"]
    id: str
    title: str
    path: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one indexing run did, in articles; `passages` is how many the archive holds afterwards.

    `left_out` were found again but had been removed from the archive by its reader.
    So are `articles`, and `languages` those beside English with their numbers of articles.
    `taken` names the first that were added, updated, duplicates or left out; `stopped` says that not all was read.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    passages: int = 0
    skipped: tuple[Skipped, ...] = field(default=())
    left_out: int = 0
    taken: tuple[Taken, ...] = field(default=())
    stopped: bool = False
    articles: int = 0
    languages: tuple[tuple[str, int], ...] = ()
