"""A web server on this machine, and a way to fetch pages that reaches it and nothing else."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.url_guard import Page
from bot.web_fetch import WebFetch
from bot.web_get import _Pinned

BODY = "".join(f"<p>The bridge was shut on Thursday, the town said in statement number {n}.</p>" for n in range(9))
HTML = f"<!doctype html><html><head><title>Bridge shut</title></head><body><article>{BODY}</article></body></html>"
CANONICAL = HTML.replace("<title>", '<link rel="canonical" href="https://courier.example/2017/06/07/bridge"><title>')
COLOGNE = HTML.replace("town", "Stadt Köln")
HERE = "93.184.215.14"  # stands for the server in what names answer; connections to it go to the test's own

Answer = Callable[[Any], None]


class Server(ThreadingHTTPServer):
    """A server that answers each path as a test says, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that a reader hangs up is what some tests are about."""


class Asked(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answers[self.path](self)

    def log_message(self, *told: object) -> None:
        """Say nothing."""


def says(body: str | bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else body

    def answer(asked: Any) -> None:
        asked.send_response(status)
        if kind:
            asked.send_header("Content-Type", kind)
        for name, value in headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        asked.wfile.write(raw)

    return answer


def leads_to(url: str, status: int = 302) -> Answer:
    return says("", status=status, Location=url)


def reaching(server: Server) -> WebFetch:
    """Return how pages are fetched if every name leads to `server`, but for those that begin with inside."""

    def connect(page: Page, address: str, timeout: float) -> http.client.HTTPConnection:
        assert address == HERE  # every connection is to a checked address
        connection = _Pinned(page, "127.0.0.1", timeout)
        connection.port = server.server_port
        return connection

    return WebFetch(
        resolve=lambda host, port: ["10.1.2.3"] if host.startswith("inside") else [host if host[0] in ":12" else HERE],
        connect=connect,
    )
