"""Records to JSON by a fixed schema: what `--json` prints and other programs read.

Its shape is a contract, named in bot/json_shapes.py, documented in the README and pinned by tests/test_show.py: a
change that could break a reader of it changes SCHEMA_VERSION.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from bot.json_shapes import (
    AnswerJson,
    ArticleJson,
    CarrierJson,
    CitationJson,
    DayJson,
    EvidenceJson,
    FiltersJson,
    HitJson,
    ImpliedJson,
    MarkJson,
    RowJson,
    SentenceJson,
    SourceJson,
    StatusJson,
    TimelineJson,
    TimingsJson,
    VersionJson,
)
from bot.records import Answer, Citation, Found, Implied, ResolvedDay, Sentence, Timeline, Timings, Version
from index.records import ArchiveStatus, Article, BuildReport, Carrier, Filters, Hit, Source
from index.removed import Removed
from index.rows import ArticleRow

SCHEMA_VERSION = 1
Json = dict[str, Any]
_LINE = re.compile(r"[^\n]+")


def answer_json(answer: Answer) -> AnswerJson:
    """Return an answer by the schema of `byline ask --json`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": answer.question.id,
        "question": answer.question.text,
        "standalone_question": answer.standalone_question,
        "answered": answer.answered,
        "answer": answer.text,
        "reason": answer.reason,
        "sentences": [_sentence_json(sentence) for sentence in answer.sentences],
        "citations": [citation_json(citation) for citation in answer.citations],
        "nearest": [citation_json(citation) for citation in answer.nearest],
        "versions": [_version_json(version) for version in answer.versions],
        "retrieved": hits_json(answer.retrieved),
        "applied": filters_json(answer.applied),
        "implied": _implied_json(answer.implied) if answer.implied else None,
        "confidence": round(answer.confidence, 4),
        "stopped": answer.stopped,
        "model": answer.model,
        "fallback": answer.fallback,
        "notices": list(answer.notices),
        "timings": _timings_json(answer.timings),
    }


def found_json(found: Found) -> EvidenceJson:
    """Return what was found for a question."""
    return {
        "standalone_question": found.standalone_question,
        "applied": filters_json(found.applied),
        "implied": _implied_json(found.implied) if found.implied else None,
        "retrieved": hits_json(found.retrieved),
        "retrieve_ms": found.milliseconds,
    }


def _timings_json(timings: Timings) -> TimingsJson:
    return {
        "retrieve_ms": timings.retrieve_ms,
        "first_token_ms": timings.first_token_ms,
        "total_ms": timings.total_ms,
        "prompt_tokens": timings.prompt_tokens,
        "answer_tokens": timings.answer_tokens,
    }


def _implied_json(implied: Implied) -> ImpliedJson:
    return {
        "phrase": implied.phrase,
        "since": implied.since.isoformat() if implied.since else None,
        "until": implied.until.isoformat() if implied.until else None,
        "limit": implied.is_limit,
    }


def _sentence_json(sentence: Sentence) -> SentenceJson:
    return {
        "text": sentence.text,
        "support": sentence.support,
        "citations": list(sentence.citations),
        "missing": list(sentence.missing),
        "said_by": sentence.said_by,
    }


def citation_json(citation: Citation) -> CitationJson:
    """Return a citation: the article's own words, and where they stand."""
    return {
        "number": citation.number,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "passage_id": citation.passage_id,
        "kind": citation.kind,
        "article": {"id": citation.article_id, **source_json(citation.source)},
        "days": [_day_json(day) for day in citation.days],
        "also_carried_by": _carriers_json(citation.carried_by),
    }


def _day_json(day: ResolvedDay) -> DayJson:
    return {
        "text": day.text,
        "start": day.start,
        "end": day.end,
        "since": day.since.isoformat(),
        "until": day.until.isoformat(),
        "unit": day.unit,
    }


def _carriers_json(carriers: Sequence[Carrier]) -> list[CarrierJson]:
    return [
        {
            "article_id": carrier.article_id,
            "title": carrier.source.title,
            "outlet": carrier.source.outlet,
            "published": carrier.source.published.isoformat() if carrier.source.published else None,
        }
        for carrier in carriers
    ]


def _version_json(version: Version) -> VersionJson:
    return {
        "fact": version.fact,
        "instead_of": version.instead_of,
        "relation": version.relation,
        "citation": citation_json(version.citation),
    }


