"""What happens in the ask view: questions, asked again and edited too, and their answers as they come.

A conversation belongs to one browser tab and ends with it; two tabs share the model, one question at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup_exchange, markup_sources
from bot.examples import example_questions
from bot.exchange import Exchange, follow, turns
from bot.limits import question_within
from bot.model_url import goes_to
from bot.records import Question
from bot.suggest import follow_ups
from bot.ui_opening import Opening
from bot.ui_readers import Readers
from bot.ui_shared import AT_ONCE, QUIET, Common, reader_of

if TYPE_CHECKING:
    from bot.app import Desk

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
    sent: Any  # the limits as the browser holds them, which go with every question


class Events:
    """The page's functions over one desk."""

    def __init__(self, desk: Desk, common: Common, parts: Parts) -> None:
        self.desk = desk
        self.common = common
        self.parts = parts
        self.readers = Readers()
        self.opening = Opening(desk, self.readers)
        self.questions: list[Any] = []  # the events that ask, for whatever ends them
        self.ended: list[Callable[[gr.Request], None]] = []  # what is told when an exchange is over

    @property
    def shown(self) -> list[Any]:
        """The components that hold a conversation: the outputs of whatever draws one."""
        parts = self.parts
        return [parts.box, parts.earlier, parts.now, parts.panel, parts.ask, parts.stop]

    def wire(self, page: Any) -> None:
        """Connect every component to what it does."""
        parts = self.parts
        log = (parts.now, parts.earlier)
        shown = self.shown
        page.load(self.arrive, outputs=[self.common.facts, parts.now], **QUIET)
        self.common.changed.change(self.facts, outputs=self.common.facts, **QUIET)
        page.unload(self.readers.leave)
        self.questions = [
            # Also while another is answered, which then ends: else Gradio would drop what was asked without a word.
            gr.on(
                [parts.box.submit, parts.ask.click],
                self.ask,
                [parts.box, parts.sent],
                shown,
                trigger_mode="multiple",
                **QUIET,
            ),
            parts.now.example(self.ask_example, parts.sent, shown, **QUIET),
            parts.now.again(self.ask_again, parts.sent, shown, **QUIET),
            *(place.edit(self.ask_edited, parts.sent, shown, **QUIET) for place in log),
            *(place.revise(self.ask_revised, parts.sent, shown, **QUIET) for place in log),
            *(place.anydate(self.ask_any_date, None, shown, **QUIET) for place in log),
        ]
        parts.stop.click(self.stop, **AT_ONCE)
        parts.again.click(self.begin_again, outputs=shown, cancels=self.questions, **AT_ONCE)
        self.opening.wire(parts.panel, log)

    def arrive(self, request: gr.Request) -> tuple[str, Any]:
        """Return the archive's facts, and the empty page with its examples unless a conversation comes in its place."""
        return self.facts(), gr.skip() if request.query_params.get("c") else self._welcome()

    def _welcome(self) -> str:
        archive = self.desk.archive
        articles = (archive.article(row.id) for row in archive.articles(limit=ARTICLES_READ))
        return markup_sources.welcome(example_questions([article for article in articles if article]))

    def facts(self) -> str:
        """Return what the archive holds now, and which model answers."""
        where = goes_to(self.desk.settings.model_url)
        return markup_sources.facts(self.desk.archive.status(), self.desk.model_name, where)

    def ask_example(self, sent: str, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask the example or the follow-up that was clicked."""
        before = self.readers.tab(request).finished
        question = question_within(sent, str(event.text), turns(before))
        yield from self._ask(question, before, request)

    def ask(self, text: str, sent: str, request: gr.Request) -> Iterator[Updates]:
        """Yield the page as the answer grows; ends early when the reader stops it or closes the tab."""
        if self.readers.tab(request).is_answering(text.strip()):
            return  # the key was pressed twice
        before = self.readers.tab(request).finished
        question = question_within(sent, text, turns(before))
        first = {self.parts.box: ""}
        for update in self._ask(question, before, request):
            yield {**first, **update}
            first = {}

    def ask_revised(self, sent: str, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask a follow-up again in the reader's own words, which are taken as they stand."""
        question = question_within(sent, str(event.text))
        yield from self._ask(question, self.readers.tab(request).finished, request)

    def ask_any_date(self, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask a question again without what its words say about when."""
        this, _ = self.readers.clicked(event, request)
        if this is not None:
            yield from self._ask(replace(this.question, any_date=True), self.readers.tab(request).finished, request)

    def ask_again(self, sent: str, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask the latest question again within the limits as they are set now; its answer takes the old one's place."""
        this, _ = self.readers.clicked(event, request)
        exchanges = self.readers.tab(request).exchanges
        if this is not None and this is exchanges[-1]:
            old = this.question
            question = replace(question_within(sent, old.text, old.history), any_date=old.any_date)
            yield from self._ask(question, exchanges[:-1], request)

    def ask_edited(self, sent: str, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask an earlier question in other words and go on from there: what came after it goes."""
        this, _ = self.readers.clicked(event, request)
        if this is None:
            return
        exchanges = self.readers.tab(request).exchanges
        before = exchanges[: exchanges.index(this)]
        question = question_within(sent, str(event.text), turns(before))
        yield from self._ask(question, before, request)

    def conversation(self, request: gr.Request) -> tuple[Exchange, ...]:
        """Return this browser tab's exchanges, the latest last; what is under way is there as far as it has come."""
        return self.readers.tab(request).exchanges

    def restore(self, exchanges: tuple[Exchange, ...], request: gr.Request) -> Updates:
        """Make `exchanges` this tab's conversation, stopping what is under way; return the page that shows it.

        They keep their order and are numbered anew; those that are not over are left out. With none it is empty.
        """
        *before, latest = self.readers.fill(request, exchanges) or (None,)
        parts = self.parts
        return {
            parts.box: "",
            parts.earlier: markup_exchange.conversation(tuple(before), after=1),
            parts.now: markup_exchange.exchange(latest) if latest else self._welcome(),
            parts.panel: self.opening.panel(latest, request) if latest else markup_sources.NO_SOURCES,
            parts.ask: gr.update(visible=True),
            parts.stop: gr.update(visible=False),
        }

    def _ask(self, question: Question, before: tuple[Exchange, ...], request: gr.Request) -> Iterator[Updates]:
        """Yield the page while `question` is answered after what was said `before`, which stays."""
        if not question.text:
            return
        tab = self.readers.tab(request)
        number, stop = tab.begin(before)
        this = Exchange(number, question)
        tab.exchanges = (*before, this)
        opening, drawn = self._opening(before), None  # drawn with the first news: by then the search has begun
        for latest in follow(self.desk, this, line=self.common.line, stop=stop, reader=reader_of(request)):
            if tab.stop is not stop:
                return  # another question took its place
            was_over, this = this.is_over, self._with_follow_ups(latest, before)
            tab.exchanges = (*before, this)
            for tell in self.ended if this.is_over and not was_over else ():
                tell(request)
            yield {**opening, **self._view(this, drawn, request)}
            opening, drawn = {}, this

    def _with_follow_ups(self, this: Exchange, before: tuple[Exchange, ...]) -> Exchange:
        if this.answer is None or this.answer.stopped:
            return this
        asked = [one.question.text for one in (*before, this)]
        return replace(this, follow_ups=follow_ups(this.answer, asked, self.opening.read))

    def _opening(self, before: tuple[Exchange, ...]) -> Updates:
        """Return what is drawn once when a question is asked, besides the exchange."""
        parts = self.parts
        return {
            parts.earlier: markup_exchange.conversation(before, after=1),
            parts.ask: gr.update(visible=False),
            parts.stop: gr.update(visible=True),
        }

    def _view(self, this: Exchange, drawn: Exchange | None, request: gr.Request) -> Updates:
        """Return what to draw anew since `drawn`; the panel when asked, when found and when answered.

        Where nothing changed the update is empty: to draw the same again takes 8 ms of the cores that the model reads
        with, a dozen times a second.
        """
        parts = self.parts
        now = markup_exchange.exchange(this)
        update: Updates = {parts.now: gr.skip() if drawn and now == markup_exchange.exchange(drawn) else now}
        if drawn is None or this.found is not drawn.found or this.answer is not drawn.answer:
            update[parts.panel] = self.opening.panel(this, request)
        if this.is_over:
            update[parts.ask], update[parts.stop] = gr.update(visible=True), gr.update(visible=False)
        return update

    def stop(self, request: gr.Request) -> None:
        """Stop the model; the exchange then ends with what was written."""
        self.readers.tab(request).stop.set()

    def begin_again(self, request: gr.Request) -> Updates:
        """Forget the conversation, and stop the model if it still writes."""
        return self.restore((), request)
