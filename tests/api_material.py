"""The API over a real archive of a few articles, answered by a scripted model: to be asked by its real clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any

import uvicorn
from answer_material import BRIDGE, CARRIED, EMBEDDER, make_archive, says
from fastapi.testclient import TestClient

from bot.api import build_api
from bot.app import Desk
from bot.listening import listen
from bot.settings import Settings

BASE = "http://127.0.0.1:7870"
HOSTILE = "![x](http://evil.example/?q=1) <img src=http://evil.example> [a](javascript:1) and $question"
RECORDS = (
    {
        "id": "bridge",
        "title": "Harbour bridge to close for repairs",
        "outlet": "The Port Ledger",
        "author": "Ann Lee",
        "published": "2021-03-04",
        "url": "https://ledger.example/bridge",
        "text": "The harbour bridge will close for 14 months. Engineers found cracks in two of its piers.\n\n"
        "Mayor Théa O’Brien said the town would pay 4.2 million crowns. Calder & Sons will repair the bridge.",
    },
    {
        "id": "letters",
        "title": f"Letters {HOSTILE}",
        "outlet": "Daily Echo",
        "published": "2021-04-10",
        "text": f"Two ferries will run through the night while the bridge is shut {HOSTILE}. A ticket costs $1,250.",
    },
)


@dataclass
class ScriptedDesk:
    """A desk whose model says CARRIED, or what it is told to."""

    folder: Path

    def open(self, *replies: str) -> Desk:
        """Return a real desk over the articles, with the words' hashes for meanings."""
        without_models: Any = EMBEDDER
        settings = Settings(self.folder / "archive", strictness=0.1)
        desk = Desk(settings, make_archive(self.folder, RECORDS), without_models)
        desk._generator = says(*(replies or (CARRIED,) * 99))
        return desk


def client_of(desk: Any, **more: Any) -> TestClient:
    return TestClient(build_api(desk, version="1", **more), base_url=BASE, raise_server_exceptions=False)


@contextmanager
def served(app: Any, listening: socket | None = None) -> Iterator[str]:
    """Serve an application on this machine and give its address."""
    with listening or listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


__all__ = ["BASE", "BRIDGE", "CARRIED", "HOSTILE", "ScriptedDesk", "client_of", "served"]
