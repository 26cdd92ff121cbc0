"""The view that adds articles: files, a pasted text or a page of the web, and what became of each of them.

All of it is stored in the archive's own folder first, so that the archive never depends on where it came from.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import adding, markup_add, pasted
from bot.adding import Adding, Addition, Gather
from bot.ui_shared import AT_ONCE, QUIET, Common, date_field, html
from index.errors import BylineError

if TYPE_CHECKING:
    from bot.app import Desk

LOOK_SECONDS = 0.3  # three updates a second read as lively; more would be noise
FORMATS = (
    "Text, Markdown, HTML, saved pages (MHTML), JSON, tables (CSV, TSV), RSS and Atom, NITF, NewsML-G2, "
    "mail (.eml, .mbox), PDF, DOCX, ODT, EPUB, WARC, also as .gz, or many of them in a .zip"
)
Updates = dict[Any, Any]


class AddView:
    """Files, texts and pages into the archive."""

    def __init__(self, desk: Desk, common: Common) -> None:
        self.desk = desk
        self.common = common
        self.adding = Adding(desk, desk.archive.folder)
        self._clicks = count(1)

    def place(self) -> None:
        """Place the components: on one side what is added, on the other what became of it."""
        with gr.Row(elem_id="adding"):
            with gr.Column(elem_id="sources-of-articles", min_width=0):
                html("add-title", value="<h2>Add articles</h2>")
                self._place_files()
                self._place_text()
                self._place_page()
            with gr.Column(elem_id="report-side", min_width=0):
                self.report = html("report", value=markup_add.EMPTY)
                self.stop = gr.Button(
                    "Stop and keep what is done", elem_id="stop-adding", size="sm", scale=0, min_width=0, visible=False
                )

    def _place_files(self) -> None:
        html("add-files", value=f"<h3>Files</h3><p>{FORMATS}. A folder is chosen with its button.</p>")
        self.files = gr.File(
            label="Files to add", show_label=False, file_count="multiple", elem_id="files", height=130, container=False
        )
        self.folder = gr.UploadButton(
            "Choose a folder", elem_id="folder", size="sm", scale=0, min_width=0, file_count="directory"
        )

    def _place_text(self) -> None:
        html("add-text", value="<h3>Text</h3>")
        with gr.Column(elem_id="pasting", min_width=0):
            self.text = gr.Textbox(
                label="The article’s text", lines=5, max_lines=14, elem_id="text", max_length=pasted.LONGEST + 1
            )
            with gr.Row():
                self.title = gr.Textbox(
                    label="Title, else its first line", elem_id="title", max_lines=1, max_length=500, min_width=180
                )
                self.outlet = gr.Textbox(label="Outlet", elem_id="outlet", max_lines=1, max_length=200, min_width=140)
            with gr.Row():
                self.url = gr.Textbox(
                    label="Where it stands on the web", elem_id="url", max_lines=1, max_length=2000, min_width=180
                )
                self.day = date_field("day", "Date, if known")
            self.paste = gr.Button("Add the text", elem_id="paste", size="sm", scale=0, min_width=0)

    def _place_page(self) -> None:
        html(
            "add-page",
            value="<h3>A page of the web</h3><p>Fetched once, when you press the button, and from the public web only. "
            "Nothing else on this page goes beyond this machine.</p>",
        )
        with gr.Row(elem_id="fetching"):
            self.address = gr.Textbox(
                label="Address of the page",
                placeholder="https://",
                elem_id="address",
                max_lines=1,
                max_length=2000,
                min_width=180,
            )
            self.fetch = gr.Button("Fetch the page", elem_id="fetch", size="sm", scale=0, min_width=0)

    def wire(self, page: Any) -> None:
        """Connect them to what they do."""
        pasting = [self.text, self.title, self.outlet, self.day, self.url]
        doors = [self.files, self.folder, self.paste, self.fetch]
        shown = [self.report, self.stop, self.common.changed, *doors]
        for files in (self.files, self.folder):
            files.upload(self.add_files, files, shown, **QUIET)
        self.paste.click(self.add_text, pasting, [*shown, *pasting], **QUIET)
        gr.on([self.fetch.click, self.address.submit], self.add_page, self.address, [*shown, self.address], **QUIET)
        self.stop.click(self.adding.stop, **AT_ONCE)
        page.load(self.look, outputs=[self.report, self.stop, self.common.changed], **QUIET)
        self.report.openadded(self.open_added, outputs=self.report, **AT_ONCE)
        self.report.backtoreport(self.back_to_report, outputs=self.report, **AT_ONCE)

    def add_files(self, uploaded: list[str] | None) -> Iterator[Updates]:
        """Add uploaded files, yielding how far it has come and at the end what became of them."""
        if uploaded:
            yield from self._add(lambda: adding.uploaded([Path(name) for name in uploaded]), ())

    def add_text(self, text: str, title: str, outlet: str, day: str, url: str) -> Iterator[Updates]:
        """Add a pasted text; its fields are emptied once it is stored."""
        fields = (self.text, self.title, self.outlet, self.day, self.url)
        given = {"title": title, "outlet": outlet, "published": day or "", "url": url}
        yield from self._add(lambda: adding.text(pasted.parse_text(text, **given)), fields)

    def add_page(self, url: str) -> Iterator[Updates]:
        """Fetch a page and add it."""
        yield from self._add(lambda: adding.page(adding.parse_address(url), self.desk.web), (self.address,))

    def _add(self, make: Callable[[], Gather], fields: tuple[Any, ...]) -> Iterator[Updates]:
        """Start an adding and follow it; `fields` are emptied when it has brought something."""
        try:
            begun = self.adding.start(make())
        except BylineError as error:
            yield {self.report: markup_add.failure(next(self._clicks), error.wrong, error.mend)}
            return
        if begun is None:
            yield {self.files: None}
            yield from self._follow(markup_add.busy)
            yield {self.report: markup_add.failure(next(self._clicks), *markup_add.BUSY_NO_MORE)}
            return
        yield {self.stop: gr.update(visible=True), **self._doors(are_open=False)}
        yield from self._follow(markup_add.progress)
        yield {**self._ended(), **self._doors(are_open=True)}
        now = self.adding.now
        if fields and now and now.report:
            yield dict.fromkeys(fields, "")
        self._log()

    def look(self) -> Iterator[Updates]:
        """Show a page that was just opened how far an adding under way is, if there is one."""
        now = self.adding.now
        if now is None or now.is_over:
            yield {self.stop: gr.update(visible=False)}
            return
        # Again with every step: told once, while the view is still being built, it can be lost.
        for step in self._follow(markup_add.progress):
            yield {**step, self.stop: gr.update(visible=True)}
        yield self._ended()

    def _follow(self, show: Callable[[Addition], str]) -> Iterator[Updates]:
        """Yield the adding under way whenever it has come further, until it is over."""
        before = None
        while (now := self.adding.now) and not now.is_over:
            if now != before:
                yield {self.report: show(now)}
            before = now
            time.sleep(LOOK_SECONDS)

    def _doors(self, *, are_open: bool) -> Updates:
        """Open or close the ways in; the place for files is emptied, and keeps its size."""
        doors = {door: gr.update(interactive=are_open) for door in (self.folder, self.paste, self.fetch)}
        return {**doors, self.files: gr.update(value=None, elem_classes=[] if are_open else ["closed"])}

    def _ended(self) -> Updates:
        now = self.adding.now
        told = {self.stop: gr.update(visible=False), self.common.changed: time.time_ns()}
        return {self.report: self._report(now), **told} if now else told

    def _report(self, now: Addition) -> str:
        if now.report is None:
            return markup_add.failure(next(self._clicks), now.wrong, now.mend)
        return markup_add.report(next(self._clicks), now.report, self._title_of)

    def _title_of(self, id: str) -> str:
        found = self.desk.archive.article(id)
        return found.source.title if found else ""

    def _log(self) -> None:
        bug = self.adding.bug
        if bug is not None:
            raise bug

    def open_added(self, event: gr.EventData) -> Any:
        """Return the text of an article that the report names."""
        found = self.desk.archive.article(str(event._data.get("article")))
        return markup_add.article(next(self._clicks), found) if found else gr.skip()

    def back_to_report(self) -> Any:
        """Return the report of the last adding."""
        now = self.adding.now
        return self._report(now) if now and now.is_over else gr.skip()
