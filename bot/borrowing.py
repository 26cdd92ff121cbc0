"""The terminal's desk: that of a Byline which already runs over the archive, else one of its own.

A running one has its models loaded, so that nothing is to be waited for but the answer. Where it is gone, set to
something else, or breaks off, the desk of our own is opened and does the same.
"""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event as Flag
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bot.frozen_json import NotThatRecord, dump
from bot.line import Waiting
from bot.records import Answer, Event, Question, Timeline
from bot.running import Running, answered_by, find_running, is_proof, prove, searched_by
from bot.settings import Settings
from bot.wire import Failed, Hits, Over, Said, from_line
from index.errors import GenerationError
from index.records import Filters, Hit

if TYPE_CHECKING:
    from bot.app import Desk

CONNECT_SECONDS = 0.5
SILENT_SECONDS = 15.0  # a running one says something every second


class Gone(Exception):
    """The running Byline does not answer, or not what is asked."""


class NearestDesk:
    """Answers and searches as a Desk does; `tell` hears once when another process does it, and what a Desk tells."""

    def __init__(
        self,
        settings: Settings,
        *,
        tell: Callable[[str], None] = lambda text: None,
        on_waiting: Callable[[Waiting], None] = lambda waiting: None,
    ) -> None:
        self.settings = settings
        self.on_waiting = on_waiting
        self._tell = tell
        self._has_told = False
        self._own: Desk | None = None
        self._running = None if settings.no_server else find_running(settings.archive)
        if self._running is None:
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            self._own.close()

    def _open(self) -> Desk:
        """Return the desk of our own; raises what Desk.open does."""
        if self._own is None:
            from bot.app import Desk

            self._own = Desk.open(self.settings, tell=self._tell)
        return self._own

    def begin(self) -> None:
        """Load what answers while the reader still types; raises ModelMissing or ModelCorrupt for a wrong name."""
        if self._own:
            self._own.begin()

    def ask(self, question: Question, stop: Flag | None = None) -> Iterator[Event]:
        """Yield the events of answering `question`, the Answer last; closing the iterator stops the model.

        So does setting `stop`; then a running Byline says nothing more.
        """
        if self._running:
            wanted = _with_numbers(question, self.settings)
            request = {"settings": answered_by(self.settings), "question": dump(wanted)}
            try:
                for said in self._lent("ask", request, stop):
                    if isinstance(said, Waiting):
                        self.on_waiting(said)
                    elif isinstance(said, Answer):
                        yield replace(said, question=question)
                    elif not isinstance(said, Hits | Timeline | Failed | Over):
                        yield said
                return
            except Gone:
                self._running = None
        yield from self._open().ask(question, stop)

    def answer(self, question: Question) -> Answer:
        """Return the answer to `question`."""
        for event in self.ask(question):
            if isinstance(event, Answer):
                return event
        raise GenerationError("The answer ended before it was concluded.", "byline doctor")

    def search(self, text: str, *, limit: int, filters: Filters = Filters()) -> tuple[Hit, ...]:
        """Return the best passages for `text`, each story once."""
        found = self._look("search", Hits, text, limit, filters)
        return found.hits if found else self._open().search(text, limit=limit, filters=filters)

    def timeline(self, topic: str, *, limit: int, filters: Filters = Filters()) -> Timeline:
        """Return what the articles report of a topic as dated events."""
        found = self._look("timeline", Timeline, topic, limit, filters)
        return found or self._open().timeline(topic, limit=limit, filters=filters)

    def _look(self, what: str, kind: type[Any], text: str, limit: int, filters: Filters) -> Any:
        """Return what the running Byline finds, None without one."""
        if self._running is None:
            return None
        request = {"settings": searched_by(self.settings), "text": text, "limit": limit, "filters": dump(filters)}
        try:
            return next((said for said in self._lent(what, request) if isinstance(said, kind)), None)
        except Gone:
            self._running = None
            return None

    def _tell_once(self, running: Running) -> None:
        if not self._has_told:
            self._tell(f"the Byline that runs on port {running.port} answers (--no-server: do it here)")
            self._has_told = True

    def _lent(self, what: str, request: dict[str, Any], stop: Flag | None = None) -> Iterator[Said]:
        """Yield what the running Byline says to `request`; raises Gone, or the error of ours that it tells of."""
        assert self._running is not None
        running = self._running
        try:
            with _call(running, "GET", "hello", b"") as reply:
                reply.read()
            with _call(running, "POST", what, json.dumps(request).encode()) as reply:
                self._tell_once(running)
                yield from _lines(reply, stop)
        except (OSError, http.client.HTTPException, NotThatRecord) as error:
            raise Gone from error


def _with_numbers(question: Question, settings: Settings) -> Question:
    """Return the question with the numbers of our settings, which the other's need not be."""
    strictness = settings.strictness if question.strictness is None else question.strictness
    return replace(question, strictness=strictness, passages=question.passages or settings.passages)


class _call:
    """A request that is ended by leaving the block; raises Gone for a reply that is not the running Byline's."""

    def __init__(self, running: Running, method: str, what: str, body: bytes) -> None:
        nonce = secrets.token_urlsafe(16)
        self._connection = http.client.HTTPConnection(running.host, running.port, timeout=CONNECT_SECONDS)
        headers = {"X-Byline-Nonce": nonce, "X-Byline-Proof": prove(running.secret, "terminal", nonce)}
        try:
            self._connection.connect()
            self._connection.sock.settimeout(SILENT_SECONDS)
            self._connection.request(method, f"/local/{what}", body or None, headers)
            self._reply = self._connection.getresponse()
            proof = self._reply.getheader("X-Byline-Proof", "")
            if self._reply.status != 200 or not is_proof(proof, running.secret, "server", nonce):
                raise Gone
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> http.client.HTTPResponse:
        return self._reply

    def __exit__(self, *details: object) -> None:
        self._reply.close()
        self._connection.close()


def _lines(reply: http.client.HTTPResponse, stop: Flag | None = None) -> Iterator[Said]:
    """Yield what is said until it is over or `stop` is set; raises Gone where it ends before that."""
    while line := reply.readline():
        if stop is not None and stop.is_set():
            return
        if not line.strip():
            continue
        said = from_line(line)
        if isinstance(said, Failed):
            raise said.error()
        if isinstance(said, Over):
            return
        yield said
    raise Gone
