"""The records of a question's way to its answer: plain frozen values.

A citation's quote is always the article's own words: `article.text[start:end] == quote`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.records import Carrier, Filters, Hit, Kind, Source, Span

EXTRACTION = "extraction"  # names the model of an answer that was made without one
Support = Literal["supported", "partly", "unsupported"]
TimeUnit = Literal["day", "week", "month", "year"]
VersionRelation = Literal["differs", "earlier", "later"]
StageName = Literal["searching", "reading", "writing", "checking"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation: the question as it was understood, and the answer's text."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked: with the day it is asked on, the limits the reader set, and what was said before.

    With `any_date` what its words say about when is not applied. `strictness`, where it is given, is the least
    confidence that this answer is shown with, and `passages` how many are read, instead of those of the settings.
    """

    text: str
    asked_on: date
    filters: Filters = Filters()
    history: tuple[Turn, ...] = ()
    id: str = ""
    any_date: bool = False
    strictness: float | None = None
    passages: int | None = None


@dataclass(frozen=True, slots=True)
class Implied:
    """What the question's own words say about when, `phrase`, and the days of publication that it was read as.

    `is_limit` tells a limit from a preference; with neither day the newest articles are preferred.
    """

    phrase: str
    since: date | None
    until: date | None
    is_limit: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage given to the model. `number` counts from 1 and is given once.

    `sentences` are the spans that it reads, in article offsets and in order; empty: the whole passage.
    """

    number: int
    hit: Hit
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedDay:
    """Words of an article about when, `article.text[start:end] == text`, and the range of days that they mean."""

    start: int
    end: int
    text: str
    since: date
    until: date
    unit: TimeUnit


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim sentence of a stored article that carries part of the answer.

    `days` are the quote's words about when with what they mean, where they do not say it and it is sure.
    `carried_by` are the near-copies of the article that say the same words, punctuation and the like aside.
    """

    number: int
    quote: str
    start: int
    end: int
    passage_id: str
    article_id: str
    source: Source
    days: tuple[ResolvedDay, ...] = ()
    carried_by: tuple[Carrier, ...] = ()
    kind: Kind = "news"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer with its verdict.

    `missing` names what the cited words do not hold (a number, a name, a date, a negation); it is empty when
    supported. `citations` are numbers of the answer's citations, empty when unsupported. `said_by` are the
    article's words for whom it attributes the statement to, empty where it states it itself; `text` names them too.
    """

    text: str
    support: Support
    citations: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What another article gives in place of a fact of the answer: `fact` and `instead_of` as they are written.

    The citation's number goes on after those of the answer. A figure that develops is "earlier" or "later" by the
    days of publication; all else only "differs".
    """

    fact: str
    instead_of: str
    relation: VersionRelation
    citation: Citation


