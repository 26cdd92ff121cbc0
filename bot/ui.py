"""The page: Gradio's blocks, where they stand. What they do is in bot/ui_events.py; no other module imports Gradio.

Both import it at their top, because it reads the events' annotations by name: import this module late.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot.markup_sources import NO_SOURCES
from bot.ui_events import LIMITS, Events, Parts

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.app import Desk

HERE = Path(__file__).parent
LARGEST_UPLOAD = "200mb"
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Consolas", "Liberation Mono", "monospace")
DATE_FIELD = '<label>{label} <input type="date" value="${{value}}"></label>'
DATE_CHANGES = "element.addEventListener('change', (event) => { props.value = event.target.value; });"


def mount(app: FastAPI, desk: Desk) -> FastAPI:
    """Put the page on `app`. Nothing that it shows or does leaves the machine."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(desk),
        path="/",
        theme=gr.themes.Base(primary_hue="slate", neutral_hue="stone", font=SANS, font_mono=MONO, radius_size="sm"),
        favicon_path=str(HERE / "page.svg"),
        app_kwargs={"openapi_url": None, "docs_url": None, "redoc_url": None},
        max_file_size=LARGEST_UPLOAD,
        allowed_paths=[],
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    return mounted


def build_page(desk: Desk) -> Any:
    """Return the page's blocks, wired to `desk`."""
    # No text of the archive is part of the page itself: all of it comes with events, escaped.
    with gr.Blocks(title="Byline", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        parts = _parts(desk.settings.strictness)
        Events(desk, parts).wire(page)
    page.queue(default_concurrency_limit=None, api_open=False)
    return page


def _parts(usual: float) -> Parts:
    """Return the page's components; `usual` is the strictness of answers unless the reader says otherwise."""
    script = (HERE / "page.js").read_text(encoding="utf-8")
    with gr.Row(elem_id="masthead"):
        _html("name", value="<h1>Byline</h1>")
        facts = _html("facts")
        again = gr.Button("New conversation", elem_id="again", size="sm", scale=0, min_width=0)
        upload = gr.UploadButton(
            "Add articles", elem_id="upload", size="sm", scale=0, min_width=0, file_count="multiple"
        )
    report = _html("report")
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="chat", min_width=0):
            with gr.Column(elem_id="log", min_width=0):
                earlier, now = _html("earlier", script=script), _html("now", script=script)
            composer = _composer(usual)
        with gr.Column(elem_id="panel", min_width=0):
            panel = _html("sources", value=NO_SOURCES, script=script)
    return Parts(
        facts=facts, again=again, upload=upload, report=report, earlier=earlier, now=now, panel=panel, **composer
    )


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
            since = _html("since", value="", template=DATE_FIELD.format(label="From"), script=DATE_CHANGES)
            until = _html("until", value="", template=DATE_FIELD.format(label="To"), script=DATE_CHANGES)
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


def _html(name: str, *, value: str = "", template: str = "${value}", script: str | None = None) -> Any:
    return gr.HTML(value, elem_id=name, html_template=template, js_on_load=script, apply_default_css=False)
