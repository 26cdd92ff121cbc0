"""Servers of OpenAI's form for the tests: a scripted one for what goes wrong, and llama.cpp's own."""

from __future__ import annotations

import json
import math
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

Reply = Callable[["Asked"], None]


class ModelServer(ThreadingHTTPServer):
    """Answers each path as a test says, and keeps what it was asked; `hung_up` is set when a reader does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.models = [{"id": "folder/little.gguf"}]
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.hung_up = Flag()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def chats(self) -> list[Any]:
        return [body for path, _, body in self.asked if path == "/v1/chat/completions"]

    def chat(self, reply: Reply) -> None:
        """Say how every chat is answered from now on."""
        self.replies["/v1/chat/completions"] = reply

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that a reader hangs up is what some tests are about."""


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        self.body = body
        self.server.asked.append((self.path, dict(self.headers), body))
        listed: Reply = says({"object": "list", "data": self.server.models})
        reply = self.server.replies.get(self.path, listed if self.path == "/v1/models" else fails(404, "Not Found"))
        reply(self)

    def send(self, raw: bytes) -> None:
        """Send a part of a stream; note when nobody takes it any more."""
        try:
            self.wfile.write(raw)
        except OSError:
            self.server.hung_up.set()
            raise

    def log_message(self, *told: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[ModelServer]:
    with ModelServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def says(told: Any, status: int = 200, **headers: str) -> Reply:
    """Return a reply that is whole: JSON, or the text that is given."""
    raw = (told if isinstance(told, str) else json.dumps(told)).encode()

    def reply(asked: Asked) -> None:
        asked.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            asked.send_header(name, value)
        asked.end_headers()
        asked.wfile.write(raw)

    return reply


def fails(status: int, message: str) -> Reply:
    return says({"error": {"message": message}}, status)


def event(text: str | None = None, logprobs: Mapping[str, float] | None = None, **more: Any) -> bytes:
    """Return an event of a stream; of `logprobs`, which are probabilities, the first is that of the text."""
    choice: dict[str, Any] = {"index": 0, "delta": {} if text is None else {"content": text}, **more}
    if logprobs:
        top = [{"token": token, "logprob": math.log(share)} for token, share in logprobs.items()]
        choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


END = event(finish_reason="stop") + b"data: [DONE]\n\n"


def streams(*parts: bytes, pause: float = 0.0) -> Reply:
    """Return a reply that comes in parts, and then ends, whole or not."""

    def reply(asked: Asked) -> None:
        asked.close_connection = True
        asked.send_response(200)
        asked.send_header("Content-Type", "text/event-stream")
        asked.end_headers()
        for part in parts:
            asked.send(part)
            time.sleep(pause)

    return reply


def silent(asked: Asked) -> None:
    """Begin no answer until the reader hangs up."""
    asked.close_connection = True
    if not asked.connection.recv(1):
        asked.server.hung_up.set()


def in_turn(*replies: Reply) -> Reply:
    """Return the replies one after the other, the last again and again."""
    left = list(replies)
    return lambda asked: (left.pop(0) if len(left) > 1 else left[0])(asked)


def writes(text: str, *, yes: float | None = 0.95) -> Reply:
    """Return a model that thinks with probability `yes` that the answer is there, or does not tell, and writes."""

    def reply(asked: Asked) -> None:
        is_question = asked.body["messages"][-1]["content"].rstrip().endswith("Reply Yes or No.")
        if is_question and yes is None:
            parts = [event("Yes")]
        elif is_question:
            parts = [event("Yes", {"Yes": yes, "No": 1 - yes + 1e-9})]
        else:
            parts = [event(f"{word} ", None if yes is None else {word: 0.9}) for word in text.split()]
        streams(*parts, END)(asked)

    return reply


# --- llama.cpp's ---------------------------------------------------------------------------------------------


@contextmanager
def llama_server(model: Path, *options: str, context: int = 1024) -> Iterator[str]:
    """Yield the address of llama-cpp-python's server over a model, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--host", "127.0.0.1"]
    arguments: Sequence[str] = ("--port", str(port), "--n_ctx", str(context), "--n_threads", "2", *options)
    running = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(running, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


def _wait_until_it_answers(running: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and running.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/v1/models")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start (status {running.poll()})")
