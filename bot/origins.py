"""Which pages of the web may ask the API: only those whose origins were named in full, and they bear the token too.

What a browser is told here is no right by itself: Host and token are asked for as of any other program. No cookie and
no other credential of the browser's is ever allowed, and no origin by a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.asgi import Headers
from index.errors import UsageError

_MEND = "byline serve --allow-origin https://NAME --new-token"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:]+")
_OPEN = re.compile(r"/v1/.*|/openapi\.json")  # not /local, where the terminal comes in
_METHODS = b"GET, POST"
_USUAL_HEADERS = "authorization, content-type"
# A preflight names the headers that the page wants to send, as the OpenAI client's x-stainless-*. They are given back
# as they came, and only as names.
_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]{1,60}(?:, ?[A-Za-z0-9-]{1,60}){0,40}")
_SECONDS = b"600"  # that a browser remembers


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that were named; none of them unless they were."""

    named: frozenset[str] = frozenset()

    @classmethod
    def read(cls, given: Iterable[str], token: str) -> Origins:
        """Return the origins as browsers write them; raises UsageError where one is none, or there is no token."""
        named = frozenset(map(_read, given))
        if named and not token:
            raise UsageError("Pages of other origins may ask only with a token, also on this machine.", _MEND)
        return cls(named)

    def allow(self, headers: dict[str, str], path: str) -> bool:
        """True for a request that a page of a named origin may send."""
        return headers.get("origin") in self.named and ".." not in path and _OPEN.fullmatch(path) is not None


NOBODY = Origins()


def is_preflight(method: str, headers: dict[str, str]) -> bool:
    """True for what a browser asks before it sends a page's request."""
    return method == "OPTIONS" and "access-control-request-method" in headers


def headers_for(method: str, headers: dict[str, str]) -> Headers:
    """Return what tells the browser that the page of this allowed request may read the answer, or send the request."""
    shared = [
        (b"access-control-allow-origin", headers["origin"].encode("latin-1")),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"origin"),
    ]
    if not is_preflight(method, headers):
        return shared
    asked = headers.get("access-control-request-headers", "")
    names = asked if _HEADER_NAMES.fullmatch(asked) else _USUAL_HEADERS
    return [
        *shared,
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", names.encode("latin-1")),
        (b"access-control-max-age", _SECONDS),
    ]


def _read(given: str) -> str:
    try:
        parts = urlsplit(given)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment and parts.username is None
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host) or not is_bare:
        raise UsageError(
            f"{given!r} is no origin: it is named in full, as https://notes.example or http://localhost:3000.", _MEND
        )
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")
