"""Citations as a table in CSV: a row for each sentence of an answer and each quote under it.

A spreadsheet must run nothing that an article or a reader wrote: what it would take for a formula gets an apostrophe
before it, at the beginning of a cell and wherever a semicolon, a tab or a new line could begin one elsewhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from bot.export_references import Dated
from bot.markup import web_address
from bot.records import Answer, Citation, Sentence
from bot.show import plain

COLUMNS = (
    *("asked", "question", "sentence", "support", "relation", "quote", "kind"),
    *("title", "author", "outlet", "published", "url", "article_id", "start", "end"),
)
_BEGINS_A_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[ ]*[=+\-@＝＋－＠])")  # the wide ones are formulas in Japanese Excel


def to_table(answers: Iterable[Dated]) -> str:
    """Return the citations of the answers as CSV; the header alone where nothing is cited."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(COLUMNS)
    for dated in answers:
        table.writerows([as_cell(value) for value in row] for row in _rows(dated))
    return written.getvalue()


def as_cell(text: str) -> str:
    """Return `text` as a cell that no spreadsheet takes for a formula."""
    return _BEGINS_A_FORMULA.sub(r"\1'", plain(text))


def _rows(dated: Dated) -> Iterator[tuple[str, ...]]:
    answer = dated.answer
    for citation in answer.citations:
        for sentence in _carried_by(citation, answer):
            yield _row(dated, citation, sentence.text, sentence.support, "cited")
    for version in answer.versions:
        yield _row(dated, version.citation, f"{version.fact}, not {version.instead_of}", "", version.relation)


def _carried_by(citation: Citation, answer: Answer) -> list[Sentence]:
    return [sentence for sentence in answer.sentences if citation.number in sentence.citations]


def _row(dated: Dated, citation: Citation, said: str, support: str, relation: str) -> tuple[str, ...]:
    source = citation.source
    published = source.published.isoformat() if source.published else ""
    asked = (dated.answer.question.asked_on.isoformat(), dated.answer.question.text)
    article = (source.title, source.author, source.outlet, published, web_address(source.url))
    place = (citation.article_id, str(citation.start), str(citation.end))
    return (*asked, said, support, relation, citation.quote, citation.kind, *article, *place)
