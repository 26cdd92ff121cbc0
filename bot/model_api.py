"""HTTP to a server of OpenAI's form, such as llama.cpp's, vLLM or Ollama: JSON there, JSON or a stream of it back.

No proxy, no redirect, no retry elsewhere: what is sent goes to the one address that the user gave. A server is not
trusted: what it says is bounded, and its words never show the key. Raises GenerationError. Knows nothing of models.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

from bot.model_url import KEY
from index.errors import GenerationError
from index.server_url import ServerAddress

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 300.0  # a long prompt behind others on a slow machine; a reader can stop it sooner
SHORT_SECONDS = 15.0  # for what takes a server no time: its models, a count
_LARGEST = 4 << 20  # bytes of an answer that comes as a whole
_LONGEST_LINE = 1 << 20  # bytes; twenty alternatives of one token take 3 kB
_LOOK = 0.05  # seconds between two looks at whether the reader has stopped
_LONGEST_REASON = 300  # characters of a server's own words
_OF_THE_FORM = frozenset({400, 422, 500, 501})  # what servers answer to a parameter that they do not know
_AGENT = "Byline/0.1"

Json = Mapping[str, Any]


class Refused(GenerationError):
    """The server took the request for a wrong one; where `may_be_form`, another form of it may be right."""

    def __init__(self, wrong: str, mend: str, *, may_be_form: bool) -> None:
        super().__init__(wrong, mend)
        self.may_be_form = may_be_form


class BrokenOff(GenerationError):
    """The server ended its answer before it was complete."""


class ModelServer:
    """One server. Any thread may ask it; each stream has a connection of its own."""

    def __init__(self, address: ServerAddress, key: str = "") -> None:
        self.address = address
        self._key = key
        self._kept: http.client.HTTPConnection | None = None
        self._lock = Lock()

    def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Return the JSON that the server answers, over a connection that is kept."""
        with self._lock, self._translated():
            try:
                reply = self._reply(method, path, body)
                raw = reply.read(_LARGEST + 1)
                self._check(reply, raw)
                return self._read(raw)
            except BaseException:
                self._drop()
                raise

    def stream(self, path: str, body: Json, stop: Flag | None) -> Generator[Json, None, None]:
        """Yield the events that the server sends; ends early when `stop` is set or the iterator is closed.

        The connection ends then, and with it the server's work. A stream that breaks off raises.
        """
        with self._translated(stop):
            connection = self._new(SILENT_SECONDS)
            with _cut_by(stop, connection) as is_cut:
                reply = self._request(connection, "POST", path, body)
                if reply.status != 200:
                    self._check(reply, reply.read(_LARGEST))
                for line in _lines(reply):
                    if is_cut():
                        return
                    if not line.startswith(b"data:"):
                        continue  # a comment that keeps the line open, or the event's name
                    said = line[5:].strip()
                    if said == b"[DONE]":
                        return
                    yield self._event(said)
                if not is_cut():
                    wrong = f"{self.address.shown} broke off before its answer was complete."
                    raise BrokenOff(wrong, "see the server's log")

    def close(self) -> None:
        """End the connection that is kept."""
        with self._lock:
            self._drop()

    def _reply(self, method: str, path: str, body: Json | None) -> http.client.HTTPResponse:
        if self._kept is not None:
            try:
                return self._request(self._kept, method, path, body)
            except (ConnectionError, http.client.HTTPException):  # a connection that is kept ends some time
                self._drop()
        self._kept = self._new(SHORT_SECONDS)
        return self._request(self._kept, method, path, body)

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def _new(self, seconds: float) -> http.client.HTTPConnection:
        """Return a connection that is made, and that gives up after so many seconds of silence."""
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.address.host, self.address.port, timeout=CONNECT_SECONDS)
        connection.connect()
        connection.sock.settimeout(seconds)
        return connection

    def _request(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Json | None
    ) -> http.client.HTTPResponse:
        headers = {"Accept": "application/json, text/event-stream", "User-Agent": _AGENT}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        sent = None if body is None else json.dumps(body).encode()
        connection.request(method, self.address.root + path, sent, headers)
        return connection.getresponse()

    def _event(self, said: bytes) -> Json:
        event = self._read(said)
        if not isinstance(event, dict):
            raise self._broken("does not answer as an OpenAI-compatible server does")
        if event.get("error"):
            raise self._refusal(400, _reason_in(event))
        return event

    def _read(self, raw: bytes) -> Any:
        try:
            if len(raw) > _LARGEST:
                raise ValueError("too large")
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise self._broken("does not answer as an OpenAI-compatible server does") from error

    def _check(self, reply: http.client.HTTPResponse, raw: bytes) -> None:
        """Raise what a status other than 200 means."""
        if reply.status == 200:
            return
        where = self.address.shown
        if 300 <= reply.status < 400:
            raise self._broken("leads on to another address, which is not followed")
        if reply.status in (401, 403):
            told = "does not take the key in" if self._key else "wants a key, and there is none in"
            raise GenerationError(f"{where} {told} {KEY} ({reply.status}).", f"{KEY}=… byline ask --model-url …")
        if reply.status == 429:
            raise GenerationError(f"{where} takes no more questions for now (429).", "ask again in a while")
        try:
            reason = _reason_in(json.loads(raw))
        except (ValueError, RecursionError):
            reason = ""
        raise self._refusal(reply.status, reason)

    def _refusal(self, status: int, reason: str) -> Refused:
        where = self.address.shown
        if self._key:
            reason = reason.replace(self._key, "…")
        reason = " ".join(reason.split())[:_LONGEST_REASON]
        if "context" in reason.lower():
            wrong = f"the prompt is longer than {where} reads at once: {reason}"
            mend = "--passages 3, or start the server with a longer context"
            return Refused(wrong, mend, may_be_form=False)
        wrong = f"{where} answered {status}: {reason or 'without a reason'}"
        return Refused(wrong, "see the server's log", may_be_form=status in _OF_THE_FORM)

    def _broken(self, what: str) -> GenerationError:
        return GenerationError(f"{self.address.shown} {what}.", "check --model-url and the server's log")

    @contextmanager
    def _translated(self, stop: Flag | None = None) -> Iterator[None]:
        """Turn what a connection raises into GenerationError; what it raises because `stop` cut it is nothing."""
        where = self.address.shown
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            if stop is not None and stop.is_set():
                return
            if isinstance(error, TimeoutError):
                raise GenerationError(f"{where} took too long to answer.", "see the server's log") from error
            reason = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
            mend = "start the server, or check --model-url   (or go on without a model: --no-llm)"
            raise GenerationError(f"{where} cannot be reached or broke off: {reason}.", mend) from error


def _reason_in(told: Any) -> str:
    """Return a server's words about what was wrong, wherever it puts them."""
    if isinstance(told, dict):
        inner = told.get("error", told)
        if isinstance(inner, dict):
            inner = inner.get("message") or inner.get("detail") or ""
        return inner if isinstance(inner, str) else json.dumps(inner)[:_LONGEST_REASON]
    return ""


def _lines(reply: http.client.HTTPResponse) -> Iterator[bytes]:
    while line := reply.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise http.client.LineTooLong("event")
        yield line


@contextmanager
def _cut_by(stop: Flag | None, connection: http.client.HTTPConnection) -> Iterator[Callable[[], bool]]:
    """Cut the connection as soon as `stop` is set, however silent the server is; it is closed at the end anyway."""
    over = Flag()

    def watch(stop: Flag, sock: socket.socket) -> None:
        while not over.wait(_LOOK):
            if stop.is_set():
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                return

    if stop is not None:
        Thread(target=watch, args=(stop, connection.sock), name="model-server", daemon=True).start()
    try:
        yield lambda: stop is not None and stop.is_set()
    finally:
        over.set()
        connection.close()
