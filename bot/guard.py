"""The outermost part of the server: which requests are answered at all, and what a browser may do with the answers.

Gradio by itself answers to any Host, so that a page on the web could read the archive through a name that it points
at 127.0.0.1, and it brings some seventy routes, of which the page needs a dozen. Only those are let through.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from bot.asgi import App, Headers, Message, Receive, Refuse, Scope, Send, answer, headers_of, refuse
from bot.origins import NOBODY, Origins, headers_for, is_preflight

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})

# What the page uses, ours and Gradio's; every other route is closed, also one that a later Gradio brings.
_READ = re.compile(
    r"/|/config|/login|/theme\.css|/favicon\.ico|/byline\.(?:css|js)|/(?:assets|static)/[\w@./-]+"
    r"|/conversations/[\w.-]+|/local/\w+"
    r"|/gradio_api/(?:startup-events|queue/data|upload_progress|heartbeat/[\w-]{1,64})"
)
_WRITE = re.compile(r"/login|/local/\w+|/gradio_api/(?:queue/join|run/predict|cancel|reset|upload)")
_OPEN = {"GET": _READ, "HEAD": _READ, "POST": _WRITE}

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

# Accept-encoding: nothing is gained by compression on one machine, and the nonce must be written into the page. The
# others tell Gradio an address of its own to write into the page, which whoever sends the request would choose.
_UNHEARD = frozenset({b"accept-encoding", b"x-forwarded-host", b"x-gradio-server"})


def is_open(method: str, path: str) -> bool:
    """True for a route that the page uses; a path that could leave its folder is none."""
    allowed = _OPEN.get(method)
    return allowed is not None and ".." not in path and allowed.fullmatch(path) is not None


class Guard:
    """Lets through what the server's own page sends, or one of `origins`, and says in every answer what it may do."""

    def __init__(
        self,
        app: App,
        host: str,
        is_open: Callable[[str, str], bool] = is_open,
        refuse: Refuse = refuse,
        origins: Origins = NOBODY,
    ):
        self.app = app
        self.host = host
        self._is_open = is_open
        self._refuse = refuse
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "websocket":  # the page opens none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, method = headers_of(scope), scope["method"]
        is_named = self._origins.allow(headers, scope["path"])
        refused = refusal(headers, self.host, is_named=is_named)
        send = _Protected(send, headers_for(method, headers) if is_named and not refused else ()).send
        if refused:
            await self._refuse(send, 403, refused)
        elif is_named and is_preflight(method, headers):  # which never bears the token
            await answer(send, 200, headers=())
        elif not self._is_open(method, scope["path"]):
            await self._refuse(send, 404, "There is nothing here.")
        else:
            heard = [pair for pair in scope["headers"] if pair[0].lower() not in _UNHEARD]
            await self.app({**scope, "headers": heard}, receive, send)


def refusal(headers: dict[str, str], listening: str, *, is_named: bool = False) -> str:
    """Return why a request with these headers is not answered, or the empty string; `is_named` is its origin."""
    asked = headers.get("host", "")
    if not _is_own_name(_host_of(f"//{asked}"), listening):
        return "This address is not one that Byline answers to."
    if is_named:
        return ""
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


class _Protected:
    """One answer on its way out: security headers on all of them, and the page itself gets its nonces and its style.

    An answer that brings one of them itself keeps it; one with a policy of its own is sent as it is. Pages of other
    origins are told of in `shared` alone.
    """

    def __init__(self, send: Send, shared: Headers = ()) -> None:
        self._send = send
        self._shared = shared
        self._nonce = secrets.token_urlsafe(16)
        self._held: Message | None = None  # the start of a page, kept back until its length is known
        self._body = b""
        self._has_policy = False

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
        brought = {name.lower().decode("latin-1") for name, _ in message["headers"]}
        self._has_policy = "content-security-policy" in brought
        wanted = {**HEADERS, "Content-Security-Policy": POLICY.format(nonce=self._nonce)}
        added = {name.lower(): value for name, value in wanted.items() if name.lower() not in brought}
        kept = [pair for pair in message["headers"] if not pair[0].lower().startswith(b"access-control-")]
        message["headers"] = [*kept, *self._shared, *((name.encode(), value.encode()) for name, value in added.items())]

    def _is_page(self, message: Message) -> bool:
        is_html = any(name == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"])
        return is_html and not self._has_policy

    async def _finish(self, start: Message) -> Message:
        # The page's data lies in these scripts with every "<" escaped, so a "<script" is always Gradio's or ours.
        body = self._body.replace(b"</head>", HEAD, 1)
        body = _SCRIPT.sub(f'<script nonce="{self._nonce}"'.encode(), body)
        kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        start["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
        self._held = None
        await self._send(start)
        return {"type": "http.response.body", "body": body}
