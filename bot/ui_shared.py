"""What every view of the page shares: how a piece of HTML is placed, and what tells the others of a change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from bot.line import Line

HERE = Path(__file__).parent
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """What stands above all views, and what they share.

    `changed` is a number that a view sets anew when it changed the archive or the model; who needs the model stands in
    `line` first.
    """

    facts: Any
    again: Any
    changed: Any
    line: Line


def reader_of(request: gr.Request) -> str:
    """Return what tells one reader's browser from another's, however many tabs it has open; see page_theme.js."""
    return str(request.cookies.get("byline-reader") or request.session_hash or "")


def html(name: str, *, value: str = "", template: str = "${value}", script: str | None = None) -> Any:
    """Place a piece of HTML with the id `name`; its buttons call the page's functions, unless it has its own script."""
    return gr.HTML(
        value,
        elem_id=name,
        html_template=template,
        js_on_load=page_script() if script is None else script,
        apply_default_css=False,
    )


def date_field(name: str, label: str) -> Any:
    """Place a labelled date with the id `name`; its value is the day in ISO form, empty for none."""
    return html(
        name,
        template=f'<label>{label} <input type="date" value="${{value}}"></label>',
        script="element.addEventListener('change', (event) => { props.value = event.target.value; });",
    )


@cache
def page_script() -> str:
    """Return the script that every piece of HTML runs once."""
    return (HERE / "page.js").read_text(encoding="utf-8")
