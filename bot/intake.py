"""How much a request may bring, and how slowly: bodies, headers, and the files that wait to be added.

Gradio takes any number of files of a request, at any pace, and leaves behind what an upload that broke off had
brought. Knows nothing of what is asked for.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.asgi import App, Message, Receive, Refuse, Scope, Send, headers_of, refuse

LARGEST_BODY = 8 << 20  # bytes; the longest pasted text, two million characters, takes six or seven million
LARGEST_UPLOAD = 1 << 30  # of one request, which may bring many files
MOST_WAITING = 4 << 30  # bytes of files that were brought and not yet taken into the archive
KEPT_FREE = 1 << 30  # bytes that stay free on the disk
MOST_UPLOADS = 8  # at a time
LARGEST_HEAD = 32 << 10  # bytes of headers
LONGEST_PLACE = 8 << 10  # bytes of path and query
SILENT_SECONDS = 30.0  # without a byte of what was announced
FIRST_SECONDS = 60.0  # in which a body may come as slowly as it likes
SLOWEST = 50_000  # bytes a second, after that
UPLOAD = "/gradio_api/upload"
FORGOTTEN_SECONDS = 3600.0  # a file that was brought and that nobody added
_SLOW = "What was announced did not come."


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    status: int
    why: str


class Intake:
    """Lets through requests of a size and pace that a reader's browser has; `folder` is where uploads wait."""

    def __init__(self, app: App, folder: Path, refuse: Refuse = refuse) -> None:
        self.app = app
        self.folder = folder
        self._refuse = refuse
        self._coming: list[int] = []  # the announced sizes of the uploads under way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            size = _announced(scope)
            if scope["path"] == UPLOAD:
                await self._upload(scope, receive, send, size)
            else:
                await self._serve(scope, receive, send, size)
        except _Refused as refused:
            await self._refuse(send, refused.status, refused.why)

    async def _upload(self, scope: Scope, receive: Receive, send: Send, size: int) -> None:
        if len(self._coming) >= MOST_UPLOADS:
            raise _Refused(503, "So many files are coming already that these must wait.")
        await asyncio.to_thread(self._require_room, size)
        self._coming.append(size)
        try:
            await self._serve_upload(scope, receive, send, size)
        finally:
            self._coming.remove(size)
            if not self._coming:
                await asyncio.to_thread(_drop_fragments, self.folder)

    def _require_room(self, size: int) -> None:
        """Refuse what would fill the folder or the disk; what was brought and forgotten goes first."""
        coming = size + sum(self._coming)
        waiting = sum(_sizes(self.folder, keep_all=bool(self._coming)))
        existing = next(place for place in (self.folder, *self.folder.parents) if place.exists())
        if waiting + coming > MOST_WAITING:
            raise _Refused(507, "Too many files wait to be added. Add them first, or wait an hour.")
        if shutil.disk_usage(existing).free - coming < KEPT_FREE:
            raise _Refused(507, "The disk has no room for these files.")

    async def _serve_upload(self, scope: Scope, receive: Receive, send: Send, size: int) -> None:
        """Pass an upload on as it comes; where it stops coming, Gradio is told that the browser has gone."""
        from starlette.requests import ClientDisconnect

        pace = _Pace(size)
        begun = False

        async def receiving() -> Message:
            return await pace.next(receive) if pace.is_coming else await receive()

        async def sending(message: Message) -> None:
            nonlocal begun
            if not pace.is_slow:
                begun = True
                await send(message)

        with suppress(ClientDisconnect):
            await self.app(scope, receiving, sending)
        if pace.is_slow and not begun:
            raise _Refused(408, _SLOW)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, size: int) -> None:
        """Take the whole body, then pass it on."""
        pace, body = _Pace(size), b""
        while pace.is_coming:
            message = await pace.next(receive)
            if message["type"] == "http.disconnect":
                if pace.is_slow:
                    raise _Refused(408, _SLOW)
                return
            body += message.get("body", b"")
        is_passed_on = False

        async def receiving() -> Message:
            nonlocal is_passed_on
            if is_passed_on:
                return await receive()
            is_passed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, receiving, send)


class _Pace:
    """How a body of an announced size comes."""

    def __init__(self, size: int) -> None:
        self.is_coming = size > 0
        self.is_slow = False
        self._until = time.monotonic() + FIRST_SECONDS + size / SLOWEST

    async def next(self, receive: Receive) -> Message:
        """Return the next piece; where none comes in time, that the browser has gone."""
        try:
            left = max(0.0, self._until - time.monotonic())
            message = await asyncio.wait_for(receive(), min(SILENT_SECONDS, left))
        except TimeoutError:
            self.is_slow, self.is_coming = True, False
            return {"type": "http.disconnect"}
        self.is_coming = message["type"] == "http.request" and message.get("more_body", False)
        return message


def _announced(scope: Scope) -> int:
    """Return the length of the body; raises _Refused for a request of a shape that no browser's has."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        raise _Refused(431, "The headers are too large.")
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > LONGEST_PLACE:
        raise _Refused(414, "The address is too long.")
    headers = headers_of(scope)
    if "transfer-encoding" in headers:
        raise _Refused(411, "The length of what is sent must be told.")
    told = headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit() and len(told) < 20):
        raise _Refused(400, "The length of what is sent is no number.")
    most = LARGEST_UPLOAD if scope["path"] == UPLOAD else LARGEST_BODY
    if int(told) > most:
        raise _Refused(413, f"At most {most >> 20} MB are taken at once.")
    return int(told)


def _sizes(folder: Path, *, keep_all: bool) -> Iterator[int]:
    """Yield the sizes of the files that wait; forgotten ones are removed unless all are to be kept."""
    for path in folder.rglob("*"):
        with suppress(OSError):  # it has just been taken into the archive
            found = path.stat()
            if not path.is_file():
                continue
            if not keep_all and time.time() - found.st_mtime > FORGOTTEN_SECONDS:
                path.unlink()
            else:
                yield found.st_size


def _drop_fragments(folder: Path) -> None:
    """Remove what uploads that broke off have left; whole files lie in folders of their own."""
    for path in folder.glob("*"):
        if path.is_file():
            with suppress(OSError):
                path.unlink()
