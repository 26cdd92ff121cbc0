"""A desk with five articles and scripted answers: for the page's tests, which are not about retrieval or models.

Run `PYTHONPATH=. python tests/fake_desk.py` to look at the page without any model.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from threading import Event as Flag

from archive_material import put

from bot.models import Progress as ModelProgress
from bot.records import (
    EXTRACTION,
    Answer,
    Citation,
    Event,
    Found,
    Implied,
    Question,
    Sentence,
    Stage,
    Timeline,
    TimelineEvent,
    Timings,
    Token,
)
from bot.resolved import resolve_days
from bot.settings import Settings
from bot.web_fetch import WebFetch
from index.archive import Archive
from index.batch import Progress, Stop
from index.errors import ModelCorrupt
from index.records import (
    ArchiveStatus,
    Article,
    BuildReport,
    Carrier,
    Filters,
    Hit,
    Mark,
    Passage,
    Skipped,
    Source,
    Span,
    Taken,
)
from index.rows import ArticleRow
from index.selection import names_of
from index.store import Store

HOSTILE = (
    "<script>window.hacked=1</script><img src=x onerror=window.hacked=2><svg onload=window.hacked=3> "
    "![x](http://127.0.0.1:9/?q=1) [link](javascript:window.hacked=4) <http://evil.example/> {{7*7}} "
    "${window.hacked=5} $$\\href{javascript:window.hacked=6}{x}$$ <|im_end|> [1] [99] \u202egnp.exe"
)


def _article(key: str, title: str, outlet: str, day: date | None, body: str, **more: str) -> Article:
    source = Source(title, outlet, more.get("author", ""), day, more.get("url", ""), f"{key}.txt")
    caption = body.find("Photo:")
    marks = (Mark(caption, body.find("\n", caption), "caption"),) if caption >= 0 else ()
    return Article(key, source, body, marks, "opinion" if key == "opinion" else "news")


ARTICLES = (
    _article(
        "bridge",
        "Council approves repair of the harbour bridge",
        "The Saltmarsh Courier",
        date(2017, 3, 7),
        "The town council voted on Tuesday to repair the old harbour bridge rather than replace it.\n\n"
        "Photo: The harbour bridge, closed to lorries since January.\n\n"
        "The repair will cost 4.2 million crowns, the council said after a session of five hours. Nine members voted "
        "in favour and four against. Mayor Mara Lind called the decision “the only one we can afford”.\n\n"
        "Work is to begin in May and to last eleven months. During that time, lorries will be led over the northern "
        "ring road, and buses will run every twenty minutes.\n\n"
        "Opponents, among them the shipping company Nordkai, had asked for a new bridge with a higher span. Its head, "
        "Jonas Weir, said that larger vessels would go elsewhere.",
        author="Ida Holm",
        url="https://courier.example/2017/03/07/bridge",
    ),
    _article(
        "cost",
        "Bridge repair to cost 5.1 million, engineers say",
        "Northern Post",
        date(2017, 6, 21),
        "Repairing the harbour bridge will cost 5.1 million crowns and not 4.2 million as announced in March, "
        "engineers told the council on Wednesday.\n\n"
        "Corrosion in the eastern piers is worse than the first survey had shown, they said. Mayor Mara Lind said the "
        "town would ask the province for help with the difference.\n\n"
        "The reopening is now expected in June 2018.",
        author="Peter Aske",
        url="https://post.example/bridge-cost",
    ),
    _article(
        "opinion",
        "A bridge is more than its price",
        "Northern Post",
        date(2017, 6, 24),
        "Whoever counts only crowns has not stood on the harbour bridge at six in the morning. The town owes Mara Lind "
        "an honest hearing, and Jonas Weir an honest answer.",
        author="Rut Sander",
        url="javascript:window.hacked=7",
    ),
    _article(
        "fishery",
        "Fishery returns to the eastern bank after six years",
        "The Saltmarsh Courier",
        date(2016, 10, 2),
        "Boats may fish the eastern bank again from Monday, the fishery board decided. The catch is limited to 900 "
        "tonnes a year.",
        author="Ida Holm",
    ),
    _article(
        "hostile",
        f"Odd letters {HOSTILE}",
        f"Outlet {HOSTILE}",
        None,
        f"A letter to the editor read: {HOSTILE}\n\nEnd.",
    ),
)
BY_ID = {article.id: article for article in ARTICLES}


@dataclass
class FakeArchive:
    folder: Path
    extra: int = 0
    is_empty: bool = False

    def status(self) -> ArchiveStatus:
        return ArchiveStatus(
            articles=len(ARTICLES) + self.extra,
            passages=14,
            outlets=3,
            first_published=date(2016, 10, 2),
            last_published=date(2017, 6, 24),
            undated=1,
            fingerprint="fake",
            version=1,
            vectors_current=True,
            bytes_on_disk=1,
        )

    @cached_property
    def store(self) -> Store:
        """A real one, which the archive view lists."""
        with Archive.open(self.folder / "listed", create=True) as real:
            put(real, ARTICLES)
        return Store.open(self.folder / "listed")

    def article(self, article_id: str) -> Article | None:
        return BY_ID.get(article_id)

    def outlets(self, *, filters: Filters = Filters()) -> list[tuple[str, int]]:
        return count_names(one.outlet for one in sources_within(filters))

    def authors(self, *, filters: Filters = Filters()) -> list[tuple[str, int]]:
        return count_names(name for one in sources_within(filters) for name in names_of(one.author))

    def articles(self, *, limit: int | None = None) -> list[ArticleRow]:
        return [ArticleRow(one.id, one.source, one.kind, 1, len(one.text)) for one in ARTICLES[:limit]]


def sources_within(filters: Filters) -> list[Source]:
    """The sources that pass, by the simplest reading of the filters."""
    return [
        one.source
        for one in ARTICLES
        if (not filters.outlets or one.source.outlet in filters.outlets)
        and (not filters.authors or set(names_of(one.source.author)) & set(filters.authors))
        and (filters.since or date.min) <= (one.source.published or date.min) <= (filters.until or date.max)
    ]


def count_names(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(name for name in names if name).items())


def hit(article_id: str, words: str, rank: int = 1) -> Hit:
    """Find `words` in the article and make a hit of the paragraph around them."""
    article = BY_ID[article_id]
    at = article.text.index(words)
    start = article.text.rfind("\n", 0, at) + 1
    end = article.text.find("\n", at) if "\n" in article.text[at:] else len(article.text)
    passage = Passage(
        f"{article_id}:{start}", article_id, article.source, start, end, article.text[start:end], (Span(start, end),)
    )
    return Hit(passage, 1 / rank, (("dense", rank),), (("dense", 0.9 / rank),))


def cite(number: int, article_id: str, words: str) -> Citation:
    article = BY_ID[article_id]
    start = article.text.index(words)
    passage = hit(article_id, words).passage
    days = resolve_days(words, article.source.published, offset=start)
    return Citation(number, words, start, start + len(words), passage.id, article_id, article.source, days)


HITS = (
    hit("bridge", "The repair will cost"),
    hit("cost", "Repairing the harbour", 2),
    hit("bridge", "Work is to begin", 3),
    hit("opinion", "Whoever counts", 4),
    hit("hostile", "A letter to", 5),
)
SENTENCES = (
    Sentence("The council first put the repair at 4.2 million crowns.", "supported", (1,)),
    Sentence(
        "In June engineers said it would cost 5.1 million, because the eastern piers were worse.", "supported", (2, 3)
    ),
    Sentence("Work begins in May and lasts twelve months.", "partly", (4,), ("twelve",)),
    Sentence("The province has agreed to pay half.", "unsupported"),
)
CITATIONS = (
    cite(1, "bridge", "The repair will cost 4.2 million crowns, the council said after a session of five hours."),
    replace(
        cite(2, "cost", ARTICLES[1].text.split("\n")[0]), carried_by=(Carrier("opinion", BY_ID["opinion"].source),)
    ),
    cite(3, "cost", "Corrosion in the eastern piers is worse than the first survey had shown, they said."),
    cite(4, "bridge", "Work is to begin in May and to last eleven months."),
)

RETOLD = cite(0, "opinion", "Whoever counts only crowns has not stood on the harbour bridge at six in the morning.")
NEAREST = (cite(1, "cost", ARTICLES[1].text.split("\n")[0]), cite(2, "opinion", "The town owes Mara Lind an honest"))
MANY = {"many": 200, "endless": 10_000}  # articles of a file, by a word in its name


def answer_of(question: Question, **changes: object) -> Answer:
    text = " ".join(sentence.text for sentence in SENTENCES)
    whole = Answer(
        question,
        question.text,
        True,
        text,
        SENTENCES,
        CITATIONS,
        HITS,
        0.8,
        "fake-1.5b",
        Timings(90, 900, 4200, 900, 60),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


@dataclass
class FakeDesk:
    """Answers by a word in the question: hostile, refuse, slow, fail, crash, march, follow."""

    delay: float = 0.03
    archive: FakeArchive = field(default_factory=lambda: FakeArchive(Path(mkdtemp())))
    model_name: str = "fake-1.5b"
    settings: Settings = field(default_factory=lambda: Settings(Path(mkdtemp()), strictness=0.3))
    asked: list[Question] = field(default_factory=list)
    timelines: list[tuple[str, Filters]] = field(default_factory=list)
    stopped: int = 0
    used: list[str | None] = field(default_factory=list)
    web: WebFetch = field(default_factory=WebFetch)

    def ask(self, question: Question, stop: Flag | None = None) -> Iterator[Event]:
        self.asked.append(question)
        applied = question.filters
        implied = None
        if "march" in question.text.lower() and not question.any_date:
            implied = Implied("in march", date(2017, 3, 1), date(2017, 3, 31), is_limit=True)
            applied = replace(applied, since=implied.since, until=implied.until)
        standalone = "What does the repair of the harbour bridge cost?" if question.history else question.text
        answer = answer_of(question, standalone_question=standalone, applied=applied, implied=implied)
        yield Stage("searching")
        if "fail" in question.text:
            from index.errors import ModelMissing

            raise ModelMissing("the model <b>qwen</b> is not on this machine", "byline models pull")
        if "crash" in question.text:
            raise ZeroDivisionError
        yield Found(standalone, applied, HITS, 90, implied)
        yield Stage("reading")
        time.sleep(self.delay * 8)
        yield from self._write(answer, stop or Flag())

    def _write(self, answer: Answer, stop: Flag) -> Iterator[Event]:
        if "refuse" in answer.question.text:
            reason = "None of the five nearest articles gives the colour of the bridge."
            yield replace(
                answer,
                answered=False,
                text="The articles do not say.",
                sentences=(),
                citations=(),
                reason=reason,
                nearest=NEAREST,
            )
            return
        if "hostile" in answer.question.text:
            quote = ARTICLES[4].text.split("\n")[0]
            answer = replace(
                answer,
                text=HOSTILE,
                sentences=(Sentence(HOSTILE, "partly", (1,), (HOSTILE,)),),
                citations=(cite(1, "hostile", quote),),
                model=HOSTILE,
            )
        yield Stage("writing")
        said = ""
        for word in (answer.text + " ").split(" ") * (40 if "slow" in answer.question.text else 1):
            if stop.is_set():
                self.stopped += 1
                yield replace(answer, text=said, sentences=(), citations=(), stopped=True)
                return
            said += word + " "
            yield Token(word + " ")
            time.sleep(self.delay)
        yield Stage("checking")
        time.sleep(self.delay * 4)
        yield answer

    def use_model(self, name: str | None, on_progress: Callable[[ModelProgress], None], *, model_url: str = "") -> None:
        self.used.append(name)
        for done in range(1, 6):
            on_progress(ModelProgress(str(name), done * 10, 50, "verifying"))
            time.sleep(self.delay * 5)
        if name == "gemma-3-4b":
            raise ModelCorrupt("gemma-3-4b: the SHA-256 is <b>another</b>", "byline models pull gemma-3-4b")
        self.model_name = EXTRACTION if name is None else name or "fake-1.5b"

    def timeline(self, topic: str, *, limit: int, filters: Filters = Filters()) -> Timeline:
        self.timelines.append((topic, filters))
        if "nothing" in topic:
            return Timeline(topic, filters, ())
        quotes = (CITATIONS[0], CITATIONS[3], CITATIONS[1], CITATIONS[2])
        if "hostile" in topic:
            quotes = (cite(1, "hostile", ARTICLES[4].text.split("\n")[0]),)
        numbered = [replace(one, number=number) for number, one in enumerate(quotes, start=1)]
        events = [TimelineEvent(one) for one in numbered]
        if len(events) > 1:
            events[2] = TimelineEvent(numbered[2], said=numbered[2].days[-1], retold_by=(replace(RETOLD, number=3),))
        return Timeline(topic, filters, tuple(events))

    def index(self, paths: Sequence[Path], on_progress: Callable[[Progress], None]) -> BuildReport:
        """Add each file; by a word in its name it is bad, a copy, one of many articles, or of endless ones."""
        skipped, taken, stopped = [], [], False
        files = [path for path in paths for _ in range(next((n for word, n in MANY.items() if word in path.name), 1))]
        for done, path in enumerate(files, 1):
            try:
                share = (done - 1) / len(files)
                on_progress(Progress("reading", done, None, done * 3, str(path), share, done, len(files)))
                on_progress(Progress("embedding", done - 1, None, done * 3, str(path), share, done, len(files)))
            except Stop:
                stopped = True
                break
            time.sleep(self.delay * 10)
            if "bad" in path.name:
                skipped.append(Skipped(str(path), "no article text <i>found</i>"))
            else:
                what = "duplicate" if "copy" in path.name else "added"
                taken.append(Taken(what, "bridge", f"Title <i>{path.stem}</i>", str(path)))  # type: ignore[arg-type]
        counts = Counter(one.what for one in taken)
        self.archive.extra += counts["added"]
        return BuildReport(
            added=counts["added"], duplicates=counts["duplicate"], passages=20, skipped=tuple(skipped),
            taken=tuple(taken), stopped=stopped,
        )  # fmt: skip

    def close(self) -> None:
        """Nothing is held."""


if __name__ == "__main__":
    from bot.web import serve

    serve(FakeDesk(), on_ready=print)
