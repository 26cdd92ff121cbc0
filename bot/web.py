"""The web face's server: a FastAPI application of our own around the page, for this machine's browser only.

A request passes the guard, where there is a password the login, and the intake; `bot/ui.py` makes the page.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.conversations import Conversations
from bot.export_page import FORMATS, file_name, in_bytes
from bot.guard import EVERYWHERE, LOOPBACK, Guard
from bot.intake import Intake
from bot.lending import Lending
from bot.line import Line
from bot.login import Login
from bot.password import require_login
from bot.running import announced
from index.errors import UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.responses import Response

    from bot.app import Desk

PORT = 7860
PORTS_TRIED = 20
MOST_CONNECTIONS = 400  # a browser holds up to six for each tab; what is over is answered 503


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
    import uvicorn

    require_login(host, password)
    listening = listen(host, port)
    require_login(listening.getsockname()[0], password)  # where the name led to, and not where it leads now
    name = "127.0.0.1" if host in EVERYWHERE else host
    url = f"http://{f'[{name}]' if ':' in name else name}:{listening.getsockname()[1]}/"

    def ready() -> None:
        on_ready(url)
        if open_browser:
            webbrowser.open(url)

    logging.getLogger("uvicorn.error").addFilter(_is_news)
    with listening, _told_of(desk.archive.folder, name, listening) as secret:
        # One worker: the archive has one owner. The page's own stream never ends by itself, so it is not waited for.
        config = uvicorn.Config(
            build_app(desk, host=host, secret=secret, password=password),
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=1,
            http="h11",  # which takes no more than 64 kB of headers; httptools takes any number
            ws="none",
            proxy_headers=False,  # where a request comes from is not what it says of itself
            limit_concurrency=MOST_CONNECTIONS,
        )
        _server(config, ready).run(sockets=[listening])


@contextmanager
def _told_of(archive: Path, name: str, listening: socket.socket) -> Iterator[str]:
    """Yield the secret by which the terminal is known; none for a server that this machine reaches as another would."""
    if name not in LOOPBACK:
        yield ""
        return
    with announced(archive, name, listening.getsockname()[1]) as running:
        yield running.secret


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what uvicorn logs about the streams of open tabs when it is told to end: that is how it ends."""
    cut_off = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut_off and "graceful shutdown" not in record.getMessage()


def _server(config: Any, ready: Callable[[], None]) -> Any:
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready()

    return Announcing(config)


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket bound to `port`, or without one to the first free port from 7860."""
    for candidate in (port,) if port is not None else range(PORT, PORT + PORTS_TRIED):
        try:
            return socket.create_server((host, candidate), family=_family(host))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise UsageError(f"cannot serve on {host}: {error.strerror}", "byline web --host 127.0.0.1") from error
    if port is None:
        raise UsageError(f"ports {PORT} to {PORT + PORTS_TRIED - 1} are all taken", "byline web --port 0")
    raise UsageError(f"port {port} is taken by another program", f"byline web --port {port + 1}")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