def source_json(source: Source) -> SourceJson:
    """Return a source: unknown text is "", an unknown date null."""
    return {
        "title": source.title,
        "outlet": source.outlet,
        "author": source.author,
        "published": source.published.isoformat() if source.published else None,
        "url": source.url,
        "path": source.path,
    }


def hits_json(hits: Sequence[Hit]) -> list[HitJson]:
    """Return hits by the schema of `byline search --json`, ranked from 1."""
    return [
        {
            "rank": rank,
            "passage_id": hit.passage.id,
            "article_id": hit.passage.article_id,
            "title": hit.passage.source.title,
            "outlet": hit.passage.source.outlet,
            "published": hit.passage.source.published.isoformat() if hit.passage.source.published else None,
            "score": round(hit.score, 6),
            "ranks": dict(hit.ranks),
            "scores": {method: round(score, 6) for method, score in hit.scores},
            "start": hit.passage.start,
            "end": hit.passage.end,
            "text": hit.passage.text,
            "also_carried_by": _carriers_json(hit.carried_by),
        }
        for rank, hit in enumerate(hits, start=1)
    ]


def timeline_json(timeline: Timeline) -> TimelineJson:
    """Return a topic's events by the schema of `byline timeline --json`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "topic": timeline.topic,
        "told": timeline.told,
        "applied": filters_json(timeline.filters),
        "events": [
            {
                "day": event.day.isoformat() if event.day else None,
                "said": _day_json(event.said) if event.said else None,
                "citation": citation_json(event.citation),
                "also_told_by": [citation_json(one) for one in event.retold_by],
            }
            for event in timeline.events
        ],
    }


def filters_json(filters: Filters) -> FiltersJson:
    """Return the limits of a search; null and [] are none."""
    return {
        "since": filters.since.isoformat() if filters.since else None,
        "until": filters.until.isoformat() if filters.until else None,
        "outlets": list(filters.outlets),
        "authors": list(filters.authors),
    }


def article_json(article: Article) -> ArticleJson:
    """Return a stored article with its text, in which every citation's offsets count."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": article.id,
        **source_json(article.source),
        "kind": article.kind,
        "text": article.text,
        "marks": [{"start": mark.start, "end": mark.end, "role": mark.role} for mark in article.marks],
        "paragraphs": list(_paragraphs_json(article)),
    }


def _paragraphs_json(article: Article) -> Iterator[MarkJson]:
    """Yield the article's lines that hold words, each with the role of what it begins with."""
    marks = sorted(article.marks, key=lambda mark: mark.start)
    for line in _LINE.finditer(article.text):
        if line.group().strip():
            at = bisect_right(marks, line.start(), key=lambda mark: mark.start) - 1
            is_marked = at >= 0 and marks[at].end > line.start()
            yield {"start": line.start(), "end": line.end(), "role": marks[at].role if is_marked else "body"}


def row_json(row: ArticleRow) -> RowJson:
    """Return an article without its text, as `byline list` shows it."""
    return {
        "id": row.id,
        **source_json(row.source),
        "kind": row.kind,
        "passages": row.passages,
        "characters": row.characters,
    }


def removed_json(one: Removed) -> Json:
    """Return an article that was removed, as `byline list --removed` shows it."""
    day = one.day.isoformat() if one.day else None
    return {"id": one.id, **source_json(one.source), "file": one.file, "root": one.root, "removed": day}


def report_json(report: BuildReport) -> Json:
    """Return the counts of an indexing run, and what was skipped with its reason."""
    skipped = [{"path": item.path, "where": item.where, "reason": item.reason} for item in report.skipped]
    counts = ("added", "updated", "unchanged", "removed", "duplicates", "left_out")
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: getattr(report, name) for name in counts},
        "skipped": skipped,
        "passages": report.passages,
        "languages": dict(report.languages),
    }


def status_json(status: ArchiveStatus, folder: str) -> StatusJson:
    """Return the facts about an archive."""
    return {
        "schema_version": SCHEMA_VERSION,
        "archive": folder,
        "articles": status.articles,
        "passages": status.passages,
        "outlets": status.outlets,
        "first_published": status.first_published.isoformat() if status.first_published else None,
        "last_published": status.last_published.isoformat() if status.last_published else None,
        "undated": status.undated,
        "fingerprint": status.fingerprint,
        "version": status.version,
        "vectors_current": status.vectors_current,
        "bytes_on_disk": status.bytes_on_disk,
        "languages": dict(status.languages),
    }
