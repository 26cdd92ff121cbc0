"""The view that adds articles: files are stored in the archive's folder, indexed, and every one is accounted for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup_sources
from bot.exchange import HEARTBEAT_SECONDS
from bot.ui_shared import QUIET, Common, html
from bot.uploads import keep
from index.errors import BylineError

if TYPE_CHECKING:
    from bot.app import Desk
    from index.build import Progress

Updates = dict[Any, Any]


class AddView:
    """Files into the archive."""

    def __init__(self, desk: Desk, common: Common) -> None:
        self.desk = desk
        self.common = common

    def place(self) -> None:
        """Place the components."""
        with gr.Column(elem_id="adding", min_width=0):
            self.upload = gr.UploadButton(
                "Add articles", elem_id="upload", size="sm", scale=0, min_width=0, file_count="multiple"
            )
            self.report = html("report")

    def wire(self, page: Any) -> None:
        """Connect them to what they do."""
        self.upload.upload(self.add, self.upload, [self.report, self.common.changed, self.upload], **QUIET)

    def add(self, uploaded: list[str] | None) -> Iterator[Updates]:
        """Index uploaded files, yielding how far it has come and at the end what was added and what was not."""
        if not uploaded:
            return
        yield {
            self.report: markup_sources.progress("Storing the files", 0, 0),
            self.upload: gr.update(interactive=False),
        }
        try:
            for told in self._index([Path(name) for name in uploaded]):
                yield {self.report: told}
        except BylineError as error:
            yield {self.report: markup_sources.failure(error.wrong, error.mend)}
        yield {self.common.changed: time.time_ns(), self.upload: gr.update(interactive=True, value=None)}

    def _index(self, uploaded: list[Path]) -> Iterator[str]:
        paths = keep(uploaded, self.desk.archive.folder / "uploads")
        latest = [markup_sources.progress("Reading the files", 0, len(paths))]

        def tell(progress: Progress) -> None:
            words = f"{progress.stage.capitalize()}: {Path(progress.path).name}" if progress.path else progress.stage
            latest[0] = markup_sources.progress(words, progress.articles_done, progress.articles_total)

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="index") as pool:
            task = pool.submit(self.desk.index, paths, tell)
            while not task.done():
                yield latest[0]
                time.sleep(HEARTBEAT_SECONDS * 2)
        yield markup_sources.report(task.result())
