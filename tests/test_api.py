"""The API for other programs: answers as its OpenAPI document says, errors as JSON, the same line and limits."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from answer_material import ASKED_ON
from api_material import BRIDGE, CARRIED, ScriptedDesk, client_of, served
from fake_desk import FakeDesk
from fastapi.testclient import TestClient

from bot import api_token
from bot.api import build_api
from bot.app import Desk
from bot.as_json import answer_json
from bot.borrowing import NearestDesk
from bot.cli import run
from bot.line import MOST_OF_ONE, Line
from bot.listening import listen
from bot.password import TOKEN, read_secret
from bot.records import Question
from bot.running import announced
from index.errors import ArchiveDamaged, GenerationError, UsageError

ASKED = {"question": BRIDGE, "asked_on": "2021-04-12"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ScriptedDesk(tmp_path_factory.mktemp("api")).open() as desk:
        yield desk


@pytest.fixture(scope="module")
def client(desk: Desk) -> Iterator[TestClient]:
    with client_of(desk) as client:
        yield client


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def described(document: dict[str, Any], method: str, path: str, status: str = "200") -> Callable[[Any], None]:
    """Return what holds an answer to the schema that the document gives for it, without a field more."""
    answers = document["paths"][path][method]["responses"]
    schema = answers.get(status, answers.get("default"))["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    for shape in whole["components"]["schemas"].values():
        if shape.get("type") == "object":
            shape["additionalProperties"] = False
    return lambda answer: jsonschema.validate(answer, whole)


def events_of(text: str) -> list[tuple[str, Any]]:
    """Return the server-sent events of a stream, each with its name and what it carries."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block and not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


# --- what it answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "given", "route"),
    [
        ("post", "/v1/ask", {"json": ASKED}, "/v1/ask"),
        ("post", "/v1/ask", {"json": {**ASKED, "strictness": 1}}, "/v1/ask"),
        ("post", "/v1/search", {"json": {"query": "bridge", "outlets": ["Daily Echo"]}}, "/v1/search"),
        ("get", "/v1/search", {"params": {"query": "bridge", "limit": 1, "until": "2021-03-30"}}, "/v1/search"),
        ("get", "/v1/articles", {"params": {"words": "ferries", "sort": "title"}}, "/v1/articles"),
        ("get", "/v1/articles/bridge", {}, "/v1/articles/{id}"),
        ("get", "/v1/status", {}, "/v1/status"),
        ("get", "/v1/models", {}, "/v1/models"),
        ("get", "/v1/models/byline", {}, "/v1/models/{name}"),
        ("post", "/v1/chat/completions", {"json": {"messages": [{"role": "user", "content": BRIDGE}]}},
         "/v1/chat/completions"),
    ],
    ids=["ask", "refused", "search", "search by address", "list", "article", "status", "models", "model", "chat"],
)  # fmt: skip
def test_an_answer_is_of_the_shape_that_the_document_gives(
    client: TestClient, document: dict[str, Any], method: str, path: str, given: dict[str, Any], route: str
) -> None:
    answer = client.request(method, path, **given)
    assert answer.status_code == 200
    described(document, method, route)(answer.json())


def test_the_document_names_every_route_and_that_errors_are_ours(document: dict[str, Any]) -> None:
    routes = {f"{method} {path}" for path, found in document["paths"].items() for method in found}
    assert routes == {
        "post /v1/ask", "post /v1/search", "get /v1/search", "get /v1/articles", "get /v1/articles/{id}",
        "get /v1/status", "post /v1/chat/completions", "get /v1/models", "get /v1/models/{name}",
    }  # fmt: skip
    answers = [found[method]["responses"] for found in document["paths"].values() for method in found]
    assert all(set(one) == {"200", "default"} for one in answers)
    assert all("ErrorJson" in json.dumps(one["default"]) for one in answers)


def test_an_answer_is_what_the_command_line_prints(client: TestClient, desk: Desk) -> None:
    given = client.post("/v1/ask", json=ASKED).json()
    alone = answer_json(desk.answer(Question(BRIDGE, ASKED_ON)))
    assert given["answered"]
    assert {**given, "timings": 0} == {**alone, "timings": 0}
    quote = given["citations"][0]
    text = client.get(f"/v1/articles/{quote['article']['id']}").json()["text"]
    assert text[quote["start"] : quote["end"]] == quote["quote"]


