"""A desk lent to the terminal: the same answers as its own, over a real server and without a model."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from archive_desk import open_desk
from fake_desk import HITS, FakeArchive, FakeDesk

from bot.app import Desk
from bot.as_json import answer_json, hits_json, timeline_json
from bot.borrowing import Gone, NearestDesk, _lines
from bot.cli import run
from bot.guard import Guard
from bot.lending import LARGEST_REQUEST, Lending
from bot.line import Line, Waiting
from bot.listening import listen
from bot.records import Answer, Found, Question, Stage, Token, Turn
from bot.running import FILE_NAME, Running, announced, find_running, is_proof, prove
from bot.settings import Settings
from bot.web import build_app
from bot.wire import to_line
from index.errors import ArchiveMismatch, ModelMissing
from index.records import Filters

ASKED_ON = date(2025, 6, 10)
FLOOD = "How many people were evacuated because of the Lowmarsh flood?"


@contextmanager
def lent(desk: Any, line: Line | None = None) -> Iterator[Running]:
    """Lend `desk` to the terminal as `byline web` does, without the page."""
    listening = listen("127.0.0.1", 0)
    with listening, announced(desk.archive.folder, "127.0.0.1", listening.getsockname()[1]) as running:
        app = Guard(Lending(desk, line or Line(), running.secret), "127.0.0.1")
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield running
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose archive only it can search: its embedder is not one that a terminal would open."""
    with open_desk(tmp_path_factory.mktemp("lent")) as desk:
        yield desk


@pytest.fixture(scope="module")
def lender(desk: Desk) -> Iterator[Running]:
    with lent(desk) as running:
        yield running


@pytest.fixture
def nearest(desk: Desk, lender: Running) -> Iterator[NearestDesk]:
    with NearestDesk(desk.settings) as nearest:
        yield nearest


@pytest.fixture
def fake(tmp_path: Path) -> FakeDesk:
    return FakeDesk(delay=0.01, archive=FakeArchive(tmp_path))


