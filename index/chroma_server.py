"""A Chroma server, over its HTTP API: collections of vectors made, filled, asked and removed.

Not Chroma's own client: that makes the embedding function that a collection names, waits without end and takes proxies
from the environment. Here only numbers and vectors go to the one address that the user gave, never a text. Of Chroma's
two servers only the one in Rust is spoken to: the one in Python runs what a stranger's request names (CVE-2026-45829,
in every version that is out, 1.5.9 included). Raises VectorsUnreadable. Knows nothing of archives.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.graph import HNSW, VectorsUnreadable
from index.server_url import ServerAddress, parse_server

TOKEN = "BYLINE_CHROMA_TOKEN"  # the variable of the environment that holds it; no option, no file
BATCH = 2000  # vectors a request: 4 MB of 384 dimensions
_CONNECT_SECONDS = 5.0
_SECONDS = 10.0  # for one request
_TAKING_IN_SECONDS = 120.0  # for a batch that the graph takes in
_AWAY_SECONDS = 30.0  # in which a server that did not answer is not waited for again
_LARGEST = 64 << 20  # bytes of an answer
_PATH = "/api/v2/tenants/default_tenant/databases/default_database/collections"
_IN_RUST = "chroma-frontend"  # what its description of itself is titled; the version it tells is always 1.0.0
_MEND = "start it, or do without: byline … (no --chroma-url)"

Found = list[tuple[int, float]]


class ChromaServer:
    """One server; any thread may ask it, one at a time."""

    def __init__(self, address: ServerAddress, token: str = "") -> None:
        self.address = address
        self._token = token
        self._lock = Lock()
        self._kept: http.client.HTTPConnection | None = None
        self._is_known = False
        self._away_until = 0.0
        self._away = VectorsUnreadable("")  # what was wrong then

    def check(self) -> None:
        """Raise unless the server answers and is one that may be spoken to."""
        with self._lock:
            self._check()

    def create(self, name: str) -> str:
        """Make an empty collection and return its id."""
        configuration = {
            "hnsw": {each: HNSW[each] for each in ("space", "ef_search", "ef_construction", "max_neighbors")}
        }
        made = self._ask("POST", _PATH, {"name": name, "configuration": configuration, "get_or_create": False})
        return str(made["id"])

    def add(self, id: str, numbers: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Put vectors into a collection under their numbers."""
        rows = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors]
        self._ask("POST", f"{_PATH}/{id}/add", {"ids": [str(number) for number in numbers], "embeddings": rows})

    def count(self, id: str) -> int:
        """Return how many vectors a collection has; raises where it is gone."""
        return int(self._ask("GET", f"{_PATH}/{id}/count"))

    def nearest(self, id: str, vectors: NDArray[np.float32], *, limit: int) -> list[Found]:
        """Return for each of the vectors (number, cosine) of the nearest in a collection, best first."""
        asked = {"query_embeddings": vectors.tolist(), "n_results": limit, "include": ["distances"]}
        told = self._ask("POST", f"{_PATH}/{id}/query", asked)
        with self._translated():
            return [
                [(int(number), 1.0 - float(distance)) for number, distance in zip(ids, distances, strict=True)]
                for ids, distances in zip(told["ids"], told["distances"], strict=True)
            ]

    def remove(self, name: str) -> None:
        """Remove a collection; one that is gone already is fine."""
        self._ask("DELETE", f"{_PATH}/{name}", may_lack=True)

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._drop()

    def _ask(self, method: str, path: str, body: object = None, *, may_lack: bool = False) -> Any:
        with self._lock:
            if not self._is_known:
                self._check()
            return self._request(method, path, body, may_lack=may_lack)

    def _check(self) -> None:
        """Raise for a server in Python, or one that is none of Chroma's."""
        told = self._request("GET", "/openapi.json")
        if (
            not isinstance(told, dict)
            or not isinstance(told.get("info"), dict)
            or told["info"].get("title") != _IN_RUST
        ):
            raise VectorsUnreadable(
                f"{self.address.shown} is not Chroma's server in Rust. The one in Python is not spoken to: in every "
                "version that is out it runs what a stranger's request names (CVE-2026-45829).",
                "start it by `chroma run`, or from Chroma's image",
            )
        self._is_known = True

    def _request(self, method: str, path: str, body: object = None, *, may_lack: bool = False) -> Any:
        if time.monotonic() < self._away_until:
            raise VectorsUnreadable(self._away.wrong, self._away.mend)
        with self._translated():
            reply = self._reply(method, self.address.root + path, body)
            raw = reply.read(_LARGEST + 1)
        if reply.status // 100 != 2:
            if may_lack and reply.status == 404:
                return None
            raise self._refusal(reply.status, raw)
        with self._translated():
            if len(raw) > _LARGEST:
                raise ValueError("its answer is too large")
            return json.loads(raw)

    def _reply(self, method: str, path: str, body: object) -> http.client.HTTPResponse:
        headers = {"User-Agent": "Byline/0.1", "Content-Type": "application/json"}
        if self._token:
            headers |= {"Authorization": f"Bearer {self._token}", "X-Chroma-Token": self._token}
        sent = None if body is None else json.dumps(body).encode()
        for connection in (self._kept, None):
            if connection is None:
                connection = self._kept = self._connected()
            try:
                if connection.sock:
                    connection.sock.settimeout(_TAKING_IN_SECONDS if path.endswith("/add") else _SECONDS)
                connection.request(method, path, sent, headers)
                return connection.getresponse()
            except (ConnectionError, http.client.HTTPException):
                self._drop()  # a connection that is kept ends some time
        raise ConnectionError("it ends every connection")

    def _connected(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.address.host, self.address.port, timeout=_CONNECT_SECONDS)
        connection.connect()
        return connection

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def _refusal(self, status: int, raw: bytes) -> VectorsUnreadable:
        where = self.address.shown
        if status in (401, 403):
            told = "does not take the token in" if self._token else "wants a token, and there is none in"
            return VectorsUnreadable(f"Chroma at {where} {told} {TOKEN} ({status}).", f"{TOKEN}=… byline …")
        try:
            reason = str(json.loads(raw)["message"])
        except (ValueError, TypeError, KeyError, RecursionError):
            reason = "without a reason"
        if self._token:
            reason = reason.replace(self._token, "…")
        return VectorsUnreadable(f"Chroma at {where} answered {status}: {' '.join(reason.split())[:300]}", _MEND)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            self._away_until = time.monotonic() + _AWAY_SECONDS
            self._is_known = False  # what answers there next may be another
            reason = getattr(error, "strerror", "") or str(error)
            self._away = VectorsUnreadable(f"Chroma at {self.address.shown} cannot be reached: {reason}.", _MEND)
            raise self._away from error
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            self._drop()
            raise VectorsUnreadable(f"{self.address.shown} does not answer as Chroma does: {error}", _MEND) from error


def chroma_server(url: str, token: str = "") -> ChromaServer:
    """Return the server at `url`; raises UsageError for anything but a plain address."""
    return ChromaServer(parse_server(url, mend="--chroma-url http://127.0.0.1:8000", key=TOKEN), token)
