"""A browser tab without a browser: the page's own requests, as Gradio's script sends them, and what it then shows.

A tab has a session, holds a heartbeat open as long as it lives, joins the queue with what a button sends, and reads
the one stream of its session, in which each update after the first is a difference. Of the page it knows the names of
the components (their `elem_id`) and of the events.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from gradio_client.utils import apply_diff

API = "gradio_api/"
PATIENCE = 900.0  # seconds without a word, heartbeats included, after which the server counts as hung


class PageError(Exception):
    """The page told of an error, or its server of one."""


@dataclass(frozen=True, slots=True)
class Function:
    """What happens at one event of a component: which function runs, and what it is given and changes."""

    number: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    cancels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a tab must know of the page: its components' names, and its events."""

    names: dict[int, str]
    functions: dict[tuple[str, str], Function]  # by component and event; of several the first
    loads: tuple[Function, ...]  # what happens when the page is opened

    @classmethod
    def of(cls, config: dict[str, Any]) -> Self:
        """Return the layout that the page's own configuration tells of."""
        names = {one["id"]: str(one["props"].get("elem_id") or one["id"]) for one in config["components"]}
        functions: dict[tuple[str, str], Function] = {}
        loads = []
        for one in config["dependencies"]:
            found = Function(one["id"], tuple(one["inputs"]), tuple(one["outputs"]), tuple(one["cancels"]))
            for id, event in one["targets"]:
                functions.setdefault((names.get(id, ""), event), found)
                loads += [found] if event == "load" and one["backend_fn"] and not found.inputs else []
        return cls(names, functions, tuple(loads))


@dataclass(slots=True)
class _Event:
    function: Function
    messages: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    raw: list[Any] | None = None


