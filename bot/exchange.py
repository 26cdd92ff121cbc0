"""One question on the page, from the moment it is asked to its answer: a record that grows with each event.

Knows nothing of HTML or Gradio. The pipeline runs in a thread of its own, so that whoever follows it hears
something several times a second, also while the model reads a long prompt, and can therefore be ended at once.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from threading import Event as Flag
from typing import Protocol

from bot.line import Line, LineFull, Place, Waiting
from bot.records import Answer, Event, Found, Question, Stage, StageName, Token, Turn
from index.errors import BylineError

HEARTBEAT_SECONDS = 0.08  # a dozen updates a second read as smooth; more costs the model's cores
WAITING_SECONDS = 0.5  # between two updates of somebody in line where nothing changes: sixteen wait for one


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with everything the page knows about its answer so far. `number` counts from 1 on a page."""

    number: int
    question: Question
    ahead: int = 0  # other readers' questions that come first
    wait_seconds: int | None = None  # about what they take; None where nothing tells
    seconds: int = 0  # since it was asked
    stage: StageName = "searching"
    found: Found | None = None
    draft: str = ""
    answer: Answer | None = None
    wrong: str = ""
    mend: str = ""
    is_stopping: bool = False  # the reader has asked for it; the model has not ended yet
    follow_ups: tuple[str, ...] = ()  # questions that the articles found for it have more on

    @property
    def is_over(self) -> bool:
        """True when nothing further will come."""
        return self.answer is not None or bool(self.wrong)


class Asks(Protocol):
    """The part of the desk that answers."""

    def ask(self, question: Question, stop: Flag | None = None) -> Iterator[Event]:
        """Yield the events of one question's way to its answer."""


def advance(exchange: Exchange, event: Event) -> Exchange:
    """Return the exchange as it stands after `event`."""
    match event:
        case Stage(name=name):
            return replace(exchange, stage=name)
        case Found():
            return replace(exchange, found=event)
        case Token(text=text):
            return replace(exchange, draft=exchange.draft + text)
        case Answer():
            return replace(exchange, answer=event)


def follow(
    desk: Asks, exchange: Exchange, *, line: Line, stop: Flag, reader: str = ""
) -> Generator[Exchange, None, None]:
    """Yield the exchange as it grows, several times a second; closing the iterator stops the model.

    Setting `stop` ends it early too, with what was written until then. The last one yielded is over.
    """
    asked = time.monotonic()
    with ExitStack() as standing:
        try:
            place = standing.enter_context(line.place(reader))
        except LineFull as full:
            yield replace(exchange, wrong=full.wrong, mend=full.mend)
            return
        with closing(_follow(desk, exchange, place, stop, standing)) as steps:
            for this in steps:
                is_stopping = stop.is_set() and not this.is_over
                yield replace(this, seconds=int(time.monotonic() - asked), is_stopping=is_stopping)


def _follow(
    desk: Asks, exchange: Exchange, place: Place, stop: Flag, standing: ExitStack
) -> Generator[Exchange, None, None]:
    waiting = place.waiting
    while waiting.ahead and not stop.is_set():
        exchange = replace(exchange, ahead=waiting.ahead, wait_seconds=waiting.seconds)
        yield exchange
        waiting = _next_news(place, stop)
    if waiting.ahead:
        yield replace(exchange, wrong="Stopped before its turn came.")
        return
    yield from _run(desk, replace(exchange, ahead=0, wait_seconds=None), place, stop, standing)


def _next_news(place: Place, stop: Flag) -> Waiting:
    """Return how long the wait is, as soon as that changes or the reader stops it, and now and then anyway."""
    before, until = place.waiting, time.monotonic() + WAITING_SECONDS
    while (now := place.waiting) == before and time.monotonic() < until and not stop.wait(HEARTBEAT_SECONDS):
        pass
    return now


def _run(
    desk: Asks, exchange: Exchange, place: Place, stop: Flag, standing: ExitStack
) -> Generator[Exchange, None, None]:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    task = _begin(desk, exchange.question, events.put, place, stop, standing)
    try:
        while not (task.done() and events.empty()):
            exchange = _drain(exchange, events)
            yield exchange
    finally:
        stop.set()  # reached by an end, a stop and a closed tab alike
    error = task.exception()
    if isinstance(error, BylineError):
        yield replace(exchange, wrong=error.wrong, mend=error.mend)
    elif error is not None:
        yield replace(exchange, wrong="Byline broke off: this is a mistake in the program, written in its log.")
        raise error


def _begin(
    desk: Asks, question: Question, tell: Callable[[Event], None], place: Place, stop: Flag, standing: ExitStack
) -> Future[None]:
    """Answer in a thread of its own, which leaves the line when it has ended: nobody waits for it to be stopped.

    The page closes what it follows in the one thread that serves everybody.
    """
    leaving = standing.pop_all()

    def work() -> None:
        with leaving:
            for event in desk.ask(question, stop):
                tell(event)
            if not stop.is_set():
                place.answered()

    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer")
    try:
        return pool.submit(work)
    finally:
        pool.shutdown(wait=False)


def _drain(exchange: Exchange, events: queue.SimpleQueue[Event]) -> Exchange:
    """Wait a heartbeat for an event, then take all that are there."""
    try:
        exchange = advance(exchange, events.get(timeout=HEARTBEAT_SECONDS))
    except queue.Empty:
        return exchange
    while not events.empty():
        exchange = advance(exchange, events.get())
    if exchange.answer is None and exchange.draft:
        time.sleep(HEARTBEAT_SECONDS / 2)
    return exchange


def turns(exchanges: tuple[Exchange, ...]) -> tuple[Turn, ...]:
    """Return what was said so far, for the next question; what was stopped or failed was not said."""
    finished = (exchange.answer for exchange in exchanges if exchange.answer and not exchange.answer.stopped)
    return tuple(Turn(answer.standalone_question, answer.text) for answer in finished)
