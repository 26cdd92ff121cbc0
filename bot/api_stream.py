"""Answers of the API that take their time: server-sent events, and JSON that is waited for; both end with the asker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from functools import partial
from threading import Event as Flag
from typing import Any, TypeVar

from fastapi.responses import JSONResponse, Response

from bot.api_errors import failure_json
from bot.as_json import answer_json, found_json
from bot.asgi import Receive, Scope, Send
from bot.line import Waiting
from bot.records import Answer, Found, Stage, Token
from bot.streamed import in_thread
from bot.wire import Failed
from index.errors import BylineError

T = TypeVar("T")
Work = Callable[[Flag], Iterator[T]]
HUNG_UP = 499  # nobody reads it
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy must not collect it
]


class Json(JSONResponse):
    """A JSON answer in ASCII, so that whatever an article holds can be sent."""

    def render(self, content: Any) -> bytes:
        """Return `content` as JSON."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


class EventStream(Response):
    """Sends what `work` yields as server-sent events, and a comment now and then, until it ends or nobody listens."""

    media_type = "text/event-stream"

    def __init__(self, work: Work[str]) -> None:
        super().__init__()
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        async with aclosing(in_thread(self._work, receive)) as saying:
            async for said in saying:
                await send({"type": "http.response.body", "body": (said or ":\n\n").encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def last_of(work: Work[T], receive: Receive) -> T | None:
    """Return the last that `work` yields, None where who asked has hung up; raise what it raises."""
    last = None
    async with aclosing(in_thread(work, receive)) as saying:
        async for said in saying:
            last = said if said is not None else last
    return last


def told(work: Work[T]) -> Work[T | Failed]:
    """Return `work` with an error of ours as the last that is said."""

    def tell(work: Work[T], stop: Flag) -> Iterator[T | Failed]:
        try:
            yield from work(stop)
        except BylineError as error:
            yield Failed.of(error)

    return partial(tell, work)


def to_event(said: Any) -> str:
    """Return what happened on the way to an answer as a server-sent event."""
    match said:
        case Waiting():
            return event("waiting", {"ahead": said.ahead, "seconds": said.seconds})
        case Stage():
            return event("stage", {"stage": said.name})
        case Found():
            return event("evidence", found_json(said))
        case Token():
            return event("draft", {"text": said.text, "checked": False})
        case Answer():
            return event("answer", answer_json(said))
        case Failed():
            return event("error", failure_json(said.error()))
    raise TypeError(f"a {type(said).__name__} is nothing that happens on the way to an answer")


def event(name: str, data: Any) -> str:
    """Return one server-sent event; JSON in ASCII holds no line end of its own."""
    return f"event: {name}\ndata: {json.dumps(data, allow_nan=False)}\n\n"