class Tab:
    """One open tab. `view` is what its components hold now, by their names; `heard` the bytes that came."""

    def __init__(self, client: httpx.AsyncClient, layout: Layout, *, reader: str = "") -> None:
        self.view: dict[str, Any] = {}
        self.heard = 0
        self.session = secrets.token_hex(6)
        self._client = client
        self._layout = layout
        self._cookies = f"byline-reader={reader or self.session}"
        self._events: dict[str, _Event] = {}
        self._stray: dict[str, list[dict[str, Any]]] = {}  # what came for an event before its id was known
        self._heart: asyncio.Task[None] | None = None
        self._stream: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Load the page and do what it does then."""
        await self._client.get("", headers={"cookie": self._cookies})
        self._heart = asyncio.create_task(self._beat())
        for function in self._layout.loads:
            async for _ in self._run(function, [], None):
                pass

    async def close(self) -> None:
        """Hang up in the middle of whatever is under way, as a closed tab does."""
        for task in (self._stream, self._heart):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, httpx.HTTPError, PageError):
                    await task
        self._stream = self._heart = None

    async def _beat(self) -> None:
        with suppress(httpx.HTTPError):
            async with self._client.stream("GET", f"{API}heartbeat/{self.session}", timeout=None) as reply:
                async for _ in reply.aiter_raw():
                    pass

    # --- events -----------------------------------------------------------------------------------------------

    async def ask(self, text: str, **limits: Any) -> AsyncIterator[dict[str, Any]]:
        """Ask, and yield what the page shows after every update."""
        async for view in self.queued("question", "submit", [text, json.dumps(limits)]):
            yield view

    async def queued(
        self, name: str, event: str, values: list[Any], data: dict[str, str] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Send an event that stands in Gradio's queue, and yield what the page shows after every update."""
        async for view in self._run(self._layout.functions[name, event], values, data):
            yield view

    async def _run(
        self, function: Function, values: list[Any], data: dict[str, str] | None
    ) -> AsyncIterator[dict[str, Any]]:
        body = self._body(function, values, data)
        reply = await self._client.post(f"{API}queue/join", json=body, headers={"cookie": self._cookies})
        if reply.status_code != 200:
            raise PageError(f"the queue refused: {reply.status_code} {reply.text[:200]}")
        id = reply.json()["event_id"]
        this = self._events[id] = _Event(function)
        for message in self._stray.pop(id, []):
            this.messages.put_nowait(message)
        self._listen_again()
        try:
            while True:
                message = await self._next(this)
                self._take(this, message)
                yield self.view
                if message["msg"] == "process_completed":
                    return
        finally:
            self._events.pop(id, None)

    async def _next(self, this: _Event) -> dict[str, Any]:
        """Return the event's next message that changes the page, or raise what ended the stream."""
        while True:
            message = await this.messages.get()
            if message["msg"] == "stream is over":
                if message["wrong"]:
                    raise PageError(f"the stream broke off: {message['wrong']}")
                self._listen_again()  # it ended for the events before this one
            if message["msg"] in ("process_generating", "process_completed"):
                return message

    async def at_once(self, name: str, event: str, data: dict[str, str] | None = None) -> list[Any]:
        """Send an event that does not stand in the queue, with what its button carries; return what came back."""
        function = self._layout.functions[name, event]
        for cancelled in [(id, one) for id, one in self._events.items() if one.function.number in function.cancels]:
            await self._cancel(*cancelled)
        body = self._body(function, [None] * len(function.inputs), data)
        reply = await self._client.post(f"{API}run/predict", json=body, headers={"cookie": self._cookies})
        if reply.status_code != 200:
            raise PageError(f"{name}.{event}: {reply.status_code} {reply.text[:200]}")
        values = reply.json()["data"]
        self._show(function, values)
        return list(values)

    async def _cancel(self, id: str, one: _Event) -> None:
        body = {"session_hash": self.session, "fn_index": one.function.number, "event_id": id}
        await self._client.post(f"{API}cancel", json=body)

    def _body(self, function: Function, values: list[Any], data: dict[str, str] | None) -> dict[str, Any]:
        return {
            "fn_index": function.number,
            "data": values,
            "event_data": data,
            "session_hash": self.session,
            "trigger_id": None,
        }

    # --- the stream -------------------------------------------------------------------------------------------

    def _listen_again(self) -> None:
        if self._stream is None or self._stream.done():
            self._stream = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        wrong = "it was closed"
        try:
            await self._read()
            wrong = ""
        except (httpx.HTTPError, PageError) as error:
            wrong = str(error) or type(error).__name__
        finally:
            self._stream = None
            for event in self._events.values():
                event.messages.put_nowait({"msg": "stream is over", "wrong": wrong})

    async def _read(self) -> None:
        address = f"{API}queue/data?session_hash={self.session}"
        async with self._client.stream("GET", address, headers={"cookie": self._cookies}, timeout=PATIENCE) as reply:
            async for line in reply.aiter_lines():
                self.heard += len(line)
                if line.startswith("data: "):
                    message = json.loads(line[6:])
                    if message["msg"] == "close_stream":
                        return
                    self._sort(message)

    def _sort(self, message: dict[str, Any]) -> None:
        id = message.get("event_id")
        if message["msg"] in ("unexpected_error", "server_stopped"):
            raise PageError(f"the server said: {message.get('message')}")
        if id in self._events:
            self._events[id].messages.put_nowait(message)
        elif id:
            self._stray.setdefault(id, []).append(message)

    def _take(self, this: _Event, message: dict[str, Any]) -> None:
        if not message.get("success", True):
            raise PageError(f"the page showed an error: {message.get('output')}")
        values = (message.get("output") or {}).get("data") or []
        if message["msg"] == "process_generating":
            raw = this.raw
            this.raw = values if raw is None else [apply_diff(old, new) for old, new in zip(raw, values, strict=True)]
            values = this.raw
        self._show(this.function, values)

    def _show(self, function: Function, values: list[Any]) -> None:
        for id, value in zip(function.outputs, values, strict=False):
            is_update = isinstance(value, dict) and value.get("__type__") == "update"
            if not is_update:
                self.view[self._layout.names[id]] = value
            elif "value" in value:
                self.view[self._layout.names[id]] = value["value"]


async def read_layout(client: httpx.AsyncClient) -> Layout:
    """Return the layout of the page that a client's server has."""
    return Layout.of((await client.get("config")).json())
