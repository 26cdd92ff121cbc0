"""Pages of the web and the API: refused as ever, but for the origins that were named, and those need the token too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_material import ScriptedDesk, client_of
from fastapi.testclient import TestClient

from bot.app import Desk
from bot.cli import run
from bot.guard import Guard
from bot.origins import Origins
from index.errors import UsageError

NOTES = "https://notes.example"
SECRET = "a-token-of-the-tests"
BEARING = {"authorization": f"Bearer {SECRET}"}
ASKS_FIRST = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
# What a browser sends with what the script of a page of another site asks.
FROM_A_PAGE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
OTHERS = [
    "https://evil.example", "http://notes.example", "https://notes.example:8443", "https://notes.example.evil.example",
    "https://xnotes.example", "https://sub.notes.example", "https://NOTES.example", "https://notes.example/",
    "null", "", "*", "http://127.0.0.1:3000",
]  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ScriptedDesk(tmp_path_factory.mktemp("origins")).open() as desk:
        yield desk


@pytest.fixture(scope="module")
def client(desk: Desk) -> Iterator[TestClient]:
    """An API that pages of one origin may ask."""
    with client_of(desk, token=SECRET, secret="s" * 32, origins=Origins.read([NOTES], SECRET)) as client:
        yield client


def shared(answer: object) -> dict[str, str]:
    """Return what an answer tells a browser of other pages."""
    headers = answer.headers  # type: ignore[attr-defined]
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


def test_a_page_that_is_named_may_ask_and_read_the_answer(client: TestClient) -> None:
    asked = client.post("/v1/search", json={"query": "bridge"}, headers={"origin": NOTES, **BEARING, **FROM_A_PAGE})
    assert (asked.status_code, bool(asked.json()["retrieved"])) == (200, True)
    assert asked.headers["access-control-allow-origin"] == NOTES
    assert asked.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in asked.headers


def test_its_browser_is_told_what_it_may_send_without_the_token(client: TestClient) -> None:
    told = client.options("/v1/ask", headers={"origin": NOTES, **ASKS_FIRST, **FROM_A_PAGE})
    assert (told.status_code, told.content) == (200, b"")
    assert shared(told) == {
        "access-control-allow-origin": NOTES,
        "access-control-expose-headers": "retry-after",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "600",
    }


@pytest.mark.parametrize("asked", ["x\u00e9", "a,b\u0000", "a" * 61, ",".join("x" * 50), ""])
def test_headers_that_no_browser_names_are_not_given_back(client: TestClient, asked: str) -> None:
    headers = {"origin": NOTES, **ASKS_FIRST, "access-control-request-headers": asked.encode("latin-1")}
    told = client.options("/v1/ask", headers=headers)
    assert told.headers["access-control-allow-headers"] == "authorization, content-type"


def test_a_page_that_is_named_needs_the_token_and_can_read_that_it_does(client: TestClient) -> None:
    refused = client.get("/v1/status", headers={"origin": NOTES, **FROM_A_PAGE})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, NOTES)


@pytest.mark.parametrize("origin", OTHERS)
def test_a_page_that_is_not_named_is_refused_with_the_token_too(client: TestClient, origin: str) -> None:
    asked = client.post("/v1/search", json={"query": "bridge"}, headers={"origin": origin, **BEARING, **FROM_A_PAGE})
    told = client.options("/v1/search", headers={"origin": origin, **ASKS_FIRST})
    assert (asked.status_code, told.status_code) == (403, 403)
    assert shared(asked) == shared(told) == {}
    assert "retrieved" not in asked.text


@pytest.mark.parametrize(
    "path", ["/local/hello", "/mcp", "/", "/v1", "/v1/%2e%2e/local/hello", "/local/%2e%2e/v1/status"]
)
def test_a_page_that_is_named_reaches_nothing_else(client: TestClient, path: str) -> None:
    assert client.post(path, headers={"origin": NOTES, **BEARING}).status_code == 403
    assert shared(client.options(path, headers={"origin": NOTES, **ASKS_FIRST})) == {}


@pytest.mark.parametrize("host", ["evil.example", "notes.example", "127.0.0.1.evil.example"])
def test_a_page_that_is_named_reaches_it_by_its_own_name_only(client: TestClient, host: str) -> None:
    asked = client.get("/v1/status", headers={"origin": NOTES, "host": host, **BEARING})
    assert (asked.status_code, shared(asked)) == (403, {})


def test_what_asks_as_a_browser_without_an_origin_is_asked_for_the_token(client: TestClient) -> None:
    assert client.options("/v1/ask", headers=ASKS_FIRST).status_code == 401


def test_what_a_browser_sends_for_a_page_without_its_name_is_refused(client: TestClient) -> None:
    image = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", **BEARING}
    assert client.get("/v1/status", headers=image).status_code == 403


@pytest.mark.parametrize("given", [[], [NOTES]], ids=["no_origin", "an_origin"])
def test_other_programs_ask_as_before(desk: Desk, given: list[str]) -> None:
    with client_of(desk, token=SECRET, origins=Origins.read(given, SECRET)) as client:
        asked = client.get("/v1/status", headers=BEARING)
    assert (asked.status_code, shared(asked)) == (200, {})


def test_nobody_is_allowed_by_default(desk: Desk) -> None:
    with client_of(desk, token=SECRET) as client:
        assert client.get("/v1/status", headers={"origin": NOTES, **BEARING}).status_code == 403
        assert shared(client.options("/v1/ask", headers={"origin": NOTES, **ASKS_FIRST})) == {}
    assert Guard(None, "127.0.0.1")._origins.named == frozenset()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://notes.example", NOTES),
        ("HTTPS://Notes.Example:443/", NOTES),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_an_origin_is_named_as_browsers_write_it(given: str, origin: str) -> None:
    assert Origins.read([given], SECRET).named == {origin}


@pytest.mark.parametrize(
    "given",
    [
        "*", "null", "", "notes.example", "https://*", "https://*.notes.example", "https://notes.example/app",
        "https://notes.example?q", "https://a@notes.example", "https://notes.example:port", "file:///notes", "https://",
        "ftp://notes.example", "https://nötes.example", "https://a.example https://b.example", "https://[::1",
    ],
)  # fmt: skip
def test_what_names_no_single_origin_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="is no origin"):
        Origins.read([given], SECRET)


def test_no_origin_may_ask_a_server_without_a_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--archive", str(tmp_path), "--allow-origin", NOTES]) == 2
    told = capsys.readouterr().err
    assert "only with a token" in told
    assert "--new-token" in told
