"""The token that a server for other programs asks for: in every request, before every route but the terminal's own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from bot.api_errors import refuse_json
from bot.asgi import App, Receive, Scope, Send, headers_of
from bot.login import WRONG_SECONDS, Tries, network_of

_ASKED = (b"www-authenticate", b"Bearer")


class Token:
    """Lets through requests that bear the token, and what is under /local, where the terminal proves who it is."""

    def __init__(self, app: App, token: str) -> None:
        self.app = app
        self._token = _digest(token)
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith("/local/"):
            await self.app(scope, receive, send)
            return
        address = network_of(scope)
        wait = self._tries.wait(address)
        scheme, _, given = headers_of(scope).get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            await refuse_json(
                send, 401, "This server asks for a token: send it as Authorization: Bearer TOKEN.", [_ASKED]
            )
        elif wait:
            after = (b"retry-after", str(int(wait) + 1).encode())
            await refuse_json(send, 429, "Too many wrong tokens came from this address.", [after])
        elif hmac.compare_digest(_digest(given.strip()), self._token):
            await self.app(scope, receive, send)
        else:
            self._tries.count(address)
            await asyncio.sleep(WRONG_SECONDS)
            await refuse_json(send, 401, "This is not the token.", [_ASKED])


def _digest(token: str) -> bytes:
    # Of one length, so that the comparison does not tell how long the token is.
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
