"""The limits below the question box: dates, outlets, authors, and how sure an answer must be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot.limits import NOTHING_SET, Limits, read_limits
from bot.markup_limits import Choices, draw
from bot.ui_shared import AT_ONCE, HERE, Common

if TYPE_CHECKING:
    from bot.app import Desk


class LimitsView:
    """What narrows a question. `sent` is the one value that every asking function takes; see limits.question_within."""

    sent: Any

    def __init__(self, desk: Desk, common: Common) -> None:
        self.desk = desk
        self.common = common

    def place(self) -> None:
        """Place them, within the composer."""
        # Two ways: `value` is what the browser holds and sends, `drawn` is what it is shown.
        self.sent = gr.HTML(
            NOTHING_SET,
            elem_id="limits",
            html_template="${drawn}",
            js_on_load=(HERE / "page_limits.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            drawn=draw(Limits(), Choices((), (), self.desk.settings.strictness)),
        )

    def wire(self, page: Any) -> None:
        """Draw them anew whenever something is set, and when the archive has changed."""
        triggers = [page.load, self.sent.change, self.common.changed.change]
        # What is set while the last is still being drawn is drawn after it, not dropped.
        gr.on(triggers, self.draw, self.sent, self.sent, trigger_mode="always_last", **AT_ONCE)

    def draw(self, sent: str) -> Any:
        """Return the limits, each name with how many articles it has within the other limits."""
        limits = read_limits(sent)
        archive, filters = self.desk.archive, limits.filters
        choices = Choices(
            outlets=archive.outlets(filters=replace(filters, outlets=())),
            authors=archive.authors(filters=replace(filters, authors=())),
            strictness=self.desk.settings.strictness,
        )
        return gr.update(drawn=draw(limits, choices))
