"""A server that others reach asks for a password before anything else, and does not start without one."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_desk import FakeArchive, FakeDesk
from fastapi.testclient import TestClient
from page_material import PATIENCE, WORST_CONTRAST

from bot import login
from bot.cli import run
from bot.login import FREE_TRIES, MOST_SESSIONS, Login, Tries
from bot.password import PASSWORD as KIND
from bot.password import SHORTEST, is_this_machine, make_up, read_secret, require_secret
from bot.web import build_app, serve
from index.errors import UsageError

PASSWORD = "correct horse battery"
BASE = "http://127.0.0.1:7860"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "WRONG_SECONDS", 0.01)


@pytest.fixture(scope="module")
def app() -> Any:
    return build_app(FakeDesk(), password=PASSWORD)  # type: ignore[arg-type]


@pytest.fixture
def stranger(app: Any) -> Iterator[TestClient]:
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


def log_in(client: TestClient, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login", data={"password": password}, **more)


# Without a password

OTHERS = ["0.0.0.0", "::", "192.0.2.1", "", "0", "no-such-name.invalid", "::ffff:192.0.2.1"]


@pytest.mark.parametrize("host", OTHERS)
def test_a_server_that_others_reach_does_not_start_without_a_password(host: str) -> None:
    assert not is_this_machine(host)
    with pytest.raises(UsageError, match="everyone who reaches this machine"):
        serve(FakeDesk(), host=host, port=0)  # type: ignore[arg-type]
    require_secret(host, PASSWORD)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "::ffff:127.0.0.1"])
def test_a_server_for_this_machine_alone_needs_none(host: str) -> None:
    assert is_this_machine(host)


def test_the_command_says_how_before_it_loads_anything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["web", "--host", "0.0.0.0", "--no-browser", "--archive", str(tmp_path / "none")]) == 2
    told = capsys.readouterr().err
    assert "--new-password" in told
    assert "--password-file FILE" in told
    assert not (tmp_path / "none").exists()


# Where the password comes from


def test_a_password_comes_from_a_file_or_the_environment_which_then_loses_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    file.chmod(0o600)
    environment = {"BYLINE_WEB_PASSWORD": "of the environment"}
    assert read_secret(KIND, None, environment) == "of the environment"
    assert environment == {}
    assert read_secret(KIND, file, {}) == PASSWORD
    assert read_secret(KIND, None, {}) == ""


@pytest.mark.parametrize(
    ("text", "mode", "wrong"),
    [("short", 0o600, "at least"), ("", 0o600, "at least"), (PASSWORD, 0o644, "Others on this machine")],
    ids=["too short", "empty", "readable by others"],
)
def test_a_password_that_does_not_protect_is_refused(tmp_path: Path, text: str, mode: int, wrong: str) -> None:
    file = tmp_path / "password"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(UsageError, match=wrong):
        read_secret(KIND, file, {})


def test_a_missing_file_and_a_short_variable_are_told() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_secret(KIND, Path("no-such-file"), {})
    with pytest.raises(UsageError, match="at least"):
        read_secret(KIND, None, {"BYLINE_WEB_PASSWORD": "short"})


def test_a_made_up_password_is_long_and_never_the_same() -> None:
    assert len(make_up()) >= SHORTEST
    assert make_up() != make_up()


# With one

GUARDED = [
    ("GET", "/config"), ("GET", "/assets/index.js"), ("GET", "/static/a.js"), ("GET", "/theme.css"),
    ("GET", "/byline.css"), ("GET", "/byline.js"), ("GET", "/favicon.ico"), ("GET", "/conversations/abc.md"),
    ("GET", "/gradio_api/startup-events"), ("GET", "/gradio_api/queue/data?session_hash=a"),
    ("GET", "/gradio_api/upload_progress?upload_id=a"), ("GET", "/gradio_api/heartbeat/a"),
    ("POST", "/gradio_api/queue/join"), ("POST", "/gradio_api/run/predict"), ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"), ("POST", "/gradio_api/upload"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_no_route_answers_a_stranger(stranger: TestClient, method: str, path: str) -> None:
    for cookie in ("", "byline-session-7860=", "byline-session-7860=guessed", "byline-session-80=guessed"):
        answer = stranger.request(method, path, headers={"cookie": cookie} if cookie else {})
        assert (answer.status_code, answer.text) == (401, "Log in first.")


def test_the_page_leads_a_stranger_to_the_login_and_back_to_a_conversation(stranger: TestClient) -> None:
    assert stranger.get("/").headers["location"] == "/login"
    assert stranger.get("/?c=abc123").headers["location"] == "/login?c=abc123"
    assert stranger.get("/?c=//evil.example").headers["location"] == "/login"
    assert log_in(stranger, params={"c": "abc123"}).headers["location"] == "/?c=abc123"
    assert log_in(stranger, params={"next": "//evil.example"}).headers["location"] == "/"


def test_the_password_opens_the_page_in_this_browser_only(app: Any, stranger: TestClient) -> None:
    answer = log_in(stranger)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Expires" not in cookie
    assert "Secure" not in cookie
    assert stranger.get("/").status_code == 200
    assert stranger.get("/config").status_code == 200
    assert TestClient(app, base_url=BASE).get("/config").status_code == 401


def test_behind_a_proxy_with_a_certificate_the_cookie_never_travels_in_the_clear(stranger: TestClient) -> None:
    assert "; Secure" in log_in(stranger, headers={"x-forwarded-proto": "https"}).headers["set-cookie"]


def test_a_session_ends_with_its_server(stranger: TestClient) -> None:
    log_in(stranger)
    anew = TestClient(build_app(FakeDesk(), password=PASSWORD), base_url=BASE)  # type: ignore[arg-type]
    anew.cookies.update(stranger.cookies)
    assert anew.get("/config").status_code == 401


@pytest.mark.parametrize("given", ["", "wrong", PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "\ud800"], ids=ascii)
def test_a_wrong_password_opens_nothing(given: str) -> None:
    client = TestClient(Login(_never, PASSWORD), base_url=BASE)
    answer = client.post("/login", content=b"password=" + given.encode("utf-8", "surrogatepass"))
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "This is not the password." in answer.text


async def _never(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("a stranger came through")


def test_wrong_passwords_are_slow_and_soon_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "WRONG_SECONDS", 0.05)
    client = TestClient(Login(_never, PASSWORD), base_url=BASE)
    begun = time.monotonic()
    assert [log_in(client, "wrong").status_code for _ in range(FREE_TRIES)] == [401] * FREE_TRIES
    assert time.monotonic() - begun > FREE_TRIES * 0.05
    late = log_in(client)
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 200
    assert "Too many wrong passwords" in late.text


def test_tries_are_counted_by_address_forgotten_in_time_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = Tries()
    for _ in range(FREE_TRIES):
        tries.count("192.0.2.1")
    assert tries.wait("192.0.2.1") > 0
    assert tries.wait("192.0.2.2") == 0
    monkeypatch.setattr(login, "TRIES_SECONDS", -1.0)
    assert tries.wait("192.0.2.1") == 0
    monkeypatch.setattr(login, "MOST_ADDRESSES", 3)
    for number in range(9):
        tries.count(f"192.0.2.{number}")
    assert len(tries._wrong) == 3


def test_an_address_of_one_ipv6_network_is_as_good_as_the_next() -> None:
    scopes = [{"client": (address, 1)} for address in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")]
    first, second, other = map(login.network_of, scopes)
    assert first == second != other


def test_the_sessions_that_are_held_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Login(_never, PASSWORD)
    scope = {"server": ("127.0.0.1", 1), "headers": []}
    for _ in range(MOST_SESSIONS + 5):
        asked._open(scope)
    assert len(asked._sessions) == MOST_SESSIONS
    token = next(reversed(asked._sessions))
    with_cookie = {**scope, "headers": [(b"cookie", f"a=b; byline-session-1={token}".encode())]}
    assert asked._is_known(with_cookie)
    monkeypatch.setattr(login, "IDLE_SECONDS", -1.0)
    assert not asked._is_known(with_cookie)


def test_a_form_that_is_too_large_or_does_not_come_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(Login(_never, PASSWORD), base_url=BASE)
    assert client.post("/login", content=f"x={'y' * 9000}&password={PASSWORD}").status_code == 401
    monkeypatch.setattr(login, "FORM_SECONDS", 0.01)
    sent: list[Any] = []

    async def silence() -> Any:
        await asyncio.sleep(9)

    async def keep(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/login", "method": "POST", "headers": [], "client": ("192.0.2.1", 1)}
    asyncio.run(Login(_never, PASSWORD)(scope, silence, keep))
    assert sent[0]["status"] == 408


def test_what_the_terminal_is_lent_is_not_asked_for_the_password(tmp_path: Path) -> None:
    desk = FakeDesk(archive=FakeArchive(tmp_path))
    client = TestClient(build_app(desk, secret="s", password=PASSWORD), base_url=BASE)  # type: ignore[arg-type]
    assert client.get("/local/hello").status_code == 403  # its own proof is asked for


def test_the_password_is_not_told_in_any_answer(stranger: TestClient) -> None:
    log_in(stranger)
    for path in ("/", "/config", "/login"):
        assert PASSWORD not in stranger.get(path).text


# In a browser


@pytest.fixture(scope="module")
def address() -> str:
    from page_material import served

    os.environ["BYLINE_WEB_PASSWORD"] = PASSWORD
    return served(FakeDesk(delay=0.01), password=read_secret(KIND, None))


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_can_be_read_and_used_by_everyone(open_page: Any, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(scheme=scheme, ready="#password")
    assert page.url.endswith("/login")
    assert Axe().run(page).response["violations"] == []
    ratio, where = page.evaluate(WORST_CONTRAST)
    assert ratio >= 4.5, where
    assert page.evaluate("document.activeElement.id") == "password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".welcome", timeout=PATIENCE)
    page.get_by_label("Question", exact=True).fill("What does the repair cost?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#now .answer", timeout=PATIENCE)


@pytest.mark.slow
def test_a_wrong_password_is_told_to_a_screen_reader(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Password").fill("not this one at all")
    page.get_by_role("button", name="Log in").click()
    assert page.get_by_role("alert").text_content() == "This is not the password."
    context.close()
