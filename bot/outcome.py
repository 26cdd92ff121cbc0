"""What became of one question: all that judging and showing it needs, as a line of a results file.

The verdicts are not kept: they are computed anew from what is, so that a better measure holds for old results too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Literal, TypeVar

from bot.questions import EvalQuestion, parse_question
from bot.records import Answer, Citation, Evidence, Sentence, Signs, Timings
from index.errors import BylineError, UsageError
from index.records import Hit, Source

ArticleText = Callable[[str], str | None]
Relation = Literal["gold", "supporting", "other"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as it was shown. `exact` is False when the article does not read so at the citation's offsets.

    `carrier_ids` are the near-copies that say the same words: to cite one is to cite the other.
    """

    number: int
    quote: str
    article_id: str
    source: Source
    exact: bool
    carrier_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found, best first. `dense` is its cosine, None where only its words were found."""

    passage_id: str
    article_id: str
    source: Source
    text: str
    score: float
    dense: float | None = None
    carrier_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and what Byline made of it. `error` is what broke, else empty.

    `read` is what the model was given, each passage with the sentences of it that were; older results have none.
    `versions` is what is shown beside the answer of articles that say otherwise.
    """

    question: EvalQuestion
    answered: bool = False
    text: str = ""
    standalone_question: str = ""
    reason: str = ""
    confidence: float = 0.0
    model: str = ""
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Cited, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    timings: Timings = field(default=Timings())
    error: str = ""
    read: tuple[Retrieved, ...] = ()
    signs: Signs = Signs()
    versions: tuple[str, ...] = ()

    @property
    def articles(self) -> tuple[Retrieved, ...]:
        """The distinct articles found, each by its best passage, in order."""
        first: dict[str, Retrieved] = {}
        for passage in self.retrieved:
            first.setdefault(passage.article_id, passage)
        return tuple(first.values())

    def relation(self, item: Cited | Retrieved) -> Relation:
        """Return what the question's file says of the article that `item` comes from."""
        question, ids = self.question, {item.article_id, *item.carrier_ids}
        if ids & {*question.gold_article_ids} or ends_with_any(item.source.path, question.gold_paths):
            return "gold"
        also = bool(ids & {*question.also_supported_by})
        return "supporting" if also or ends_with_any(item.source.path, question.also_supported_paths) else "other"


def ends_with_any(path: str, names: tuple[str, ...]) -> bool:
    """True when `path` ends with one of `names`, at a folder's edge: "flood.txt" is not "dry-flood.txt"."""
    slashed = "/" + path.replace("\\", "/")
    return bool(path) and any(slashed.endswith("/" + name.replace("\\", "/").lstrip("/")) for name in names)


def observe(question: EvalQuestion, answer: Answer, article_text: ArticleText) -> Outcome:
    """Return what was shown for `question`, each quote compared with the stored article."""
    versions = answer.versions
    citations = (*answer.citations, *(version.citation for version in versions))
    return Outcome(
        question=question,
        answered=answer.answered,
        text=answer.text,
        standalone_question=answer.standalone_question,
        reason=answer.reason,
        confidence=float(answer.confidence),
        model=answer.model,
        sentences=answer.sentences,
        citations=tuple(_observe_citation(citation, article_text) for citation in citations),
        retrieved=tuple(_observe_hit(hit) for hit in answer.retrieved),
        timings=answer.timings,
        read=tuple(_observe_evidence(item) for item in answer.evidence),
        signs=answer.signs,
        versions=tuple(f"{version.fact}: {version.citation.quote}" for version in versions),
    )


def observe_failure(question: EvalQuestion, error: BylineError) -> Outcome:
    """Return the outcome of a question that broke: neither answered nor refused."""
    return Outcome(question=question, error=error.wrong)


def to_line(outcome: Outcome) -> str:
    """Return the outcome as one line of ASCII JSON, without its newline: no text can make the file unreadable."""
    return json.dumps(to_record(outcome))


def to_record(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain values for JSON."""
    record = _plain(asdict(outcome))
    record["question"]["question"] = record["question"].pop("text")
    return record  # type: ignore[no-any-return]


def from_record(record: Mapping[str, Any], *, where: str) -> Outcome:
    """Return the outcome of `to_record`; a record of another shape raises UsageError beginning with `where`.

    Fields that this version does not know are passed over, and those that an older one did not write are empty.
    """
    try:
        return _make(
            Outcome,
            {
                **record,
                "question": parse_question(record["question"], where=where),
                "sentences": tuple(_sentence(item) for item in record["sentences"]),
                "citations": tuple(_make(Cited, _with_tuples(item)) for item in record["citations"]),
                "retrieved": tuple(_make(Retrieved, _with_tuples(item)) for item in record["retrieved"]),
                "timings": _make(Timings, record["timings"]),
                "read": tuple(_make(Retrieved, _with_tuples(item)) for item in record.get("read", ())),
                "signs": _make(Signs, record.get("signs", {})),
                "versions": tuple(record.get("versions", ())),
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{where}: not a result of this version of byline eval", "byline eval QUESTIONS") from error


def with_question(outcome: Outcome, question: EvalQuestion) -> Outcome:
    """Return the outcome judged by `question`, whose known answers may have been mended since it was asked."""
    return replace(outcome, question=question)


def _observe_citation(citation: Citation, article_text: ArticleText) -> Cited:
    text = article_text(citation.article_id)
    within = text is not None and 0 <= citation.start < citation.end <= len(text)
    exact = within and text is not None and text[citation.start : citation.end] == citation.quote
    ids = tuple(carrier.article_id for carrier in citation.carried_by)
    return Cited(citation.number, citation.quote, citation.article_id, citation.source, exact, ids)


def _observe_hit(hit: Hit) -> Retrieved:
    passage = hit.passage
    return Retrieved(
        passage.id,
        passage.article_id,
        passage.source,
        passage.text,
        score=hit.score,
        dense=hit.raw("dense"),
        carrier_ids=tuple(carrier.article_id for carrier in hit.carried_by),
    )


def _observe_evidence(item: Evidence) -> Retrieved:
    passage, found = item.hit.passage, _observe_hit(item.hit)
    parts = [passage.text[span.start - passage.start : span.end - passage.start] for span in item.sentences]
    return replace(found, text=" ".join(parts)) if parts else found


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
        case _:
            return value


def _sentence(item: Mapping[str, Any]) -> Sentence:
    lists = {"citations": tuple(item["citations"]), "missing": tuple(item["missing"])}
    return _make(Sentence, {**item, **lists})


def _with_tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    source = dict(item["source"])
    if source["published"]:
        source["published"] = date.fromisoformat(source["published"])
    return {**item, "source": _make(Source, source), "carrier_ids": tuple(item.get("carrier_ids", ()))}


def _make(record: Callable[..., T], values: Mapping[str, Any]) -> T:
    """Return the record of those of the values that it has fields for."""
    known = {each.name for each in fields(record)}  # type: ignore[arg-type]
    return record(**{name: value for name, value in values.items() if name in known})
