"""A socket and the server on it: bound to this machine unless told otherwise, found by the terminal, ended by Ctrl-C.

Knows nothing of what is served.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.guard import EVERYWHERE, LOOPBACK
from bot.password import PASSWORD, Kind, require_secret
from bot.running import announced
from index.errors import UsageError

PORT = 7860
PORTS_TRIED = 20
MOST_CONNECTIONS = 400  # a browser holds up to six for each tab; what is over is answered 503


def serve_on(
    build: Callable[[str], Any],
    archive: Path,
    listening: socket.socket,
    *,
    host: str,
    on_ready: Callable[[str], None],
) -> None:
    """Serve what `build` makes of the terminal's secret until interrupted; `on_ready` gets the address."""
    import uvicorn

    name = "127.0.0.1" if host in EVERYWHERE else host
    url = f"http://{f'[{name}]' if ':' in name else name}:{listening.getsockname()[1]}/"
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    with listening, lent_to(archive, name, listening) as secret:
        # One worker: the archive has one owner. The page's own stream never ends by itself, so it is not waited for.
        config = uvicorn.Config(
            build(secret),
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=1,
            http="h11",  # which takes no more than 64 kB of headers; httptools takes any number
            ws="none",
            proxy_headers=False,  # where a request comes from is not what it says of itself
            limit_concurrency=MOST_CONNECTIONS,
        )
        _server(config, lambda: on_ready(url)).run(sockets=[listening])


def listen_guarded(host: str, port: int | None, secret: str, kind: Kind = PASSWORD) -> socket.socket:
    """Return what `listen` does; raises UsageError where others would reach it without the secret of that kind."""
    require_secret(host, secret, kind)
    listening = listen(host, port, kind.command)
    require_secret(listening.getsockname()[0], secret, kind)  # where the name led to, and not where it leads now
    return listening


@contextmanager
def lent_to(archive: Path, name: str, listening: socket.socket) -> Iterator[str]:
    """Yield the secret by which the terminal is known; none for a server that this machine reaches as another would."""
    if name not in LOOPBACK:
        yield ""
        return
    with announced(archive, name, listening.getsockname()[1]) as running:
        yield running.secret


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what uvicorn logs about the streams of open tabs when it is told to end: that is how it ends."""
    cut_off = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut_off and "graceful shutdown" not in record.getMessage()


def _server(config: Any, ready: Callable[[], None]) -> Any:
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready()

    return Announcing(config)


def listen(host: str, port: int | None, command: str = PASSWORD.command) -> socket.socket:
    """Return a socket bound to `port`, or without one to the first free port from 7860."""
    for candidate in (port,) if port is not None else range(PORT, PORT + PORTS_TRIED):
        try:
            return socket.create_server((host, candidate), family=_family(host))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise UsageError(f"cannot serve on {host}: {error.strerror}", f"{command} --host 127.0.0.1") from error
    if port is None:
        raise UsageError(f"ports {PORT} to {PORT + PORTS_TRIED - 1} are all taken", f"{command} --port 0")
    raise UsageError(f"port {port} is taken by another program", f"{command} --port {port + 1}")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
