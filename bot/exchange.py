"""One question on the page, from the moment it is asked to its answer: a record that grows with each event.

Knows nothing of HTML or Gradio. The pipeline runs in a thread of its own, so that whoever follows it hears
something several times a second, also while the model reads a long prompt, and can therefore be ended at once.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from threading import Event as Flag
from threading import Lock
from typing import Protocol

from bot.records import Answer, Event, Found, Question, Stage, StageName, Token, Turn
from index.errors import BylineError

MOST_IN_LINE = 64  # questions; at eight seconds each the last one waits nine minutes
MOST_OF_ONE = 16  # of them one reader's
HEARTBEAT_SECONDS = 0.08  # a dozen updates a second read as smooth; more costs the model's cores


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with everything the page knows about its answer so far. `number` counts from 1 on a page."""

    number: int
    question: Question
    ahead: int = 0  # other readers' questions that come first
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


class LineFull(BylineError):
    """So many questions wait that no further one is taken."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """A place in the line. `turn` counts the earlier ones that the same reader holds."""

    reader: str
    turn: int


class Line:
    """A queue of readers before the one model, in which everyone sees their place.

    First come, first served, but whoever asks in several tabs at once has one turn before the others have theirs.
    """

    def __init__(self) -> None:
        self._waiting: list[_Ticket] = []  # the first is being served
        self._lock = Lock()

    @contextmanager
    def place(self, reader: str) -> Iterator[Callable[[], int]]:
        """Stand in line until the block ends; the callable tells how many are ahead.

        Raises LineFull where too many stand there already.
        """
        with self._lock:
            ticket = self._join(reader)
        try:
            yield lambda: self._ahead_of(ticket)
        finally:
            with self._lock:
                self._leave(ticket)

    def _join(self, reader: str) -> _Ticket:
        ticket = _Ticket(reader, sum(other.reader == reader for other in self._waiting))
        if len(self._waiting) >= MOST_IN_LINE or ticket.turn >= MOST_OF_ONE:
            raise LineFull(f"{len(self._waiting)} questions wait for the model already.", "ask again in a minute")
        later = (at for at, other in enumerate(self._waiting) if at > 0 and other.turn > ticket.turn)
        self._waiting.insert(next(later, len(self._waiting)), ticket)
        return ticket

    def _leave(self, ticket: _Ticket) -> None:
        at = self._waiting.index(ticket)
        for other in self._waiting[at:]:
            other.turn -= other.reader == ticket.reader
        del self._waiting[at]

    def _ahead_of(self, ticket: _Ticket) -> int:
        with self._lock:
            return self._waiting.index(ticket)


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
    try:
        with line.place(reader) as ahead, closing(_follow(desk, exchange, ahead=ahead, stop=stop)) as steps:
            for this in steps:
                is_stopping = stop.is_set() and not this.is_over
                yield replace(this, seconds=int(time.monotonic() - asked), is_stopping=is_stopping)
    except LineFull as full:
        yield replace(exchange, wrong=full.wrong, mend=full.mend)


def _follow(desk: Asks, exchange: Exchange, *, ahead: Callable[[], int], stop: Flag) -> Generator[Exchange, None, None]:
    while ahead() and not stop.is_set():
        exchange = replace(exchange, ahead=ahead())
        yield exchange
        time.sleep(HEARTBEAT_SECONDS)
    if ahead():
        yield replace(exchange, wrong="Stopped before its turn came.")
        return
    yield from _run(desk, replace(exchange, ahead=0), stop=stop)


def _run(desk: Asks, exchange: Exchange, *, stop: Flag) -> Iterator[Exchange]:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def work() -> None:
        for event in desk.ask(exchange.question, stop):
            events.put(event)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer") as pool:
        try:
            task = pool.submit(work)
            while not (task.done() and events.empty()):
                exchange = _drain(exchange, events)
                yield exchange
        finally:
            stop.set()  # reached by an end, a stop and a closed tab alike; the pool then waits one token
    error = task.exception()
    if isinstance(error, BylineError):
        yield replace(exchange, wrong=error.wrong, mend=error.mend)
    elif error is not None:
        yield replace(exchange, wrong="Byline broke off: this is a mistake in the program, written in its log.")
        raise error


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
