"""The ask view's components, where they stand. What they do is in bot/ui_events.py."""

from __future__ import annotations

from typing import Any

import gradio as gr

from bot.markup_sources import NO_SOURCES
from bot.ui_events import Parts
from bot.ui_limits import LimitsView
from bot.ui_shared import html


def place_ask(again: Any, limits: LimitsView) -> Parts:
    """Place the ask view, with the limits in its composer."""
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="chat", min_width=0):
            with gr.Column(elem_id="log", min_width=0):
                earlier, now = html("earlier"), html("now")
            composer = _composer(limits)
        with gr.Column(elem_id="panel", min_width=0):
            panel = html("sources", value=NO_SOURCES)
    return Parts(again=again, earlier=earlier, now=now, panel=panel, sent=limits.sent, **composer)


def _composer(limits: LimitsView) -> dict[str, Any]:
    with gr.Column(elem_id="composer", min_width=0):
        with gr.Row(elem_id="asking"):
            box = gr.Textbox(
                label="Question",
                show_label=False,
                container=False,
                placeholder="Ask the archive",
                elem_id="question",
                max_lines=6,
                autofocus=True,
                scale=1,
                min_width=0,
                max_length=4000,
                html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
            )
            ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0, min_width=0)
            stop = gr.Button("Stop", elem_id="stop", variant="stop", scale=0, min_width=0, visible=False)
        limits.place()
    return {"box": box, "ask": ask, "stop": stop}
