"""What stands beside the conversation: an exchange's sources, or one article open at the words that were asked for."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup_sources
from bot.exchange import Exchange
from bot.markup_article import open_article
from bot.markup_changed import changed, removed
from bot.ui_readers import Opened, Readers, carried
from bot.ui_shared import AT_ONCE
from bot.used import Highlight, carried_words, hits_of, is_changed, lost_quotes, place_of, quotes_of, uses_of
from index.records import Article, Source

if TYPE_CHECKING:
    from bot.app import Desk


class Opening:
    """The panel's functions."""

    def __init__(self, desk: Desk, readers: Readers) -> None:
        self.desk = desk
        self.readers = readers
        self._clicks = count(1)

    def wire(self, panel: Any, log: tuple[Any, ...]) -> None:
        """Connect every button of the conversation, and of the panel itself, that opens something in it."""
        for place in (*log, panel):
            place.sources(self.show_sources, outputs=panel, **AT_ONCE)
            place.quote(self.open_quote, outputs=panel, **AT_ONCE)
        panel.passage(self.open_passage, outputs=panel, **AT_ONCE)
        panel.carrier(self.open_carrier, outputs=panel, **AT_ONCE)

    def panel(self, this: Exchange, request: gr.Request) -> str:
        """Return what stands beside `this` as it now is: the article that is open, or else its sources."""
        opened = self.readers.tab(request).opened
        article = self.read(opened.article_id) if opened and opened.exchange == this.number else None
        return self._article(this, article, opened) if opened and article else markup_sources.panel(this, self.read)

    def show_sources(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the sources of an exchange, with the focus on the one that was open or on the heading."""
        this, number = self.readers.clicked(event, request)
        if this is None:
            return gr.skip()
        self.readers.tab(request).opened = None
        return markup_sources.panel(this, self.read, chosen=number, focus=next(self._clicks))

    def open_quote(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the article of a citation, or of what is nearest to a refusal, with all quotes from it marked."""
        this, number = self.readers.clicked(event, request)
        quoted = this.answer.quoted if this and this.answer else ()
        chosen = next((one for one in quoted if one.number == number), None)
        if this is None or chosen is None:
            return gr.skip()
        article = self.read(chosen.article_id)
        if article is None:
            return self._removed(this, chosen.source, chosen.quote, number, request)
        nowhere = Highlight(0, 0, number, uses_of(this, number))
        mine = next((light for light in quotes_of(this, article) if light.number == number), nowhere)
        return self._open(this, article, mine, request, use=carried(event, "use"))

    def open_passage(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the article of a found passage, with the passage marked besides this answer's quotes."""
        this, rank = self.readers.clicked(event, request)
        hits = hits_of(this) if this else ()
        if this is None or not 1 <= rank <= len(hits):
            return gr.skip()
        passage = hits[rank - 1].passage
        article = self.read(passage.article_id)
        if article is None:
            return self._removed(this, passage.source, passage.text, 0, request)
        place = place_of(passage.text, passage.start, passage.end, article.text)
        return self._open(this, article, Highlight(*place or (0, 0)), request)

    def open_carrier(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return an article that carries the same words, with them marked where it has them to the letter."""
        this, _ = self.readers.clicked(event, request)
        words = carried_words(this, str(event._data.get("article"))) if this else ()
        article = self.read(str(event._data["article"])) if words else None
        if this is None or article is None:
            return gr.skip()
        found = next((each for each in words if each in article.text), "")
        start = article.text.find(found)
        return self._open(this, article, Highlight(start, start + len(found)), request)

    def _open(self, this: Exchange, article: Article, chosen: Highlight, request: gr.Request, *, use: int = 0) -> str:
        opened = Opened(this.number, article.id, chosen, use if use < max(1, len(chosen.uses)) else 0)
        self.readers.tab(request).opened = opened
        return self._article(this, article, opened, focus=next(self._clicks))

    def _article(self, this: Exchange, article: Article, opened: Opened, *, focus: int = 0) -> str:
        lights, chosen = quotes_of(this, article), opened.chosen
        if chosen not in lights and chosen.end > chosen.start:
            lights = (*lights, chosen)
        note = ""
        if is_changed(this, article):
            note = changed(lost_quotes(this, article), focus=0 if chosen.end else focus)
        return open_article(article, lights, chosen, exchange=this.number, focus=focus, use=opened.use, note=note)

    def _removed(self, this: Exchange, source: Source, words: str, number: int, request: gr.Request) -> str:
        self.readers.tab(request).opened = None
        return removed(source, words, exchange=this.number, number=number, focus=next(self._clicks))

    def read(self, article_id: str) -> Article | None:
        """Return an article, None where it is no longer in the archive."""
        return self.desk.archive.article(article_id)
