"""The view of a topic's development: a box for the topic, its events by day, and beside them the article of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup_sources, markup_timeline
from bot.recent import Recent
from bot.records import Citation, Timeline, TimelineEvent
from bot.ui_shared import AT_ONCE, QUIET, Common, date_field, html
from bot.used import Highlight
from index.errors import BylineError
from index.records import Article, Filters

if TYPE_CHECKING:
    from bot.app import Desk

MOST_EVENTS = 60
Updates = dict[Any, Any]


class TimelineView:
    """A topic as dated events."""

    def __init__(self, desk: Desk, common: Common) -> None:
        self.desk = desk
        self.common = common
        self._tabs: Recent[Timeline] = Recent()  # of a browser tab, what it shows
        self._clicks = count(1)

    def place(self) -> None:
        """Place the components."""
        with gr.Row(elem_id="timeline-desk"):
            with gr.Column(elem_id="timeline-main", min_width=0):
                with gr.Row(elem_id="timeline-asking"):
                    self.topic = gr.Textbox(
                        label="Topic",
                        elem_id="topic",
                        placeholder="A story, in a few words",
                        max_lines=1,
                        max_length=400,
                        scale=1,
                        min_width=0,
                        html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="search"),
                    )
                    self.show = gr.Button("Show", elem_id="timeline-show", variant="primary", scale=0, min_width=0)
                    self.since = date_field("timeline-since", "From")
                    self.until = date_field("timeline-until", "To")
                    self.outlets = gr.Dropdown(
                        [], multiselect=True, label="Outlets", elem_id="timeline-outlets", scale=1, min_width=160
                    )
                self.line = html("timeline", value=markup_timeline.WELCOME)
            with gr.Column(elem_id="timeline-panel", min_width=0):
                self.panel = html("timeline-article", value=markup_timeline.NO_ARTICLE)

    def wire(self, page: Any) -> None:
        """Connect them to what they do."""
        limits = [self.since, self.until, self.outlets]
        gr.on([self.topic.submit, self.show.click], self.build, [self.topic, *limits], [self.line, self.panel], **QUIET)
        self.line.quote(self.open_event, outputs=self.panel, **AT_ONCE)
        self.line.carrier(self.open_other, outputs=self.panel, **AT_ONCE)
        gr.on([page.load, self.common.changed.change], self.outlets_now, outputs=self.outlets, **QUIET)
        page.unload(self.leave)

    def leave(self, request: gr.Request) -> None:
        """Forget a tab that was closed."""
        self._tabs.drop(request.session_hash or "")

    def outlets_now(self) -> Any:
        """Return the outlets to choose from."""
        return gr.update(choices=[(f"{name} ({number})", name) for name, number in self.desk.archive.outlets() if name])

    def build(self, topic: str, since: str, until: str, outlets: list[str], request: gr.Request) -> Iterator[Updates]:
        """Yield that the articles are read, then the topic's events."""
        if not topic.strip():
            return
        yield {self.line: markup_timeline.SEARCHING, self.panel: markup_timeline.NO_ARTICLE}
        try:
            found = self.desk.timeline(topic.strip(), limit=MOST_EVENTS, filters=filters_of(since, until, outlets))
        except BylineError as error:
            yield {self.line: markup_sources.failure(error.wrong, error.mend)}
            return
        self._tabs.put(request.session_hash or "", found)
        yield {self.line: markup_timeline.timeline(found)}

    def open_event(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return the article of an event, with its words and those of the other events from it marked."""
        clicked, found = self._clicked(event, request)
        if clicked is None or found is None:
            return gr.skip()
        return self._open(clicked.citation, [one.citation for one in found.events])

    def open_other(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return an article that carries or tells an event too, with its words for it marked."""
        clicked, _ = self._clicked(event, request)
        id = str(event._data.get("article")) if isinstance(event._data, dict) else ""
        if clicked is None:
            return gr.skip()
        retold = next((one for one in clicked.retold_by if one.article_id == id), None)
        if retold is not None:
            return self._open(retold, [retold])
        if all(one.article_id != id for one in clicked.citation.carried_by):
            return gr.skip()
        article = self._read(id)
        return self._show(article, clicked.citation.quote, clicked.citation.number) if article else gr.skip()

    def _open(self, chosen: Citation, all_of_them: list[Citation]) -> Any:
        article = self._read(chosen.article_id)
        if article is None:
            return gr.skip()
        mine = Highlight(chosen.start, chosen.end)
        lights = [Highlight(one.start, one.end) for one in all_of_them if one.article_id == article.id]
        return markup_timeline.article(article, lights, mine, number=chosen.number, focus=next(self._clicks))

    def _show(self, article: Article, words: str, number: int) -> str:
        """Return an article with the words marked, where it has them to the letter."""
        start = max(0, article.text.find(words))
        light = Highlight(start, start + (len(words) if words in article.text else 0))
        lights = (light,) if light.end > light.start else ()
        return markup_timeline.article(article, lights, light, number=number, focus=next(self._clicks))

    def _clicked(self, event: gr.EventData, request: gr.Request) -> tuple[TimelineEvent | None, Timeline | None]:
        data = event._data if isinstance(event._data, dict) else {}
        found, number = self._tabs.get(request.session_hash or ""), str(data.get("number"))
        events = found.events if found else ()
        return next((one for one in events if str(one.citation.number) == number), None), found

    def _read(self, article_id: str) -> Article | None:
        return self.desk.archive.article(article_id)


def filters_of(since: str, until: str, outlets: list[str] | None) -> Filters:
    """Return the limits as set in the view; dates given the wrong way round are turned."""
    days = [date.fromisoformat(day) if day else None for day in (since, until)]
    if days[0] and days[1]:
        days.sort()
    return Filters(days[0], days[1], tuple(outlets or ()))
