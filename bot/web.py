"""The web face's server: a FastAPI application of our own around the page, for this machine's browser only.

A request passes the guard, where there is a password the login, and the intake; `bot/ui.py` makes the page.
"""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.conversations import Conversations
from bot.export_page import FORMATS, file_name, in_bytes
from bot.guard import Guard
from bot.intake import Intake
from bot.lending import Lending
from bot.line import Line
from bot.listening import listen_guarded, serve_on
from bot.login import Login

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.responses import Response

    from bot.app import Desk


def build_app(desk: Desk, *, host: str = "127.0.0.1", secret: str = "", password: str = "") -> FastAPI:
    """Return the application: the page over `desk`, behind the guard; with a secret, lent to the terminal too.

    With a password nothing of it is shown to a browser that has not given it.
    """
    from fastapi import FastAPI
    from fastapi.responses import Response

    from bot import ui

    # One sheet for the page and one for each view that needs its own, in the order of their names.
    here = Path(__file__).parent
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sorted(here.glob("page*.css")))
    script = (here / "page_theme.js").read_text(encoding="utf-8")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    # The last that is added is the first that a request comes to.
    app.add_middleware(Intake, folder=ui.upload_folder())
    if password:
        app.add_middleware(Login, password=password)
    app.add_middleware(Guard, host=host)
    app.get("/byline.css")(lambda: Response(style, media_type="text/css"))
    app.get("/byline.js")(lambda: Response(script, media_type="text/javascript"))
    app.get("/conversations/{name}", response_model=None)(_downloads(desk.archive.folder))
    line = Line()
    if secret:
        app.mount("/local", Lending(desk, line, secret))
    return ui.mount(app, desk, line)


def _downloads(folder: Path) -> Callable[[str], Response]:
    """Return what answers with a conversation as a file, named ID.md, ID.html and so on, by its format."""
    from fastapi.responses import Response

    def download(name: str) -> Response:
        id, _, ending = name.partition(".")
        found = Conversations(folder).open(id) if ending in FORMATS else None
        if found is None:
            return Response("There is no such conversation.", status_code=404, media_type="text/plain")
        # Saved and never shown from here, also where it is HTML: it is for other eyes, and has its own policy.
        headers = {"Content-Disposition": f'attachment; filename="{file_name(found, ending)}"'}
        text = in_bytes(FORMATS[ending](found), ending)
        return Response(text, media_type="application/octet-stream", headers=headers)

    return download


def serve(
    desk: Desk,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    password: str = "",
    open_browser: bool = False,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the page until interrupted; `on_ready` gets its address once it answers.

    Without a port it is 7860 or the next free one; a named port that is taken raises UsageError, and so does a host
    that others can reach where there is no password.
    """
    listening = listen_guarded(host, port, password)

    def ready(url: str) -> None:
        on_ready(url)
        if open_browser:
            webbrowser.open(url)

    def build(secret: str) -> FastAPI:
        return build_app(desk, host=host, secret=secret, password=password)

    serve_on(build, desk.archive.folder, listening, host=host, on_ready=ready)
