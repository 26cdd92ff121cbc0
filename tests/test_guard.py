"""Every route of the mounted server is known here: one that a new Gradio brings is closed, and fails these tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_desk import FakeDesk
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.guard import is_open
from bot.ui import upload_folder
from bot.web import build_app

# What the page uses, as it stands in the server's table of routes.
USED = {
    "/", "/config", "/theme.css", "/favicon.ico", "/byline.css", "/byline.js", "/assets/{path:path}",
    "/static/{path:path}", "/conversations/{name}", "/gradio_api/startup-events", "/gradio_api/queue/join",
    "/gradio_api/queue/data", "/gradio_api/run/{api_name}", "/gradio_api/cancel", "/gradio_api/reset",
    "/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/heartbeat/{session_hash}",
}  # fmt: skip
# What Gradio 6.31 brings besides, and what is never answered.
CLOSED = {
    "/login", "/login/", "/logout", "/config/", "/robots.txt", "/svelte/{path:path}", "/manifest.json", "/pwa_icon",
    "/pwa_icon/{size}", "/monitoring", "/monitoring/summary", "/monitoring/{key}", "/gradio_api/deep_link",
    "/gradio_api/api/{api_name}", "/gradio_api/api/{api_name}/", "/gradio_api/app_id", "/gradio_api/app_id/",
    "/gradio_api/call/v2/{api_name}", "/gradio_api/call/v2/{api_name}/", "/gradio_api/call/v2/{api_name}/{event_id}",
    "/gradio_api/call/{api_name}", "/gradio_api/call/{api_name}/", "/gradio_api/call/{api_name}/{event_id}",
    "/gradio_api/component_server", "/gradio_api/component_server/",
    "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}", "/gradio_api/dev/reload",
    "/gradio_api/file/{path:path}", "/gradio_api/file={path_or_url:path}", "/gradio_api/info", "/gradio_api/info/",
    "/gradio_api/login_check", "/gradio_api/login_check/", "/gradio_api/openapi.json",
    "/gradio_api/process_recording", "/gradio_api/proxy={url_path:path}", "/gradio_api/queue/status",
    "/gradio_api/reset/", "/gradio_api/run/{api_name}/", "/gradio_api/runs", "/gradio_api/runs/",
    "/gradio_api/stream/{event_id}", "/gradio_api/stream/{event_id}/close",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}", "/gradio_api/theme.css",
    "/gradio_api/token", "/gradio_api/token/", "/gradio_api/undo-vibe-edit", "/gradio_api/undo-vibe-edit/",
    "/gradio_api/user", "/gradio_api/user/", "/gradio_api/vibe-code", "/gradio_api/vibe-code/",
    "/gradio_api/vibe-edit", "/gradio_api/vibe-edit/", "/gradio_api/vibe-starter-queries",
    "/gradio_api/vibe-starter-queries/",
}  # fmt: skip


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return build_app(FakeDesk())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        yield client


def routes(found: Iterable[Any], before: str = "") -> Iterator[str]:
    """Yield the paths of a table of routes and of all that are mounted or included in it."""
    for route in found:
        included = getattr(route, "original_router", None)
        inner = included or getattr(route, "app", None)
        path = before + getattr(route, "path", "")
        if included is None and getattr(route, "methods", None):
            yield path
        elif getattr(inner, "routes", None):
            yield from routes(inner.routes, path)


def test_every_route_of_the_server_is_known(app: FastAPI) -> None:
    found = set(routes(app.routes))
    assert {"/gradio_api/upload", "/gradio_api/file={path_or_url:path}"} <= found  # all of Gradio's are looked at
    assert found - USED - CLOSED == set()
    assert (USED | CLOSED) - found == set()


def filled(path: str) -> str:
    """Return a route's path with something in its places."""
    return path.replace("{path:path}", "a.js").replace("{session_hash}", "tab").replace("{api_name}", "predict")


@pytest.mark.parametrize("path", sorted(USED))
def test_what_the_page_uses_is_open(path: str) -> None:
    name = filled(path).replace("{name}", "abc.md")
    assert is_open("GET", name) or is_open("POST", name)


@pytest.mark.parametrize("path", sorted(CLOSED - {"/login"}))
def test_all_else_is_closed(path: str) -> None:
    name = filled(path).replace("{", "").replace("}", "")
    assert not [method for method in METHODS if is_open(method, name)]


@pytest.mark.parametrize("method", METHODS[3:])
def test_a_method_that_the_page_does_not_use_is_closed(method: str) -> None:
    assert not is_open(method, "/")


SECRET = "the-secret-of-a-file-outside"
PREFIXES = [
    "/gradio_api/file=", "/gradio_api/file/", "/file=", "/file/", "/static/", "/assets/", "/svelte/",
    "/conversations/", "/gradio_api/custom_component/x/client/y/", "/gradio_api/deep_link?deep_link=", "/?deep_link=",
    "/gradio_api/stream/a/b/c/", "/pwa_icon/", "/monitoring/", "/gradio_api/proxy=",
]  # fmt: skip


def ways_out(secret: Path) -> list[str]:
    up = "../" * 12
    inside = secret.as_posix().lstrip("/")
    return [
        secret.as_posix(), f"{up}{inside}", f"..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f{inside}",
        f"%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/{inside}", f"{up.replace('/', '%5c')}{inside}",
        f"%252e%252e%252f{inside}", f"file://{secret.as_posix()}", f"{secret.as_posix()}%00.css", f"C:/{inside}",
        f"C:%5c{inside}", f"//{inside}", f"/{up}{inside}", f"....//....//{inside}", f"%2f{inside}",
    ]  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_route_gives_out_a_file_from_outside(client: TestClient, tmp_path: Path, prefix: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    for way in ways_out(secret):
        answer = client.get(prefix + way, follow_redirects=False)
        assert SECRET not in answer.text, way
        assert answer.status_code in (404, 403, 400) or prefix == "/?deep_link=", way


def test_what_was_brought_is_not_given_out_again_and_a_link_in_it_leads_nowhere(
    client: TestClient, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    (brought,) = client.post("/gradio_api/upload", files={"files": ("a.txt", b"brought")}).json()
    link = Path(brought).with_name("link.txt")
    link.symlink_to(secret)
    for path in (brought, str(link)):
        assert client.get(f"/gradio_api/file={path}").status_code == 404
    assert Path(brought).is_relative_to(upload_folder())


@pytest.mark.parametrize(
    "name", ["../../outside.txt", "C:\\outside.txt", "..\\..\\outside.txt", "%2e%2e%2foutside.txt"]
)
def test_an_upload_lands_in_its_folder_whatever_its_name(client: TestClient, name: str) -> None:
    answer = client.post("/gradio_api/upload", files={"files": (name, b"text")})
    assert all(Path(path).resolve().is_relative_to(upload_folder().resolve()) for path in answer.json())


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Gradio-Server"])
def test_no_header_puts_another_address_into_the_page(client: TestClient, header: str) -> None:
    answer = client.get("/", headers={header: "http://evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


def test_a_websocket_is_refused(client: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/gradio_api/queue/join"):
        pass


def test_a_refusal_carries_the_security_headers_too(client: TestClient) -> None:
    for answer in (client.get("/gradio_api/info"), client.get("/", headers={"host": "evil.example"})):
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
