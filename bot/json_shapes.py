"""The shapes of the JSON that Byline gives out, named once: bot/as_json.py makes them, other programs read them.

A field's meaning is in the README's section on JSON. Knows no record.
"""

from __future__ import annotations

from typing import Literal

# Not typing's: pydantic, which describes these to other programs, reads that one only from Python 3.12 on.
from typing_extensions import TypedDict

SupportName = Literal["supported", "partly", "unsupported"]
KindName = Literal["news", "opinion", "interview", "correction"]
RoleName = Literal["headline", "byline", "caption", "body", "furniture"]


class SourceJson(TypedDict):
    """Where an article comes from: unknown text is "", an unknown date null."""

    title: str
    outlet: str
    author: str
    published: str | None
    url: str
    path: str


class CitedArticleJson(SourceJson):
    """The article that a citation quotes."""

    id: str


class DayJson(TypedDict):
    """Words of an article about when, and the days that they mean."""

    text: str
    start: int
    end: int
    since: str
    until: str
    unit: Literal["day", "week", "month", "year"]


class CarrierJson(TypedDict):
    """Another article that says the same in the same words."""

    article_id: str
    title: str
    outlet: str
    published: str | None


class CitationJson(TypedDict):
    """A verbatim sentence of a stored article: text[start:end] == quote, in Unicode characters."""

    number: int
    quote: str
    start: int
    end: int
    passage_id: str
    kind: KindName
    article: CitedArticleJson
    days: list[DayJson]
    also_carried_by: list[CarrierJson]


class SentenceJson(TypedDict):
    """A sentence of an answer with its verdict and the numbers of its citations."""

    text: str
    support: SupportName
    citations: list[int]
    missing: list[str]
    said_by: str


class VersionJson(TypedDict):
    """What another article gives in place of a fact of the answer."""

    fact: str
    instead_of: str
    relation: Literal["differs", "earlier", "later"]
    citation: CitationJson


class HitJson(TypedDict):
    """A passage that was found, with its rank and raw score in each method that found it."""

    rank: int
    passage_id: str
    article_id: str
    title: str
    outlet: str
    published: str | None
    score: float
    ranks: dict[str, int]
    scores: dict[str, float]
    start: int
    end: int
    text: str
    also_carried_by: list[CarrierJson]


class FiltersJson(TypedDict):
    """The limits of a search; null and [] are none."""

    since: str | None
    until: str | None
    outlets: list[str]
    authors: list[str]


class ImpliedJson(TypedDict):
    """What a question's own words say about when."""

    phrase: str
    since: str | None
    until: str | None
    limit: bool


class TimingsJson(TypedDict):
    """How long an answer took, and how many tokens it read and wrote."""

    retrieve_ms: int
    first_token_ms: int
    total_ms: int
    prompt_tokens: int
    answer_tokens: int


class ToldJson(TypedDict):
    """The checked answer, or with `answered` false that the articles do not say."""

    schema_version: int
    id: str
    question: str
    standalone_question: str
    answered: bool
    answer: str
    reason: str
    sentences: list[SentenceJson]
    citations: list[CitationJson]
    nearest: list[CitationJson]
    versions: list[VersionJson]
    applied: FiltersJson
    implied: ImpliedJson | None
    confidence: float
    stopped: bool
    model: str
    fallback: str
    notices: list[str]
    timings: TimingsJson


class AnswerJson(ToldJson):
    """An answer with all that was found for it."""

    retrieved: list[HitJson]


class EventJson(TypedDict):
    """An event of a timeline, in an article's words."""

    day: str | None
    said: DayJson | None
    citation: CitationJson
    also_told_by: list[CitationJson]


class TimelineJson(TypedDict):
    """A topic's events by day."""

    schema_version: int
    topic: str
    told: bool
    applied: FiltersJson
    events: list[EventJson]


class MarkJson(TypedDict):
    """A range of an article's text that is not plain body."""

    start: int
    end: int
    role: RoleName


class ArticleJson(CitedArticleJson):
    """A stored article with its text, in which every citation's offsets count; its paragraphs are ranges of it."""

    schema_version: int
    kind: KindName
    text: str
    marks: list[MarkJson]
    paragraphs: list[MarkJson]


class ArticlePartJson(CitedArticleJson):
    """A part of a stored article: its `text` is that of the article from `start` to `end`, of `characters`."""

    kind: KindName
    start: int
    end: int
    characters: int
    text: str


class RowJson(CitedArticleJson):
    """An article without its text."""

    kind: KindName
    passages: int
    characters: int


class StatusJson(TypedDict):
    """The facts about an archive."""

    schema_version: int
    archive: str
    articles: int
    passages: int
    outlets: int
    first_published: str | None
    last_published: str | None
    undated: int
    fingerprint: str
    version: int
    vectors_current: bool
    bytes_on_disk: int
    languages: dict[str, int]


class WaitingJson(TypedDict):
    """How many questions come first, and about how many seconds they take; null where nothing tells yet."""

    ahead: int
    seconds: int | None


class StageJson(TypedDict):
    """What is being done now."""

    stage: Literal["searching", "reading", "writing", "checking"]


class EvidenceJson(TypedDict):
    """What was found for a question, before anything is written."""

    standalone_question: str
    applied: FiltersJson
    implied: ImpliedJson | None
    retrieved: list[HitJson]
    retrieve_ms: int


class DraftJson(TypedDict):
    """A further piece of what the model writes: not checked, and maybe not part of the answer."""

    text: str
    checked: Literal[False]


class HitsJson(TypedDict):
    """What a search found, best first."""

    schema_version: int
    query: str
    applied: FiltersJson
    retrieved: list[HitJson]


class ListingJson(TypedDict):
    """One page of a list of articles, of `total`."""

    schema_version: int
    total: int
    offset: int
    articles: list[RowJson]


class ServerJson(TypedDict):
    """What a server answers from: the archive, the models, and how they are set."""

    schema_version: int
    version: str
    archive: StatusJson
    model: str
    embedder: str
    passages: int
    strictness: float
    waiting: int
    mcp: bool
