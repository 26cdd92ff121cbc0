"""The archive view: the articles listed, narrowed, read and removed; a plot of them over time narrows by a brush."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup, markup_archive, markup_plot
from bot.markup_archive import PAGE
from bot.markup_sources import failure, progress
from bot.ui_shared import AT_ONCE, HERE, QUIET, Common, html, page_script
from index.browse import Browse, Listing, browse
from index.errors import BylineError
from index.records import KINDS, Filters
from index.withdraw import let_back, remove, removed
from index.words import find_terms, make_terms

if TYPE_CHECKING:
    from bot.app import Desk

Updates = dict[Any, Any]
LONGEST_WORDS = 200
EVERYTHING = Browse()
# The last of what was asked for while a list was being made is what counts: a reader who types sees no list twice.
NARROWING: dict[str, Any] = {**QUIET, "trigger_mode": "always_last"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser tab shows of the archive: what is asked for, from where on, and what was drawn last."""

    asked: Browse = EVERYTHING
    offset: int = 0
    form: str = ""
    plot: str = ""
    doomed: tuple[str, ...] = ()  # asked to be removed, not yet confirmed


class ArchiveView:
    """The archive as a list."""

    def __init__(self, desk: Desk, common: Common) -> None:
        self.desk = desk
        self.common = common
        self._clicks = count(1)

    def place(self) -> None:
        """Place the components."""
        script = page_script() + (HERE / "page_archive.js").read_text(encoding="utf-8")
        self.shown = gr.State(Shown())
        with gr.Row(elem_id="archive"):
            with gr.Column(elem_id="holdings", min_width=0):
                self.form = html("archive-form", script=script)
                self.plot = html("archive-plot", script=script)
                self.notice = html("archive-notice", script=script)
                self.shelf = html("archive-shelf", script=script)
                self.gone = html("archive-gone", script=script)
            with gr.Column(elem_id="reader", min_width=0):
                self.reading = html("archive-reading", value=markup_archive.NOTHING_OPEN, script=script)

    def wire(self, page: Any, tab: Any) -> None:
        """Connect them to what they do; the list is made when `tab` is first looked at."""
        drawn = [self.shown, self.form, self.plot, self.shelf, self.gone]
        asking = [self.notice, self.shown, self.common.changed]
        tab.select(self.refresh, self.shown, drawn, **QUIET)
        self.common.changed.change(self.refresh, self.shown, drawn, **QUIET)
        self.form.browse(self.narrow, self.shown, drawn, **NARROWING)
        self.shelf.turn(self.turn, self.shown, drawn, **QUIET)
        self.shelf.readarticle(self.read, self.shown, self.reading, **AT_ONCE)
        for place in (self.shelf, self.reading):
            place.takeout(self.ask_to_remove, self.shown, asking, **AT_ONCE)
        self.notice.confirmtakeout(self.remove, self.shown, [*asking, self.reading], **QUIET)
        self.notice.keeparticles(self.keep, self.shown, asking, **AT_ONCE)
        self.gone.letback(self.let_back, None, [self.notice, self.gone], **QUIET)

    # Listing

    def refresh(self, shown: Shown) -> Updates:
        """Return the list as the archive now is, and the form with its outlets where these are others."""
        update = self._draw(shown, shown.asked, shown.offset)
        form = markup_archive.form(shown.asked, self.desk.archive.outlets())
        if form != shown.form:
            update[self.form] = form
        update[self.shown] = replace(update[self.shown], form=form)
        return update

    def narrow(self, shown: Shown, event: gr.EventData) -> Updates:
        """Return the list that the form asks for, from its beginning."""
        return self._draw(shown, read_form(event._data), 0)

    def turn(self, shown: Shown, event: gr.EventData) -> Updates:
        """Return another page of the list, its head in focus."""
        offset = str(_data(event).get("offset", ""))
        return self._draw(shown, shown.asked, int(offset) if offset.isdecimal() else 0, focus=next(self._clicks))

    def _draw(self, shown: Shown, asked: Browse, offset: int, *, focus: int = 0) -> Updates:
        """Return the list, and the plot only where it is another, as one of its ends may be just being moved."""
        archive = self.desk.archive
        with archive.store.reading() as connection:
            listing = browse(connection, asked, limit=PAGE, offset=offset)
            if offset and not listing.rows:  # the end was removed
                offset = max(0, (listing.total - 1) // PAGE * PAGE)
                listing = browse(connection, asked, limit=PAGE, offset=offset)
        plot = markup_plot.plot(listing)
        update: Updates = {
            self.shelf: markup_archive.shelf(listing, asked, self._excerpts(listing, asked), focus=focus),
            self.gone: markup_archive.gone(removed(archive)),
            self.shown: replace(shown, asked=asked, offset=offset, plot=plot),
        }
        if plot != shown.plot:
            update[self.plot] = plot
        return update

    def _excerpts(self, listing: Listing, asked: Browse) -> dict[str, str]:
        terms = make_terms(asked.words)
        articles = (self.desk.archive.article(row.id) for row in listing.rows) if terms else ()
        return {
            article.id: markup_archive.excerpt(article, find_terms(article.text, terms))
            for article in articles
            if article
        }

    # Reading

    def read(self, shown: Shown, event: gr.EventData) -> Any:
        """Return the article that was clicked, with the words that are looked for marked."""
        data = _data(event)
        article = self.desk.archive.article(str(data.get("article", "")))
        place = str(data.get("place", ""))
        if article is None:
            return failure("This article is not in the archive any more.")
        spans = find_terms(article.text, make_terms(shown.asked.words))
        number = int(place) if place.isdecimal() else 0
        return markup_archive.reading(article, spans, number, focus=next(self._clicks))

    # Removing

    def ask_to_remove(self, shown: Shown, event: gr.EventData) -> Updates:
        """Return the question whether the ticked articles are to be removed."""
        named = _data(event).get("ids")
        ids = [str(id) for id in named] if isinstance(named, list) else []
        articles = [article for article in map(self.desk.archive.article, ids) if article]
        if not articles:
            return {}
        doomed = tuple(article.id for article in articles)
        return {
            self.notice: markup_archive.confirmation(articles, focus=next(self._clicks)),
            self.shown: replace(shown, doomed=doomed),
        }

    def keep(self, shown: Shown) -> Updates:
        """Remove nothing."""
        return {self.notice: "", self.shown: replace(shown, doomed=())}

    def remove(self, shown: Shown) -> Iterator[Updates]:
        """Remove the articles that were asked about, and tell the other views."""
        if not shown.doomed:
            return
        what = markup.count(len(shown.doomed), "article")
        yield {self.notice: progress(f"Removing {what}", 0, 0), self.shown: replace(shown, doomed=())}
        try:
            number = remove(self.desk.archive, shown.doomed)
        except BylineError as error:
            yield {self.notice: failure(error.wrong, error.mend)}
            return
        yield {
            self.notice: markup_archive.told(f"{markup.count(number, 'article')} removed."),
            self.reading: markup_archive.NOTHING_OPEN,
            self.common.changed: time.time_ns(),
        }

    def let_back(self, event: gr.EventData) -> Updates:
        """Let a removed article back in, and say how it returns."""
        id = str(_data(event).get("article", ""))
        one = next((one for one in removed(self.desk.archive) if one.id == id), None)
        if one is None:
            return {}
        try:
            let_back(self.desk.archive, [id])
        except BylineError as error:
            return {self.notice: failure(error.wrong, error.mend)}
        words = f"It returns when its file is next indexed: <code>byline index {markup.escape(one.root)}</code>"
        return {
            self.notice: markup_archive.told(words),
            self.gone: markup_archive.gone(removed(self.desk.archive), is_open=True),
        }


def _data(event: gr.EventData) -> dict[str, Any]:
    return event._data if isinstance(event._data, dict) else {}


def read_form(data: object) -> Browse:
    """Return what the form asks for; what it cannot have sent is taken as not set."""
    fields: dict[str, Any] = data if isinstance(data, dict) else {}
    since, until = _day(fields.get("since")), _day(fields.get("until"))
    if since and until and since > until:
        since, until = until, since
    outlets = fields.get("outlets")
    chosen = tuple(str(name) for name in outlets) if isinstance(outlets, list) else ()
    return Browse(
        words=str(fields.get("words") or "")[:LONGEST_WORDS],
        filters=Filters(since, until, chosen),
        kinds=tuple(kind for kind in KINDS if kind == fields.get("kind")),
        undated=bool(fields.get("undated")),
        sort=markup_archive.sort_of(fields.get("sort")),
    )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
