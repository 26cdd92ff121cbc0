"""What a request may bring: sizes told and kept, a pace, and a disk that no upload fills."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fake_desk import FakeDesk
from page_material import served

from bot import intake
from bot.intake import LARGEST_BODY, LARGEST_UPLOAD, MOST_UPLOADS, Intake
from bot.ui import upload_folder

UPLOAD = "/gradio_api/upload"
Disk = namedtuple("Disk", "total used free")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with how much came."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def passed(
    folder: Path, *pieces: bytes | None, path: str = "/gradio_api/run/predict", **headers: str
) -> tuple[int, str]:
    """Send a request of these pieces through the intake; None is a silence. Return the status and what was said."""
    said: list[Any] = []
    left = list(pieces)

    async def receive() -> Any:
        piece = left.pop(0) if left else b""
        if piece is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Any) -> None:
        said.append(message)

    told = {"content-length": str(sum(len(piece or b"") for piece in pieces)), **headers}
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items() if value],
    }  # fmt: skip
    asyncio.run(Intake(echo, folder)(scope, receive, send))
    return said[0]["status"], said[1]["body"].decode()


@pytest.mark.parametrize("path", ["/gradio_api/run/predict", UPLOAD])
def test_a_body_of_an_ordinary_size_comes_through_whole(tmp_path: Path, path: str) -> None:
    assert passed(tmp_path, b"x" * 700, b"y" * 300, path=path) == (200, "1000")
    assert passed(tmp_path, path=path, content_length="") == (200, "0")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/gradio_api/run/predict", {"content_length": str(LARGEST_BODY + 1)}, 413),
        ("/gradio_api/queue/join", {"content_length": "9" * 19}, 413),
        (UPLOAD, {"content_length": str(LARGEST_UPLOAD + 1)}, 413),
        (UPLOAD, {"transfer_encoding": "chunked", "content_length": ""}, 411),
        ("/gradio_api/run/predict", {"transfer_encoding": "chunked"}, 411),
        (UPLOAD, {"content_length": "-1"}, 400),
        (UPLOAD, {"content_length": "٣"}, 400),
        (UPLOAD, {"content_length": "9" * 5000}, 400),
        ("/", {"cookie": "x" * 40_000}, 431),
        ("/" + "x" * 9000, {}, 414),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_of_another_shape_is_refused_unread(
    tmp_path: Path, path: str, headers: dict[str, str], status: int
) -> None:
    assert passed(tmp_path, None, path=path, **headers)[0] == status


@pytest.mark.parametrize("path", ["/gradio_api/run/predict", UPLOAD])
def test_a_body_that_stops_coming_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str) -> None:
    monkeypatch.setattr(intake, "SILENT_SECONDS", 0.05)
    begun = time.monotonic()
    status, _ = passed(tmp_path, b"x" * 10, None, path=path, content_length="1000")
    assert time.monotonic() - begun < 5
    if path != UPLOAD:
        assert status == 408


def test_a_body_that_drips_is_given_up_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(intake, "FIRST_SECONDS", 0.05)
    assert passed(tmp_path, b"x", b"x", None, b"x", content_length="1000")[0] == 408


def test_no_more_is_taken_than_the_disk_and_the_folder_have_room_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "not" / "yet" / "there"
    monkeypatch.setattr(intake.shutil, "disk_usage", lambda path: Disk(9, 9, intake.KEPT_FREE + 99))
    assert passed(folder, b"x" * 99, path=UPLOAD)[0] == 200
    assert passed(folder, b"x" * 100, path=UPLOAD)[0] == 507
    monkeypatch.undo()
    folder.mkdir(parents=True)
    (folder / "hash").mkdir()
    with (folder / "hash" / "waiting.zip").open("wb") as file:
        file.truncate(50)
    monkeypatch.setattr(intake, "MOST_WAITING", 149)
    assert passed(folder, b"x" * 99, path=UPLOAD)[0] == 200
    assert passed(folder, b"x" * 100, path=UPLOAD)[0] == 507


def test_files_that_nobody_added_go_after_an_hour(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, age in (("new", 0), ("old", 4000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("text")
        os.utime(tmp_path / name / "a.txt", (time.time() - age,) * 2)
    passed(tmp_path, b"x", path=UPLOAD)
    assert [path.parent.name for path in tmp_path.rglob("*.txt")] == ["new"]


def test_uploads_beyond_those_at_a_time_must_wait(tmp_path: Path) -> None:
    async def ask() -> int:
        said: list[Any] = []

        async def send(message: Any) -> None:
            said.append(message)

        scope = {"type": "http", "path": UPLOAD, "headers": [(b"content-length", b"5")]}
        full = Intake(echo, tmp_path)
        full._coming = [1] * MOST_UPLOADS
        await full(scope, None, send)  # type: ignore[arg-type]
        return int(said[0]["status"])

    assert asyncio.run(ask()) == 503


# Over a real connection


@pytest.fixture(scope="module")
def address() -> str:
    return served(FakeDesk())


@pytest.fixture
def wire(address: str) -> Iterator[socket.socket]:
    place = urlsplit(address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
        yield connection


def files() -> list[Path]:
    return [path for path in upload_folder().glob("*") if path.is_file()]


@pytest.mark.slow
def test_an_upload_that_breaks_off_leaves_nothing_behind(wire: socket.socket, address: str) -> None:
    place = urlsplit(address)
    part = b'--B\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 5000000\r\n"
    wire.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=B\r\n\r\n" + part + b"x" * 1_000_000)
    until = time.monotonic() + 20
    while not files() and time.monotonic() < until:
        time.sleep(0.02)
    assert files()
    wire.close()
    while files() and time.monotonic() < until:
        time.sleep(0.02)
    assert files() == []
    assert httpx.get(address).status_code == 200


@pytest.mark.slow
def test_headers_without_end_are_cut_off(wire: socket.socket, address: str) -> None:
    wire.sendall(f"GET / HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n".encode())
    received = b""
    try:
        for _ in range(200):
            wire.sendall(b"X-More: " + b"x" * 2000 + b"\r\n")
        received = wire.recv(4096)
    except ConnectionError:
        return  # hung up on, in the middle of it
    assert received == b"" or b" 400 " in received or b" 431 " in received


@pytest.mark.slow
def test_a_large_body_is_refused_before_it_is_read(wire: socket.socket, address: str) -> None:
    head = (
        f"POST /gradio_api/run/predict HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nContent-Length: 99999999999\r\n"
    )
    wire.sendall(head.encode() + b"\r\n")
    assert b" 413 " in wire.recv(4096)


def test_the_folder_for_uploads_is_its_owners_alone() -> None:
    assert upload_folder().stat().st_mode & 0o077 == 0