@dataclass(frozen=True, slots=True)
class Timings:
    """How long an answer took, in milliseconds from the question, and how many tokens it read and wrote."""

    retrieve_ms: int = 0
    first_token_ms: int = 0
    total_ms: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an answer. All are in [0, 1] but the cosine, which is in [-1, 1].

    Those of the question and the evidence are known before the model writes, the others are 0 until it has.
    """

    cosine: float = 0.0  # of the question with the best passage; fused scores say nothing across questions
    yes: float = 0.0  # the model's probability that the articles state the answer, of Yes and No alone
    covered: float = 0.0  # share of the question's content words in the passage that holds most of them
    sentence_covered: float = 0.0  # the same for the best single sentence
    facts_held: float = 0.0  # share of the question's names, numbers and dates in the best article
    margin: float = 0.0  # by how much the best article's passages beat the next one's, fused
    strength: float = 0.0  # share of the answer's content that its quotes hold, mean over its sentences
    supported: float = 0.0  # share of the answer's sentences that are supported
    question_in_quotes: float = 0.0  # share of the question's content words in the quotes
    new: float = 0.0  # 1 when the answer says something that the question did not
    gives: float = 0.0  # whether it holds a fact of the kind asked for, as a number for "how many"
    premises: float = 0.0  # share of the question's names, numbers and dates in the quotes and their titles
    against: float = 0.0  # 1 when the quotes deny what the question takes for granted, or say the opposite
    holds: float = 0.0  # how likely the quotes alone state the answer: as the reader says, or the model by Yes and No
    fluent: float = 0.0  # geometric mean of the probabilities it gave the tokens it wrote
    least_sure: float = 0.0  # the smallest of them
    declined: float = 0.0  # 1 when the model itself wrote that the articles do not say
    # Of the sentence that answers best without a model (extract.py); known before it writes, too.
    best: float = 0.0  # its score
    best_cosine: float = 0.0  # with the question, in [-1, 1]
    best_covered: float = 0.0  # share of the question's content words in and around it, by rarity
    fits: float = 0.0  # whether it holds a fact of the kind asked for, as a number for "how many"
    facts_near: float = 0.0  # share of the question's names, numbers and dates in it, before it and in its title
    denied: float = 0.0  # 1 when it denies what the question takes for granted, or the other way round
    # Of the reader (reader.py), each of its probabilities of an answer against none; 0 where nothing was read.
    reads: float = 0.0  # of the best words of the evidence, known before the model writes
    told: float = 0.0  # of the best words of the quotes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader is shown. `answered` is False when the articles do not say: then `text` says so,
    `sentences` and `citations` are empty, `reason` tells why, `retrieved` are the nearest passages, and `nearest`
    what comes nearest of the articles' words: up to three citations, one an article, none of them an answer.
    """

    question: Question
    standalone_question: str
    answered: bool
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    retrieved: tuple[Hit, ...]
    confidence: float
    model: str
    timings: Timings
    applied: Filters = Filters()  # the reader's limits and those that the question's own words imply
    reason: str = ""
    signs: Signs = Signs()
    stopped: bool = False  # the reader stopped the model; the answer is what was written until then
    evidence: tuple[Evidence, ...] = ()  # what of `retrieved` the model was given to read
    implied: Implied | None = None
    nearest: tuple[Citation, ...] = ()  # of a refusal only
    fallback: str = ""  # why the model's answer broke off, where this one was made without it
    versions: tuple[Version, ...] = ()  # what other articles give instead, each with a citation of its own
    notices: tuple[str, ...] = ()  # what a reader should know of the search; no part of what is answered

    @property
    def all_citations(self) -> tuple[Citation, ...]:
        """The answer's citations and those of the other versions, in the order of their numbers."""
        return (*self.citations, *(version.citation for version in self.versions))

    @property
    def quoted(self) -> tuple[Citation, ...]:
        """The citations that are shown: those of an answer and its other versions, or what is nearest to a refusal."""
        return self.all_citations or self.nearest

    @property
    def is_extracted(self) -> bool:
        """True when no model wrote it: its sentences are the articles' own."""
        return self.model == EXTRACTION

    def is_opinion(self, sentence: Sentence) -> bool:
        """Return whether `sentence` rests on nothing but opinion pieces."""
        kinds = {citation.kind for citation in self.citations if citation.number in sentence.citations}
        return kinds == {"opinion"}


# What an answer's stream yields, in this order: Stage and Found, then Token …, last of all the Answer.


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done now."""

    name: StageName


@dataclass(frozen=True, slots=True)
class Found:
    """The search has ended: what it looked for, within which limits, and what it found, best first."""

    standalone_question: str
    applied: Filters
    retrieved: tuple[Hit, ...]
    milliseconds: int
    implied: Implied | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A further piece of the text as the model writes it; not checked yet."""

    text: str


Event = Stage | Found | Token | Answer


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that an article reports of a topic, in its words: the citation's quote.

    `said` are the words of the quote that say when it was; without them its day is that of the article's publication.
    `retold_by` are later reports that tell the same in words of their own.
    """

    citation: Citation
    said: ResolvedDay | None = None
    retold_by: tuple[Citation, ...] = ()

    @property
    def day(self) -> date | None:
        """The day of the event, the first of its month where only that is known; None for an undated article's."""
        return self.said.since if self.said else self.citation.source.published


@dataclass(frozen=True, slots=True)
class Timeline:
    """A topic's development within the limits, by day, the undated last."""

    topic: str
    filters: Filters
    events: tuple[TimelineEvent, ...]

    @property
    def told(self) -> bool:
        """False when the articles say nothing of the topic."""
        return bool(self.events)
