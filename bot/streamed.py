"""What a desk says, for a server: asked in turn, in a thread of its own, and stopped when nobody listens any more.

Knows no route and no format.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event as Flag
from typing import TypeVar

from bot.asgi import Receive
from bot.exchange import HEARTBEAT_SECONDS, Asks
from bot.line import Line, Waiting
from bot.records import Event, Question

T = TypeVar("T")
SILENT_SECONDS = 1.0  # after which something is sent, so that who asked knows that somebody is there


def in_turn(desk: Asks, question: Question, *, line: Line, reader: str, stop: Flag) -> Iterator[Event | Waiting]:
    """Yield how long the wait is, whenever that changes, and then the answer's events; raises LineFull.

    Nothing more is yielded once `stop` is set.
    """
    with line.place(reader) as place:
        told = None
        while (waiting := place.waiting).ahead and not stop.is_set():
            if waiting != told:
                yield waiting
            told = waiting
            stop.wait(HEARTBEAT_SECONDS)
        if not stop.is_set():
            yield from desk.ask(question, stop)
        if not stop.is_set():
            place.answered()


async def in_thread(
    work: Callable[[Flag], Iterator[T]], receive: Receive | None = None, *, silent: float = SILENT_SECONDS
) -> AsyncGenerator[T | None, None]:
    """Yield what `work` yields, and None whenever that was nothing for `silent` seconds; raise what it raises.

    It ends, and the flag that `work` was given is set, when this is closed or who asked hangs up. The thread is not
    waited for then.
    """
    stop, said = Flag(), asyncio.Queue[T | None]()
    loop = asyncio.get_running_loop()

    def put(this: T | None) -> None:
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(said.put_nowait, this)

    def run() -> None:
        try:
            for this in work(stop):
                put(this)
        finally:
            put(None)

    async def listen(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        stop.set()
        said.put_nowait(None)

    # A thread of its own: those that asyncio shares are few, and who waits in line would keep a search from its own.
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="asked")
    task = loop.run_in_executor(pool, run)
    pool.shutdown(wait=False)
    listening = asyncio.ensure_future(listen(receive)) if receive else None
    try:
        async for this in _queued(said, silent):
            yield this
        if not stop.is_set():
            await task
    finally:
        stop.set()
        if listening:
            listening.cancel()


async def _queued(said: asyncio.Queue[T | None], silent: float) -> AsyncIterator[T | None]:
    """Yield what is put into the queue until that is None, and None for silence."""
    while True:
        try:
            this = await asyncio.wait_for(said.get(), silent)
        except TimeoutError:
            yield None
            continue
        if this is None:
            return
        yield this
