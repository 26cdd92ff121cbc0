"""The login that a server for others asks for: before every route, by one password, without a script.

Gradio's own login leaves routes open beside it and takes wrong passwords without end. Knows nothing of Gradio: it
stands between the guard, which has checked Host and Origin, and all that is served.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from urllib.parse import parse_qs

from bot.asgi import App, Receive, Scope, Send, answer, headers_of, refuse

PLACE = "/login"
WRONG_SECONDS = 1.0  # a wrong password is answered so late
FREE_TRIES = 5  # wrong ones of one address, within TRIES_SECONDS
TRIES_SECONDS = 300.0
IDLE_SECONDS = 12 * 3600.0  # after which a browser is asked again
MOST_SESSIONS = 1000  # the longest unused ends first
MOST_ADDRESSES = 10_000
FORM_SECONDS = 10.0
_LARGEST_FORM = 4096  # bytes
_CONVERSATION = re.compile(r"c=[\w-]{1,64}")

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Byline: log in</title><link rel="icon" href="data:,"><style>
:root { color-scheme: light dark;
  --ink: #1c1b18; --paper: #fcfbf8; --rule: #7d786d; --accent: #1d4f7c; --bad: #9c1c1c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ebe7de; --paper: #171614; --rule: #8d877b; --accent: #8fbde8; --bad: #ff9d94; }
}
body { margin: 0 auto; max-width: 20rem; padding: 15vh 1.25rem 2rem; font: 1rem/1.5 system-ui, sans-serif;
  background: var(--paper); color: var(--ink); }
h1 { font-family: Charter, Georgia, "Noto Serif", serif; font-size: 1.8rem; margin: 0 0 1rem; }
label, input, button { display: block; width: 100%%; box-sizing: border-box; font: inherit; }
input { margin: .25rem 0 1rem; padding: .5rem; color: inherit; background: transparent; border: 1px solid var(--rule);
  border-radius: 4px; }
button { padding: .6rem; border: 0; border-radius: 4px; background: var(--accent); color: var(--paper);
  cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[role=alert] { color: var(--bad); }
</style></head><body><main><h1>Byline</h1>%s<form method="post"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button></form></main></body></html>
"""


class Login:
    """Asks for the password once a browser, and lets nothing else through but what is under /local.

    That is the terminal's, which proves by other means who it is.
    """

    def __init__(self, app: App, password: str) -> None:
        self.app = app
        self._password = _digest(password)
        self._sessions: OrderedDict[str, float] = OrderedDict()  # by the cookie's value: when it was last seen
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a browser that has logged in, or ask for the password."""
        if scope["type"] != "http" or scope["path"].startswith("/local/"):
            await self.app(scope, receive, send)
        elif scope["path"] == PLACE:
            await self._log_in(scope, receive, send)
        elif self._is_known(scope):
            await self.app(scope, receive, send)
        elif scope["path"] == "/":
            await _lead(send, PLACE + _asked_for(scope))
        else:
            await refuse(send, 401, "Log in first.")

    def _is_known(self, scope: Scope) -> bool:
        token, now = _cookies(scope).get(_cookie_name(scope), ""), time.monotonic()
        seen = self._sessions.pop(token, None)
        if seen is None or now - seen > IDLE_SECONDS:
            return False
        self._sessions[token] = now
        return True

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _show(send, 200, "")
            return
        address = network_of(scope)
        wait = self._tries.wait(address)
        if wait:
            words = f"Too many wrong passwords. Try again in {_in_words(wait)}."
            await _show(send, 429, words, [(b"retry-after", str(int(wait) + 1).encode())])
            return
        try:
            given = await asyncio.wait_for(_given(receive), FORM_SECONDS)
        except TimeoutError:
            await refuse(send, 408, "The password did not come.")
            return
        if hmac.compare_digest(_digest(given), self._password):
            await _lead(send, "/" + _asked_for(scope), [(b"set-cookie", self._open(scope).encode())])
            return
        self._tries.count(address)
        await asyncio.sleep(WRONG_SECONDS)
        await _show(send, 401, "This is not the password.")

    def _open(self, scope: Scope) -> str:
        """Begin a session and return its cookie, which ends with the browser, and with this server."""
        token = secrets.token_urlsafe(32)
        self._sessions[token] = time.monotonic()
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        # Behind a proxy that has a certificate the browser must never send it in the clear.
        secure = "; Secure" if headers_of(scope).get("x-forwarded-proto") == "https" else ""
        return f"{_cookie_name(scope)}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"


class Tries:
    """Wrong passwords, counted by the address they came from."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def count(self, address: str) -> None:
        """Note a wrong password of `address`."""
        self._wrong[address] = [*self._recent(address), time.monotonic()]
        self._wrong.move_to_end(address)
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def wait(self, address: str) -> float:
        """Return for how many seconds no password of `address` is looked at; 0 where one may be given."""
        recent = self._recent(address)
        return recent[-FREE_TRIES] + TRIES_SECONDS - time.monotonic() if len(recent) >= FREE_TRIES else 0.0

    def _recent(self, address: str) -> list[float]:
        since = time.monotonic() - TRIES_SECONDS
        return [moment for moment in self._wrong.get(address, ()) if moment > since]


def _digest(password: str) -> bytes:
    # Of one length, so that the comparison does not tell how long the password is.
    return hashlib.sha256(password.encode("utf-8", "replace")).digest()


def network_of(scope: Scope) -> str:
    """Return whose tries are counted together: an address, or of IPv6 the network that one line has for itself."""
    host, _ = scope.get("client") or ("", 0)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def _cookie_name(scope: Scope) -> str:
    # Browsers keep one set of cookies for all ports of a host: two servers must not end each other's sessions.
    _, port = scope.get("server") or ("", 0)
    return f"byline-session-{port or 0}"


def _cookies(scope: Scope) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in headers_of(scope).get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}


def _asked_for(scope: Scope) -> str:
    """Return the query that names a conversation, which the way through the login keeps; nothing else does."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"?{query}" if _CONVERSATION.fullmatch(query) else ""


async def _given(receive: Receive) -> str:
    """Return the password of a form, empty where there is none."""
    body, more = b"", True
    while more and len(body) <= _LARGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    fields = parse_qs(body[:_LARGEST_FORM].decode("utf-8", "replace"), max_num_fields=8) if not more else {}
    return fields.get("password", [""])[0]


async def _show(send: Send, status: int, wrong: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    told = f'<p role="alert">{html.escape(wrong)}</p>' if wrong else ""
    own = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY.encode()),
        (b"referrer-policy", b"same-origin"),  # with none at all a browser sends the form as from nowhere
        (b"cache-control", b"no-store"),
    ]
    await answer(send, status, (_PAGE % told).encode(), [*own, *(headers or [])])


async def _lead(send: Send, place: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await answer(send, 303, b"", [(b"location", place.encode()), (b"cache-control", b"no-store"), *(headers or [])])


def _in_words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