def test_a_stream_tells_the_evidence_then_a_draft_marked_as_such_then_the_checked_answer(client: TestClient) -> None:
    answer = client.post("/v1/ask", json={**ASKED, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    names = [name for name, _ in events if name != "stage"]
    assert names[0] == "evidence"
    assert names[-1] == "answer"
    drafts = [told for name, told in events if name == "draft"]
    assert "".join(draft["text"] for draft in drafts).strip() == CARRIED
    assert all(draft["checked"] is False for draft in drafts)
    assert events[-1][1]["sentences"][0]["support"] == "supported"


def test_what_was_said_before_makes_a_follow_up_whole(client: TestClient) -> None:
    history = [{"question": BRIDGE, "answer": CARRIED}]
    answer = client.post("/v1/ask", json={**ASKED, "question": "And who will repair it?", "history": history}).json()
    assert "bridge" in answer["standalone_question"]


def test_paragraphs_are_ranges_of_the_text(client: TestClient) -> None:
    article = client.get("/v1/articles/bridge").json()
    parts = [article["text"][one["start"] : one["end"]] for one in article["paragraphs"]]
    assert len(parts) == 2
    assert "\n\n".join(parts) == article["text"].strip()


def test_a_list_comes_in_pages(client: TestClient) -> None:
    first = client.get("/v1/articles", params={"limit": 1}).json()
    second = client.get("/v1/articles", params={"limit": 1, "offset": 1}).json()
    assert (first["total"], first["articles"][0]["id"], second["articles"][0]["id"]) == (2, "letters", "bridge")


# --- what it refuses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "param"),
    [
        ("post", "/v1/ask", {"json": {}}, 400, "question"),
        ("post", "/v1/ask", {"json": {"question": " \n"}}, 400, "question"),
        ("post", "/v1/ask", {"json": {"question": "x" * 4001}}, 400, "question"),
        ("post", "/v1/ask", {"json": {**ASKED, "strictness": 2}}, 400, "strictness"),
        ("post", "/v1/ask", {"json": {**ASKED, "questions": 1}}, 400, "questions"),
        ("post", "/v1/ask", {"json": {**ASKED, "since": "2021-02-30"}}, 400, "since"),
        ("post", "/v1/ask", {"json": {**ASKED, "since": "2021-02-03", "until": "2020-01-01"}}, 400, None),
        ("post", "/v1/ask", {"json": [ASKED]}, 400, None),
        ("post", "/v1/ask", {"content": b'{"question"', "headers": {"content-type": "application/json"}}, 400, None),
        ("post", "/v1/ask", {"content": b"[" * 9999, "headers": {"content-type": "application/json"}}, 400, None),
        ("post", "/v1/ask", {"content": b'{"question": "a\\ud800"}', "headers": {"content-type": "application/json"}},
         400, "question"),
        ("post", "/v1/ask", {"content": b"\xff", "headers": {"content-type": "application/json"}}, 400, None),
        ("post", "/v1/ask", {"content": b" " * (9 << 20), "headers": {"content-type": "application/json"}}, 413, None),
        ("get", "/v1/search", {}, 400, "query"),
        ("get", "/v1/search", {"params": {"query": "x", "limit": 101}}, 400, "limit"),
        ("get", "/v1/articles", {"params": {"sort": "best"}}, 400, "sort"),
        ("get", "/v1/articles/nothing", {}, 404, None),
        ("get", "/v1/articles/..%2f..%2fetc%2fpasswd", {}, 404, None),
        ("get", "/docs", {}, 404, None),
        ("get", "/v2/ask", {}, 404, None),
        ("delete", "/v1/articles/bridge", {}, 405, None),
        ("get", "/v1/status", {"headers": {"host": "evil.example"}}, 403, None),
        ("post", "/v1/ask", {"json": ASKED, "headers": {"origin": "http://evil.example"}}, 403, None),
        ("post", "/v1/ask", {"json": ASKED, "headers": {"origin": "null"}}, 403, None),
        ("post", "/mcp", {"json": {}, "headers": {"origin": "http://evil.example"}}, 403, None),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str | int) else "",
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_shape(
    client: TestClient, document: dict[str, Any], method: str, path: str, given: Any, status: int, param: str | None
) -> None:
    answer = client.request(method, path, **given)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert "access-control-allow-origin" not in answer.headers
    described(document, "post", "/v1/ask", "default")(answer.json())
    told = answer.json()["error"]
    assert told["param"] == param
    assert told["message"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("error", "status", "code", "mend"),
    [
        (
            ArchiveDamaged("It cannot be read.", "byline doctor --repair"),
            503,
            "archive_damaged",
            "byline doctor --repair",
        ),
        (GenerationError("The model broke off.", "byline doctor"), 500, "generation_error", "byline doctor"),
        (UsageError("The question is too long."), 400, "usage_error", ""),
        (ZeroDivisionError("/secret/path"), 500, None, ""),
    ],
    ids=["archive", "model", "question", "mistake"],
)
def test_a_failure_is_told_with_its_mend_and_a_mistake_without_its_words(
    error: Exception, status: int, code: str | None, mend: str
) -> None:
    class Failing(FakeDesk):
        def ask(self, question: Question, stop: threading.Event | None = None) -> Iterator[Any]:
            raise error

    with client_of(Failing()) as client:
        answer = client.post("/v1/ask", json=ASKED)
        told = answer.json()["error"]
        assert (answer.status_code, told["code"], told["mend"]) == (status, code, mend)
        assert "secret" not in answer.text
        if mend:
            [(name, streamed)] = events_of(client.post("/v1/ask", json={**ASKED, "stream": True}).text)
            assert (name, streamed["error"]["message"]) == ("error", told["message"])


# --- who may ask ------------------------------------------------------------------------------------------------

SECRET = "a-token-of-some-length"


@pytest.fixture
def guarded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(api_token, "WRONG_SECONDS", 0.01)
    with client_of(desk, token=SECRET) as client:
        yield client


def test_every_route_asks_for_the_token(guarded: TestClient, document: dict[str, Any]) -> None:
    for path in (*document["paths"], "/openapi.json", "/mcp", "/nothing"):
        for given in ({}, {"authorization": "Bearer "}, {"authorization": f"Basic {SECRET}"}):
            answer = guarded.get(path, headers=given)
            assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")
            assert answer.headers["www-authenticate"] == "Bearer"
    for scheme in ("Bearer", "bearer"):
        assert guarded.get("/v1/status", headers={"authorization": f"{scheme} {SECRET}"}).status_code == 200


def test_wrong_tokens_are_few(guarded: TestClient) -> None:
    wrong = {"authorization": "Bearer guessed"}
    assert [guarded.get("/v1/status", headers=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    right = guarded.get("/v1/status", headers={"authorization": f"Bearer {SECRET}"})
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 200


def test_a_server_for_others_does_not_start_without_a_token(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["serve", "--host", "0.0.0.0", "--archive", str(tmp_path / "none")]) == 2
    told = capsys.readouterr().err
    assert "--new-token" in told
    assert "--token-file FILE" in told


@pytest.mark.parametrize(
    "token", ["short", "with a line\nin it, which is long", "with a blank at its end ", "müßig" * 4]
)
def test_a_token_is_one_that_a_header_can_carry(token: str) -> None:
    with pytest.raises(UsageError, match="token"):
        read_secret(TOKEN, None, {"BYLINE_API_TOKEN": token})


# --- many at once, and who hangs up -------------------------------------------------------------------------------


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_hanging_up_stops_the_model_and_frees_its_turn(stream: bool) -> None:
    desk = FakeDesk(delay=0.01)
    with served(build_api(desk, version="1")) as address:  # type: ignore[arg-type]
        with socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))) as asking:
            body = json.dumps({"question": "slow", "stream": stream}).encode()
            lines = ["POST /v1/ask HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
            asking.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
            until(lambda: len(desk.asked) == 1)
        until(lambda: desk.stopped == 1)
        assert httpx.post(f"{address}/v1/ask", json={"question": "What does it cost?"}).json()["answered"]


def test_a_full_line_is_told_with_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    monkeypatch.setattr("bot.api.Line", lambda: line)
    with client_of(FakeDesk()) as client:
        places = [line.place("api testclient") for _ in range(MOST_OF_ONE)]
        for place in places:
            place.__enter__()
        full = client.post("/v1/ask", json=ASKED)
        assert (full.status_code, full.json()["error"]["code"]) == (429, "line_full")
        assert full.headers["retry-after"]
        for place in reversed(places):
            place.__exit__(None, None, None)


def test_a_serving_desk_is_lent_to_the_terminal(desk: Desk) -> None:
    listening = listen("127.0.0.1", 0)
    announcing = announced(desk.archive.folder, "127.0.0.1", listening.getsockname()[1])
    with announcing as running, served(build_api(desk, version="1", secret=running.secret, token=SECRET), listening):
        nearest = NearestDesk(desk.settings)
        assert nearest.search("bridge", limit=1) == desk.search("bridge", limit=1)
        assert nearest._own is None  # its embedder is none that the terminal could open
