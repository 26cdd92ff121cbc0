"""The page: a masthead over its views, each a module bot/ui_*.py of its own; only these import Gradio.

They import it at their top, because it reads the events' annotations by name: import this module late.
"""

from __future__ import annotations

import atexit
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot.line import Line
from bot.ui_add import AddView
from bot.ui_archive import ArchiveView
from bot.ui_ask import place_ask
from bot.ui_events import Events
from bot.ui_kept import KeptView
from bot.ui_limits import LimitsView
from bot.ui_settings import SettingsView
from bot.ui_shared import HERE, QUIET, Common, html
from bot.ui_timeline import TimelineView

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.app import Desk

LARGEST_UPLOAD = "200mb"
SESSIONS = 200  # tabs, also closed ones, that Gradio remembers: 400 kB each; by itself it would 10,000
# Events under way at once. Whoever waits in line has one, so with Gradio's 40 nobody could open the page meanwhile.
AT_WORK = 400
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Consolas", "Liberation Mono", "monospace")


@cache
def upload_folder() -> Path:
    """Return the folder in which what this process is brought waits until it is added; it ends with the process.

    Gradio's own has one name for all of a machine's users, and whoever makes it first owns it.
    """
    folder = TemporaryDirectory(prefix="byline-uploads-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    os.environ["GRADIO_TEMP_DIR"] = folder.name
    return Path(folder.name)


def mount(app: FastAPI, desk: Desk, line: Line) -> FastAPI:
    """Put the page on `app`, its readers in `line`. Nothing that it shows or does leaves the machine."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(desk, line),
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


def build_page(desk: Desk, line: Line) -> Any:
    """Return the page's blocks, wired to `desk`."""
    # No text of the archive is part of the page itself: all of it comes with events, escaped.
    with gr.Blocks(title="Byline", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        keeping = KeptView(desk)
        common = _masthead(keeping, line)
        limits, adding, settings = LimitsView(desk, common), AddView(desk, common), SettingsView(desk, common)
        browsing, timeline = ArchiveView(desk, common), TimelineView(desk, common)
        with gr.Tabs(elem_id="views", overflow_behavior="wrap"):  # its menu is no part of the list of tabs
            with _view("Ask", "ask"):
                parts = place_ask(common.again, limits)
            with _view("Archive", "archive") as archive:
                browsing.place()
            with _view("Timeline", "timeline"):
                timeline.place()
            with _view("Add articles", "add"):
                adding.place()
            with _view("Settings", "settings"):
                settings.place()
        events = Events(desk, common, parts)
        events.wire(page)
        keeping.wire(page, events, common.again)
        limits.wire(page)
        adding.wire(page)
        browsing.wire(page, archive)
        timeline.wire(page)
        settings.wire(page)
        page.load(js=(HERE / "page_keyboard.js").read_text(encoding="utf-8"), **QUIET)
    page.state_session_capacity, page.max_threads = SESSIONS, AT_WORK
    page.queue(default_concurrency_limit=None, api_open=False)
    return page


def _view(label: str, name: str) -> Any:
    """Return a tab whose panel has the id view-`name`: by it the tab tells what it controls."""
    return gr.Tab(label, id=name, elem_id=f"view-{name}")


def _masthead(keeping: KeptView, line: Line) -> Common:
    with gr.Row(elem_id="masthead"):
        html("name", value="<h1>Byline</h1>")
        facts = html("facts")
        keeping.place()
        again = gr.Button("New conversation", elem_id="again", size="sm", scale=0, min_width=0)
    return Common(facts=facts, again=again, changed=gr.State(0), line=line)
