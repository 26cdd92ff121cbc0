"""What every view of the page shares: how a piece of HTML is placed, and what tells the others of a change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

HERE = Path(__file__).parent
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """What stands above all views, and `changed`: a number that a view sets anew when it changed the archive."""

    facts: Any
    again: Any
    changed: Any


def html(name: str, *, value: str = "", template: str = "${value}", script: str | None = None) -> Any:
    """Place a piece of HTML with the id `name`; its buttons call the page's functions, unless it has its own script."""
    return gr.HTML(
        value,
        elem_id=name,
        html_template=template,
        js_on_load=page_script() if script is None else script,
        apply_default_css=False,
    )


@cache
def page_script() -> str:
    """Return the script that every piece of HTML runs once."""
    return (HERE / "page.js").read_text(encoding="utf-8")
