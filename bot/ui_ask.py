"""The ask view's components, where they stand. What they do is in bot/ui_events.py."""

from __future__ import annotations

from typing import Any

import gradio as gr

from bot.markup_sources import NO_SOURCES
from bot.ui_events import LIMITS, Parts
from bot.ui_shared import html

DATE_FIELD = '<label>{label} <input type="date" value="${{value}}"></label>'
DATE_CHANGES = "element.addEventListener('change', (event) => { props.value = event.target.value; });"


def place_ask(again: Any, usual: float) -> Parts:
    """Place the ask view; `usual` is the strictness of answers unless the reader says otherwise."""
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="chat", min_width=0):
            with gr.Column(elem_id="log", min_width=0):
                earlier, now = html("earlier"), html("now")
            composer = _composer(usual)
        with gr.Column(elem_id="panel", min_width=0):
            panel = html("sources", value=NO_SOURCES)
    return Parts(again=again, earlier=earlier, now=now, panel=panel, **composer)


def _composer(usual: float) -> dict[str, Any]:
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
        with gr.Accordion(LIMITS, open=False, elem_id="limits") as limits, gr.Row():
            since = html("since", value="", template=DATE_FIELD.format(label="From"), script=DATE_CHANGES)
            until = html("until", value="", template=DATE_FIELD.format(label="To"), script=DATE_CHANGES)
            outlets = gr.Dropdown([], multiselect=True, label="Outlets", elem_id="outlets", scale=1, min_width=180)
            strictness = gr.Slider(
                0,
                1,
                value=usual,
                step=0.05,
                label="How sure an answer must be",
                info="Less: more is answered, and more of it wrongly. More: more is refused, rightly or not.",
                elem_id="strictness",
                scale=1,
                min_width=220,
            )
    return {
        "box": box, "ask": ask, "stop": stop, "since": since, "until": until, "outlets": outlets,
        "strictness": strictness, "limits": limits,
    }  # fmt: skip
