"""A desk that serves the page, lent to the terminal: the route /local of the server. Knows nothing of the page.

Only this machine reaches it, and only who can read the archive's file of bot/running.py; its answers are the lines of
bot/wire.py. A question stands in the page's line, and the model is stopped when the terminal hangs up.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from functools import partial
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from bot.asgi import Receive, Scope, Send
from bot.frozen_json import NotThatRecord, load
from bot.line import Line
from bot.records import Question
from bot.running import answered_by, is_proof, prove, searched_by
from bot.streamed import in_thread, in_turn
from bot.wire import Failed, Hits, Over, Said, to_line
from index.errors import BylineError
from index.records import Filters

if TYPE_CHECKING:
    from bot.app import Desk

LARGEST_REQUEST = 4 << 20  # bytes: a question with a long conversation before it
READER = "terminal"
Work = Callable[[Flag], Iterator[Said]]


class Unlike(Exception):
    """What is asked for is not what this desk is set to; the terminal then does it itself."""


class Lending:
    """The ASGI application under /local."""

    def __init__(self, desk: Desk, line: Line, secret: str) -> None:
        self.desk = desk
        self.line = line
        self.secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        nonce = headers.get("x-byline-nonce", "")
        known = nonce and is_proof(headers.get("x-byline-proof", ""), self.secret, "terminal", nonce)
        if not _is_near(scope) or not known:
            await _reply(send, 403)
            return
        proof = [(b"x-byline-proof", prove(self.secret, "server", nonce).encode())]
        what = scope["path"].rsplit("/", 1)[-1]
        if what == "hello" and scope["method"] == "GET":
            await _reply(send, 200, proof)
            return
        body = await _read(receive)
        try:
            work = self._work(what if scope["method"] == "POST" else "", body)
        except KeyError:
            await _reply(send, 404, proof)
        except Unlike:
            await _reply(send, 409, proof)
        except (ValueError, TypeError, RecursionError):
            await _reply(send, 400 if len(body) <= LARGEST_REQUEST else 413, proof)
        else:
            await _stream(work, receive, send, proof)

    def _work(self, what: str, body: bytes) -> Work:
        """Return what was asked for, to be done; raises KeyError, Unlike, or for a broken request ValueError."""
        prepare = {"ask": self._ask, "search": self._search, "timeline": self._timeline}[what]
        if len(body) > LARGEST_REQUEST:
            raise ValueError("too large")
        request = json.loads(body)
        if not isinstance(request, dict) or not isinstance(request.get("settings"), dict):
            raise NotThatRecord("no request")
        here = answered_by(self.desk.settings) if what == "ask" else searched_by(self.desk.settings)
        if request["settings"] != here or self.desk.archive.is_empty:
            raise Unlike
        return prepare(request)

    def _ask(self, request: dict[str, Any]) -> Work:
        question = load(Question, request.get("question"))

        return lambda stop: in_turn(self.desk, question, line=self.line, reader=READER, stop=stop)

    def _search(self, request: dict[str, Any]) -> Work:
        text, limit, filters = _searched(request)
        return lambda stop: iter([Hits(self.desk.search(text, limit=limit, filters=filters))])

    def _timeline(self, request: dict[str, Any]) -> Work:
        topic, limit, filters = _searched(request)
        return lambda stop: iter([self.desk.timeline(topic, limit=limit, filters=filters)])


def _searched(request: dict[str, Any]) -> tuple[str, int, Filters]:
    return load(str, request.get("text")), load(int, request.get("limit")), load(Filters, request.get("filters"))


def _is_near(scope: Scope) -> bool:
    """Return whether the request comes from this machine, also where the page is served to others."""
    host, _ = scope.get("client") or ("", 0)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _read(receive: Receive) -> bytes:
    """Return the request's body, of one that is too large only the beginning."""
    body, more = b"", True
    while more and len(body) <= LARGEST_REQUEST:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _reply(send: Send, status: int, headers: list[tuple[bytes, bytes]] = []) -> None:  # noqa: B006 - never changed
    plain = [(b"content-length", b"0"), (b"cache-control", b"no-store"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": plain})
    await send({"type": "http.response.body", "body": b""})


async def _stream(work: Work, receive: Receive, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    """Send what `work` says, line by line, and an empty line now and then."""
    kind = (b"content-type", b"application/x-ndjson")
    await send({"type": "http.response.start", "status": 200, "headers": [kind, *headers]})
    async with aclosing(in_thread(partial(_told, work), receive)) as saying:
        async for said in saying:
            await send({"type": "http.response.body", "body": to_line(said) if said else b"\n", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _told(work: Work, stop: Flag) -> Iterator[Said]:
    """Yield what `work` says, an error of ours as such, and that it is over."""
    try:
        yield from work(stop)
    except BylineError as error:
        yield Failed.of(error)
    yield Over()
