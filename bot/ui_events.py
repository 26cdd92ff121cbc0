"""What happens in the ask view: questions, citations, filters.

A conversation belongs to one browser tab and ends with it; two tabs share the model, one question at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup, markup_sources
from bot.examples import example_questions
from bot.exchange import Exchange, Line, follow, turns
from bot.markup_sources import Highlight
from bot.records import Question
from bot.ui_shared import AT_ONCE, QUIET, Common
from bot.used import carried_words, hits_of, quotes_of
from index.records import Article, Filters

if TYPE_CHECKING:
    from bot.app import Desk

LIMITS = "Dates, outlets, how sure"
ARTICLES_READ = 60  # for the example questions
Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The ask view's components."""

    again: Any
    earlier: Any
    now: Any
    panel: Any
    box: Any
    ask: Any
    stop: Any
    since: Any
    until: Any
    outlets: Any
    strictness: Any
    limits: Any


@dataclass(slots=True)
class Tab:
    """One browser tab's conversation, the exchange under way last."""

    exchanges: tuple[Exchange, ...] = ()
    stop: Flag = field(default_factory=Flag)


class Events:
    """The page's functions over one desk."""

    def __init__(self, desk: Desk, common: Common, parts: Parts) -> None:
        self.desk = desk
        self.common = common
        self.parts = parts
        self.line = Line()
        self._tabs: dict[str, Tab] = {}
        self._clicks = count(1)
        self.questions: list[Any] = []  # the events that ask, for whatever ends them

    @property
    def shown(self) -> list[Any]:
        """The components that hold a conversation: the outputs of whatever draws one."""
        parts = self.parts
        return [parts.box, parts.earlier, parts.now, parts.panel, parts.ask, parts.stop]

    def wire(self, page: Any) -> None:
        """Connect every component to what it does."""
        parts = self.parts
        narrowing = [parts.since, parts.until, parts.outlets]
        limits = [*narrowing, parts.strictness]
        shown = self.shown
        page.load(self.arrive, outputs=[self.common.facts, parts.now, parts.outlets], **QUIET)
        self.common.changed.change(self.archive_now, outputs=[self.common.facts, parts.outlets], **QUIET)
        page.unload(self.leave)
        self.questions = [
            gr.on([parts.box.submit, parts.ask.click], self.ask, [parts.box, *limits], shown, **QUIET),
            parts.now.example(self.ask_example, limits, shown, **QUIET),
            *(place.revise(self.ask_revised, limits, shown, **QUIET) for place in (parts.now, parts.earlier)),
            *(place.anydate(self.ask_any_date, None, shown, **QUIET) for place in (parts.now, parts.earlier)),
        ]
        parts.stop.click(self.stop, **AT_ONCE)
        parts.again.click(self.begin_again, outputs=shown, cancels=self.questions, **AT_ONCE)
        for place, name in ((parts.now, "cite"), (parts.earlier, "cite"), (parts.panel, "sources")):
            getattr(place, name)(self.show_sources, outputs=parts.panel, **AT_ONCE)
        for place in (parts.now, parts.earlier, parts.panel):
            place.passage(self.open_passage, outputs=parts.panel, **AT_ONCE)
            place.quote(self.open_quote, outputs=parts.panel, **AT_ONCE)
        parts.panel.carrier(self.open_carrier, outputs=parts.panel, **AT_ONCE)
        gr.on([one.change for one in narrowing], self.count_limits, narrowing, parts.limits, **AT_ONCE)

    def _tab(self, request: gr.Request) -> Tab:
        return self._tabs.setdefault(request.session_hash or "", Tab())

    def leave(self, request: gr.Request) -> None:
        """Forget a tab that was closed, and stop the model if it still writes for it."""
        tab = self._tabs.pop(request.session_hash or "", None)
        if tab:
            tab.stop.set()

    def arrive(self) -> tuple[str, str, Any]:
        """Return the archive's facts, the empty page with its examples, and the outlets to choose from."""
        facts, outlets = self.archive_now()
        return facts, self._welcome(), outlets

    def _welcome(self) -> str:
        archive = self.desk.archive
        articles = (archive.article(row.id) for row in archive.articles(limit=ARTICLES_READ))
        return markup_sources.welcome(example_questions([article for article in articles if article]))

    def archive_now(self) -> tuple[str, Any]:
        """Return the archive's facts and the outlets to choose from."""
        archive = self.desk.archive
        named = [(f"{name} ({number})", name) for name, number in archive.outlets() if name]
        return markup_sources.facts(archive.status(), self.desk.model_name), gr.update(choices=named)

    def ask_example(
        self, since: str, until: str, outlets: list[str], strictness: float, event: gr.EventData, request: gr.Request
    ) -> Iterator[Updates]:
        """Ask the example that was clicked."""
        yield from self.ask(str(event.text), since, until, outlets, strictness, request)

    def ask(
        self, text: str, since: str, until: str, outlets: list[str], strictness: float, request: gr.Request
    ) -> Iterator[Updates]:
        """Yield the page as the answer grows; ends early when the reader stops it or closes the tab."""
        history = turns(self._tab(request).exchanges)
        filters = filters_of(since, until, outlets)
        question = Question(text.strip(), date.today(), filters, history, strictness=strictness)
        yield from self._ask(question, request)

    def ask_revised(
        self, since: str, until: str, outlets: list[str], strictness: float, event: gr.EventData, request: gr.Request
    ) -> Iterator[Updates]:
        """Ask a follow-up again in the reader's own words, which are taken as they stand."""
        filters = filters_of(since, until, outlets)
        question = Question(str(event.text).strip(), date.today(), filters, strictness=strictness)
        yield from self._ask(question, request)

    def ask_any_date(self, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask a question again without what its words say about when."""
        this, _ = self._clicked(event, request)
        if this is not None:
            yield from self._ask(replace(this.question, any_date=True), request)

    def conversation(self, request: gr.Request) -> tuple[Exchange, ...]:
        """Return this browser tab's exchanges, the latest last; what is under way is there as far as it has come."""
        return self._tab(request).exchanges

    def restore(self, exchanges: tuple[Exchange, ...], request: gr.Request) -> Updates:
        """Make `exchanges` this tab's conversation, stopping what is under way; return the page that shows it.

        They keep their order and are numbered anew; those that are not over are left out. With none it is empty.
        """
        self.leave(request)
        tab = self._tab(request)
        whole = (one for one in exchanges if one.is_over)
        tab.exchanges = tuple(replace(one, number=number) for number, one in enumerate(whole, start=1))
        parts, latest = self.parts, tab.exchanges[-1:]
        return {
            parts.box: "",
            parts.earlier: "".join(map(markup.exchange, tab.exchanges[:-1])),
            parts.now: markup.exchange(latest[0]) if latest else self._welcome(),
            parts.panel: markup_sources.panel(latest[0], self._read) if latest else markup_sources.NO_SOURCES,
            parts.ask: gr.update(visible=True),
            parts.stop: gr.update(visible=False),
        }

    def _ask(self, question: Question, request: gr.Request) -> Iterator[Updates]:
        if not question.text:
            return
        tab, stop = self._tab(request), Flag()
        asked = Exchange(len(tab.exchanges) + 1, question)
        before, tab.stop = tab.exchanges, stop
        yield self._first_view(before, asked)
        shown = markup_sources.NO_SOURCES
        for this in follow(self.desk, asked, line=self.line, stop=stop):
            tab.exchanges = (*before, this)
            update, shown = self._view(this, shown)
            yield update

    def _first_view(self, before: tuple[Exchange, ...], this: Exchange) -> Updates:
        parts = self.parts
        return {
            parts.box: "",
            parts.earlier: "".join(map(markup.exchange, before)),
            parts.now: markup.exchange(this),
            parts.panel: markup_sources.NO_SOURCES,
            parts.ask: gr.update(visible=False),
            parts.stop: gr.update(visible=True),
        }

    def _view(self, this: Exchange, shown: str) -> tuple[Updates, str]:
        """Return what to draw anew and the panel as it then is, drawn twice: when found and when answered."""
        parts = self.parts
        update: Updates = {parts.now: markup.exchange(this)}
        panel = markup_sources.panel(this, self._read) if this.answer or shown == markup_sources.NO_SOURCES else shown
        if panel != shown:
            update[parts.panel] = panel
        if this.is_over:
            update[parts.ask], update[parts.stop] = gr.update(visible=True), gr.update(visible=False)
        return update, panel

    def stop(self, request: gr.Request) -> None:
        """Stop the model; the exchange then ends with what was written."""
        self._tab(request).stop.set()

    def begin_again(self, request: gr.Request) -> Updates:
        """Forget the conversation, and stop the model if it still writes."""
        return self.restore((), request)

    def show_sources(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the sources of an exchange, with the focus on the one whose marker was clicked."""
        this, number = self._clicked(event, request)
        if this is None:
            return gr.skip()
        return markup_sources.panel(this, self._read, chosen=number, focus=next(self._clicks))

    def open_quote(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the article of a citation, or of what is nearest to a refusal, with all quotes from it marked."""
        this, number = self._clicked(event, request)
        if this is None or this.answer is None:
            return gr.skip()
        chosen = next((one for one in this.answer.quoted if one.number == number), None)
        article = self._read(chosen.article_id) if chosen else None
        if chosen is None or article is None:
            return gr.skip()
        lights = quotes_of(this, article)
        mine = next(light for light in lights if light.number == number)
        return markup_sources.open_article(article, lights, mine, exchange=this.number, focus=next(self._clicks))

    def open_passage(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the article of a found passage, with the passage marked besides this answer's quotes."""
        this, rank = self._clicked(event, request)
        hits = hits_of(this) if this else ()
        if this is None or not 1 <= rank <= len(hits):
            return gr.skip()
        passage = hits[rank - 1].passage
        article = self._read(passage.article_id)
        if article is None:
            return gr.skip()
        found = Highlight(passage.start, passage.end)
        lights = (*quotes_of(this, article), found)
        return markup_sources.open_article(article, lights, found, exchange=this.number, focus=next(self._clicks))

    def open_carrier(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return an article that carries the same words, with them marked where it has them to the letter."""
        this, _ = self._clicked(event, request)
        words = carried_words(this, str(event._data.get("article"))) if this else ()
        article = self._read(str(event._data["article"])) if words else None
        if this is None or article is None:
            return gr.skip()
        found = next((each for each in words if each in article.text), "")
        start = article.text.find(found)
        light = Highlight(start, start + len(found))
        lights = (light,) if found else ()
        return markup_sources.open_article(article, lights, light, exchange=this.number, focus=next(self._clicks))

    def _clicked(self, event: gr.EventData, request: gr.Request) -> tuple[Exchange | None, int]:
        """Return the exchange a click belongs to, None where it is gone, and the number on the button."""
        data = event._data if isinstance(event._data, dict) else {}
        exchange, number = whole(data.get("exchange")), whole(data.get("number"))
        return next((one for one in self._tab(request).exchanges if one.number == exchange), None), number

    def _read(self, article_id: str) -> Article | None:
        return self.desk.archive.article(article_id)

    def count_limits(self, since: str, until: str, outlets: list[str]) -> Any:
        """Return the name of the limits with how many are set, since they are folded away."""
        number = bool(since) + bool(until) + bool(outlets)
        return gr.update(label=f"{LIMITS}{f' ({number} set)' if number else ''}")


def filters_of(since: str, until: str, outlets: list[str] | None) -> Filters:
    """Return the limits as set on the page; dates given the wrong way round are turned."""
    days = [date.fromisoformat(day) if day else None for day in (since, until)]
    if days[0] and days[1]:
        days.sort()
    return Filters(days[0], days[1], tuple(outlets or ()))


def whole(value: object) -> int:
    """Return a number that a button carries; 0 for anything else."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else 0
