"""Byline as a Python library: `from bot import Archive`, and ask it. The records are those of everything else here.

A thin face over a desk: the same pipeline and checks, and errors of index/errors.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.as_json import answer_json
from bot.json_shapes import AnswerJson
from bot.records import Answer as AnswerRecord
from bot.records import Citation, Event, Question, Support, Turn, Version
from bot.settings import read_settings
from index.browse import Browse, browse
from index.errors import ArchiveMissing, UsageError
from index.records import Article, BuildReport, Filters, Hit
from index.rows import ArticleRow

if TYPE_CHECKING:
    from bot.app import Desk
    from index.records import ArchiveStatus

__all__ = ["Answer", "Archive", "Article", "Citation", "Filters", "Hit", "Sentence", "Turn", "Version"]
NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with the citations that carry it."""

    text: str
    support: Support
    citations: tuple[Citation, ...]
    missing: tuple[str, ...] = ()
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer. `answered` is False when the articles do not say: then `reason` tells why."""

    record: AnswerRecord

    def __str__(self) -> str:
        return self.record.text

    @property
    def answered(self) -> bool:
        """Whether the articles say it."""
        return self.record.answered

    @property
    def text(self) -> str:
        """The answer in plain words, or that the articles do not say."""
        return self.record.text

    @property
    def reason(self) -> str:
        """Why there is no answer."""
        return self.record.reason

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The answer's sentences, each with its citations."""
        cited = {citation.number: citation for citation in self.record.citations}
        return tuple(
            Sentence(one.text, one.support, tuple(cited[n] for n in one.citations), one.missing, one.said_by)
            for one in self.record.sentences
        )

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the answer quotes, by number."""
        return self.record.citations

    @property
    def nearest(self) -> tuple[Citation, ...]:
        """What the nearest articles do say, where they do not answer."""
        return self.record.nearest

    @property
    def versions(self) -> tuple[Version, ...]:
        """What other articles give in place of a fact of the answer."""
        return self.record.versions

    @property
    def retrieved(self) -> tuple[Hit, ...]:
        """The passages that were found, best first."""
        return self.record.retrieved

    @property
    def confidence(self) -> float:
        """How sure the answer is, from 0 to 1."""
        return self.record.confidence

    def turn(self) -> Turn:
        """Return what was said, for the `history` of the next question."""
        return Turn(self.record.standalone_question, self.record.text)

    def to_json(self) -> AnswerJson:
        """Return the object that `byline ask --json` prints."""
        return answer_json(self.record)


class Archive:
    """An archive of news articles in a folder. With `create` an empty one is made where there is none.

    `model` is a name of models.txt or the path of a GGUF file, by default as in the environment; with `no_llm` the
    articles' own sentences answer. Models are loaded when they are first needed. Raises what index/errors.py names.
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        create: bool = False,
        model: str = "",
        no_llm: bool = False,
        strictness: float | None = None,
    ) -> None:
        flags = {"model": model or None, "no_llm": no_llm or None, "strictness": strictness}
        from bot.app import Desk

        self._desk: Desk = Desk.open(read_settings(Path(folder), flags), create=create, may_be_empty=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive; it is not used afterwards."""
        self._desk.close()

    # What goes in

    def index(self, *paths: str | PathLike[str], columns: Mapping[str, str] | None = None) -> BuildReport:
        """Bring the archive in step with files and folders, and return what was done and what was skipped."""
        return self._desk.index([Path(path) for path in paths], lambda progress: None, columns=columns)

    def add(self, *addresses: str) -> BuildReport:
        """Fetch pages of the public web, once, and add their articles; raises FetchError for one that gives none."""
        from bot.uploads import UPLOADS
        from bot.url_guard import parse_page
        from bot.web_fetch import store

        pages = [parse_page(address).url for address in addresses]
        folder = self._desk.archive.folder / UPLOADS
        return self.index(*[store(self._desk.web.fetch(url), folder) for url in pages])

    # What comes out

    def ask(
        self,
        question: str,
        *,
        filters: Filters = NO_FILTERS,
        history: Sequence[Turn] = (),
        asked_on: date | None = None,
        any_date: bool = False,
    ) -> Answer:
        """Return the checked answer, each sentence with its quotes, or that the articles do not say."""
        *_, last = self.stream(question, filters=filters, history=history, asked_on=asked_on, any_date=any_date)
        assert isinstance(last, AnswerRecord)
        return Answer(last)

    def stream(
        self,
        question: str,
        *,
        filters: Filters = NO_FILTERS,
        history: Sequence[Turn] = (),
        asked_on: date | None = None,
        any_date: bool = False,
    ) -> Iterator[Event]:
        """Yield what happens on the way to an answer, the answer's record last; a Token is not checked yet."""
        if not question.strip():
            raise UsageError("The question is empty.", 'archive.ask("What happened in Lowmarsh?")')
        self._require_articles()
        asked = Question(question, asked_on or date.today(), filters, tuple(history), any_date=any_date)
        yield from self._desk.ask(asked)

    def search(self, text: str, *, limit: int = 10, filters: Filters = NO_FILTERS) -> tuple[Hit, ...]:
        """Return the best passages for `text`; needs no generator."""
        self._require_articles()
        return self._desk.search(text, limit=limit, filters=filters)

    def articles(
        self, words: str = "", *, filters: Filters = NO_FILTERS, limit: int | None = None, offset: int = 0
    ) -> tuple[ArticleRow, ...]:
        """Return the articles without their text, newest first; with `words` those that hold each of them."""
        with self._desk.archive.store.reading() as connection:
            return browse(connection, Browse(words, filters), limit=limit, offset=offset).rows

    def article(self, id: str) -> Article | None:
        """Return an article with its text: for every citation `article.text[start:end] == quote`."""
        return self._desk.archive.article(id)

    def status(self) -> ArchiveStatus:
        """Return what the archive holds."""
        return self._desk.archive.status()

    def _require_articles(self) -> None:
        if self._desk.archive.is_empty:
            raise ArchiveMissing(f"The archive in {self._desk.settings.archive} holds no articles.", "archive.index(…)")
