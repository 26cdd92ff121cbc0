"""The view of the settings: the model, which all readers share, and what each browser sets for itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot import markup_settings, markup_sources
from bot.exchange import HEARTBEAT_SECONDS
from bot.line import LineFull, about
from bot.markup_settings import Offer
from bot.model_url import goes_to
from bot.models import Progress, load_models, state
from bot.records import EXTRACTION
from bot.ui_shared import AT_ONCE, HERE, QUIET, Common, html, reader_of
from index.errors import BylineError

if TYPE_CHECKING:
    from bot.app import Desk

NOTICED_AFTER = 5  # seconds until every open page names a model that another reader has chosen
Updates = dict[Any, Any]


class SettingsView:
    """Model, strictness, passages, light or dark."""

    def __init__(self, desk: Desk, common: Common) -> None:
        self.desk = desk
        self.common = common
        # What may be chosen, and by what the desk knows it: nothing else that a browser sends is ever loaded.
        self._listed = [model for model in load_models() if model.role == "generator"]
        self._known: dict[str, str | None] = {
            **{model.name: model.name for model in self._listed},
            EXTRACTION: None,
        }
        self._known.setdefault(desk.model_name, desk.settings.model)
        self._urls = {desk.model_name: desk.settings.model_url}  # of a server that the desk was started with

    def place(self) -> None:
        """Place the components."""
        with gr.Column(elem_id="settings-view", min_width=0):
            self.models, self.switching = html("models"), html("switching")
            gr.HTML(
                markup_settings.own(self.desk.settings),
                elem_id="settings",
                js_on_load=(HERE / "page_settings.js").read_text(encoding="utf-8"),
                apply_default_css=False,
            )
        self.named = gr.State("")

    def wire(self, page: Any) -> None:
        """Connect them to what they do."""
        gr.on([page.load, self.common.changed.change], self.show, outputs=[self.models, self.named], **AT_ONCE)
        shown = [self.models, self.switching, self.common.changed]
        # "multiple": once, as it is by itself, drops a click that comes before the answer to another one.
        self.models.usemodel(self.switch, outputs=shown, trigger_mode="multiple", **QUIET)
        gr.Timer(NOTICED_AFTER).tick(self.notice, self.named, [self.models, self.named, self.common.facts], **AT_ONCE)

    def show(self) -> tuple[str, str]:
        """Return the models as they are on this machine now, and the name of the one in use."""
        return markup_settings.models(self._offers(), self.desk.model_name), self.desk.model_name

    def notice(self, named: str) -> Any:
        """Return the models, the name of the one in use and the archive's facts, where the page names another one."""
        if named == self.desk.model_name:
            return gr.skip()
        where = goes_to(self.desk.settings.model_url)
        return *self.show(), markup_sources.facts(self.desk.archive.status(), self.desk.model_name, where)

    def switch(self, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Load another model once no question is being answered, yielding how far it is; a failure changes nothing."""
        name = str(event._data.get("model", ""))
        yield {self.switching: ""}  # ended without a single update, Gradio would empty all that could have been
        if name not in self._known or name == self.desk.model_name:  # a second click on what is now in use
            return
        try:
            with self.common.line.place(reader_of(request)) as place:
                while number := place.ahead:
                    words = "Waiting until one question is" if number == 1 else f"Waiting until {number} questions are"
                    yield self._telling(f"{words} answered, {about(place.waiting.seconds)}")
                    time.sleep(HEARTBEAT_SECONDS)
                yield from self._load(name)
        except LineFull as full:
            yield self._telling(full.wrong)

    def _load(self, name: str) -> Iterator[Updates]:
        latest = [Progress(name, 0, 0, "loading")]

        def tell(progress: Progress) -> None:
            latest[0] = progress if progress.done_bytes < progress.total_bytes else Progress(name, 0, 0, "loading")

        started = time.monotonic()
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        url = self._urls.get(name, "")
        task = pool.submit(self.desk.use_model, self._known[name], tell, model_url=url)
        pool.shutdown(wait=False)  # a tab closed meanwhile must not hold the page up for everybody until it is loaded
        while not task.done():
            yield self._telling(f"{latest[0].note.capitalize()} {name}", started, latest[0])
            time.sleep(HEARTBEAT_SECONDS * 2)
        error = task.exception()
        if error is not None and not isinstance(error, BylineError):
            raise error
        in_use = self.desk.model_name
        self.common.line.forget()
        told = markup_sources.failure(error.wrong, error.mend) if error else markup_settings.switched(in_use)
        yield {self.models: self.show()[0], self.switching: told, self.common.changed: time.time_ns()}

    def _telling(self, words: str, started: float | None = None, progress: Progress | None = None) -> Updates:
        seconds = int(time.monotonic() - started) if started else 0
        done, total = (progress.done_bytes, progress.total_bytes) if progress else (0, 0)
        return {
            self.models: markup_settings.models(self._offers(), self.desk.model_name, is_switching=True),
            self.switching: markup_settings.switching(words, seconds=seconds, done=done, total=total),
        }

    def _offers(self) -> list[Offer]:
        listed = [Offer(model.name, model, state(model)) for model in self._listed]
        names = {offer.name for offer in listed}
        return [
            *listed,
            *(Offer(name, url=self._urls.get(name, "")) for name in self._known if name not in names),
        ]
