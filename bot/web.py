"""The web face's server: a FastAPI application of our own around the page, for this machine's browser only.

Gradio by itself answers to any Host, so that a page on the web could read the archive through a name that it
points at 127.0.0.1, and takes uploads of any size. What stands here closes that; `bot/ui.py` makes the page.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import re
import secrets
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.conversations import Conversations
from bot.exchange import Line
from bot.export_page import FORMATS, file_name
from bot.lending import Lending
from bot.running import announced
from index.errors import UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.app import Desk

PORT = 7860
PORTS_TRIED = 20
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})

# Doors of Gradio's that the page does not use.
CLOSED = ("/gradio_api/openapi.json", "/gradio_api/proxy=", "/gradio_api/runs", "/proxy=", "/monitoring")

# Gradio compiles the templates of its HTML components with Function(), hence 'unsafe-eval'. In exchange no inline
# script runs without this response's nonce, and no onerror= attribute ever: that is what hostile text would bring.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'none'; form-action 'self'; "
    "base-uri 'self'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# Linked from the page as served: Gradio's own css= arrives late and is rewritten to hold inside its container only.
# The script stands there too: light or dark must be known before anything is painted.
HEAD = b'<link rel="stylesheet" href="/byline.css"><script src="/byline.js"></script></head>'
_SCRIPT = re.compile(rb"<script\b")


class Guard:
    """Lets through what this machine's own page sends, and says in every answer what the page may do."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refused = refusal(headers, self.host)
        if refused:
            await _refuse(send, 403, refused)
        elif scope["path"].startswith(CLOSED):
            await _refuse(send, 404, "There is nothing here.")
        else:
            # Uncompressed: nothing is gained on one machine, and the nonce must be written into the page.
            plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            await self.app({**scope, "headers": plain}, receive, _Protected(send).send)


def refusal(headers: dict[str, str], listening: str) -> str:
    """Return why a request with these headers is not answered, or the empty string."""
    asked = headers.get("host", "")
    if not _is_own_name(_host_of(f"//{asked}"), listening):
        return "This address is not one that Byline answers to."
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != asked:
        return "Byline takes requests from its own page only."
    if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        return "Byline takes requests from its own page only."
    return ""


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_own_name(name: str, listening: str) -> bool:
    if name in LOOPBACK or name == listening.lower():
        return True
    # A name can be pointed anywhere by whoever owns it, a bare address cannot.
    return listening in EVERYWHERE and (_is_address(name) or name == socket.gethostname().lower())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})


class _Protected:
    """One answer on its way out: security headers on all of them, and the page itself gets its nonces and its style."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._held: Message | None = None  # the start of a page, kept back until its length is known
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._add_headers(message)
            if self._is_page(message):
                self._held = message
                return
        elif self._held is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            message = await self._finish(self._held)
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        policy = POLICY.format(nonce=self._nonce)
        added = {**HEADERS, "Content-Security-Policy": policy}
        kept = [pair for pair in message["headers"] if not pair[0].lower().startswith(b"access-control-")]
        message["headers"] = [*kept, *((name.lower().encode(), value.encode()) for name, value in added.items())]

    @staticmethod
    def _is_page(message: Message) -> bool:
        return any(name == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"])

    async def _finish(self, start: Message) -> Message:
        # The page's data lies in these scripts with every "<" escaped, so a "<script" is always Gradio's or ours.
        body = self._body.replace(b"</head>", HEAD, 1)
        body = _SCRIPT.sub(f'<script nonce="{self._nonce}"'.encode(), body)
        kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        start["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
        self._held = None
        await self._send(start)
        return {"type": "http.response.body", "body": body}


def build_app(desk: Desk, *, host: str = "127.0.0.1", secret: str = "") -> FastAPI:
    """Return the application: the page over `desk`, behind the guard; with a secret, lent to the terminal too."""
    from fastapi import FastAPI
    from fastapi.responses import Response

    from bot import ui

    # One sheet for the page and one for each view that needs its own, in the order of their names.
    here = Path(__file__).parent
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sorted(here.glob("page*.css")))
    script = (here / "page_theme.js").read_text(encoding="utf-8")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Guard, host=host)
    app.get("/byline.css")(lambda: Response(style, media_type="text/css"))
    app.get("/byline.js")(lambda: Response(script, media_type="text/javascript"))
    app.get("/conversations/{name}", response_model=None)(_downloads(desk.archive.folder))
    line = Line()
    if secret:
        app.mount("/local", Lending(desk, line, secret))
    return ui.mount(app, desk, line)


def _downloads(folder: Path) -> Callable[[str], Response]:
    """Return what answers with a conversation as a file, named ID.md, ID.html or ID.json."""
    from fastapi.responses import Response

    def download(name: str) -> Response:
        id, _, ending = name.partition(".")
        found = Conversations(folder).open(id) if ending in FORMATS else None
        if found is None:
            return Response("There is no such conversation.", status_code=404, media_type="text/plain")
        # Saved and never shown from here, also where it is HTML: it is for other eyes, and has its own policy.
        headers = {"Content-Disposition": f'attachment; filename="{file_name(found, ending)}"'}
        text = FORMATS[ending](found).encode("utf-8", "replace")
        return Response(text, media_type="application/octet-stream", headers=headers)

    return download


def serve(
    desk: Desk,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    open_browser: bool = False,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the page until interrupted; `on_ready` gets its address once it answers.

    Without a port it is 7860 or the next free one; a named port that is taken raises UsageError.
    """
    import uvicorn

    listening = listen(host, port)
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
            build_app(desk, host=host, secret=secret),
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=1,
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