def without_times(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in answer_json(answer).items() if key != "timings"}


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so, or fail after twenty seconds."""
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


# --- the same as at home ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        Question(FLOOD, ASKED_ON),
        Question("Who paid for the new ferry terminal in Ostrand?", ASKED_ON, strictness=1.0),
        Question("And how long?", ASKED_ON, history=(Turn("Was Lowmarsh flooded?", "It was."),), id="7"),
        Question("What happened this week?", ASKED_ON, Filters(outlets=("Vellmark Tribune",)), any_date=True),
    ],
    ids=["answered", "refused", "a follow-up", "within limits"],
)
def test_a_lent_desk_gives_the_same_answer(desk: Desk, nearest: NearestDesk, question: Question) -> None:
    answer = nearest.answer(question)
    assert without_times(answer) == without_times(desk.answer(question))
    assert answer.question == question


def test_the_numbers_of_the_terminals_settings_hold(desk: Desk, lender: Running) -> None:
    with NearestDesk(replace(desk.settings, strictness=1.0)) as nearest:
        assert not nearest.answer(Question(FLOOD, ASKED_ON)).answered
    assert desk.answer(Question(FLOOD, ASKED_ON)).answered


def test_a_lent_desk_finds_the_same(desk: Desk, nearest: NearestDesk) -> None:
    limits = Filters(since=date(2025, 1, 1), outlets=("Vellmark Tribune",))
    for filters in (Filters(), limits):
        found = nearest.search("flood", limit=4, filters=filters)
        assert found == desk.search("flood", limit=4, filters=filters)
        assert found
    told = nearest.timeline("the flood at Lowmarsh", limit=5)
    assert timeline_json(told) == timeline_json(desk.timeline("the flood at Lowmarsh", limit=5))


def test_the_command_line_prints_the_same_and_says_who_answers(
    desk: Desk, lender: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BYLINE_NO_SERVER", raising=False)
    archive = ["--archive", str(desk.archive.folder)]
    assert run(["search", FLOOD, "--limit", "3", "--json", *archive]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == hits_json(desk.search(FLOOD, limit=3))
    assert printed.err.splitlines() == [
        f"byline: the Byline that runs on port {lender.port} answers (--no-server: do it here)"
    ]
    assert run(["ask", FLOOD, "--no-llm", "--json", "--asked-on", "2025-06-10", *archive]) == 0
    mine = without_times(desk.answer(Question(FLOOD, ASKED_ON)))
    theirs = json.loads(capsys.readouterr().out)
    assert {key: theirs[key] for key in mine} == mine
    assert run(["ask", "Who won the chess cup?", "--no-llm", "--strictness", "1", *archive]) == 1


@pytest.mark.parametrize("way", ["the option", "the environment"])
def test_the_terminal_can_be_told_to_work_by_itself(
    desk: Desk, lender: Running, way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BYLINE_NO_SERVER", "1" if way == "the environment" else "")
    alone = ["--no-server"] if way == "the option" else []
    assert run(["search", FLOOD, "--archive", str(desk.archive.folder), *alone]) == ArchiveMismatch.exit_status
    assert "was made with word-hash-64" in capsys.readouterr().err


# --- a conversation's course --------------------------------------------------------------------------------------


def test_events_come_as_they_happen(fake: FakeDesk) -> None:
    with lent(fake), NearestDesk(Settings(fake.archive.folder)) as nearest:
        events = list(nearest.ask(Question("Who pays?", ASKED_ON)))
    kinds = [type(event) for event in events]
    assert kinds[:3] == [Stage, Found, Stage]
    assert kinds.count(Token) > 20
    assert kinds[-1] is Answer
    assert events[1].retrieved == HITS  # type: ignore[union-attr]


def test_hanging_up_stops_the_model_and_frees_its_turn(fake: FakeDesk) -> None:
    line = Line()
    with lent(fake, line), NearestDesk(Settings(fake.archive.folder)) as nearest:
        events = nearest.ask(Question("slow", ASKED_ON))
        assert any(isinstance(event, Token) for event in events)
        events.close()  # type: ignore[attr-defined]
        until(lambda: fake.stopped == 1)
        with line.place("another") as place:
            until(lambda: place.ahead == 0)
        assert nearest.answer(Question("And then?", ASKED_ON)).answered


def test_a_question_waits_for_its_turn_and_hears_of_it(fake: FakeDesk) -> None:
    line, heard, answers = Line(), [], []
    with lent(fake, line), NearestDesk(Settings(fake.archive.folder), on_waiting=heard.append) as nearest:
        with line.place("a reader of the page"):
            asking = Thread(target=lambda: answers.append(nearest.answer(Question("Who?", ASKED_ON))))
            asking.start()
            until(lambda: heard == [Waiting(1)])
            assert fake.asked == []
        asking.join(20)
    assert answers[0].answered


def test_hanging_up_while_waiting_leaves_the_line(fake: FakeDesk) -> None:
    line, heard = Line(), []
    with lent(fake, line), line.place("a reader"), NearestDesk(Settings(fake.archive.folder)) as nearest:
        nearest.on_waiting = lambda waiting: heard.append(waiting) or interrupt()
        with pytest.raises(KeyboardInterrupt):
            nearest.answer(Question("Who?", ASKED_ON))
        until(lambda: line.length == 1)
    assert (heard, fake.asked) == ([Waiting(1)], [])


def interrupt() -> None:
    raise KeyboardInterrupt


def test_an_error_is_told_as_at_home(fake: FakeDesk) -> None:
    with (
        lent(fake),
        NearestDesk(Settings(fake.archive.folder)) as nearest,
        pytest.raises(ModelMissing, match="is not on this machine") as error,
    ):
        nearest.answer(Question("fail", ASKED_ON))
    assert error.value.mend == "byline models pull"


# --- what is not lent ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [{"no_llm": False}, {"answer_tokens": 7}, {"threads": 3}, {"embedder": "another"}],
    ids=lambda other: next(iter(other)),
)
def test_a_desk_that_is_set_to_something_else_is_not_borrowed(
    desk: Desk, other: dict[str, Any], lender: Running
) -> None:
    told: list[str] = []
    nearest = NearestDesk(replace(desk.settings, **other), tell=told.append)
    with pytest.raises((ArchiveMismatch, ModelMissing)):  # which its own desk raises
        nearest.answer(Question(FLOOD, ASKED_ON))
    assert told == []


def test_an_empty_archive_is_told_of_at_home(fake: FakeDesk) -> None:
    fake.archive.is_empty = True
    with lent(fake) as running:
        assert post(running, "ask", asking(fake)) == 409


def test_a_server_that_was_killed_is_passed_over(desk: Desk, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with announced(tmp_path, "127.0.0.1", port), open_desk(tmp_path):
        nearest = NearestDesk(replace(desk.settings, archive=tmp_path))
        with pytest.raises(ArchiveMismatch):  # its own desk was opened
            nearest.search("flood", limit=1)


class Impostor(ThreadingHTTPServer):
    """Another program that listens on the port, or with the secret a Byline that is killed as it answers."""

    def __init__(self, secret: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Heard)
        self.secret = secret
        self.heard: list[bytes] = []


class Heard(BaseHTTPRequestHandler):
    server: Impostor

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append(body)
        self.send_response(200)
        self.send_header("X-Byline-Proof", prove(self.server.secret, "server", self.headers["X-Byline-Nonce"]))
        self.end_headers()
        if body:
            self.wfile.write(to_line(Stage("searching")))

    do_POST = do_GET

    def log_message(self, *told: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("knows", [False, True], ids=["another program", "a Byline that is killed"])
def test_who_breaks_off_or_is_another_is_left(desk: Desk, tmp_path: Path, knows: bool) -> None:
    with Impostor() as server, announced(tmp_path, "127.0.0.1", server.server_port) as running:
        Thread(target=server.serve_forever, daemon=True).start()
        server.secret = running.secret if knows else "guessed"
        open_desk(tmp_path).close()
        nearest = NearestDesk(replace(desk.settings, archive=tmp_path))
        with pytest.raises(ArchiveMismatch):  # its own desk was opened
            list(nearest.ask(Question(FLOOD, ASKED_ON)))
        server.shutdown()
    assert any(FLOOD.encode() in body for body in server.heard) is knows


def test_what_is_not_ended_is_not_whole() -> None:
    said = _lines(BytesIO(b"\n" + to_line(Stage("searching"))))  # type: ignore[arg-type]
    assert next(said) == Stage("searching")
    with pytest.raises(Gone):
        next(said)


# --- who may ask --------------------------------------------------------------------------------------------------


def asking(fake: FakeDesk) -> bytes:
    from bot.frozen_json import dump
    from bot.running import answered_by

    return json.dumps({"settings": answered_by(fake.settings), "question": dump(Question("Who?", ASKED_ON))}).encode()


def post(running: Running, what: str, body: bytes, **headers: str) -> int:
    known = {"X-Byline-Nonce": "n", "X-Byline-Proof": prove(running.secret, "terminal", "n")}
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    try:
        connection.request(
            "POST", f"/local/{what}", body, {**known, **{k.replace("_", "-"): v for k, v in headers.items()}}
        )
        return connection.getresponse().status
    finally:
        connection.close()


def test_who_does_not_know_the_secret_is_refused(fake: FakeDesk) -> None:
    with lent(fake) as running:
        body = asking(fake)
        assert post(running, "ask", body) == 200
        for wrong in ("", "guessed", "é", prove(running.secret, "server", "n"), prove("another", "terminal", "n")):
            assert post(running, "ask", body, X_Byline_Proof=wrong) == 403
        assert post(running, "ask", body, X_Byline_Nonce="") == 403
        assert post(running, "ask", body, Origin="http://evil.example") == 403
        assert post(running, "ask", body, Host="evil.example") == 403
        until(lambda: len(fake.asked) == 1)


def test_a_broken_request_is_refused(fake: FakeDesk) -> None:
    with lent(fake) as running:
        statuses = [post(running, "ask", body) for body in (b"", b"{", b"[]", b"7", b'{"settings": {}}')]
        assert statuses == [400, 400, 400, 400, 409]
        assert post(running, "ask", b"[" * 100_000) == 400
        assert post(running, "ask", asking(fake).replace(b'"text"', b'"words"')) == 400
        assert post(running, "other", asking(fake)) == 404
        assert post(running, "ask", b" " * (LARGEST_REQUEST + 2)) == 413
    assert fake.asked == []


def test_the_route_is_for_this_machine_only(fake: FakeDesk) -> None:
    from fastapi.testclient import TestClient

    nonce = {"X-Byline-Nonce": "n", "X-Byline-Proof": prove("secret", "terminal", "n")}
    for address, status in (("127.0.0.1", 200), ("::1", 200), ("192.168.0.7", 403), ("somewhere", 403)):
        client = TestClient(Lending(fake, Line(), "secret"), client=(address, 50000))  # type: ignore[arg-type]
        assert client.get("/local/hello", headers=nonce).status_code == status


def test_the_route_stands_before_the_page_and_only_with_a_secret(fake: FakeDesk) -> None:
    from fastapi.testclient import TestClient

    nonce = {"X-Byline-Nonce": "n", "X-Byline-Proof": prove("secret", "terminal", "n")}
    for secret, status in (("secret", 200), ("", 404)):
        app = build_app(fake, secret=secret)  # type: ignore[arg-type]
        client = TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000))
        reply = client.get("/local/hello", headers=nonce)
        assert reply.status_code == status
        assert ("x-byline-proof" in reply.headers) is bool(secret)
        assert "access-control-allow-origin" not in reply.headers


# --- the file -----------------------------------------------------------------------------------------------------


def test_the_file_is_for_its_owners_eyes_and_goes_with_the_server(tmp_path: Path) -> None:
    with announced(tmp_path, "127.0.0.1", 7860) as running:
        assert find_running(tmp_path) == running
        if os.name != "nt":
            assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
    assert find_running(tmp_path) is None


def test_a_later_server_keeps_its_file_when_the_earlier_one_ends(tmp_path: Path) -> None:
    with announced(tmp_path, "127.0.0.1", 7860) as earlier:
        later = announced(tmp_path, "127.0.0.1", 7861)
        later.__enter__()
        assert find_running(tmp_path) != earlier
    assert (tmp_path / FILE_NAME).exists()
    later.__exit__(None, None, None)
    assert not (tmp_path / FILE_NAME).exists()


def test_a_file_of_another_archive_program_or_writer_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with announced(tmp_path / "a", "127.0.0.1", 7860):
        file = tmp_path / "a" / FILE_NAME
        whole = file.read_text()
        copied = tmp_path / "b" / FILE_NAME
        copied.write_text(whole)
        copied.chmod(0o600)
        assert find_running(tmp_path / "b") is None  # a copied archive
        said = json.loads(whole)
        for wrong in ({**said, "program": "another"}, {**said, "port": "7860"}, [said], {**said, "more": 1}, 7):
            file.write_text(json.dumps(wrong))
            assert find_running(tmp_path / "a") is None
        file.write_text(whole)
        assert find_running(tmp_path / "a")
        if os.name != "nt":
            file.chmod(0o644)
            assert find_running(tmp_path / "a") is None


def test_an_archive_that_cannot_be_written_to_is_served_without_a_file(tmp_path: Path) -> None:
    with announced(tmp_path / "absent", "127.0.0.1", 7860) as running:
        assert running.secret
    assert not (tmp_path / "absent").exists()


def test_a_proof_holds_for_its_side_and_word_only() -> None:
    proof = prove("secret", "terminal", "word")
    assert is_proof(proof, "secret", "terminal", "word")
    assert not is_proof(proof, "secret", "server", "word")
    assert not is_proof(proof, "secret", "terminal", "another")
    assert not is_proof("", "secret", "terminal", "word")
