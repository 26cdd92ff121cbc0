"""What every part of the server speaks: requests and answers as ASGI has them, without a framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class Refuse(Protocol):
    """Answers a request with why it is refused."""

    async def __call__(self, send: Send, status: int, reason: str, headers: Headers = ()) -> None:
        """Answer with `reason`."""


PLAIN = (b"content-type", b"text/plain; charset=utf-8")


def headers_of(scope: Scope) -> dict[str, str]:
    """Return a request's headers by their names in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def answer(send: Send, status: int, body: bytes = b"", headers: Headers = (PLAIN,)) -> None:
    """Answer with a whole body."""
    whole = [(b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": whole})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, reason: str, headers: Headers = ()) -> None:
    """Answer with why not. The connection ends: what is left of the request is not read."""
    await answer(send, status, reason.encode(), [PLAIN, (b"connection", b"close"), *headers])
